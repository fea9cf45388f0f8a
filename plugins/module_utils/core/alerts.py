"""Has a data system watched: its PodMonitors, and its PrometheusRule from a table of alerts, one row each. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from .api.objects import Object
from .builders import alert, pod_monitor, prometheus_rule
from .names import System

Row = Mapping[str, Any]


class Alert(NamedTuple):
    """name, when (PromQL with {words} to fill in), for how long, how bad, what it means; `only` where that concerns."""

    name: str
    expr: str
    wait: str
    severity: str
    says: str
    only: str = ""


def nearly_full(system: str, then: str = "", only: str = "") -> Alert:
    """A volume ({claims}) has little room left. system: how the alert's name begins; then: how its sentence ends."""
    room = "kubelet_volume_stats_available_bytes{{{claims}}} / kubelet_volume_stats_capacity_bytes{{{claims}}}"
    says = f"a volume has less than 15 % left{then}"
    return Alert(f"{system}VolumeNearlyFull", f"min({room}) < 0.15", "5m", "critical", says, only)


def monitors(system: System, row: Row, pods: Mapping[str, Row], port: str) -> list[Object]:
    """A PodMonitor for each set of pods, their labels by the part of the system that they are ("" for its servers).

    row: name, namespace, monitoring; port: the container port's name.
    """
    wanted = row["monitoring"]
    given = {"namespace": row["namespace"], "labels": wanted["labels"], "interval": wanted["interval"]}
    return [pod_monitor(name=system.beside(row, part), pods=each, port=port, **given) for part, each in pods.items()]


def alerts(system: System, table: Iterable[Alert], row: Row, *, known: Row, concerned: Mapping[str, bool]) -> Object:
    """The PrometheusRule of the system that `row` (name, namespace, monitoring) describes.

    known: the words that expressions and sentences may hold, besides those of `monitoring`; concerned: whether rows
    with such an `only` are kept.
    """
    words = {**row["monitoring"], **known}
    who = f"{system.title} {row['namespace']}/{row['name']}"
    rules = [
        alert(
            each.name,
            each.expr.format(**words),
            wait=each.wait,
            severity=each.severity,
            says=f"{who}: {each.says.format(**words)}",
        )
        for each in table
        if not each.only or concerned[each.only]
    ]
    labels = row["monitoring"]["labels"]
    return prometheus_rule(name=system.beside(row, "alerts"), namespace=row["namespace"], rules=rules, labels=labels)
