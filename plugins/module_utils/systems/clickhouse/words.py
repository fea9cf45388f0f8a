"""Names that ClickHouse's operator gives and knows, and settings as it reads them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ...core.builders import texts

Row = Mapping[str, Any]

HTTP, TCP, INTERSERVER, METRICS = 8123, 9000, 9009, 9363
CLIENT, RAFT, KEEPER_METRICS = 2181, 9444, 7000


class Family(NamedTuple):
    """One of the operator's two kinds: its objects' prefix, its group, its main container, its Services' ports."""

    kind: str
    prefix: str
    group: str
    service: str
    container: str
    image: str  # that the operator takes where no template names one
    ports: Mapping[str, int]

    @property
    def api(self) -> str:
        return f"{self.group}/v1"

    @property
    def key(self) -> str:
        """The kind as tables name it."""
        return f"{self.group}/{self.kind}"

    def pods(self, name: str) -> dict[str, str]:
        """The labels of all its pods."""
        return {f"{self.group}/{self.prefix}": name}

    def host(self, name: str, cluster: str, shard: int, replica: int) -> str:
        """A host's StatefulSet and Service (pkg/model/{chi,chk}/namer/patterns.go)."""
        return f"{self.prefix}-{name}-{cluster}-{shard}-{replica}"


SERVER = Family(
    "ClickHouseInstallation",
    "chi",
    "clickhouse.altinity.com",
    "clickhouse",
    "clickhouse",
    "clickhouse/clickhouse-server:latest",
    {"http": HTTP, "tcp": TCP},
)
KEEPER = Family(
    "ClickHouseKeeperInstallation",
    "chk",
    "clickhouse-keeper.altinity.com",
    "keeper",
    "clickhouse-keeper",
    "clickhouse/clickhouse-keeper:latest",
    {"zk": CLIENT, "raft": RAFT},
)
KEEPER_CLUSTER = "keeper"


def keeper_name(row: Row) -> str:
    """The Keeper of a cluster."""
    return f"{row['name']}-keeper"


def flat(tree: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as paths with slashes: a mapping as a value is dropped by the operator without an error (D0-22).

    Lists of texts stay lists, what is read from a Secret (`valueFrom`) stays as it is, all else becomes a text.
    """
    return dict(_flat(tree, ""))


def _flat(tree: Mapping[str, Any], above: str) -> Iterator[tuple[str, Any]]:
    for key, value in tree.items():
        path = f"{above}{key}"
        if isinstance(value, Mapping) and "valueFrom" not in value:
            yield from _flat(value, f"{path}/")
        elif isinstance(value, Mapping):
            yield path, value
        elif isinstance(value, list | tuple):
            yield path, [str(each) for each in value]
        elif value is not None:
            yield path, texts({path: value})[path]


def from_secret(secret: str, key: str) -> dict[str, Any]:
    """A setting whose value the operator takes from a Secret; it never stands in the resource (D0-21)."""
    return {"valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}
