"""Tenancy: namespaces, what may run in them, how much, who may do what, who talks to whom. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..core.api.errors import PlatformError
from ..core.api.objects import Object
from ..core.builders import build, disruption_budget, network_policy, present, texts
from ..core.flows import Endpoint, Flow, graph
from ..core.refusals import Forbidden
from ..core.sets.options import Options, Spec
from ..core.sets.values import quantity

Row = Mapping[str, Any]

_LIST: dict[str, Any] = {"type": "list", "elements": "str", "default": []}
_NAME: dict[str, Any] = {"type": "str", "required": True}
_BOUNDS = ("max", "min")

_ACCESS: Spec = {
    "name": _NAME,
    "rules": {
        "type": "list",
        "elements": "dict",
        "options": {
            "api_groups": {**_LIST, "default": [""]},
            "resources": {"type": "list", "elements": "str", "required": True},
            "resource_names": _LIST,
            "verbs": {"type": "list", "elements": "str", "required": True},
        },
    },
    "cluster_role": {"type": "str"},
    "subjects": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "kind": {"type": "str", "required": True, "choices": ["User", "Group", "ServiceAccount"]},
            "name": _NAME,
            "namespace": {"type": "str"},
        },
    },
}

_NAMESPACE: Spec = {
    "name": _NAME,
    "team": _NAME,
    "labels": {"type": "dict", "default": {}},
    "annotations": {"type": "dict", "default": {}},
    "compliance": _LIST,
    "pod_security": {"type": "str", "choices": ["restricted", "baseline", "privileged"], "default": "restricted"},
    "pod_security_version": {"type": "str", "default": "latest"},
    "mesh": {"type": "str", "choices": ["none", "sidecar", "ambient"], "default": "none"},
    "default_deny": {"type": "bool", "default": True},
    "same_namespace": {"type": "bool", "default": False},
    "quotas": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {"name": _NAME, "hard": {"type": "dict", "required": True}},
    },
    "limits": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "name": _NAME,
            "container": {
                "type": "dict",
                "options": {key: {"type": "dict"} for key in ("default", "default_request", *_BOUNDS)},
            },
            "pod": {"type": "dict", "options": {key: {"type": "dict"} for key in _BOUNDS}},
            "claim": {"type": "dict", "options": {key: {"type": "dict"} for key in _BOUNDS}},
        },
    },
    "service_accounts": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "name": _NAME,
            "annotations": {"type": "dict", "default": {}},
            "automount": {"type": "bool", "default": False},
        },
    },
    "access": {"type": "list", "elements": "dict", "default": [], "options": _ACCESS, "mutually_exclusive": [
        ("rules", "cluster_role")], "required_one_of": [("rules", "cluster_role")]},
    "disruption_budgets": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "name": _NAME,
            "pods": {"type": "dict", "required": True},
            "min_available": {"type": "str"},
            "max_unavailable": {"type": "str"},
        },
        "mutually_exclusive": [("min_available", "max_unavailable")],
        "required_one_of": [("min_available", "max_unavailable")],
    },
}  # fmt: skip

OPTIONS = Options(
    {
        "namespaces": {"type": "list", "elements": "dict", "default": [], "options": _NAMESPACE},
        "priority_classes": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "name": _NAME,
                "value": {"type": "int", "required": True},
                "preempts": {"type": "bool", "default": True},
                "global_default": {"type": "bool", "default": False},
                "description": {"type": "str"},
                "aliases": _LIST,
            },
        },
        "endpoints": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "name": _NAME,
                "namespaces": _LIST,
                "pods": {"type": "dict", "default": {}},
                "cidrs": _LIST,
                "except": _LIST,
                "ports": _LIST,
                "metrics": _LIST,
            },
        },
        "flows": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "from": {"type": "list", "elements": "str", "required": True},
                "to": {"type": "list", "elements": "str", "required": True},
                "ports": _LIST,
            },
        },
        "scraper": {"type": "str"},
    },
    set_name="tenancy",
)

VERIFY = Options({"namespaces": OPTIONS.spec["namespaces"]})

_MESH = {
    "none": {"istio-injection": "disabled"},
    "sidecar": {"istio-injection": "enabled"},
    "ambient": {"istio-injection": "disabled", "istio.io/dataplane-mode": "ambient"},
}
_RBAC = "rbac.authorization.k8s.io"
# What LimitRanger may bound for containers and pods: for any other resource it refuses every pod that sets none.
_BOUNDED = {"cpu", "memory", "ephemeral-storage"}
_READING = {"get", "list", "watch", "*"}
# Labels of pods whose operator keeps a budget itself; a second one makes the API server refuse every eviction.
_OWN_BUDGETS = {
    "CloudNativePG": ("cnpg.io/", "app.kubernetes.io/name=postgresql"),
    "Strimzi": ("strimzi.io/",),
}


def tenancy(
    *,
    namespaces: Sequence[Row] = (),
    priority_classes: Sequence[Row] = (),
    endpoints: Iterable[Row] = (),
    flows: Iterable[Row] = (),
    scraper: str | None = None,
) -> list[Object]:
    """Everything that governs the cluster's tenants, as one set. Raises PlatformError for what could not work."""
    network = graph(
        managed=[row["name"] for row in namespaces],
        closed=[row["name"] for row in namespaces if row["default_deny"]],
        endpoints=[_endpoint(row) for row in endpoints],
        flows=[Flow(tuple(row["from"]), tuple(row["to"]), tuple(row["ports"])) for row in flows],
        scraper=scraper,
    )
    return [
        *_classes(priority_classes),
        *(each for row in namespaces for each in _namespace(row)),
        *network.policies(),
    ]


