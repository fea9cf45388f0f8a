"""A set of 5,000 objects: all applied, unchanged without a write, ten percent pruned."""

from __future__ import annotations

from collections import Counter
from typing import Any

from support.lab import Requests
from support.space import Space

TOTAL, KEPT = 5000, 4500


def asked(requests: Requests) -> Counter[str]:
    """How many requests of each verb."""
    return Counter(request["verb"] for request in requests.all)


def test_five_thousand_objects(space: Space) -> None:
    objects: list[dict[str, Any]] = [space.config(f"c{number:04}", number=str(number)) for number in range(TOTAL)]
    first, requests = space.counted(*objects, preflight="none")
    assert set(first.actions.values()) == {"created"}
    assert asked(requests)["patch"] == TOTAL
    unchanged, requests = space.counted(*objects)
    assert not unchanged["changed"]
    assert not requests.changing
    # One page a 500 objects; the last one cannot know that no other object follows. Discovery, and the parent.
    assert asked(requests) == {"list": asked(requests)["list"], "get": 3}
    assert asked(requests)["list"] <= TOTAL // 500 + 1
    pruned, requests = space.counted(*objects[:KEPT])
    assert list(pruned.actions.values()).count("deleted") == TOTAL - KEPT
    assert asked(requests)["delete"] == TOTAL - KEPT + 1  # and the Lease
    assert "patch" not in asked(requests)
    assert len(space.there("configmap")) == KEPT
