"""What whoever runs a site, or a runbook on it, must be allowed to do: from a host's variables. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .core.rights import KEEPING, PARENT, Right, needed, plural
from .site_objects import ROLES, options

# The roles' own default (roles/<role>/defaults/main.yml), which variables of hosts do not show.
_HOME = "kube-system"
_WATCHED = ("monitoring.coreos.com/PodMonitor", "monitoring.coreos.com/PrometheusRule")
_GUARDED = ("networking.k8s.io/NetworkPolicy", *_WATCHED)
# The kinds that a data system's sets may hold: one set a row, which only the role's defaults make complete enough to be
# rendered. A test compares with the objects of all cases.
KINDS: dict[str, tuple[str, ...]] = {
    "clickhouse": (
        "clickhouse.altinity.com/ClickHouseInstallation",
        "clickhouse-keeper.altinity.com/ClickHouseKeeperInstallation",
        "batch/CronJob",
        *_GUARDED,
    ),
    "kafka": (
        *(
            f"kafka.strimzi.io/{kind}"
            for kind in (
                "Kafka",
                "KafkaConnect",
                "KafkaConnector",
                "KafkaMirrorMaker2",
                "KafkaNodePool",
                "KafkaTopic",
                "KafkaUser",
            )
        ),
        "ConfigMap",
        *_GUARDED,
    ),
    "postgres": (
        *(
            f"postgresql.cnpg.io/{kind}"
            for kind in ("Cluster", "Database", "DatabaseRole", "ImageCatalog", "Pooler", "ScheduledBackup")
        ),
        "barmancloud.cnpg.io/ObjectStore",
        "ConfigMap",
        "Service",
        "apps/Deployment",
        "batch/Job",
        "policy/PodDisruptionBudget",
        *_GUARDED,
    ),
    "rabbitmq": (
        *(
            f"rabbitmq.com/{kind}"
            for kind in (
                "Binding",
                "Exchange",
                "OperatorPolicy",
                "Permission",
                "Policy",
                "Queue",
                "RabbitmqCluster",
                "Shovel",
                "TopicPermission",
                "User",
                "Vhost",
            )
        ),
        "policy/PodDisruptionBudget",
        *_GUARDED,
    ),
    "redis": (
        "redis.redis.opstreelabs.in/RedisCluster",
        "redis.redis.opstreelabs.in/RedisReplication",
        "ConfigMap",
        "Service",
        "apps/StatefulSet",
        "batch/CronJob",
        "policy/PodDisruptionBudget",
        *_GUARDED,
    ),
}
_SEEN = ("get", "list", "watch")
# A command in a pod goes over a WebSocket: a GET, for which Kubernetes from 1.35 on wants create as well.
_RUN = ("get", "create")
# What a role asks for beside keeping its sets, in the namespaces of a variable's rows: resource to verbs.
BESIDE: dict[str, dict[str, tuple[str, ...]]] = {"clickhouse_schemas": {"pods": ("list",), "pods/exec": _RUN}}
# What the runbooks of a system ask for beside the rights of its role (procedures/): resource to verbs.
RUNBOOKS: dict[str, dict[str, tuple[str, ...]]] = {
    "clickhouse": {"pods": _SEEN, "pods/exec": _RUN},
    "kafka": {"kafka.strimzi.io/kafkarebalances": (*_SEEN, "create", "patch"), "pods": _SEEN},
    "postgres": {
        "postgresql.cnpg.io/clusters/status": ("patch",),
        "postgresql.cnpg.io/backups": (*_SEEN, "create"),
        "postgresql.cnpg.io/failoverquorums": ("get",),
        "pods": (*_SEEN, "create", "patch", "delete"),
        "pods/ephemeralcontainers": ("patch",),
        "pods/log": ("get",),
        "pods/proxy": ("get",),
    },
    "rabbitmq": {
        "pods": (*_SEEN, "create", "patch", "delete"),
        "pods/ephemeralcontainers": ("patch",),
        "pods/exec": _RUN,
        "pods/log": ("get",),
    },
    "redis": {
        "pods": (*_SEEN, "create", "patch", "delete"),
        "pods/ephemeralcontainers": ("patch",),
        "pods/exec": _RUN,
        "pods/log": ("get",),
        "pods/proxy": ("get",),
    },
}
ALL = (*ROLES, *KINDS)


def rights(variables: Mapping[str, Any], roles: Iterable[str] = (), *, runbooks: bool = False) -> set[Right]:
    """What must be allowed to whoever runs these roles (all without names) as far as they are switched on.

    runbooks: also to whoever runs their procedures.
    """
    found = set[Right]()
    for role in roles or ALL:
        if variables.get(f"{role}_enabled", True):
            found |= _of_foundation(role, variables) if role in ROLES else set(_of_data(role, variables, runbooks))
    return found


def _of_foundation(role: str, variables: Mapping[str, Any]) -> set[Right]:
    home = str(variables.get(f"{role}_set_namespace", _HOME))
    return needed(ROLES[role][1](**options(role, variables)), home)


def _of_data(role: str, variables: Mapping[str, Any], runbooks: bool) -> Iterator[Right]:
    resources = {(group, plural(kind)): KEEPING for group, kind in map(_split, KINDS.get(role, ()))}
    asked = [(group, resource, verbs) for (group, resource), verbs in resources.items()] + list(PARENT)
    if runbooks:
        asked += [(*_split_resource(name), verbs) for name, verbs in RUNBOOKS.get(role, {}).items()]
    yield from _beside(role, variables)
    places = sorted(_places(role, variables))
    yield from (Right("", "namespaces", "", "get") for _ in places[:1])
    for place in places:
        for group, resource, verbs in asked:
            yield from (Right(group, resource, place, verb) for verb in verbs)


def _beside(role: str, variables: Mapping[str, Any]) -> Iterator[Right]:
    for variable, resources in BESIDE.items():
        rows = variables.get(variable) or () if variable.startswith(f"{role}_") else ()
        for place in sorted({str(row["namespace"]) for row in rows}):
            for name, verbs in resources.items():
                group, resource = _split_resource(name)
                yield from (Right(group, resource, place, verb) for verb in verbs)


def _places(role: str, variables: Mapping[str, Any]) -> set[str]:
    """The namespaces of all that the role's variables list, and of users that are kept beside their clients."""
    lists = [value for name, value in variables.items() if name.startswith(f"{role}_") and isinstance(value, list)]
    rows = [row for each in lists for row in each if isinstance(row, Mapping)]
    rows += [user for row in rows for user in row.get("users") or () if isinstance(user, Mapping)]
    return {str(row["namespace"]) for row in rows if "namespace" in row}


def _split(key: str) -> tuple[str, str]:
    group, _, kind = key.rpartition("/")
    return group, kind


def _split_resource(name: str) -> tuple[str, str]:
    """`("", "pods/log")` of pods/log, `("a.b", "c/status")` of a.b/c/status: API groups of our kinds have a dot."""
    group, _, rest = name.partition("/")
    return (group, rest) if "." in group else ("", name)
