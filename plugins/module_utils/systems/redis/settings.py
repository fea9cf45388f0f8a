"""The settings of a Redis server as redis.conf, in the ConfigMap that its operator includes last. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ...core.api.objects import Object
from ...core.builders import build
from ...core.sets.values import digest

Row = Mapping[str, Any]
Directive = tuple[str, str]

# The key under which the operator's images look for it (entrypoint.sh: EXTERNAL_CONFIG_FILE).
KEY = "redis-additional.conf"
# What a pod carries of them: another text makes its controller restart the servers one after the other, since no server
# reads its file again.
DIGEST = "groundwork.platform/settings"
_UNITS = {"": 1, "b": 1, "k": 10**3, "kb": 2**10, "m": 10**6, "mb": 2**20, "g": 10**9, "gb": 2**30}
_SIZE = re.compile(r"(\d+)([a-z]*)")


def bytes_of(text: Any) -> int | None:
    """A size in Redis' units (6gb is 6 x 2^30, 6g is 6 x 10^9), in bytes; None where the text is none."""
    match = _SIZE.fullmatch(str(text).strip().lower())
    return int(match[1]) * _UNITS[match[2]] if match and match[2] in _UNITS else None


def name_of(row: Row) -> str:
    """The ConfigMap's name."""
    return f"{row['name']}-settings"


def text(row: Row, *more: Directive) -> str:
    """redis.conf: a directive a line, no comments, since one behind a directive is an error to the server (D0-45).

    more: what the shape of the deployment needs. The user's own parameters come last: of two the last one holds.
    """
    rows = [*_memory(row), *_persistence(row), *more, *_parameters(row)]
    return "".join(f"{name} {value}\n" for name, value in rows)


def config_map(row: Row, conf: str, **more: str) -> Object:
    """The ConfigMap with the settings and whatever else pods are to find beside them."""
    return build("v1", "ConfigMap", name_of(row), row["namespace"], data={KEY: conf, **more})


def mark(*given: str) -> dict[str, str]:
    """The annotation that restarts servers when their settings change."""
    return {DIGEST: digest(list(given))}


def _memory(row: Row) -> Iterator[Directive]:
    yield "maxmemory", str(row["maxmemory"])
    yield "maxmemory-policy", str(row["maxmemory_policy"])


def _persistence(row: Row) -> Iterator[Directive]:
    """All of it said: an image's own `save` lines are forgotten at `save ""`, which Redis 7 heeds also in a file.

    Without a volume nothing is written, whatever the options say.
    """
    kept: Row = row["persistence"] if row.get("storage") else {"aof": False, "save": []}
    yield "appendonly", "yes" if kept["aof"] else "no"
    if kept["aof"]:
        yield "appendfsync", str(kept["fsync"])
    yield "save", '""'
    for each in kept["save"]:
        yield "save", str(each)


def _parameters(row: Row) -> Iterator[Directive]:
    for name, given in row["parameters"].items():
        for value in given if isinstance(given, list) else [given]:
            yield (
                str(name),
                {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value),
            )
