"""Fetches what explains why an object is not ready: its pods, their claims, events, a failed pod's last log line.

Asked only for objects that are not ready, a handful of bounded requests each; what may not be read is left out.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from ..api.client import Client
from ..api.errors import PlatformError
from ..api.objects import Object
from .matchers import value, values
from .rule import Rule

_PODS, _EVENTS, _CLAIMS, _TAIL = 100, 20, 2, 2048


def collect(client: Client, obj: Object, rule: Rule | None) -> list[Object]:
    """Pods that are not ready, unbound claims, events, log lines; what may not be read is left out."""
    namespace, name = value(obj, "metadata.namespace"), value(obj, "metadata.name")
    if not isinstance(namespace, str) or not isinstance(name, str):
        return []
    ask = _Asker(client, namespace)
    pods = [p for p in ask.pods(_selector(obj, rule, namespace, name)) if not _ready(p)]
    claims = [c for p in pods[:1] for c in ask.claims(p)]
    own = [] if pods else [(str(obj.get("kind")), name)]
    told = [("PersistentVolumeClaim", str(value(c, "metadata.name"))) for c in claims]
    logs = [line for p in [*pods, obj] if _failed(p) for line in ask.log(p)][:1]
    return [*in_the_way(obj, pods), *pods, *claims, *(e for who in [*told, *own] for e in ask.events(*who)), *logs]


def in_the_way(obj: Object, pods: list[Object]) -> list[Object]:
    """The pod of a revision that is not wanted any more for which a StatefulSet waits for ever.

    Its controller replaces no pod while one before it is not ready, not even a broken one that it is to replace
    (kubernetes#67250, "Forced rollback" in the StatefulSet's documentation).
    """
    wanted = value(obj, "status.updateRevision")
    ordered = value(obj, "spec.podManagementPolicy") != "Parallel"
    replaces = value(obj, "spec.updateStrategy.type") != "OnDelete"
    if obj.get("kind") != "StatefulSet" or not (wanted and ordered and replaces):
        return []
    stuck = [p for p in pods if value(p, "metadata.deletionTimestamp") is None and _revision(p) not in (None, wanted)]
    return [{"kind": "InTheWay", "metadata": p.get("metadata")} for p in stuck[:1]]


def _revision(pod: Object) -> Any:
    labels = value(pod, "metadata.labels")
    return labels.get("controller-revision-hash") if isinstance(labels, dict) else None


class _Asker:
    """Bounded reads in one namespace; an error reads as nothing."""

    def __init__(self, client: Client, namespace: str) -> None:
        self._client = client
        self._root = f"/api/v1/namespaces/{quote(namespace, safe='')}"

    def _get(self, path: str, query: dict[str, str] | None = None) -> Any:
        try:
            return self._client.request("GET", f"{self._root}/{path}", query=query, timeout=10).data
        except PlatformError:
            return None

    def _items(self, path: str, kind: str, query: dict[str, str]) -> list[Object]:
        found = values(self._get(path, query), "items[]")
        return [{"kind": kind, **item} for item in found if isinstance(item, dict)]

    def pods(self, selector: str) -> list[Object]:
        return self._items("pods", "Pod", {"labelSelector": selector, "limit": str(_PODS)}) if selector else []

    def claims(self, pod: Object) -> list[Object]:
        """The pod's claims that are not bound."""
        names = [n for n in values(pod, "spec.volumes[].persistentVolumeClaim.claimName") if isinstance(n, str)]
        if _scheduled(pod):
            return []
        found = [self._get(f"persistentvolumeclaims/{quote(n, safe='')}") for n in names[:_CLAIMS]]
        return [{**c, "kind": "PersistentVolumeClaim"} for c in found if value(c, "status.phase") == "Pending"]

    def events(self, kind: str, name: str) -> list[Object]:
        """The newest event of each reason about an object."""
        fields = f"involvedObject.kind={kind},involvedObject.name={name}"
        found = self._items("events", "Event", {"fieldSelector": fields, "limit": str(_EVENTS)})
        newest = sorted(found, key=lambda e: str(value(e, "lastTimestamp") or value(e, "eventTime") or ""))
        return list({str(e.get("reason")): e for e in newest}.values())

    def log(self, pod: Object) -> list[Object]:
        """The last line that a pod wrote."""
        name = value(pod, "metadata.name")
        query = {"tailLines": "1", "limitBytes": str(_TAIL)}
        text = self._get(f"pods/{quote(str(name), safe='')}/log", query)
        return [{"kind": "Log", "metadata": {"name": name}, "line": text}] if isinstance(text, str) and text else []


def _selector(obj: Object, rule: Rule | None, namespace: str, name: str) -> str:
    """The label selector of an object's pods: written out in its row, or read from the field that its row names."""
    if rule is None or not rule.pods:
        return ""
    if "=" in rule.pods:
        return rule.pods.format(name=name, namespace=namespace)
    found = value(obj, rule.pods)
    if not isinstance(found, dict):
        return ""
    labels = found.get("matchLabels") if "matchLabels" in found or "matchExpressions" in found else found
    parts = [f"{k}={v}" for k, v in (labels.items() if isinstance(labels, dict) else ())]
    return ",".join(parts + [e for x in values(found, "matchExpressions[]") if (e := _expression(x))])


def _expression(raw: Any) -> str:
    key, operator, wanted = value(raw, "key"), value(raw, "operator"), values(raw, "values[]")
    shown = f"({','.join(map(str, wanted))})"
    forms = {"In": f"{key} in {shown}", "NotIn": f"{key} notin {shown}", "Exists": f"{key}", "DoesNotExist": f"!{key}"}
    return forms.get(str(operator), "") if isinstance(key, str) else ""


def _ready(pod: Any) -> bool:
    ready = ("Ready", "True") in [(value(c, "type"), value(c, "status")) for c in values(pod, "status.conditions[]")]
    return ready or value(pod, "status.phase") == "Succeeded"


def _scheduled(pod: Any) -> bool:
    return value(pod, "spec.nodeName") is not None


def _failed(pod: Any) -> bool:
    if value(pod, "kind") != "Pod":
        return False
    codes = values(pod, "status.containerStatuses[].state.terminated.exitCode")
    codes += values(pod, "status.containerStatuses[].lastState.terminated.exitCode")
    return value(pod, "status.phase") == "Failed" or any(codes)
