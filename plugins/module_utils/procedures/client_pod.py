"""The pod in which a procedure is a client of a data system: it runs a script, confined, and ends by itself. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..core.api.objects import Object, get
from ..core.builders import build, confined, present

TMP = "/tmp"  # noqa: S108 - an emptyDir of the pod
WRITING = f"{TMP}/writing"  # a script that writes touches this file with every commit
# Ready while the last commit is not older than three seconds and what the script waits between two.
_WRITES = f"[ $(($(date +%s) - $(stat -c %Y {WRITING}))) -le $((3 + ${{INTERVAL%.*}})) ]"
_LONGEST = 7200  # seconds after which one that nobody stops ends by itself


def pod(
    name: str,
    namespace: str,
    labels: Mapping[str, str],
    container: Mapping[str, Any],
    *,
    memory: int,
    avoid: str = "",
    volumes: Mapping[str, tuple[str, Mapping[str, Any]]] | None = None,
    owner: Object | None = None,
    **spec: Any,
) -> Object:
    """A pod with one container `client` that may write in TMP alone.

    container: image, command, env. memory: MiB that it asks for; twice that is its limit. avoid: the node that it must
    not be on. volumes: by name, where each is mounted and its source. owner: with it the pod goes. spec: what else of a
    pod's spec, empty parts left out. labels let it through the system's NetworkPolicies.
    """
    held = {"tmp": (TMP, {"emptyDir": {}}), **(volumes or {})}
    client = {
        "name": "client",
        "resources": {
            "requests": {"cpu": "50m", "memory": f"{memory}Mi"},
            "limits": {"memory": f"{2 * memory}Mi"},
        },
        "securityContext": confined(readOnlyRootFilesystem=True),
        "readinessProbe": {"exec": {"command": ["sh", "-c", _WRITES]}, "periodSeconds": 1, "failureThreshold": 1},
        "volumeMounts": [{"name": key, "mountPath": path} for key, (path, _) in held.items()],
        **container,
    }
    found = build(
        "v1",
        "Pod",
        name,
        namespace,
        labels={**labels, "app.kubernetes.io/managed-by": "groundwork"},
        spec=present(
            restartPolicy="Never",
            activeDeadlineSeconds=_LONGEST,
            automountServiceAccountToken=False,
            affinity=_elsewhere([avoid] if avoid else []),
            containers=[client],
            volumes=[{"name": key, **source} for key, (_, source) in held.items()],
            **spec,
        ),
    )
    found["metadata"] |= present(ownerReferences=[_reference(owner)] if owner else [])
    return found


def _elsewhere(nodes: Sequence[str]) -> dict[str, Any]:
    apart = [{"key": "kubernetes.io/hostname", "operator": "NotIn", "values": list(nodes)}]
    terms = {"nodeSelectorTerms": [{"matchExpressions": apart}]}
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}} if nodes else {}


def _reference(owner: Object) -> dict[str, str]:
    identity = {key: str(get(owner, "metadata", key)) for key in ("name", "uid")}
    return {"apiVersion": owner["apiVersion"], "kind": owner["kind"], **identity}
