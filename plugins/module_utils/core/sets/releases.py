"""Finds the release Secrets that Helm leaves behind when its objects are taken over: kept until confirmed by name.

Source: Helm's pkg/storage/driver/secrets.go (labels owner=helm and name=<release>).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ..api.errors import ApiError
from ..api.objects import Object, get, ref
from .applyset import PART_OF
from .guards import sentence
from .job import Job
from .ownership import release
from .plan import Step


class Releases(NamedTuple):
    """What is left of releases: the Secrets to delete, and warnings about the others."""

    delete: list[Object]
    warnings: list[str]


def releases(job: Job, steps: Iterable[Step]) -> Releases:
    """The Secrets of releases whose objects are being taken over, and any that confirm names in the set's namespace."""
    if job.options.adopt_from != "helm":
        return Releases([], [])
    taken = {
        found
        for step in steps
        if step.live and get(step.live, "metadata", "labels", PART_OF) is None and (found := release(step.live))
    }
    named = any(words.startswith("delete Secret ") for words in job.options.confirm)
    namespaces = {namespace for namespace, _ in taken} | ({job.options.name.namespace} if named else set())
    delete, warnings = [], []
    for obj in (obj for namespace in sorted(namespaces) for obj in _secrets(job, namespace)):
        words = sentence("delete", obj)
        if words in job.options.confirm:
            delete.append(obj)
        elif (ref(obj).namespace, get(obj, "metadata", "labels", "name")) in taken:
            warnings.append(f"kept {ref(obj)}: Helm's memory of the release. To delete it, add to confirm: {words!r}")
    return Releases(delete, warnings)


def _secrets(job: Job, namespace: str) -> list[Object]:
    path = f"/api/v1/namespaces/{namespace}/secrets"
    try:
        found, _ = job.context.client.list(path, label_selector="owner=helm", metadata_only=True)
    except ApiError as error:
        job.context.warn(f"whether Helm left release Secrets in {namespace} is not known: {error}")
        return []
    return [{**obj, "apiVersion": "v1", "kind": "Secret"} for obj in found]
