"""Holds an inventory's data systems against what their modules take and what they must keep to. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from .core.limits import Limits
from .inventory_demands import Cluster, Violation
from .site_objects import CLICKHOUSE, KAFKA, POSTGRES, RABBITMQ, REDIS_CLUSTER, REDIS_REPLICATION, Rows
from .systems.clickhouse import limits as clickhouse
from .systems.kafka import limits as kafka
from .systems.postgres import limits as postgres
from .systems.rabbitmq import limits as rabbitmq
from .systems.redis import limits as redis

# roles/kafka/defaults/main.yml, which variables of hosts do not show.
KAFKA_DEFAULTS = {"version": "4.3.1", "metadata_version": "4.3-IV0"}


class System(NamedTuple):
    """rows: where its clusters stand; limits: what they must keep to; completed: a row with the role's defaults."""

    rows: Rows
    limits: Limits
    completed: Callable[[dict[str, Any], Mapping[str, Any]], dict[str, Any]]
    shape: str


def violations(system: System, cluster: Cluster) -> Iterator[Violation]:
    """Every cluster of a system can be made as it is described."""
    for row in cluster.rows(system.rows.variable):
        path = f"{system.rows.variable}[{row.get('name')}]"
        checked = system.rows.checked(system.completed(dict(row), cluster.variables))
        for words in checked.error_messages:
            yield Violation(path, f"is not what {system.rows.module} takes: {words}", system.shape)
        if not checked.error_messages:
            full = {"namespace": row.get("namespace"), **checked.validated_parameters}
            for words, requirement in system.limits.in_inventory(full):
                yield Violation(path, f"cannot be made: {words}", requirement)


def _with_image(given: dict[str, Any], _: Mapping[str, Any]) -> dict[str, Any]:
    """An image comes from the role's defaults where the row has none."""
    return given if {"images", "catalog"} & given.keys() else {"images": {given.get("major", 1): "default"}, **given}


def _with_version(given: dict[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
    """A version comes from the role's defaults where the row has none, node pools with their zones always."""
    return {**KAFKA_DEFAULTS, **_with_pools({}, variables), **(variables.get("kafka_cluster_defaults") or {}), **given}


def _with_pools(given: dict[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
    """Node pools with their zones come from the role's defaults."""
    return {"node_pools": variables.get("platform_node_pools") or [], **given}


def _with_images(given: dict[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
    """Images come from the role's defaults where the row has none."""
    known = dict.fromkeys(("image", "backup_image"), "default")
    return {**known, **(variables.get("redis_cluster_defaults") or {}), **given}


def _with_sentinels(given: dict[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
    return {"sentinel_image": "default", **_with_images(given, variables)}


def _with_server(given: dict[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
    """The server's image comes from the role's defaults where the row has none, node pools with their zones always."""
    known = {"image": "default", "node_pools": variables.get("platform_node_pools") or []}
    return {**known, **(variables.get("clickhouse_cluster_defaults") or {}), **given}


_POSTGRES = System(POSTGRES, postgres.LIMITS, _with_image, "docs/inventories.md#postgres")
_KAFKA = System(KAFKA, kafka.LIMITS, _with_version, "docs/inventories.md#kafka")
_CLICKHOUSE = System(CLICKHOUSE, clickhouse.LIMITS, _with_server, "docs/inventories.md#clickhouse")
_RABBITMQ = System(RABBITMQ, rabbitmq.LIMITS, _with_pools, "docs/inventories.md#rabbitmq")
_REDIS = (
    System(REDIS_CLUSTER, redis.CLUSTER, _with_images, "docs/inventories.md#redis"),
    System(REDIS_REPLICATION, redis.REPLICATION, _with_sentinels, "docs/inventories.md#redis"),
)


def postgres_options(cluster: Cluster) -> Iterator[Violation]:
    """Known options, memory for its buffers, copies for its quorum."""
    return violations(_POSTGRES, cluster)


def kafka_options(cluster: Cluster) -> Iterator[Violation]:
    """Known options, copies for its brokers and zones, room for what is kept, heap that its memory has room for."""
    return violations(_KAFKA, cluster)


def clickhouse_options(cluster: Cluster) -> Iterator[Violation]:
    """Known options, an odd number of Keepers over three zones, memory for queries, room for what is retained."""
    return violations(_CLICKHOUSE, cluster)


def rabbitmq_options(cluster: Cluster) -> Iterator[Violation]:
    """Known options, nodes and zones for a quorum, memory and disk for its watermarks, names that are declared."""
    return violations(_RABBITMQ, cluster)


def redis_options(cluster: Cluster) -> Iterator[Violation]:
    """Known options, shards and sentinels enough for a majority, settings that are its own to say, schedules."""
    for system in _REDIS:
        yield from violations(system, cluster)


# What the operators of both make of one name (the systems' footprints).
_MEET = ((REDIS_REPLICATION, RABBITMQ, "the Service <name>"), (REDIS_REPLICATION, POSTGRES, "pods <name>-<number>"))


def system_names(cluster: Cluster) -> Iterator[Violation]:
    """A name in a namespace is one Redis, and no other system's whose operator makes the same objects of it."""
    for one, other, what in ((REDIS_REPLICATION, REDIS_CLUSTER, "the set redis-<name>"), *_MEET):
        taken = {(row.get("namespace"), row.get("name")) for row in cluster.rows(other.variable)}
        for row in cluster.rows(one.variable):
            if (row.get("namespace"), row.get("name")) in taken:
                path = f"{one.variable}[{row.get('name')}]"
                words = f"is in {row.get('namespace')} as {other.variable}[{row.get('name')}] is: both want {what}"
                yield Violation(path, f"{words}; give one another name", "docs/inventories.md#every-role")


CHECKS = (postgres_options, clickhouse_options, kafka_options, rabbitmq_options, redis_options, system_names)
