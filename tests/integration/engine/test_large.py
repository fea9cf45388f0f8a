"""A set of 5,000 objects: all applied, unchanged without a write, ten percent pruned."""

from __future__ import annotations

from typing import Any

from support.space import Space

TOTAL, KEPT = 5000, 4500


def test_five_thousand_objects(space: Space) -> None:
    objects: list[dict[str, Any]] = [space.config(f"c{number:04}", number=str(number)) for number in range(TOTAL)]
    first, requests = space.counted(*objects, preflight="none")
    assert set(first.actions.values()) == {"created"}
    assert len([r for r in requests.mutating if r["verb"] == "patch"]) == TOTAL
    unchanged, requests = space.counted(*objects)
    assert not unchanged["changed"]
    assert not requests.changing
    lists = [r for r in requests.all if r["verb"] == "list"]
    assert len(lists) == TOTAL // 500, "one page a 500 objects"
    assert len(requests.all) == len(lists) + 3
    pruned, requests = space.counted(*objects[:KEPT])
    assert list(pruned.actions.values()).count("deleted") == TOTAL - KEPT
    assert len([r for r in requests.mutating if r["verb"] == "delete"]) == TOTAL - KEPT + 1  # and the Lease
    assert len(space.there("configmap")) == KEPT
