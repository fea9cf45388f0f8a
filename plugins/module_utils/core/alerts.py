"""Makes a system's PrometheusRule from a table of alerts, one row each, without those that do not concern it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from .api.objects import Object
from .builders import alert, prometheus_rule

Row = Mapping[str, Any]


class Alert(NamedTuple):
    """name, when (PromQL with {words} to fill in), for how long, how bad, what it means; `only` where that concerns."""

    name: str
    expr: str
    wait: str
    severity: str
    says: str
    only: str = ""


def alerts(table: Iterable[Alert], row: Row, *, what: str, known: Row, concerned: Mapping[str, bool]) -> Object:
    """The PrometheusRule `<name>-alerts` of the system that `row` (name, namespace, monitoring) describes.

    what: the system's name in sentences; known: the words that expressions and sentences may hold, besides those of
    `monitoring`; concerned: whether rows with such an `only` are kept.
    """
    words = {**row["monitoring"], **known}
    who = f"{what} {row['namespace']}/{row['name']}"
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
    return prometheus_rule(name=f"{row['name']}-alerts", namespace=row["namespace"], rules=rules, labels=labels)
