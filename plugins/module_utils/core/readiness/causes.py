"""Reads from an object's children why it is not ready: one sentence a child, the most telling first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from .matchers import value, values

LIMIT = 3


def causes(children: Iterable[Any], limit: int = LIMIT) -> list[str]:
    """At most ``limit`` sentences, such as ``pod web-0: unschedulable: 0/3 nodes are available``; never raises."""
    objects = [c for c in children if isinstance(c, dict)]
    found = [s for c in objects if (read := _READERS.get(str(c.get("kind")))) for s in read(c)]
    logs = [(name_of(c), _short(c.get("line"))) for c in objects if c.get("kind") == "Log"]
    lines = [f"pod {name}: last log line: {line}" for name, line in logs if line]
    told = list(dict.fromkeys([*found, *lines]))
    return told[:limit] + ([f"and {len(told) - limit} more"] if len(told) > limit else [])


def name_of(obj: Any) -> str:
    """The object's name, or nothing."""
    name = value(obj, "metadata.name")
    return name if isinstance(name, str) else ""


def _short(raw: Any, limit: int = 240) -> str:
    text = " ".join(raw.split()) if isinstance(raw, str) else ""
    return text if len(text) <= limit else text[: limit - 3] + "..."


def _joined(*parts: str) -> str:
    return ": ".join(p for p in parts if p)


def _pod(pod: Any) -> list[str]:
    who = f"pod {name_of(pod)}"
    if _is(pod, "Ready", "True") or value(pod, "status.phase") == "Succeeded":
        return []
    told = [t for state in _container_states(pod) if (t := _container(*state))]
    told = told or _unscheduled(pod) or _phase(pod)
    return [f"{who}: {t}" for t in told]


def _is(pod: Any, type_: str, status: str) -> bool:
    found = values(pod, "status.conditions[]")
    return any(isinstance(c, dict) and c.get("type") == type_ and c.get("status") == status for c in found)


def _container_states(pod: Any) -> list[tuple[str, Any]]:
    paths = ("status.initContainerStatuses[]", "status.containerStatuses[]")
    return [(str(s.get("name") or ""), s) for p in paths for s in values(pod, p) if isinstance(s, dict)]


_UNTELLING = ("ContainerCreating", "PodInitializing")


def _container(name: str, status: Any) -> str:
    reason, message = value(status, "state.waiting.reason"), value(status, "state.waiting.message")
    ended = value(status, "state.terminated") or value(status, "lastState.terminated")
    code = value(ended, "exitCode")
    exited = f"last exit code {code}" if isinstance(code, int) and code else ""
    exited += f" ({_short(value(ended, 'reason'))})" if exited and value(ended, "reason") not in (None, "Error") else ""
    if isinstance(reason, str) and reason and reason not in _UNTELLING:
        return _joined(f"{name} {reason}", exited or _short(message))
    if value(status, "state.terminated") is not None and exited:
        return _joined(f"{name} ended", exited, _short(value(ended, "message")))
    return ""


def _unscheduled(pod: Any) -> list[str]:
    found = [c for c in values(pod, "status.conditions[]") if isinstance(c, dict) and c.get("type") == "PodScheduled"]
    return [_joined("unschedulable", _why(c.get("message"))) for c in found if c.get("status") == "False"]


def _why(raw: Any) -> str:
    """The scheduler's reasons, without what it says of preemption and of claims that it need not take back."""
    return (
        _short(raw.partition(" no new claims to deallocate")[0].partition(" preemption:")[0])
        if isinstance(raw, str)
        else ""
    )


def _phase(pod: Any) -> list[str]:
    phase, reason = value(pod, "status.phase"), value(pod, "status.reason")
    if phase == "Failed":
        return [_joined("failed", _short(reason), _short(value(pod, "status.message")))]
    waiting = [w for _, s in _container_states(pod) if (w := value(s, "state.waiting.reason")) in _UNTELLING]
    running = [(n, s) for n, s in _container_states(pod) if value(s, "state.running") is not None]
    unready = [n for n, s in running if s.get("ready") is False]
    if waiting:
        return [str(waiting[0])]
    return [f"{', '.join(unready)} running, not ready"] if unready else []


def _claim(claim: Any) -> list[str]:
    phase = _short(value(claim, "status.phase")) or "Pending"
    known = (value(claim, "spec.storageClassName"), value(claim, "spec.resources.requests.storage"))
    wanted = ", ".join(f"{k} {v}" for k, v in zip(("class", "size"), known, strict=True) if isinstance(v, str) and v)
    return [] if phase == "Bound" else [f"claim {name_of(claim)}: {phase}" + (f" ({wanted})" if wanted else "")]


def _event(event: Any) -> list[str]:
    if event.get("type") != "Warning" and event.get("reason") not in ("WaitForFirstConsumer", "ExternalProvisioning"):
        return []
    about = value(event, "involvedObject") or value(event, "regarding") or {}
    who = f"{value(about, 'kind') or 'object'} {value(about, 'name') or ''}".strip()
    note = _short(event.get("message") or event.get("note"))
    return [_joined(who, _short(event.get("reason")), note)] if note else []


def _replica_set(replica_set: Any) -> list[str]:
    found = [c for c in values(replica_set, "status.conditions[]") if isinstance(c, dict)]
    return [
        _joined(f"replica set {name_of(replica_set)}", _short(c.get("reason")), _short(c.get("message")))
        for c in found
        if c.get("type") == "ReplicaFailure" and c.get("status") == "True"
    ]


def _in_the_way(pod: Any) -> list[str]:
    name, namespace = name_of(pod), value(pod, "metadata.namespace")
    command = f"kubectl delete pod {name}" + (f" --namespace {namespace}" if isinstance(namespace, str) else "")
    return [f"pod {name} is of a revision no longer wanted, and no other is made until it is ready or gone: {command}"]


_READERS: dict[str, Callable[[Any], list[str]]] = {
    "Pod": _pod,
    "PersistentVolumeClaim": _claim,
    "Event": _event,
    "ReplicaSet": _replica_set,
    "InTheWay": _in_the_way,
}
