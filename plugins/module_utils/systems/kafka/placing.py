"""Where the pods of a Kafka cluster run, and how large the heap in them is. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...core import placement
from ...core.builders import present

Row = Mapping[str, Any]


def template(row: Row, pool: Sequence[str], pods: Mapping[str, str], kind: str) -> dict[str, Any]:
    """The operator's template of pods: on their node pools, apart from their like; empty where nothing is asked."""
    return present(pod=placement.template(row, pool, pods, kind, f"Kafka {row['name']}"))


def jvm(row: Row) -> dict[str, Any]:
    """Heap of one size from the start, and whether its collections are logged."""
    heap = {"-Xms": row["heap"], "-Xmx": row["heap"]} if row.get("heap") else {}
    return {**heap, **({"gcLoggingEnabled": row["gc_logging"]} if "gc_logging" in row else {})}
