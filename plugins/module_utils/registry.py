"""Gathers every row of data by kind: the one file that knows all systems, so that a sent module carries them all."""

from __future__ import annotations

from collections.abc import Mapping

from .core.readiness import Rule
from .rules import builtin, generic
from .systems import (
    autoscaling,
    backup,
    certificates,
    clickhouse,
    external_secrets,
    gitops,
    identity,
    kafka,
    mesh,
    monitoring,
    object_storage,
    postgres,
    rabbitmq,
    redis,
)


def _merged(*tables: Mapping[str, Rule]) -> dict[str, Rule]:
    """All rows; a kind with two rows is a mistake of ours, named at once."""
    rows: dict[str, Rule] = {}
    for table in tables:
        twice = rows.keys() & table.keys()
        if twice:
            raise ValueError(f"two readiness rows for {', '.join(sorted(twice))}")
        rows.update(table)
    return rows


RULES: dict[str, Rule] = _merged(
    builtin.RULES,
    generic.RULES,
    autoscaling.RULES,
    backup.RULES,
    certificates.RULES,
    clickhouse.RULES,
    external_secrets.RULES,
    gitops.RULES,
    identity.RULES,
    kafka.RULES,
    mesh.RULES,
    monitoring.RULES,
    object_storage.RULES,
    postgres.RULES,
    rabbitmq.RULES,
    redis.RULES,
)