def _endpoint(row: Row) -> Endpoint:
    lists = {key: tuple(row[key]) for key in ("namespaces", "cidrs", "ports", "metrics")}
    return Endpoint(row["name"], pods=row["pods"], excepted=tuple(row["except"]), **lists)


def _classes(rows: Iterable[Row]) -> list[Object]:
    """Aliases are classes of the same value: a pod names its class, and two products may name it differently."""
    rows = list(rows)
    default = [row["name"] for row in rows if row["global_default"]]
    if len(default) > 1:
        raise PlatformError(f"{' and '.join(default)} are both global_default; a cluster has one such class at most")
    return [_class(name, row) for row in rows for name in (row["name"], *row["aliases"])]


def _class(name: str, row: Row) -> Object:
    return build(
        "scheduling.k8s.io/v1",
        "PriorityClass",
        name,
        value=row["value"],
        preemptionPolicy="PreemptLowerPriority" if row["preempts"] else "Never",
        globalDefault=row["global_default"] and name == row["name"],
        **present(description=row.get("description")),
    )


def _namespace(row: Row) -> list[Object]:
    name = row["name"]
    found = [build("v1", "Namespace", name, labels=_labels(row), annotations=row["annotations"])]
    found += [
        build("v1", "ResourceQuota", each["name"], name, spec={"hard": texts(each["hard"])}) for each in row["quotas"]
    ]
    found += [_limits(each, name) for each in row["limits"]]
    found += [_service_account(each, name) for each in row["service_accounts"]]
    found += [each for access in row["access"] for each in _access(access, name)]
    found += [_budget(each, name) for each in row["disruption_budgets"]]
    if row["same_namespace"] and row["default_deny"]:
        found.append(_same_namespace(name))
    return found


def _labels(row: Row) -> dict[str, str]:
    """The namespace's own labels under ours: owner, what may run in it (enforced, and advised), and the mesh's choice.

    Advice is restricted also where baseline is enforced, so that it is known what is missing.
    """
    enforced, version = row["pod_security"], row["pod_security_version"]
    advised = "privileged" if enforced == "privileged" else "restricted"
    security = {"enforce": enforced, "audit": advised, "warn": advised}
    labels = {f"pod-security.kubernetes.io/{mode}": level for mode, level in security.items()}
    labels |= {f"pod-security.kubernetes.io/{mode}-version": version for mode in security}
    labels |= {f"compliance.groundwork.platform/{regime}": "true" for regime in row["compliance"]}
    return texts(row["labels"]) | labels | _MESH[row["mesh"]] | {"team": row["team"]}


def _limits(row: Row, namespace: str) -> Object:
    keys = {"default": "default", "default_request": "defaultRequest", "max": "max", "min": "min"}
    kinds = {"container": "Container", "pod": "Pod", "claim": "PersistentVolumeClaim"}
    rows = []
    for part, kind in kinds.items():
        bounds = {keys[key]: texts(values) for key, values in (row.get(part) or {}).items() if values}
        if part != "claim":
            _bounded_only(row["name"], namespace, part, bounds)
        rows += [{"type": kind, **bounds}] if bounds else []
    return build("v1", "LimitRange", row["name"], namespace, spec={"limits": rows})


def _bounded_only(name: str, namespace: str, part: str, bounds: Mapping[str, Mapping[str, str]]) -> None:
    others = sorted({resource for values in bounds.values() for resource in values} - _BOUNDED)
    if others:
        raise PlatformError(
            f"cannot limit {others[0]} by LimitRange {namespace}/{name} ({part}): the API server would refuse every "
            f"pod that asks for none; cap it for the namespace by a quota of requests.{others[0]}"
        )


def _service_account(row: Row, namespace: str) -> Object:
    rest = {"automountServiceAccountToken": row["automount"]}
    return build("v1", "ServiceAccount", row["name"], namespace, annotations=row["annotations"], **rest)


