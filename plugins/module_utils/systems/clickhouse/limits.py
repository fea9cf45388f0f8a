"""What a ClickHouse cluster must keep to before anything is written: names, memory, copies, disks, access. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from ...core.limits import Limits, schedule
from ...core.placement import zones
from ...core.sets.values import quantity
from .disks import BACKUPS, DEFAULT
from .words import SERVER, flat

Row = Mapping[str, Any]

_NAME = re.compile(r"[a-zA-Z0-9-]{1,15}")  # the operator's own limit of a cluster's name
_ELEMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")  # users, profiles, quotas and disks become elements of XML
_DAYS = re.compile(r"(\d+)d")
_RESERVED = ("default", "clickhouse_operator")
_LONGEST = 52  # of a StatefulSet's name, whose pods carry it with a hash as a label
_EVERYWHERE = ("::/0", "0.0.0.0/0")
_FILLED = Decimal("0.8")  # a merge needs room for what it makes


def _names(row: Row) -> str:
    if not _NAME.fullmatch(row["cluster"]):
        return f"cluster {row['cluster']!r} must be 1 to 15 letters, digits or hyphens: the operator takes no other"
    longest = SERVER.host(row["name"], row["cluster"], row["shards"] - 1, row["replicas"] - 1)
    if len(longest) > _LONGEST:
        return f"its last server would be called {longest}, {len(longest)} characters; {_LONGEST} are possible"
    return ""


def _elements(row: Row) -> str:
    lists = ("users", "volumes", "object_disks", "policies")
    named = {each: [str(part["name"]) for part in row[each]] for each in lists}
    named |= {each: [str(name) for name in row[each]] for each in ("profiles", "quotas")}
    for where, names in named.items():
        odd = [name for name in names if not _ELEMENT.fullmatch(name)]
        if odd:
            return f"{where} has {odd[0]!r}; a letter or _ first, then letters, digits, _ or -"
        if twice := _twice(names):
            return f"{where} has {twice} twice"
    return ""


def _twice(names: Iterable[str]) -> str:
    seen = list(names)
    return next((name for name in seen if seen.count(name) > 1), "")


def _counts(row: Row) -> str:
    for field in ("shards", "replicas"):
        if row[field] < 1:
            return f"{field} is {row[field]}; at least 1"
    keepers = row["keeper"]["replicas"]
    if keepers < 1 or keepers % 2 == 0:
        return f"keeper.replicas is {keepers}; write an odd number, since one more than an odd number outlives no more"
    return ""


def _keepers(row: Row) -> str:
    keepers = row["keeper"]["replicas"]
    if row["keeper"]["quorum"] and keepers == 1 and row["replicas"] > 1:
        return (
            "keeper.replicas is 1: with it away no replica takes inserts; write 3, or keeper.quorum false and say what "
            "may stop"
        )
    return ""


def _zones(row: Row) -> str:
    """Copies in zones, where the node pools tell theirs."""
    for who, own, count, least in (
        ("replicas", row, row["replicas"], 2),
        ("keeper.replicas", row["keeper"], row["keeper"]["replicas"], 3),
    ):
        pools = own["pool"] or row["pool"]
        there = zones(row, pools)
        if own["spread"] == "zone" and there and count >= least and len(there) < least:
            return (
                f"{who} is {count} and spread is zone, but pools {', '.join(pools)} are in {', '.join(sorted(there))} "
                f"only; {least} zones are needed to outlive one"
            )
    return ""


def _memory(row: Row) -> str:
    """What the server, or one query, may take against what its container gets."""
    limit = quantity(str(row["resources"]["limits"].get("memory", "")))
    asked = {"settings.max_server_memory_usage": row["settings"].get("max_server_memory_usage")}
    asked |= {
        f"profiles.{name}": settings.get("max_memory_usage")
        for name, settings in row["profiles"].items()
        if isinstance(settings, Mapping)
    }
    for where, amount in asked.items():
        if amount is None or limit is None:
            continue
        taken = quantity(str(amount))
        if taken is None:
            return f"{where} lets {amount!r} of memory be used, which is no quantity"
        if taken > limit:
            most = row["resources"]["limits"]["memory"]
            return f"{where} lets {amount} bytes be used, but resources.limits.memory is {most}"
    return ""


def _disks(row: Row) -> str:
    """Retention times growth against the volumes; what goes to object storage is not limited by them."""
    growth, kept = row.get("daily_growth"), row.get("retention")
    if not growth or not kept or row["object_disks"]:
        return ""
    days, each_day = _DAYS.fullmatch(kept), quantity(str(growth))
    if not days:
        return f"retention {kept!r} is no number of days; write it like 90d"
    if each_day is None:
        return f"daily_growth {growth!r} is no quantity; write it like 20Gi"
    sizes = [quantity(str(volume["size"])) or Decimal(0) for volume in (row["storage"], *row["volumes"])]
    room, needed = sum(sizes) * row["shards"] * _FILLED, each_day * int(days[1])
    if needed > room:
        return (
            f"{growth} a day for {kept} are {_gi(needed)}, but its {row['shards']} shards have room for {_gi(room)} "
            "(80 % of their volumes); larger volumes, more shards or a shorter retention"
        )
    return ""


def _gi(amount: Decimal | int) -> str:
    return f"{int(amount / 2**30)}Gi"


def _policies(row: Row) -> str:
    volumes, objects = ([str(each["name"]) for each in row[which]] for which in ("volumes", "object_disks"))
    if clash := _twice([DEFAULT, BACKUPS, "data", "log", *volumes, *objects]):
        return f"a disk cannot be called {clash}: there is another one"
    known = {DEFAULT, *volumes, *objects}
    for policy in row["policies"]:
        if not policy["volumes"]:
            return f"policies[{policy['name']}] has no volumes"
        unknown = [disk for volume in policy["volumes"] for disk in volume["disks"] if disk not in known]
        if unknown:
            return f"policies[{policy['name']}] names disk {unknown[0]}; there are {', '.join(sorted(known))}"
    return ""


def _users(row: Row) -> str:
    for user in row["users"]:
        if user["name"] in _RESERVED:
            return f"users has {user['name']}, whom the operator keeps itself; take another name"
        for kind, known in (("profile", row["profiles"]), ("quota", row["quotas"])):
            if user.get(kind) and user[kind] not in known and user[kind] != "default":
                return f"user {user['name']} has {kind} {user[kind]}, but {kind}s has {', '.join(known) or 'none'}"
        world = [each for each in user["networks"] if each in _EVERYWHERE]
        if world and not row["network"]["enabled"]:
            return (
                f"user {user['name']} may come from {world[0]} and network.enabled is false, so that everybody reaches "
                "the server; name the networks that it comes from"
            )
    return ""


def _quotas(row: Row) -> str:
    if "default" in row["quotas"]:
        return (
            "quota default holds for every user that names none, the operator's too; give it another name and name it "
            "as the quota of those that it is for"
        )
    return ""


def _nested(row: Row) -> str:
    for which in ("profiles", "quotas"):
        for name, settings in row[which].items():
            if not isinstance(settings, Mapping):
                return f"{which}.{name} is {settings!r}; it must be a mapping of settings"
    return ""


def _passwords(row: Row) -> str:
    """A password in a setting would stand in the resource, where everybody reads it who may read the resource."""
    given = flat({which: row[which] for which in ("settings", "profiles")})
    shown = [path for path, value in given.items() if "password" in path.lower() and not isinstance(value, Mapping)]
    return f"{shown[0]} holds a password in clear; name a Secret: {{valueFrom: {{secretKeyRef: ...}}}}" if shown else ""


def _backup(row: Row) -> str:
    wanted = row.get("backup") or {}
    given = wanted.get("schedule")
    if given and not schedule(given, 5):
        return f"backup.schedule {given!r} has {len(given.split())} fields; five are needed: 0 2 * * * is 02:00"
    if given and wanted["user"] not in [user["name"] for user in row["users"]]:
        return f"backup.user {wanted['user']} is not among users"
    return ""


LIMITS = Limits(
    "ClickHouse",
    (
        (_names, "S0-33"),
        (_elements, "S0-34"),
        (_counts, "D0-24"),
        (_keepers, "D0-24"),
        (_zones, "D0-23"),
        (_nested, "D0-22"),
        (_memory, "S0-35"),
        (_disks, "S0-41"),
        (_policies, "S0-38"),
        (_users, "D0-21"),
        (_quotas, "D0-28"),
        (_passwords, "D0-21"),
        (_backup, "G-01"),
    ),
)
