"""docs/readiness.md and its figures are what the rows say today."""

from __future__ import annotations

import pytest
from readiness import document
from readiness.score import ROOT

CASES = ROOT / "../shared/readiness-cases/cases.jsonl"


def test_the_page_is_current() -> None:
    written = document.PAGE.read_text(encoding="utf-8")
    assert written == document.page(document.figures()), "run: uv run python tests/readiness/document.py"


def test_the_figures_are_current() -> None:
    if not CASES.exists():
        pytest.skip(f"the recorded cases are not beside this checkout ({CASES})")
    assert document.measured(CASES) == document.figures(), "run: uv run python tests/readiness/document.py --cases FILE"


def test_every_row_is_on_the_page() -> None:
    page = document.page(document.figures())
    shown = [kinds for rows in document.groups().values() for kinds, _ in rows]
    assert sum(len(kinds) for kinds in shown) == len(document.RULES)
    assert all(f"### {', '.join(kinds)}\n" in page for kinds in shown)
