"""The statements that we send to ClickHouse: records of a schema, backups, restores, questions. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from .disks import BACKUPS


def name(text: str) -> str:
    """An identifier, quoted: the hyphen of `llm-cluster` is a syntax error otherwise (D0-25)."""
    return "`" + text.replace("\\", "\\\\").replace("`", "\\`") + "`"


def text(value: str) -> str:
    """A literal."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def backup(databases: Sequence[str], where: str, base: str = "") -> str:
    """A backup of databases, all without any, by every host of the cluster together. base: what it adds to."""
    what = ", ".join(f"DATABASE {name(each)}" for each in databases) or "ALL"
    adds = f" SETTINGS base_backup = {_disk(base)}" if base else ""
    return f"BACKUP {what} ON CLUSTER '{{cluster}}' TO {_disk(where)}{adds}"


def restore(databases: Mapping[str, str], where: str) -> str:
    """A restore of databases, each by the name that it gets."""
    what = ", ".join(
        f"DATABASE {name(old)}" + (f" AS {name(new)}" if new != old else "") for old, new in databases.items()
    )
    return f"RESTORE {what} ON CLUSTER '{{cluster}}' FROM {_disk(where)}"


def _disk(where: str) -> str:
    return f"Disk('{BACKUPS}', {text(where)})"


# Words that come from outside are quoted by `name` and `text`.
DISK = f"SELECT count() AS there FROM system.disks WHERE name = {text(BACKUPS)}"  # noqa: S608
DATABASES = "SELECT name FROM system.databases WHERE lower(name) NOT IN ('system', 'information_schema')"


def tables(databases: Iterable[str]) -> str:
    """Those of these databases that have tables, and how many."""
    return f"SELECT database, count() AS tables FROM system.tables WHERE {_in(databases)} GROUP BY database"  # noqa: S608


def rows(databases: Iterable[str]) -> str:
    """The rows of each database, one copy of every shard counted."""
    everywhere = "cluster('{cluster}', system.tables)"
    return f"SELECT database, sum(total_rows) AS rows FROM {everywhere} WHERE {_in(databases)} GROUP BY database"  # noqa: S608


def outcome(operation: str) -> str:
    """What a server knows of a backup or restore that it was asked for."""
    fields = "status, error, num_files AS files, total_size AS bytes"
    return f"SELECT {fields} FROM system.backups WHERE id = {text(operation)}"  # noqa: S608


def _in(databases: Iterable[str]) -> str:
    return f"database IN ({', '.join(map(text, databases))})"
