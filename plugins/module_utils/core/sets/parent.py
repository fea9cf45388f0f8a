"""Keeps a set's parent Secret: written only when what it says changes, each write guarded by its resourceVersion."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..api.errors import ApiError, Class, PlatformError
from ..api.objects import Object, Ref, get
from . import applyset
from .job import Job
from .snapshot import Snapshot


class Keeper:
    """The parent of one run: what it says on the server, and how to make it say something else."""

    def __init__(self, job: Job, shot: Snapshot) -> None:
        self._context, self._options = job.context, job.options
        self._live: Object | None = shot.parent
        self._answers: Mapping[Ref, str] = shot.said.answers if shot.said else {}

    def due(self, answers: Mapping[Ref, str]) -> bool:
        """Whether the parent says anything else than these members (hashes of answers alone are no reason to write)."""
        if self._options.state == "absent":
            return self._live is not None
        if self._live is None:
            return bool(answers)
        return set(answers) != set(self._answers) or self._marks(self._build(answers)) != self._marks(self._live)

    def commit(self, answers: Mapping[Ref, str], *, superset: bool = False) -> None:
        """Writes the parent where it has to say more (superset, before writes) or other things (after them)."""
        if self._options.state == "absent" and self._live is None:
            return
        if superset:
            answers = {**answers, **self._answers}
        if not self.due(answers) and (superset or dict(answers) == dict(self._answers)):
            return
        if self._options.state == "absent":
            return  # its last members are on their way; the parent goes with them
        body = self._build(answers)
        collection = f"/api/v1/namespaces/{self._options.name.namespace}/secrets"
        path = collection if self._live is None else f"{collection}/{self._options.name.parent}"
        try:
            self._live = self._context.client.request(
                "POST" if self._live is None else "PUT", path, body=body, query={"fieldManager": "groundwork"},
                about=f"set {self._options.name}",
            ).data  # fmt: skip
        except ApiError as error:
            raise PlatformError(self._words(error)) from error
        self._answers = dict(answers)

    def remove(self) -> None:
        """Deletes the parent of a set that is gone."""
        if self._live is None:
            return
        metadata = self._live["metadata"]
        body = {"preconditions": {"uid": metadata["uid"], "resourceVersion": metadata["resourceVersion"]}}
        path = f"/api/v1/namespaces/{self._options.name.namespace}/secrets/{self._options.name.parent}"
        try:
            self._context.client.request("DELETE", path, body=body, about=f"set {self._options.name}")
        except ApiError as error:
            if error.status != 404:
                raise PlatformError(self._words(error)) from error

    def _build(self, answers: Mapping[Ref, str]) -> Object:
        return applyset.build(self._options.name, answers, self._options.labels, self._live)

    @staticmethod
    def _marks(parent: Object) -> tuple[Any, Any]:
        return get(parent, "metadata", "labels"), get(parent, "metadata", "annotations")

    def _words(self, error: ApiError) -> str:
        name = self._options.name
        if error.kind in (Class.PRECONDITION, Class.ALREADY_EXISTS):
            return f"cannot write set {name}: someone else changed its parent Secret in this moment. Run again"
        return f"cannot write the parent Secret {name.namespace}/{name.parent} of set {name}: {error}"
