"""Checks that a product has the one messaging backend that it names, and that nobody scales by another. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from .inventory_demands import Cluster, Row, Violation

# What a backend's clusters stand in, and the trigger of a ScaledObject that asks it.
_BACKENDS = {
    "kafka": ("kafka_clusters", "kafka"),
    "rabbitmq": ("rabbitmq_clusters", "rabbitmq"),
    "redis_streams": ("redis_replications", "redis_streams"),
}


def messaging(cluster: Cluster) -> Iterator[Violation]:
    """`platform_messaging` is a backend that the inventory describes, and every trigger of an autoscaler asks it."""
    chosen = cluster.variables.get("platform_messaging")
    if chosen is None:
        return
    if chosen not in _BACKENDS:
        known = ", ".join(_BACKENDS)
        yield Violation("platform_messaging", f"is {chosen}, which is no backend; choose one of {known}", "X-01")
        return
    variable, asked = _BACKENDS[chosen]
    if not cluster.rows(variable):
        yield Violation("platform_messaging", f"is {chosen}, and {variable} is empty", "X-01")
    for row in cluster.rows("autoscaling_scaled_objects"):
        path = f"autoscaling_scaled_objects[{row.get('name')}]"
        for _, trigger in _BACKENDS.values():
            if trigger in row and trigger != asked:
                yield Violation(f"{path}.{trigger}", f"asks {trigger}, and platform_messaging is {chosen}", "X-01")
        yield from _queue(cluster, path, row)


def _queue(cluster: Cluster, path: str, row: Row) -> Iterator[Violation]:
    """The queue that a trigger counts is declared."""
    wanted = (row.get("rabbitmq") or {}).get("queue")
    known = [str(each.get("name")) for one in cluster.rows("rabbitmq_clusters") for each in one.get("queues") or ()]
    if wanted and str(wanted) not in known:
        there = ", ".join(known) or "none"
        yield Violation(f"{path}.rabbitmq.queue", f"is {wanted}, which no cluster declares; there are {there}", "D1-14")


CHECKS = (messaging,)
