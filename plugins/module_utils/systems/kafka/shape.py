"""What the options say of a Kafka cluster, defaults filled in: pools, copies, listeners, durations. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ...core.sets.values import duration, quantity

Row = Mapping[str, Any]

API = "kafka.strimzi.io/v1"
CLUSTER = "strimzi.io/cluster"
_LISTENER = {
    "name": "tls",
    "port": 9093,
    "type": "internal",
    "tls": True,
    "authentication": "tls",
    "certificate": None,
    "cidrs": [],
    "configuration": {},
}
_DAY = 86400


def pools(row: Row) -> list[dict[str, Any]]:
    """Every pool with its name and roles; brokers are controllers as well where there are none of their own."""
    roles = ["broker"] if row.get("controllers") else ["controller", "broker"]
    found = [{**row["brokers"], "name": row["brokers"].get("name") or "broker", "roles": roles}]
    if row.get("controllers"):
        controllers = row["controllers"]
        found.append({**controllers, "name": controllers.get("name") or "controller", "roles": ["controller"]})
    return [*found, *row["more_pools"]]


def count(row: Row, role: str) -> int:
    """How many nodes of the cluster have the role."""
    return sum(pool["replicas"] for pool in pools(row) if role in pool["roles"])


def copies(row: Row) -> tuple[int, int]:
    """How many copies a topic has that does not say so, and on how many of them a message must be."""
    factor = int(row["config"].get("default.replication.factor", min(3, count(row, "broker"))))
    return factor, int(row["config"].get("min.insync.replicas", least(factor)))


def least(factor: int) -> int:
    """Copies that a message must be on: more than half, and with two the one that may stay alone."""
    return factor // 2 + 1 if factor > 2 else 1


def topic_copies(row: Row, topic: Row) -> tuple[int, int]:
    """The same of one topic."""
    factor, insync = copies(row)
    if topic.get("replicas"):
        factor, insync = topic["replicas"], insync if topic["replicas"] == factor else least(topic["replicas"])
    return factor, int(topic["config"].get("min.insync.replicas", topic.get("min_insync") or insync))


def listeners(row: Row) -> list[Row]:
    """The listeners; one with mutual TLS where none is given."""
    return list(row["listeners"]) or [_LISTENER]


def inside(row: Row) -> Row:
    """The listener that Connect and mirrors of the same set use: the first one inside of the cluster, or the first."""
    found = listeners(row)
    return next((each for each in found if each["type"] == "internal"), found[0])


def bootstrap(row: Row) -> str:
    """Where clients inside of the Kubernetes cluster start."""
    return f"{row['name']}-kafka-bootstrap.{row['namespace']}.svc:{inside(row)['port']}"


def seconds(text: Any) -> Decimal | None:
    """A duration in seconds: Go's (90s, 10m, 36h), or days (7d). None where the text is none."""
    words = str(text)
    if words.endswith("d") and words[:-1].isdigit():
        return Decimal(int(words[:-1]) * _DAY)
    return duration(words)


def heap_bytes(text: Any) -> Decimal | None:
    """A size as Java takes it (8192m, 8g), in bytes; its units are powers of 1024."""
    return quantity({"m": f"{str(text)[:-1]}Mi", "g": f"{str(text)[:-1]}Gi"}.get(str(text)[-1:].lower(), str(text)))


def workers(row: Row) -> list[tuple[str, Row]]:
    """What runs Kafka Connect: the kind and the row of each."""
    connect = [("KafkaConnect", row["connect"])] if row.get("connect") else []
    return [*connect, *(("KafkaMirrorMaker2", each) for each in row["mirrors"])]


def internal_factor(row: Row) -> int:
    """Copies of topics that Kafka and Connect keep for themselves: three, or as many as there are brokers."""
    return min(3, count(row, "broker"))
