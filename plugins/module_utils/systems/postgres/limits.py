"""What a PostgreSQL cluster must keep to before anything is written: memory, connections, copies, schedules. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ...core.limits import Limits, schedule
from ...core.sets.values import quantity

Row = Mapping[str, Any]

# PostgreSQL's own units are powers of 1024; a bare number of shared_buffers counts blocks of 8 KiB.
_UNITS = {"": 8192, "B": 1, "kB": 2**10, "MB": 2**20, "GB": 2**30, "TB": 2**40}
_SIZE = re.compile(r"\s*(\d+)\s*([a-zA-Z]*)\s*")
_ZONED = re.compile(r".*(Z|[+-]\d{2}(:?\d{2})?)\s*")
_SIDES = {"primary": ("rw", "r"), "replicas": ("ro", "r")}
_MAX_CONNECTIONS = 100  # PostgreSQL's default
_SHORTEST_LEASE = 3  # seconds: renewed every second for two, each more than the next by a fifth


# What a server that somebody else runs has of its own.
_OWN = ("backup", "recovery", "storage", "wal_storage", "quorum", "images", "catalog")
_NEEDED = (
    ("users_secret", "poolers", "the Secret whose userlist.txt the poolers know users by"),
    ("admin_secret", "roles", "the Secret (username, password) to make roles with"),
    ("admin_secret", "databases", "the Secret (username, password) to make databases with"),
    ("client_image", "roles", "an image with psql"),
    ("client_image", "databases", "an image with psql"),
)


def _external(row: Row) -> str:
    if row["backend"] != "external":
        return "endpoint is for backend external; leave it out" if row.get("endpoint") else ""
    own = [name for name in _OWN if row.get(name)]
    if own:
        return f"{own[0]} is the matter of whoever runs the server at {row['endpoint']['host']}; leave it out"
    if row["poolers"] and not row.get("pooler_image"):
        return "pooler_image is missing: no operator knows one"
    missing = [(key, what) for key, asked, what in _NEEDED if row[asked] and not row["endpoint"].get(key)]
    return f"endpoint.{missing[0][0]} is missing: {missing[0][1]}" if missing else ""


def _image(row: Row) -> str:
    if row["backend"] == "external":
        return ""
    if not row["images"] and not row.get("catalog"):
        return (
            "images or catalog is missing; without one a new operator would bring another version of the server. "
            "Write images: {18: <registry>/postgresql:18...}"
        )
    if len(row["images"]) != 1 and not row.get("major"):
        return f"major is missing; say which of {', '.join(map(str, row['images'])) or 'the catalog'} it is"
    if row["images"] and row.get("major") and str(row["major"]) not in map(str, row["images"]):
        return f"major {row['major']} has no image; images has {', '.join(map(str, row['images']))}"
    return ""


def _copies(row: Row) -> str:
    if not row["quorum"] or row["instances"] == 1 or row["backend"] == "external":
        return ""
    number, count = row["synchronous_replicas"], row["instances"]
    if number >= count:
        return f"{number} synchronous replicas need more than {count} instances"
    if row["durability"] == "required" and number == count - 1:
        return (
            f"with {count} instances and {number} synchronous replicas, durability required stops every write once one "
            "instance is away; take another instance, or durability preferred and say what may be lost"
        )
    return ""


def _lease(row: Row) -> str:
    """The operator wants its renewal to end before the Lease does, after a first try that failed."""
    seconds = row.get("primary_lease")
    if seconds is None or seconds >= _SHORTEST_LEASE:
        return ""
    return f"primary_lease {seconds} leaves no time to renew it; take {_SHORTEST_LEASE} seconds or more"


def bytes_of(text: Any) -> Decimal | None:
    """A size in PostgreSQL's units, in bytes; None where the text is none."""
    match = _SIZE.fullmatch(str(text))
    return Decimal(int(match[1]) * _UNITS[match[2]]) if match and match[2] in _UNITS else None


def _memory(row: Row) -> str:
    """Half of the memory is for connections and the page cache; the operator itself refuses less than the buffers."""
    given = row["parameters"].get("shared_buffers")
    if given is None or row["backend"] == "external":
        return ""
    buffers = bytes_of(given)
    if buffers is None:
        return f"parameters.shared_buffers {given!r} is no size; write it like 4GB"
    asked = row["resources"]["requests"].get("memory")
    memory = quantity(str(asked)) if asked is not None else None
    if memory is None:
        return f"shared_buffers is {given} and resources.requests.memory is missing or no quantity; request twice of it"
    if buffers * 2 > memory:
        return f"shared_buffers {given} is more than half of the memory that is requested, {asked}"
    return ""


def connections(row: Row) -> dict[str, int]:
    """How many connections all poolers together may open to the primary, and to each replica.

    A pooler keeps its limit for each database; the two kinds of server are told apart by the poolers' type.
    """
    databases = 1 + len(row["databases"])
    return {
        side: sum(
            each["instances"] * each["max_db_connections"] * databases
            for each in row["poolers"]
            if each["type"] in types
        )
        for side, types in _SIDES.items()
    }


def _connections(row: Row) -> str:
    room, kept = int(row["parameters"].get("max_connections", _MAX_CONNECTIONS)), row["reserved_connections"]
    for side, total in connections(row).items():
        if row["poolers"] and total + kept >= room:
            return (
                f"its poolers open up to {total} connections to the {side} and {kept} are reserved: {total + kept}, "
                f"but max_connections is {room}"
            )
    return ""


def _schedule(row: Row) -> str:
    """Six fields: with five the operator reads `0 2 * * *` as every hour (D0-11)."""
    if not row.get("backup"):
        return ""
    given = row["backup"]["schedule"]
    if schedule(given, 6):
        return ""
    return (
        f"backup.schedule {given!r} has {len(given.split())} fields; six are needed, seconds first: 0 0 2 * * * is "
        "02:00 every day"
    )


def _recovery(row: Row) -> str:
    recovery = row.get("recovery")
    if not recovery:
        return ""
    if row.get("backup") and (row["backup"].get("server_name") or row["name"]) == recovery["server_name"]:
        return (
            f"it would archive to {recovery['server_name']}, the archive that it is restored from; give "
            "backup.server_name another name"
        )
    if recovery.get("time") and not _ZONED.fullmatch(recovery["time"]):
        return f"recovery.time {recovery['time']!r} has no zone; write it like 2026-11-19T14:30:00Z"
    if (recovery.get("name") or recovery.get("immediate")) and not recovery.get("backup_id"):
        return "recovery by name or immediate needs backup_id: the operator cannot tell which backup holds it"
    return ""


LIMITS = Limits(
    "PostgreSQL",
    (
        (_external, "X-02"),
        (_image, "D0-18"),
        (_copies, "N-10"),
        (_memory, "N-11"),
        (_connections, "X-03, N-12"),
        (_lease, "X-05"),
        (_schedule, "D0-11"),
        (_recovery, "D0-15"),
    ),
    elsewhere=("X-03, N-12",),
)
