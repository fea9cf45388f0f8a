"""Holds an inventory's PostgreSQL clusters against what their module takes and what a cluster must keep to. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from .inventory_demands import Cluster, Row, Violation
from .systems.postgres import limits
from .systems.postgres.options import CLUSTER

_SHAPE = "docs/inventories.md#postgres"


def postgres_options(cluster: Cluster) -> Iterator[Violation]:
    """Every cluster can be made as it is described: known options, memory for its buffers, copies for its quorum."""
    for row in cluster.rows("postgres_clusters"):
        path = f"postgres_clusters[{row.get('name')}]"
        checked = ArgumentSpecValidator(CLUSTER.spec, **CLUSTER.constraints()).validate(_own(row))
        for words in checked.error_messages:
            yield Violation(path, f"is not what postgres_cluster takes: {words}", _SHAPE)
        if not checked.error_messages:
            full = {"namespace": row.get("namespace"), **checked.validated_parameters}
            for words, requirement in limits.problems(full, but=limits.IN_INVENTORIES):
                yield Violation(path, f"cannot be made: {words}", requirement)


def _own(row: Row) -> dict[str, Any]:
    """The row without the options of every set; an image comes from the role's defaults where the row has none."""
    given = {name: value for name, value in row.items() if name not in ("namespace", "wait", "timeout")}
    return given if {"images", "catalog"} & given.keys() else {"images": {given.get("major", 1): "default"}, **given}


CHECKS = (postgres_options,)
