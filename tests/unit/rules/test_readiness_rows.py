"""The rows of the groups beside ours: each names its source, none is ready by silence, nonsense or another's words."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.readiness.rule import Rule, evaluate, key_of
from ansible_collections.groundwork.platform.plugins.module_utils.core.readiness.silent import SILENT
from ansible_collections.groundwork.platform.plugins.module_utils.registry import RULES

UTILS = "ansible_collections.groundwork.platform.plugins.module_utils"
FOLDER = Path(__file__).parents[3] / "plugins/module_utils/rules"
FILES = sorted(p.stem for p in FOLDER.glob("*.py") if p.stem not in ("builtin", "generic"))
ROWS: dict[str, Rule] = {
    key: row for name in FILES for key, row in importlib.import_module(f"{UTILS}.rules.{name}").RULES.items()
}
# Kinds whose status is written late or never while all is well: silence is ready, a word against it is not.
QUIET = {k for k, row in ROWS.items() if set(SILENT.ready) <= set(row.ready)}
SPEAKING = sorted(ROWS.keys() - QUIET)

NONSENSE: list[Any] = [
    "ready",
    7,
    True,
    [],
    ["Ready"],
    {"conditions": "Ready"},
    {"conditions": {"Ready": "True"}},
    {"conditions": [None, 1, "Ready", {"type": 1}, {"status": "True"}]},
    {"phase": ["Running"], "state": {"phase": None}, "conditions": [{"type": "Ready", "status": ["True"]}]},
    {"observedGeneration": "x", "replicas": "many", "readyReplicas": {}, "byPod": 3, "ancestors": "all"},
]


def thing(key: str, status: Any = None) -> dict[str, Any]:
    group, _, kind = key.rpartition("/")
    obj: dict[str, Any] = {"apiVersion": f"{group.replace('*', 'any')}/v1", "kind": kind.replace("*", "Any")}
    return {**obj, "metadata": {"name": "main", "generation": 2}, **({} if status is None else {"status": status})}


def state(key: str, status: Any = None) -> str:
    obj = thing(key, status)
    return evaluate(obj, rules={key_of(obj): ROWS[key]}).state


def conditions(*found: tuple[str, str]) -> dict[str, Any]:
    return {"conditions": [{"type": t, "status": s} for t, s in found]}


def test_every_file_is_registered() -> None:
    assert FILES, "no rows found"
    assert ROWS.items() <= RULES.items()


def test_every_row_names_its_source() -> None:
    assert [k for k, row in ROWS.items() if not row.source and row is not SILENT] == []


@pytest.mark.parametrize("key", SPEAKING)
def test_nothing_written_is_not_ready(key: str) -> None:
    assert {state(key), state(key, {}), state(key, {"conditions": []})} <= {"in_progress"}


@pytest.mark.parametrize("key", SPEAKING)
def test_conditions_that_nobody_knows_are_not_ready(key: str) -> None:
    assert state(key, conditions(("NobodyKnows", "True"), ("NorThis", "False"))) != "ready"


@pytest.mark.parametrize("key", sorted(ROWS))
def test_ready_false_is_never_ready(key: str) -> None:
    assert state(key, conditions(("Ready", "False"))) != "ready"


@pytest.mark.parametrize("key", sorted(ROWS))
def test_nonsense_neither_raises_nor_makes_ready(key: str) -> None:
    for status in NONSENSE:
        if key in SPEAKING:
            assert state(key, status) != "ready", status
        else:
            state(key, status)


@pytest.mark.parametrize("key", [k for k in sorted(ROWS) if ROWS[k].generation.path == "status.observedGeneration"])
def test_a_lag_is_never_ready(key: str) -> None:
    good = conditions(("Ready", "True"), ("Available", "True"), ("Synced", "True"))
    assert state(key, {"observedGeneration": 1, "phase": "Running", "state": "Ready", **good}) != "ready"
