"""Builds and reads a set's parent: a Secret in the ApplySet format of KEP-3659, as kubectl writes and checks it.

Facts: kubectl's pkg/cmd/apply/applyset.go (names of labels and annotations, the ID's computation, sorted lists); the
member inventory is ours, in the parent's data, because annotations end at 256 KiB.
"""

from __future__ import annotations

import base64
import copy
import gzip
import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ..api.errors import PlatformError
from ..api.objects import Object, Ref

ID = "applyset.kubernetes.io/id"
PART_OF = "applyset.kubernetes.io/part-of"
TOOLING = "applyset.kubernetes.io/tooling"
GROUP_KINDS = "applyset.kubernetes.io/contains-group-kinds"
NAMESPACES = "applyset.kubernetes.io/additional-namespaces"
PREFIX = "groundwork.platform/"
TOOL = "groundwork.platform"
VERSION = "v1"
SECRET_TYPE = "groundwork.platform/set"  # noqa: S105 - the type of the parent
_DATA = "inventory"


class SetName(NamedTuple):
    """A set: its name and the namespace of its parent."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"

    @property
    def parent(self) -> str:
        """The name of the parent Secret, which is also the Lease's."""
        return f"groundwork-{self.name}"

    @property
    def id(self) -> str:
        """The ApplySet ID that marks every member."""
        return identity(self.parent, self.namespace, "Secret", "")


class Parent(NamedTuple):
    """What a parent says: whose the set is, what is in it. `answers` maps members to hashes of the server's answers."""

    tooling: str
    kinds: frozenset[tuple[str, str]]  # (group, kind)
    namespaces: frozenset[str]  # other than the parent's own
    answers: Mapping[Ref, str]
    labels: Mapping[str, str]
    uid: str
    resource_version: str


def identity(name: str, namespace: str, kind: str, group: str) -> str:
    """The ApplySet ID of a parent; an empty namespace leaves two dots in a row."""
    hashed = hashlib.sha256(f"{name}.{namespace}.{kind}.{group}".encode()).digest()
    return f"applyset-{base64.urlsafe_b64encode(hashed).decode().rstrip('=')}-v1"


def build(name: SetName, answers: Mapping[Ref, str], labels: Mapping[str, str], live: Object | None = None) -> Object:
    """The parent for these members; with a live one, that object with our parts replaced, guarded by its version."""
    parent = copy.deepcopy(live) if live else _empty(name)
    metadata = parent["metadata"]
    metadata.pop("managedFields", None)
    metadata["labels"] = {
        **{key: value for key, value in (metadata.get("labels") or {}).items() if not key.startswith(PREFIX)},
        **{PREFIX + key: value for key, value in labels.items()},
        ID: name.id,
    }
    metadata["annotations"] = {
        **(metadata.get("annotations") or {}),
        TOOLING: f"{TOOL}/{VERSION}",
        GROUP_KINDS: ",".join(sorted({f"{ref.kind}.{ref.group}" if ref.group else ref.kind for ref in answers})),
        NAMESPACES: ",".join(sorted({ref.namespace for ref in answers} - {"", None, name.namespace})),
    }
    parent["data"] = {_DATA: _pack(answers)}
    return parent


def _empty(name: SetName) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": SECRET_TYPE,
        "metadata": {"name": name.parent, "namespace": name.namespace},
    }


def read(name: SetName, parent: Object) -> Parent:
    """What a live parent says; PlatformError where it is not this set's, or damaged."""
    metadata = parent.get("metadata") or {}
    labels, annotations = metadata.get("labels") or {}, metadata.get("annotations") or {}
    if labels.get(ID) != name.id:
        raise PlatformError(
            f"cannot use set {name}: Secret {name.namespace}/{name.parent} carries the set ID {labels.get(ID)!r}, "
            f"its name gives {name.id!r}. Restore the label {ID}, or delete that Secret if it is no set's"
        )
    return Parent(
        tooling=annotations.get(TOOLING, ""),
        kinds=frozenset(map(_group_kind, filter(None, annotations.get(GROUP_KINDS, "").split(",")))),
        namespaces=frozenset(filter(None, annotations.get(NAMESPACES, "").split(","))),
        answers=_unpack(name, (parent.get("data") or {}).get(_DATA)),
        labels={key[len(PREFIX) :]: value for key, value in labels.items() if key.startswith(PREFIX)},
        uid=metadata.get("uid", ""),
        resource_version=metadata.get("resourceVersion", ""),
    )


def ours(tooling: str) -> bool:
    """Whether the tooling annotation names this collection, in any version."""
    return tooling.rpartition("/")[0] == TOOL


def _group_kind(text: str) -> tuple[str, str]:
    kind, _, group = text.partition(".")
    return group, kind


def _pack(answers: Mapping[Ref, str]) -> str:
    rows = sorted([*ref, answer] for ref, answer in answers.items())
    return base64.b64encode(gzip.compress(json.dumps(rows, separators=(",", ":")).encode(), mtime=0)).decode()


def _unpack(name: SetName, data: Any) -> dict[Ref, str]:
    if not data:
        return {}
    try:
        rows: Iterable[list[str]] = json.loads(gzip.decompress(base64.b64decode(data)))
        return {Ref(*row[:4]): row[4] for row in rows}
    except (ValueError, OSError, EOFError, TypeError, IndexError) as error:
        raise PlatformError(
            f"cannot read the inventory of set {name} in Secret {name.namespace}/{name.parent}: {error}. "
            f"Remove its data key {_DATA!r}: members are found again by label, and pruned only when confirmed"
        ) from error
