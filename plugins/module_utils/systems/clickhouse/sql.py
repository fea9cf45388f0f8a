"""The statements that we send to ClickHouse: records of a schema, backups, restores, questions. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
    return f"Disk('{BACKUPS}', '{where}')"
