"""Differences of two statuses as data, and their application: merge patches whose conditions are merged by type."""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]
_GONE = {"gone": True}


def _typed(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, dict) and "type" in each for each in value)


def difference(before: Any, after: Any) -> Any:
    """What turns one status into another: mappings key by key (None: the key goes), conditions by type."""
    if isinstance(before, dict) and isinstance(after, dict):
        found = {key: difference(before.get(key), value) for key, value in after.items() if value != before.get(key)}
        return found | {key: None for key in before if key not in after}
    if _typed(after) and (_typed(before) or not before):
        old = {each["type"]: each for each in before or []}
        new = {each["type"]: each for each in after}
        gone = [{"type": each, **_GONE} for each in old if each not in new]
        return [*(each for each in after if each != old.get(each["type"])), *gone]
    return after


def applied(status: Any, change: Any, now: str) -> Any:
    """The status after a change. A condition that takes another status gets the time, else it keeps its own."""
    if isinstance(change, dict):
        base = status if isinstance(status, dict) else {}
        kept = {key: value for key, value in base.items() if key not in change}
        made = {key: applied(base.get(key), value, now) for key, value in change.items() if value is not None}
        return {**kept, **made}
    if _typed(change) and (_typed(status) or not status):
        found = {each["type"]: each for each in status or []}
        for each in change:
            if each.get("gone"):
                found.pop(each["type"], None)
            else:
                found[each["type"]] = _condition(found.get(each["type"], {}), each, now)
        return list(found.values())
    return change


def _condition(before: Object, after: Object, now: str) -> Object:
    same = before.get("status") == after.get("status")
    since = before.get("lastTransitionTime") if same else None
    return {**after, "lastTransitionTime": since or now} if "lastTransitionTime" in after or since else after


def merge_patch(before: Object, after: Object) -> Object:
    """The JSON merge patch (RFC 7386) from one status to another: lists as a whole."""
    found: Object = {key: None for key in before if key not in after}
    for key, value in after.items():
        old = before.get(key)
        if value != old:
            found[key] = merge_patch(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return found
