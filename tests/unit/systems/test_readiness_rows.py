"""The systems' readiness rows: each names its source, each state is shown by a fixture, old status fools none."""

from __future__ import annotations

import copy
import importlib
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.platform.plugins.module_utils.core.readiness.rule import (
    Rule,
    Since,
    evaluate,
    rule_for,
)
from ansible_collections.groundwork.platform.plugins.module_utils.registry import RULES

ROOT = Path(__file__).parents[3]
FIXTURES = ROOT / "tests/readiness/fixtures"
SYSTEMS = "ansible_collections.groundwork.platform.plugins.module_utils.systems"
ROWS: dict[str, Rule] = {
    key: row
    for path in sorted((ROOT / "plugins/module_utils").glob("systems/**/*.py"))
    for name in (".".join(path.relative_to(ROOT / "plugins/module_utils/systems").with_suffix("").parts),)
    for key, row in getattr(importlib.import_module(f"{SYSTEMS}.{name}"), "RULES", {}).items()
}
# Kinds that no current operator version makes any more, shown by the kinds that came after them.
SHOWN_ELSEWHERE = {
    *(k for k in ROWS if k.startswith("certmanager.k8s.io/")),
    "kafka.strimzi.io/KafkaMirrorMaker",
}
# Configuration without a status: one of them shows all.
PLAIN = {k for k, row in ROWS.items() if row.generation.mode == "none"}
FILES = sorted(FIXTURES.rglob("*.yml"))


def load(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def shown(key: str) -> set[str]:
    group, _, kind = key.rpartition("/")
    return {p.stem for p in FIXTURES.glob(f"{group}/{kind}/*.yml")}


def states(row: Rule) -> set[str]:
    """The beginnings of the fixtures that show every state a row can give."""
    found = {"ready"} if not row.follows else {"in_progress_no_workload"}
    found |= {"paused"} if row.paused or row.needs_user else set()
    found |= {"failed_terminal"} if row.terminal else set()
    found |= {"failed_retryable"} if row.retryable else set()
    found |= {"in_progress_stale"} if row.generation.mode not in ("E", "none") and row.ready else set()
    quiet = evaluate({"apiVersion": "x/v1", "kind": "Y", "metadata": {"generation": 1}}, rules={"x/Y": row})
    found |= {"in_progress_no_status"} if quiet.state == "in_progress" and not row.follows else set()
    return found


def test_every_row_names_its_source() -> None:
    assert [k for k, row in ROWS.items() if not row.source] == []


@pytest.mark.parametrize("key", [k for k in ROWS if "*" not in k and k not in SHOWN_ELSEWHERE | PLAIN])
def test_every_state_of_a_row_is_shown(key: str) -> None:
    missing = {s for s in states(ROWS[key]) if not any(name.startswith(s) for name in shown(key))}
    assert not missing, f"{key}: no fixture {', '.join(sorted(missing))} in tests/readiness/fixtures/{key}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(FIXTURES)))
def test_no_ready_comes_from_the_status_of_an_older_generation(path: Path) -> None:
    """The object one generation on, its status untouched: our change, not yet seen by the operator."""
    obj = load(path)
    row = rule_for(obj, RULES)
    if row is None or not row.generation.guarded or not obj.get("status") or not path.stem.startswith("ready"):
        return
    changed = copy.deepcopy(obj)
    changed["metadata"]["generation"] = changed["metadata"].get("generation", 1) + 1
    if row.generation.unless and evaluate(changed, rules=RULES).state == "ready":
        assert "once" in path.stem, "only what is made once may stand still"
        return
    assert evaluate(changed, rules=RULES, since=Since.of(changed)).state == "in_progress", row.generation


@pytest.mark.parametrize(
    "path", [p for p in FILES if p.stem.startswith("failed")], ids=lambda p: str(p.relative_to(FIXTURES))
)
def test_no_fix_fails_by_the_failure_that_it_mends(path: Path) -> None:
    changed = load(path)
    row = rule_for(changed, RULES)
    if row is None or not row.generation.guarded:
        return
    changed["metadata"]["generation"] = changed["metadata"].get("generation", 1) + 1
    assert evaluate(changed, rules=RULES, since=Since.of(changed)).state == "in_progress", row.generation


def stateful_set(owner: str, ready: int) -> dict[str, Any]:
    meta = {"name": "main", "generation": 1, "ownerReferences": [{"uid": owner}]}
    status = {"observedGeneration": 1, "replicas": 3, "readyReplicas": ready, "updatedReplicas": 3}
    return {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": meta, "spec": {"replicas": 3}, "status": status}


@pytest.mark.parametrize("kind", ["Redis", "RedisReplication", "RedisSentinel"])
def test_redis_is_ready_when_its_stateful_set_is(kind: str) -> None:
    obj = {"apiVersion": "redis.redis.opstreelabs.in/v1beta2", "kind": kind, "metadata": {"name": "main", "uid": "u"}}
    obj |= {"status": {"masterNode": "main-0"}} if kind == "RedisReplication" else {}
    assert evaluate(obj, rules=RULES, children=[stateful_set("u", 3)]).state == "ready"
    waiting = evaluate(obj, rules=RULES, children=[stateful_set("u", 2)])
    assert waiting.state == "in_progress"
    assert "StatefulSet main" in waiting.message
    assert evaluate(obj, rules=RULES, children=[stateful_set("another", 3)]).state == "in_progress"
