"""Every fixture is judged as its name says: <state>_<why>.yml, with the grade for failed_terminal_<why>.yml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.platform.plugins.module_utils.core.readiness.rule import evaluate, key_of
from ansible_collections.groundwork.platform.plugins.module_utils.registry import RULES
from ansible_collections.groundwork.platform.plugins.module_utils.rules import builtin

FIXTURES = Path(__file__).parent / "fixtures"
FILES = sorted(FIXTURES.rglob("*.yml"))
STATES = ("ready", "in_progress", "failed", "paused", "missing", "unknown")
GRADES = ("terminal", "retryable")
# Kinds whose only state is to be stored, and older names of kinds that have fixtures.
SHOWN_ELSEWHERE = {"extensions/Ingress", "ReplicationController"}


def load(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(FIXTURES)))
def test_a_fixture_is_judged_as_it_is_called(path: Path) -> None:
    obj = load(path)
    state = next(s for s in STATES if path.stem.startswith(s))
    grade = next((g for g in GRADES if path.stem.startswith(f"{state}_{g}")), None)
    group, kind = path.parent.parent.name, path.parent.name
    assert key_of(obj) == (kind if group == "core" else f"{group}/{kind}"), "it lies in another kind's folder"
    verdict = evaluate(obj, rules=RULES)
    assert verdict.state == state, verdict
    assert grade in (None, verdict.grade), verdict
    assert verdict.message, "a verdict tells why"


@pytest.mark.parametrize("key", sorted(k for k, row in builtin.RULES.items() if "*" not in k and row.ready))
def test_every_builtin_kind_that_has_a_status_is_shown(key: str) -> None:
    if key in SHOWN_ELSEWHERE:
        return
    row, (group, _, kind) = builtin.RULES[key], key.rpartition("/")
    shown = {p.stem for p in (FIXTURES / (group or "core") / kind).glob("*.yml")}
    wanted = {"ready", "in_progress_no_status"}
    wanted |= {"paused"} if row.paused else set()
    wanted |= {"failed_terminal"} if row.terminal else set()
    wanted |= {"failed_retryable"} if row.retryable else set()
    wanted |= {"in_progress_stale"} if row.generation.mode in ("A", "B", "D", "P") else set()
    missing = sorted(w for w in wanted if not any(name.startswith(w) for name in shown))
    assert not missing, f"{key}: no fixture {', '.join(missing)}"


def test_there_are_fixtures() -> None:
    assert len(FILES) > 500
