"""When two values mean the same to the API server."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.sets.values import (
    digest,
    duration,
    quantity,
    same,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1000m", "1"), ("1Gi", "1024Mi"), ("0.5", "500m"), (1, "1"), ("1e3", "1k"), ("1E", "1000P"), (0.5, "500m"),
        ("60s", "1m0s"), ("1h30m", "90m"), ("1.5h", "1h30m0s"), ("1000ms", "1s"),
        ({"a": ["1000m"]}, {"a": ["1"]}), (True, True), (None, None), ([], []),
    ],
)  # fmt: skip
def test_the_same(one: Any, other: Any) -> None:
    assert same(one, other)
    assert same(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1", "2"), ("1Gi", "1G"), ("5m", "5s"), (True, 1), (True, "true"), (1, "one"), ("a", "b"), (None, ""),
        ([], {}), ([1, 2], [2, 1]), ({"a": 1}, {"a": 1, "b": 2}), ("1.2.3", "1.2.30"), (0, None), ("1x", "1"),
    ],
)  # fmt: skip
def test_not_the_same(one: Any, other: Any) -> None:
    assert not same(one, other)
    assert not same(other, one)


@pytest.mark.parametrize("text", ["", "m", "1mm", "Ki", "1 Gi", "0x10", "1KiB", "--1"])
def test_what_is_no_quantity(text: str) -> None:
    assert quantity(text) is None


@pytest.mark.parametrize("text", ["", "1", "m5", "5 m", "1d", "-"])
def test_what_is_no_duration(text: str) -> None:
    assert duration(text) is None


def test_a_digest_follows_the_value_and_not_the_order_of_keys() -> None:
    assert digest({"a": 1, "b": [2]}) == digest({"b": [2], "a": 1})
    assert digest({"a": 1}) != digest({"a": "1"})
    assert len(digest("x")) == 16
