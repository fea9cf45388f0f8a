"""What a Kafka cluster must keep to before anything is written: copies, quorums, disks, memory, names. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal

from ...core.limits import Limits
from ...core.placement import zones
from ...core.sets.values import quantity
from .shape import Row, copies, count, heap_bytes, listeners, pools, seconds, topic_copies, workers

_VERSION = re.compile(r"(\d+)\.(\d+)")
_LISTENER = re.compile(r"[a-z0-9]{1,11}")
_TAKEN_PORTS = {9404: "metrics", 9999: "JMX"}
_FACTORS = (
    "default.replication.factor",
    "offsets.topic.replication.factor",
    "transaction.state.log.replication.factor",
)
# A segment is deleted whole, and a broker that comes back copies before it deletes.
_FULL = Decimal("0.85")

# What the operator sets itself: it ignores these with a warning in its log (KafkaClusterSpec.java, FORBIDDEN_PREFIXES).
_OPERATORS = (
    "listeners", "advertised.", "broker.", "listener.", "host.name", "port", "inter.broker.listener.name", "sasl.",
    "ssl.", "security.", "password.", "log.dir", "zookeeper.connect", "authorizer.", "super.user", "node.id",
    "process.roles", "controller.", "metadata.log.dir", "prometheus.metrics.reporter.", "cordoned.log.dirs",
    "cruise.control.metrics.topic", "cruise.control.metrics.reporter.bootstrap.servers",
)  # fmt: skip
_BUT = (
    "sasl.server.max.receive.size", "ssl.cipher.suites", "ssl.protocol", "ssl.enabled.protocols",
    "ssl.secure.random.implementation", "cruise.control.metrics.topic.", "broker.session.timeout.ms",
    "broker.heartbeat.interval.ms", "controller.socket.timeout.ms", "controller.quorum.election.",
    "controller.quorum.fetch.timeout.ms",
)  # fmt: skip


def _versions(row: Row) -> str:
    """ZooKeeper is gone from operator and Kafka alike; metadata is never newer than what reads it."""
    found = [_VERSION.match(str(row[key])) for key in ("version", "metadata_version")]
    if not found[0] or not found[1]:
        return (
            f"version {row['version']!r} or metadata_version {row['metadata_version']!r} is none; write 4.3.1, 4.3-IV0"
        )
    version, metadata = (tuple(map(int, each.groups())) for each in found if each)
    if version < (4, 0):
        return f"version {row['version']} needs ZooKeeper, which today's operator no longer runs; take 4.2.0 or later"
    if metadata > version:
        return (
            f"metadata_version {row['metadata_version']} is newer than version {row['version']}, which cannot read it"
        )
    return ""


def _quorum(row: Row) -> str:
    controllers, brokers = count(row, "controller"), count(row, "broker")
    if not brokers or not controllers:
        return f"it has {brokers} brokers and {controllers} controllers; one of each is the least"
    if controllers > 1 and controllers % 2 == 0:
        return f"{controllers} controllers outlive no more failures than {controllers - 1}; take an odd number" + (
            "" if row.get("controllers") else ", or give controllers pools of their own (controllers)"
        )
    lonely = [pool["name"] for pool in pools(row) if pool["quorum"] and pool["replicas"] < 3]
    return f"pool {lonely[0]} is to outlive a failure (quorum) and has fewer than 3 nodes" if lonely else ""


def _roles(row: Row) -> str:
    without = [pool["name"] for pool in row["more_pools"] if not pool["roles"]]
    twice = _twice(pool["name"] for pool in pools(row))
    if twice:
        return f"two of its pools are called {twice}"
    return f"pool {without[0]} has no roles; write roles: [broker]" if without else ""


def _factors(row: Row) -> str:
    brokers = count(row, "broker")
    for key in _FACTORS:
        if int(row["config"].get(key, 1)) > brokers:
            return f"config {key} is {row['config'][key]}, but there are {brokers} brokers"
    for topic in row["topics"]:
        factor, _ = topic_copies(row, topic)
        if factor > brokers:
            return f"topic {topic['name']} wants {factor} replicas, but there are {brokers} brokers"
    return ""


def _written(row: Row) -> Iterator[tuple[str, int, int]]:
    """Whose copies, how many, and how many of them a message must be on."""
    yield ("what has no number of its own", *copies(row))
    for topic in row["topics"]:
        yield (f"topic {topic['name']}", *topic_copies(row, topic))


def _insync(row: Row) -> str:
    for who, factor, insync in _written(row):
        if insync > factor:
            return f"{who} has {factor} replicas and min.insync {insync}: it could never be written"
        if insync == factor > 1:
            return (
                f"{who} has {factor} replicas and min.insync {insync}: with one broker away, in an update too, "
                f"producers that wait for all are refused; take {factor + 1} replicas or min.insync {insync - 1}"
            )
        if row["brokers"]["quorum"] and insync * 2 <= factor:
            return (
                f"{who} has {factor} replicas and min.insync {insync}: a message may be on {insync} of them alone and "
                f"be lost with it, though the brokers are a quorum; take min.insync {factor // 2 + 1}"
            )
    return ""


def _zones(row: Row) -> str:
    """What the loss of a zone leaves must still take writes. Where zones are not known nothing is said."""
    there = len(zones(row, row["brokers"]["pool"] or row["pool"]))
    if not there or not row["brokers"]["quorum"] or not row["rack"]:
        return ""
    for who, factor, insync in _written(row):
        left = factor - -(-factor // there)
        if left < insync:
            return (
                f"{who} has {factor} replicas over {there} zones: the loss of one leaves {left}, and min.insync is "
                f"{insync}"
            )
    return ""


def _config(row: Row) -> str:
    ignored = [key for key in row["config"] if key.startswith(_OPERATORS) and not key.startswith(_BUT)]
    return f"config {ignored[0]} is set by the operator, which ignores it here; leave it out" if ignored else ""


def _durations(row: Row) -> str:
    for topic in row["topics"]:
        for key in ("retention", "segment"):
            given = topic.get(key)
            if given and seconds(given) is None:
                return f"topic {topic['name']}: {key} {given!r} is no duration; write it like 7d, 12h or 30m"
    return ""


def _disk(row: Row) -> str:
    """Where topics say what is written to them, what is kept of it fits the brokers' disks."""
    rated = [topic for topic in row["topics"] if topic.get("rate")]
    bad = [topic["name"] for topic in rated if quantity(str(topic["rate"])) is None]
    if bad:
        return f"topic {bad[0]}: rate is no quantity; write bytes a second like 500Ki or 20Mi"
    needed = sum((_kept(row, topic) for topic in rated), Decimal(0))
    room = sum((_room(pool) for pool in pools(row) if "broker" in pool["roles"]), Decimal(0))
    if needed > room * _FULL:
        terms = " + ".join(
            f"{topic['rate']}/s x {topic.get('retention') or _default_retention(row)} x {topic_copies(row, topic)[0]}"
            for topic in rated
        )
        return f"its topics keep {terms} = {_gi(needed)}, more than {_FULL:%} of its brokers' volumes, {_gi(room)}"
    return ""


