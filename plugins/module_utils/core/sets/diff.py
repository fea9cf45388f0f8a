"""Shows people what changed in an object: without what the server owns, Secret data masked, long values shortened."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import yaml

from ..api.objects import Object, get, ref
from .applyset import PART_OF, PREFIX

HASH = PREFIX + "hash"
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_SERVER_OWNED = ("managedFields", "resourceVersion", "uid", "generation", "creationTimestamp", "selfLink")
_LONGEST = 200  # characters of one line


def visible(obj: Object | None) -> Object:
    """An object as people wrote it: no status, nothing the server keeps for itself, none of our own marks."""
    if not obj:
        return {}
    result = {key: value for key, value in obj.items() if key not in ("status", "metadata")}
    metadata = {key: value for key, value in obj.get("metadata", {}).items() if key not in _SERVER_OWNED}
    for part, hidden in (("annotations", (HASH, _LAST_APPLIED)), ("labels", (PART_OF,))):
        kept = {key: value for key, value in (metadata.pop(part, None) or {}).items() if key not in hidden}
        if kept:
            metadata[part] = kept
    return {"apiVersion": obj.get("apiVersion"), "kind": obj.get("kind"), "metadata": metadata, **result}


def is_secret(obj: Object) -> bool:
    """Whether the object is a core Secret."""
    return obj.get("kind") == "Secret" and obj.get("apiVersion") == "v1"


def masked(before: Object, after: Object) -> tuple[Object, Object]:
    """Both sides with Secret values replaced: `***` where equal, `*** (before)` and `*** (after)` where not."""
    if not (is_secret(before) or is_secret(after)):
        return before, after
    old, new = get(before, "data", default={}) or {}, get(after, "data", default={}) or {}
    return (
        _with_data(before, {key: "***" if new.get(key) == value else "*** (before)" for key, value in old.items()}),
        _with_data(after, {key: "***" if old.get(key) == value else "*** (after)" for key, value in new.items()}),
    )


def _with_data(obj: Object, data: dict[str, str]) -> Object:
    shown = {key: value for key, value in obj.items() if key not in ("data", "stringData")}
    return {**shown, "data": data} if data else shown


def shortened(value: Any) -> Any:
    """The value with every long line cut; a digest of the whole keeps two long lines apart."""
    if isinstance(value, dict):
        return {key: shortened(part) for key, part in value.items()}
    if isinstance(value, list):
        return [shortened(part) for part in value]
    if isinstance(value, str) and len(value) > _LONGEST:
        return "\n".join(map(_line, value.split("\n")))
    return value


def _line(text: str) -> str:
    if len(text) <= _LONGEST:
        return text
    mark = hashlib.sha256(text.encode()).hexdigest()[:8]
    return f"{text[: _LONGEST // 2]}... ({len(text)} characters, sha256 {mark}...)"


class _Dumper(yaml.SafeDumper):
    """YAML as people write it: text of several lines as a block, no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def dump(obj: Object) -> str:
    """An object as YAML text; empty for an empty object."""
    return yaml.dump(obj, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1000) if obj else ""


def entry(before: Object | None, after: Object | None, judged: str = "server") -> dict[str, str]:
    """One object's entry in Ansible's diff; `judged` other than server is said in the header."""
    name = str(ref(before or after or {}))
    old, new = masked(visible(before), visible(after))
    note = "" if judged == "server" else f" (judged: {judged})"
    return {
        "before_header": name if before else f"{name} (not there)",
        "after_header": (name if after else f"{name} (deleted)") + note,
        "before": dump(shortened(_ordered(old))),
        "after": dump(shortened(_ordered(new))),
    }


def _ordered(value: Any) -> Any:
    """Keys in one order on both sides, the head of an object first, so that lines compare."""
    if isinstance(value, list):
        return [_ordered(part) for part in value]
    if not isinstance(value, dict):
        return value
    head = [key for key in ("apiVersion", "kind", "metadata") if key in value]
    rest: Iterable[Any] = sorted((key for key in value if key not in head), key=str)
    return {key: _ordered(value[key]) for key in (*head, *rest)}