def _access(row: Row, namespace: str) -> list[Object]:
    """A RoleBinding, and the Role of the same name where rules are given."""
    rules = [_rule(rule, row["name"], namespace) for rule in row.get("rules") or ()]
    role = [build(f"{_RBAC}/v1", "Role", row["name"], namespace, rules=rules)] if rules else []
    reference = {"kind": "Role", "name": row["name"]} if rules else {"kind": "ClusterRole", "name": row["cluster_role"]}
    binding = build(
        f"{_RBAC}/v1",
        "RoleBinding",
        row["name"],
        namespace,
        roleRef={"apiGroup": _RBAC, **reference},
        subjects=[_subject(each, namespace) for each in row["subjects"]],
    )
    return [*role, binding]


def _rule(row: Row, name: str, namespace: str) -> dict[str, Any]:
    secrets = {"", "*"} & set(row["api_groups"]) and {"secrets", "*"} & set(row["resources"])
    if secrets and _READING & set(row["verbs"]) and not row["resource_names"]:
        raise PlatformError(
            f"Role {namespace}/{name} would read every Secret of the namespace; name them by resource_names, or grant "
            "nothing: pods get theirs from the kubelet"
        )
    names = {"apiGroups": row["api_groups"], "resourceNames": row["resource_names"]}
    return present(**names, resources=row["resources"], verbs=row["verbs"])


def _subject(row: Row, namespace: str) -> dict[str, str]:
    if row["kind"] == "ServiceAccount":
        return {"kind": "ServiceAccount", "name": row["name"], "namespace": row.get("namespace") or namespace}
    return {"kind": row["kind"], "name": row["name"], "apiGroup": _RBAC}


def _budget(row: Row, namespace: str) -> Object:
    for operator, marks in _OWN_BUDGETS.items():
        for key, value in row["pods"].items():
            if any(key.startswith(mark) if mark.endswith("/") else f"{key}={value}" == mark for mark in marks):
                raise PlatformError(
                    f"PodDisruptionBudget {namespace}/{row['name']} selects pods that {operator} keeps a budget for; "
                    "the API server evicts no pod that two budgets cover, and no node of theirs drains. Leave it out"
                )
    limits = {key: row.get(key) for key in ("min_available", "max_unavailable")}
    return disruption_budget(name=row["name"], namespace=namespace, pods=row["pods"], **limits)


def _same_namespace(namespace: str) -> Object:
    """Both directions: opened on one side only, the other side's default deny still holds."""
    within: list[dict[str, Any]] = [{"podSelector": {}}]
    return network_policy(
        name="allow-same-namespace", namespace=namespace, ingress=[{"from": within}], egress=[{"to": within}]
    )


def forbidden(*, namespaces: Iterable[Row] = ()) -> list[Forbidden]:
    """What the API server must refuse where these namespaces are kept: what their Pod Security and quotas rule out."""
    rows = list(namespaces)
    pods = [_privileged(row) for row in rows if row["pod_security"] != "privileged"]
    return pods + [
        each
        for row in rows
        for quota in row["quotas"]
        for each in _exceeding(row["name"], quota["name"], quota["hard"])
    ]


def _privileged(row: Row) -> Forbidden:
    pod = _pod(row["name"], securityContext={"privileged": True})
    rule = f"namespace {row['name']} lets no privileged pod in"
    return Forbidden(pod, (f'violates PodSecurity "{row["pod_security"]}:',), rule)


# Resources of a quota that one pod or claim alone can exceed, and where it asks for them.
_ASKED = {
    "requests.cpu": "cpu",
    "requests.memory": "memory",
    "cpu": "cpu",
    "memory": "memory",
    "limits.cpu": "cpu",
    "limits.memory": "memory",
}


def _exceeding(namespace: str, name: str, hard: Row) -> list[Forbidden]:
    """One object a resource, that asks for more than all of it. A LimitRange may refuse it before the quota does."""
    found = []
    for resource, amount in texts(hard).items():
        most = quantity(amount)
        asked = _ASKED.get(resource) or (resource.removeprefix("requests.") if "/" in resource else None)
        if most is not None and (asked or resource == "requests.storage"):
            more = str(int(most) + 1)
            obj = _pod(namespace, **_resources(str(asked), more), **_SAFE) if asked else _claim(namespace, more)
            words = (f"exceeded quota: {name}", "maximum ")
            found.append(Forbidden(obj, words, f"quota {namespace}/{name} caps {resource} at {amount}"))
    return found


_SAFE = {
    "securityContext": {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "runAsNonRoot": True,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
}


def _resources(resource: str, amount: str) -> dict[str, Any]:
    """With cpu and memory in any case, since a quota of them refuses pods that do not say."""
    amounts = {"cpu": "1", "memory": "1Gi", resource: amount}
    return {"resources": {"requests": amounts, "limits": amounts}}


def _pod(namespace: str, **container: Any) -> Object:
    spec = {"containers": [{"name": "probe", "image": "registry.example/probe:1", **container}]}
    return build("v1", "Pod", "groundwork-probe", namespace, spec=spec)


def _claim(namespace: str, storage: str) -> Object:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": storage}}}
    return build("v1", "PersistentVolumeClaim", "groundwork-probe", namespace, spec=spec)