def _kept(row: Row, topic: Row) -> Decimal:
    kept = seconds(topic.get("retention") or _default_retention(row)) or Decimal(0)
    return (quantity(str(topic["rate"])) or Decimal(0)) * kept * topic_copies(row, topic)[0]


def _default_retention(row: Row) -> str:
    return f"{row['config'].get('log.retention.hours', 168)}h"


def _room(pool: Row) -> Decimal:
    volumes = (pool["storage"], *pool["more_volumes"])
    return sum((quantity(str(each["size"])) or Decimal(0) for each in volumes), Decimal(0)) * pool["replicas"]


def _gi(number: Decimal) -> str:
    return f"{number / 2**30:.0f}Gi"


def _heap(row: Row) -> str:
    """The other half is the page cache, which is what consumers read from."""
    for pool in pools(row):
        if pool.get("heap"):
            asked = pool["resources"]["requests"].get("memory") or row["resources"]["requests"].get("memory")
            heap, memory = heap_bytes(pool["heap"]), quantity(str(asked)) if asked else None
            if heap is None:
                return f"pool {pool['name']}: heap {pool['heap']!r} is no size; write it like 4096m or 4g"
            if memory is None:
                return f"pool {pool['name']}: heap is {pool['heap']} and no memory is requested; request twice of it"
            if heap * 2 > memory:
                return f"pool {pool['name']}: heap {pool['heap']} is more than half of the memory requested, {asked}"
    return ""


