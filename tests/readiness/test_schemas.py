"""Every field that a row looks at is in the schema of its kind, where the kind's definition is at hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.platform.plugins.module_utils.core.readiness import matchers
from ansible_collections.groundwork.platform.plugins.module_utils.core.readiness.rule import Rule
from ansible_collections.groundwork.platform.plugins.module_utils.registry import RULES

from lab import paths as lab

ROOT = Path(__file__).parents[2]
FOLDERS = (ROOT / "lab/crds", ROOT / "../shared/crds")
CLAUSES = ("paused", "asked", "needs_user", "terminal", "retryable", "in_progress", "ready", "warnings", "echoes")
# Read on purpose though the definition at hand does not have them: older or newer versions of the operator do.
OTHER_VERSIONS = {("kafka.strimzi.io/KafkaConnector", "spec.pause")}  # v1beta2, replaced by spec.state


def at_hand() -> Iterator[dict[str, Any]]:
    """Definitions written out here and beside the checkout, and what the lab has in its cache."""
    for path in sorted(p for folder in FOLDERS for p in folder.rglob("*.y*ml")):
        yield from yaml.load_all(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    for path in sorted((lab.cache() / "crds").glob("*.json")):
        yield from json.loads(path.read_text(encoding="utf-8").partition("\n")[2])


def definitions() -> dict[str, list[dict[str, Any]]]:
    """Schemas of all versions by kind."""
    found: dict[str, list[dict[str, Any]]] = {}
    for crd in at_hand():
        if isinstance(crd, dict) and crd.get("kind") == "CustomResourceDefinition":
            key = f"{crd['spec']['group']}/{crd['spec']['names']['kind']}"
            versions = crd["spec"].get("versions") or []
            found.setdefault(key, []).extend(v.get("schema", {}).get("openAPIV3Schema", {}) for v in versions)
    return found


def paths(clause: Any, under: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every path that a clause reads, from the object's root."""
    if isinstance(clause, matchers.Condition):
        yield (*under, *matchers._plan(clause.at).steps)
        return
    if isinstance(clause, matchers.Each | matchers.Some):
        inner = (*under, *matchers._plan(clause.path).steps, "[]")
        yield inner[:-1]
        for below in (*clause.clauses, *([clause.where] if getattr(clause, "where", None) else [])):
            yield from paths(below, inner)
        return
    for field in fields(clause) if is_dataclass(clause) else ():
        value = getattr(clause, field.name)
        if field.name in ("path", "left", "right", "minus", "wanted", "reported") and isinstance(value, str | tuple):
            if field.name == "wanted" and isinstance(clause, matchers.Field):
                continue
            steps = matchers._plan(value).steps
            if steps:
                yield (*under, *steps)
        elif field.name == "clause":
            yield from paths(value, under)
        elif field.name == "clauses":
            for below in value:
                yield from paths(below, under)


def knows(schema: Any, steps: tuple[str, ...]) -> bool:
    """Whether a schema has the path; what it leaves open it has."""
    if not steps or not isinstance(schema, dict):
        return True
    if steps[0] == "[]":
        inner = schema.get("items") or schema.get("additionalProperties")
        below = [inner] if inner else list(schema.get("properties", {}).values())
        return all(knows(each, steps[1:]) for each in below)
    if steps[0] in schema.get("properties", {}):
        return knows(schema["properties"][steps[0]], steps[1:])
    if isinstance(schema.get("additionalProperties"), dict):
        return knows(schema["additionalProperties"], steps[1:])
    return "properties" not in schema or bool(schema.get("x-kubernetes-preserve-unknown-fields"))


FOUND = definitions()
SHOWN = sorted(FOUND.keys() & RULES.keys())


def family(key: str) -> list[Any]:
    """Schemas of all kinds of a group: their rows are written as one, and may read what only some of them have."""
    return [schema for each in SHOWN if each.partition("/")[0] == key.partition("/")[0] for schema in FOUND[each]]


@pytest.mark.parametrize("key", SHOWN)
def test_a_row_reads_what_its_kind_has(key: str) -> None:
    row: Rule = RULES[key]
    read = {p for name in CLAUSES for clause in getattr(row, name) for p in paths(clause) if p[0] != "metadata"}
    missing = {".".join(p) for p in read if not any(knows(schema, p) for schema in family(key))}
    missing -= {path for kind, path in OTHER_VERSIONS if kind == key}
    assert not missing, f"{key} has no {', '.join(sorted(missing))}"
    observed = matchers._plan(row.generation.path).steps
    if row.generation.required:
        assert any(knows(schema, observed) for schema in FOUND[key]), f"{key} has no {'.'.join(observed)}"


def test_there_are_definitions() -> None:
    assert len(SHOWN) > 5, "too few definitions at hand: the test above checks nothing"
