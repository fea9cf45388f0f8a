"""What a RabbitMQ cluster must keep to before anything is written: nodes, memory, disk, what names what. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from ...core.limits import Limits
from ...core.placement import zones
from ...core.sets.values import quantity
from . import topology

Row = Mapping[str, Any]

_MEMORY = "2Gi"  # the API's default, request and limit
_LEAST = "512Mi"  # with 256Mi three idle nodes of RabbitMQ 3.10 raised the alarm (seen)
# What RabbitMQ 4 ignores, or no quorum queue does.
_MIRRORED = ("ha-mode", "ha-params", "ha-sync-mode", "ha-promote-on-shutdown", "ha-promote-on-failure")
_CLASSIC_ONLY = ("x-max-priority", "x-queue-mode", "x-queue-master-locator")
_OWN_CONFIG = {
    "vm_memory_high_watermark": "memory_watermark",
    "disk_free_limit": "disk_free_limit",
    "default_user": "users",
    "default_pass": "users, whose passwords are in Secrets",
}
_OWN_EXCHANGES = "amq."


def disk_free_limit(row: Row) -> int:
    """Bytes that stay free: as many as a node has memory, so that all of it can be written out."""
    return int(quantity(str(row.get("disk_free_limit") or _limit(row))) or 0)


def _limit(row: Row) -> str:
    return str(row["resources"]["limits"].get("memory", _MEMORY))


def _nodes(row: Row) -> str:
    count = row["replicas"]
    if count >= 1 and count % 2:
        return ""
    return (
        f"replicas {count} is no odd number: of an even one a half is no majority, so that a quorum bears no more "
        "losses than with one node less; take 1, 3 or 5"
    )


def _zones(row: Row) -> str:
    """Over two zones one of them holds the majority, and goes with it."""
    there = sorted(zones(row, row["pool"]))
    if row["spread"] != "zone" or row["replicas"] < 3 or not there or len(there) > 2:
        return ""
    return (
        f"its pools are in {' and '.join(there)}, and of {row['replicas']} nodes the zone with more of them takes the "
        "majority with it; take pools of three zones, or spread host"
    )


def _memory(row: Row) -> str:
    """The watermark is counted from the limit; with a smaller request the node's memory may not be there."""
    given = row["resources"]
    asked, limit = given["requests"].get("memory"), given["limits"].get("memory")
    if asked is None and limit is None and not given["requests"] and not given["limits"]:
        return ""
    if asked is None or limit is None:
        return "resources.requests.memory and limits.memory are both needed: RabbitMQ blocks publishers by the limit"
    sizes = [quantity(str(each)) for each in (asked, limit)]
    if None in sizes:
        return f"its memory, {asked} and {limit}, is no quantity; write it like 2Gi"
    if sizes[0] != sizes[1]:
        return (
            f"resources.requests.memory is {asked} and limits.memory {limit}: give both the same, or a node is killed "
            "for memory that its watermark lets it use"
        )
    if (sizes[0] or 0) < (quantity(_LEAST) or 0):
        return f"with {limit} of memory an idle node is above its watermark: give it {_LEAST} or more"
    return ""


def _watermark(row: Row) -> str:
    given = row["memory_watermark"]
    if 0.1 <= given <= 0.8:
        return ""
    return f"memory_watermark {given} is a share of the memory, from 0.1 to 0.8: what is above it is needed meanwhile"


def _disk(row: Row) -> str:
    size, text = quantity(str(row["storage"]["size"])), row.get("disk_free_limit")
    if size is None:
        return f"storage.size {row['storage']['size']!r} is no quantity; write it like 20Gi"
    if text and quantity(str(text)) is None:
        return f"disk_free_limit {text!r} is no quantity; write it like 2Gi"
    limit, memory = Decimal(disk_free_limit(row)), quantity(_limit(row)) or Decimal(0)
    if limit * 2 > size:
        return (
            f"publishers are blocked once less than {text or _limit(row)} is free on a volume of "
            f"{row['storage']['size']}: more than half of it would never be used; take a larger volume"
        )
    if limit < memory * Decimal(str(row["memory_watermark"])):
        return f"disk_free_limit {text} is less than the memory below the watermark, which may have to be written out"
    return ""


def _config(row: Row) -> str:
    for key in row["config"]:
        for prefix, option in _OWN_CONFIG.items():
            if str(key).startswith(prefix):
                return f"config has {key}; say it by {option}"
    return ""


def _vhosts(row: Row) -> str:
    known = {"/", *(each["name"] for each in row["vhosts"])}
    for where, name in _used_vhosts(row):
        if name not in known:
            return f"{where} is in the vhost {name}, which is not there; there are {', '.join(sorted(known))}"
    return ""


def _used_vhosts(row: Row) -> Iterator[tuple[str, str]]:
    for part in ("exchanges", "queues", "policies", "operator_policies", "shovels"):
        yield from ((f"{part}[{each['name']}]", each["vhost"]) for each in row[part])
    yield from ((f"bindings[{each['exchange']}]", each["vhost"]) for each in row["bindings"])
    for user in row["users"]:
        rights = [*user["permissions"], *user["topic_permissions"]]
        yield from ((f"a permission of users[{user['name']}]", each["vhost"]) for each in rights)


def _bindings(row: Row) -> str:
    """Both ends are declared here too, or are RabbitMQ's own."""
    queues = {(each["vhost"], each["name"]) for each in row["queues"]}
    exchanges = {(each["vhost"], each["name"]) for each in row["exchanges"]}
    for each in row["bindings"]:
        ends = [("exchange", each["exchange"], exchanges), ("exchange", each.get("to_exchange"), exchanges)]
        for what, name, known in [*ends, ("queue", each.get("queue"), queues)]:
            own = what == "exchange" and str(name).startswith(_OWN_EXCHANGES)
            if name and not own and (each["vhost"], name) not in known:
                return f"bindings[{each['exchange']}] names the {what} {name} in {each['vhost']}, which is not declared"
    return ""


def _queues(row: Row) -> str:
    for queue in row["queues"]:
        kind, given = topology.queue_type(row, queue), queue["arguments"]
        if "x-queue-type" in given:
            return f"queues[{queue['name']}].arguments has x-queue-type; say type: {given['x-queue-type']}"
        if kind != "classic" and (queue["auto_delete"] or not queue["durable"]):
            return f"queues[{queue['name']}] is a {kind} queue, which is always durable and never deletes itself"
        if found := [key for key in _CLASSIC_ONLY if key in given and kind != "classic"]:
            return f"queues[{queue['name']}] is a {kind} queue, for which {found[0]} does nothing"
    return ""


def _mirrors(row: Row) -> str:
    for policy in row["policies"]:
        if found := [key for key in _MIRRORED if key in policy["definition"]]:
            return (
                f"policies[{policy['name']}] has {found[0]}: RabbitMQ 4 has no mirrored queues; declare the queue with "
                "type: quorum"
            )
    return ""


LIMITS = Limits(
    "RabbitMQ",
    (
        (_nodes, "G-03"),
        (_zones, "S1-64"),
        (_memory, "G-03"),
        (_watermark, "G-03"),
        (_disk, "G-03"),
        (_config, "G-03"),
        (_vhosts, "G-03"),
        (_bindings, "G-03"),
        (_queues, "G-03"),
        (_mirrors, "G-03"),
    ),
)
