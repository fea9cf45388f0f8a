"""The rows against recorded verdicts of other health checks: never ready wrongly, and every difference explained."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.platform.plugins.module_utils.core.readiness.rule import Rule, rule_for
from ansible_collections.groundwork.platform.plugins.module_utils.registry import RULES
from readiness import kstatus
from readiness.score import EXPECTED, ROOT, Scored, cases, scored, summary

CASES = ROOT / "../shared/readiness-cases/cases.jsonl"
DIFFERENCES = ROOT / "tests/readiness/differences.yml"
UTILS = "ansible_collections.groundwork.platform.plugins.module_utils"
# The kinds that readiness.md 2.2 and 2.3 describe: Kubernetes' own, our systems', and two groups beside them.
DESCRIBED = ["rules.builtin", "rules.karpenter", "rules.cluster_api"] + [
    ".".join(path.relative_to(ROOT / "plugins/module_utils").with_suffix("").parts)
    for path in sorted((ROOT / "plugins/module_utils").glob("systems/**/*.py"))
]


def described() -> set[int]:
    """The rows of those kinds, by identity."""
    tables: list[dict[str, Rule]] = [getattr(importlib.import_module(f"{UTILS}.{n}"), "RULES", {}) for n in DESCRIBED]
    return {id(row) for table in tables for row in table.values()}


@pytest.fixture(scope="module")
def recorded() -> list[dict[str, Any]]:
    if not CASES.exists():
        pytest.skip(f"the recorded cases are not beside this checkout ({CASES})")
    return list(cases(CASES))


@pytest.fixture(scope="module")
def results(recorded: list[dict[str, Any]]) -> list[Scored]:
    return scored(recorded)


def differences() -> dict[str, dict[str, str]]:
    rows: list[dict[str, str]] = yaml.safe_load(DIFFERENCES.read_text(encoding="utf-8"))
    return {row["case"]: row for row in rows}


def test_every_case_is_scored(recorded: list[dict[str, Any]], results: list[Scored]) -> None:
    assert len(results) == len(recorded) > 0
    assert {r.expected for r in results} <= set(EXPECTED)


def test_nothing_is_ready_that_upstream_says_is_not(results: list[Scored]) -> None:
    known = differences()
    wrong = [r for r in results if r.false_ready and known.get(r.case, {}).get("ours") != "ready"]
    assert not wrong, "\n".join(r.line() for r in wrong)


def test_described_kinds_differ_only_where_it_is_explained(
    recorded: list[dict[str, Any]], results: list[Scored]
) -> None:
    rows, known = described(), differences()
    unexplained = [
        r.line()
        for c, r in zip(recorded, results, strict=True)
        if id(rule_for(c["object"], RULES)) in rows and not r.exact and r.case not in known
    ]
    assert not unexplained, "\n".join(unexplained)


def test_every_difference_is_one_and_names_its_source(results: list[Scored]) -> None:
    found = {r.case: r for r in results}
    for case, row in differences().items():
        assert set(row) == {"case", "ours", "theirs", "why"}, case
        assert found[case].verdict.state == row["ours"], f"{case}: we now say {found[case].verdict.state}"
        assert found[case].expected == row["theirs"], case
        assert "readiness.md" in row["why"] or ":" in row["why"], f"{case} names neither a paragraph nor a line"


def test_the_baseline_is_worse(recorded: list[dict[str, Any]], results: list[Scored]) -> None:
    baseline = scored(recorded, kstatus.judge)
    print(f"\nours: {summary(results)}\nkstatus-style: {summary(baseline)}")
    assert sum(r.false_ready for r in baseline) > 10 * (1 + sum(r.false_ready for r in results))
    assert sum(r.exact for r in baseline) < sum(r.exact for r in results)


def test_the_command_prints_a_line_a_case_and_a_summary(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    one = {
        "case": "c", "group": "", "kind": "Pod", "expected_status": "Healthy",
        "object": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "status": {"phase": "Succeeded"}},
    }  # fmt: skip
    (result,) = scored([one])
    assert result.line() == (
        '{"case": "c", "group": "", "kind": "Pod", "expected": "Healthy", "state": "ready", "grade": "", '
        '"reason": "Ready", "message": "ready"}'
    )
    assert summary([result]).startswith("cases 1, exact 1 (100 %), ready wrongly 0, not ready though ready 0")