def _listeners(row: Row) -> str:
    for each in listeners(row):
        if not _LISTENER.fullmatch(each["name"]):
            return f"listener {each['name']!r}: the name may have up to 11 small letters and digits"
        if each["port"] < 9092 or each["port"] in _TAKEN_PORTS:
            return (
                f"listener {each['name']}: port {each['port']} is not free for it; take one from 9092 on but 9404, 9999"
            )
        if each["authentication"] == "tls" and not each["tls"]:
            return f"listener {each['name']}: authentication tls needs tls: true"
    twice = _twice(each["name"] for each in listeners(row)) or _twice(str(each["port"]) for each in listeners(row))
    return f"two listeners are called or listen on {twice}" if twice else ""


def _users(row: Row) -> str:
    """A user can log in somewhere, and its rights count."""
    taken = {each["authentication"] for each in listeners(row)}
    for user in row["users"]:
        if user["authentication"] not in taken:
            return f"user {user['name']} authenticates by {user['authentication']}, and no listener takes that"
        if user.get("password_secret") and user["authentication"] == "tls":
            return f"user {user['name']} authenticates by certificate; leave password_secret out"
        if not row["authorization"] and any(user[key] for key in ("produces", "consumes", "groups", "acls")):
            return f"user {user['name']} has rights, but authorization is off: everybody may do everything"
    return ""


def _names(row: Row) -> str:
    """Names that the operator puts into one place."""
    own = [worker["name"] for _, worker in workers(row)]
    users = _twice([*own, *(user["name"] for user in row["users"])])
    if row["name"] in own:
        return f"what runs Connect must not be called like the cluster, {row['name']}: they share a label"
    if users:
        return f"two users are called {users}; Connect and mirrors have users of their own names"
    topics = _twice(topic["name"] for topic in row["topics"])
    return f"two topics are called {topics}" if topics else ""


def _control(row: Row) -> str:
    if row.get("cruise_control") and count(row, "broker") < 2:
        return "Cruise Control needs two brokers to have something to move; leave cruise_control out"
    return ""


def _mirrors(row: Row) -> str:
    for mirror in row["mirrors"]:
        source = mirror["source"]
        if source["alias"] == mirror["alias"]:
            return f"mirror {mirror['name']}: source and target are both called {mirror['alias']}"
        if row["network"]["enabled"] and not source["namespaces"] and not source["cidrs"]:
            return (
                f"mirror {mirror['name']} is let out to nowhere that its source could be; say source.namespaces or "
                "source.cidrs"
            )
    return ""


def _twice(names: Iterable[str]) -> str:
    return next((name for name, number in Counter(names).items() if number > 1), "")


LIMITS = Limits(
    "Kafka",
    (
        (_versions, "D0-32"),
        (_roles, "D0-32"),
        (_quorum, "D0-32"),
        (_config, "S0-50"),
        (_factors, "S0-50"),
        (_insync, "S0-50"),
        (_zones, "X-05"),
        (_durations, "S0-55"),
        (_disk, "S0-51"),
        (_heap, "S0-51"),
        (_listeners, "D0-34"),
        (_users, "D0-34"),
        (_names, "S0-60"),
        (_control, "D0-38"),
        (_mirrors, "D0-36"),
    ),
)
