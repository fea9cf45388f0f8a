"""Says when two field values mean the same to the API server, and gives values their hashes."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from decimal import Decimal
from functools import lru_cache
from typing import Any

_QUANTITY = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))([eE][+-]?\d+|[numkMGTPE]|[KMGTPE]i)?")
_SUFFIX = {
    **{
        suffix: Decimal(10) ** power
        for suffix, power in zip("numkMGTPE", (-9, -6, -3, 3, 6, 9, 12, 15, 18), strict=True)
    },
    **{suffix + "i": Decimal(1024) ** power for power, suffix in enumerate("KMGTPE", start=1)},
}
_DURATION_PART = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h)")
_SECONDS = {
    "ns": Decimal("1e-9"),
    "us": Decimal("1e-6"),
    "µs": Decimal("1e-6"),
    "ms": Decimal("1e-3"),
    "s": Decimal(1),
    "m": Decimal(60),
    "h": Decimal(3600),
}


@lru_cache(maxsize=4096)
def quantity(text: str) -> Decimal | None:
    """A Kubernetes quantity ("1500m", "2Gi", "1e3") as a number; None where the text is none.

    Source: the grammar in apimachinery, pkg/api/resource/quantity.go.
    """
    match = _QUANTITY.fullmatch(text)
    if not match:
        return None
    number, suffix = Decimal(match[1]), match[2]
    if not suffix:
        return number
    return number * (_SUFFIX[suffix] if suffix in _SUFFIX else Decimal("1" + suffix))


@lru_cache(maxsize=4096)
def duration(text: str) -> Decimal | None:
    """A Go duration ("1h30m", "90s") in seconds; None where the text is none. Source: Go's time.ParseDuration."""
    parts = _DURATION_PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    return sum((Decimal(number) * _SECONDS[unit] for number, unit in parts), Decimal(0))


def same(desired: Any, live: Any) -> bool:
    """Whether two values are equal, quantities and durations by what they mean ("1000m" is "1", "60s" is "1m0s")."""
    if isinstance(desired, dict) and isinstance(live, dict):
        return desired.keys() == live.keys() and all(same(value, live[key]) for key, value in desired.items())
    if isinstance(desired, list) and isinstance(live, list):
        return len(desired) == len(live) and all(map(same, desired, live))
    return _same_scalar(desired, live)


def _same_scalar(desired: Any, live: Any) -> bool:
    if desired == live:
        return isinstance(desired, bool) == isinstance(live, bool)
    if not isinstance(desired, (str, int, float)) or not isinstance(live, (str, int, float)):
        return False
    if isinstance(desired, bool) or isinstance(live, bool):
        return False
    one, other = str(desired), str(live)
    return any(
        meaning(one) is not None and meaning(one) == meaning(other)  # both readings: "5m" may be either
        for meaning in (quantity, duration)
    )


def digest(value: Any) -> str:
    """96 bits of SHA-256 over the value's canonical JSON, as 16 URL-safe characters."""
    return digest_of(canonical(value))


def canonical(value: Any) -> str:
    """JSON with sorted keys and no spaces: equal values give equal texts."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def digest_of(text: str) -> str:
    """The digest of a text that is canonical already."""
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:12]).decode()
