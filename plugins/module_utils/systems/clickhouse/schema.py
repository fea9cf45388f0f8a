"""A schema as ordered steps of SQL: what a step must keep to, what is recorded of it, what is to be done. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from ...core.api.errors import PlatformError
from ...core.sets.values import digest
from .sql import name, text

Row = Mapping[str, str]

TABLE = "schema_steps"
_ON_CLUSTER = "ON CLUSTER '{cluster}'"
# One record for the whole cluster: no shard in its path, so that every host is a replica of it.
_PATH = "/clickhouse/{installation}/{cluster}/groundwork/schema_steps"

_SHAPES = re.compile(r"\s*(CREATE|ALTER|DROP|RENAME|TRUNCATE|EXCHANGE|ATTACH|DETACH)\b", re.IGNORECASE)
_GIVEN_CLUSTER = re.compile(r"\bON\s+CLUSTER\s+('[^']*'|`[^`]*`|\"[^\"]*\"|[\w{}-]+)", re.IGNORECASE)
_PART = r"(COLUMN|INDEX|PROJECTION|CONSTRAINT)"
_ANY = re.IGNORECASE | re.DOTALL
_ONCE = (
    (re.compile(r"\s*CREATE\s+(?!OR\s+REPLACE\b)(?!.*\bIF\s+NOT\s+EXISTS\b)", _ANY), "IF NOT EXISTS"),
    (re.compile(r"\s*DROP\s+(?!.*\bIF\s+EXISTS\b)", _ANY), "IF EXISTS"),
    (re.compile(rf"\s*ALTER\b.*\bADD\s+{_PART}\s+(?!IF\s+NOT\s+EXISTS\b)", _ANY), "IF NOT EXISTS"),
    (re.compile(rf"\s*ALTER\b.*\bDROP\s+{_PART}\s+(?!IF\s+EXISTS\b)", _ANY), "IF EXISTS"),
)
_ALONE = re.compile(r"\bENGINE\s*=?\s*(\w*MergeTree)\b", re.IGNORECASE)
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|--[^\n]*|/\*.*?\*/", re.DOTALL)


def check(steps: Sequence[Row]) -> None:
    """Raises PlatformError, one sentence, for the first step that could not be taken twice or not everywhere."""
    names = [step["name"] for step in steps]
    for number, step in enumerate(steps):
        if step["name"] in names[:number]:
            raise PlatformError(f"step {step['name']} is there twice; every step has a name of its own")
        if words := _wrong(step["sql"]):
            raise PlatformError(f"step {step['name']} {words}")


def _wrong(sql: str) -> str:
    bare = _QUOTED.sub("''", sql).strip().rstrip(";")
    return next(filter(None, (rule(sql, bare) for rule in (_statement, _everywhere, _again, _copied))), "")


def _statement(sql: str, bare: str) -> str:
    if ";" in bare:
        return "has several statements; one a step, so that each is recorded"
    return "" if _SHAPES.match(bare) else "changes no schema; rows are no business of it"


def _everywhere(sql: str, bare: str) -> str:
    given = _GIVEN_CLUSTER.search(sql)
    if not given:
        return f"would change one server of all; write {_ON_CLUSTER}"
    if given[1][0] in "'`\"" or re.fullmatch(r"\w+", given[1]):
        return ""
    return f"names cluster {given[1]} without quotes, which is no SQL; write {_ON_CLUSTER}"


def _again(sql: str, bare: str) -> str:
    words = next((words for pattern, words in _ONCE if pattern.match(bare)), "")
    return f"cannot be taken twice, as it is when a run is interrupted; write {words}" if words else ""


def _copied(sql: str, bare: str) -> str:
    alone = _ALONE.search(bare)
    if not alone or alone[1].lower().startswith("replicated"):
        return ""
    return f"has the engine {alone[1]}, whose rows would be on one replica only; write Replicated{alone[1]}"


def fingerprint(sql: str) -> str:
    """A hash of a step; blanks between its words do not count."""
    return digest(" ".join(sql.strip().rstrip(";").split()))


def pending(steps: Sequence[Row], recorded: Iterable[tuple[str, str]]) -> list[tuple[int, Row]]:
    """The steps that are not recorded, with their numbers. recorded: name and hash, in the order they were taken.

    Raises PlatformError where the record tells another story than the steps.
    """
    known = list(recorded)
    for number, (taken, hash_) in enumerate(known):
        step = steps[number] if number < len(steps) else None
        if step is None or step["name"] != taken:
            there = f"step {number + 1} is {step['name']}" if step else f"there are {len(steps)} steps"
            raise PlatformError(
                f"step {taken} was taken as number {number + 1}, but {there}; what was taken stays in its place, and "
                "what is new comes after it"
            )
        if fingerprint(step["sql"]) != hash_:
            raise PlatformError(
                f"step {taken} was taken with another text; what was taken is not changed: write what is to be changed "
                "as a further step"
            )
    return list(enumerate(steps))[len(known) :]


def record(database: str) -> list[str]:
    """The statements that make the place where steps are recorded."""
    columns = "number UInt32, name String, hash String, taken DateTime DEFAULT now()"
    engine = f"ReplicatedMergeTree('{_PATH}', '{{shard}}-{{replica}}') ORDER BY number"
    return [
        f"CREATE DATABASE IF NOT EXISTS {name(database)} {_ON_CLUSTER}",
        f"CREATE TABLE IF NOT EXISTS {_table(database)} {_ON_CLUSTER} ({columns}) ENGINE = {engine}",
    ]


def known(database: str) -> str:
    """Whether there is a record yet."""
    return f"SELECT count() AS there FROM system.tables WHERE database = {text(database)} AND name = '{TABLE}'"  # noqa: S608


def taken(database: str) -> str:
    """What is recorded."""
    return f"SELECT name, argMax(hash, taken) AS hash FROM {_table(database)} GROUP BY number, name ORDER BY number"  # noqa: S608


def note(database: str, number: int, step: Row) -> str:
    """The statement that records a step."""
    values = f"{number}, {text(step['name'])}, {text(fingerprint(step['sql']))}"
    return f"INSERT INTO {_table(database)} (number, name, hash) VALUES ({values})"  # noqa: S608


def judged(step: Row) -> str:
    """The statement by which a server says whether it can read a step, without taking it."""
    return f"EXPLAIN AST {step['sql'].strip().rstrip(';')}"


def _table(database: str) -> str:
    return f"{name(database)}.{TABLE}"
