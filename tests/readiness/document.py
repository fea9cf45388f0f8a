"""Writes docs/readiness.md, what ready means for every kind, and the figures of the score, from the rows themselves.

Run: uv run python tests/readiness/document.py [--cases ../shared/readiness-cases/cases.jsonl]
Without the recorded cases the figures stay as they are (tests/readiness/score.yml).
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / ".cache/collections"), str(ROOT / "tests")]

from ansible_collections.groundwork.platform.plugins.module_utils.core.readiness.rule import Rule  # noqa: E402
from ansible_collections.groundwork.platform.plugins.module_utils.registry import RULES  # noqa: E402
from readiness import kstatus, score  # noqa: E402

PAGE = ROOT / "docs/readiness.md"
FIGURES = ROOT / "tests/readiness/score.yml"
FIXTURES = ROOT / "tests/readiness/fixtures"

HEAD = """\
# When an object is ready

Written by `tests/readiness/document.py` from the rows in `plugins/module_utils/systems` and
`plugins/module_utils/rules`; a test holds it current.

An object is judged by the row of its kind, in this order; the first that decides counts:

1. not there: **missing**; being deleted: **in progress**, with its finalizers
2. **paused**: counts as done, with a warning, where its manifest asks for it; otherwise the wait fails at once
3. its status speaks of an older generation: **in progress**
4. it waits for a person; `Reconciling=True`: **in progress**; `Stalled=True`: **failed**
5. **failed**, terminal: only a change can help, the wait fails at once; retryable: its operator tries again, the wait
   fails when that lasts `failure_grace` seconds without a break and nothing else in the wait gets on
6. **in progress** where the row names such a state
7. **ready** when all that the row asks for is there; otherwise in progress, naming what is short

What is not ready tells its cause from its pods, claims and events too. A kind without a row is judged by the last row,
`*`, which goes by the conventions of Kubernetes APIs and calls nothing ready on a guess: an object whose status says
neither ready nor otherwise is taken for ready, with a warning, after `status_grace` seconds.

How a status tells its age (mode):

| mode | the status | so |
| --- | --- | --- |
| A | carries `observedGeneration`, written at every reconcile | behind the object's: in progress |
| A' | the same under another name | the same |
| B | each condition carries its own | an old condition decides nothing |
| D | carries it, written only after success | behind it may be a failure: it counts if newer than our change |
| P | as A, but stands still while paused | paused is judged first |
| E | carries none | after a change it counts once written again, once it repeats the spec, or at rest for `settle` |
| none | none that counts | ready once stored |

In E, where no change can make a status old (a Job's end, a claim's binding), it counts as it is.
"""


def groups() -> dict[str, list[tuple[list[str], Rule]]]:
    """Rows by API group; kinds that share a row together."""
    kinds: dict[tuple[str, int], list[str]] = defaultdict(list)
    rows: dict[int, Rule] = {}
    for key, row in RULES.items():
        group, _, kind = key.rpartition("/")
        kinds[group, id(row)].append(kind)
        rows[id(row)] = row
    found: dict[str, list[tuple[list[str], Rule]]] = defaultdict(list)
    for (group, row), names in kinds.items():
        found[group].append((sorted(names), rows[row]))
    return {group: sorted(found[group], key=lambda pair: pair[0]) for group in sorted(found)}


def page(figures: Mapping[str, Any]) -> str:
    """The whole page."""
    parts = [HEAD, _score(figures)]
    parts += [_group(group, rows) for group, rows in groups().items() if any(k != "*" for ks, _ in rows for k in ks)]
    parts.append(_section("Every other kind", [(["*"], RULES["*"])], ""))
    return "\n".join(parts)


def _group(group: str, rows: list[tuple[list[str], Rule]]) -> str:
    return _section(f"`{group}`" if group else "core", [r for r in rows if r[0] != ["*"] or group], group)


def _section(title: str, rows: list[tuple[list[str], Rule]], group: str) -> str:
    return "\n".join([f"## {title}", "", *(line for kinds, row in rows for line in _row(kinds, row, group))])


def _row(kinds: list[str], row: Rule, group: str) -> list[str]:
    names = ", ".join(kinds)
    told = [
        ("ready", _all(row.ready) or "once stored"),
        ("and its own", ", ".join(row.follows)),
        ("in progress", _any(row.in_progress)),
        ("failed, terminal", _any(row.terminal)),
        ("failed, retryable", _any(row.retryable)),
        ("paused", _any(row.paused)),
        ("waits for a person", _any(row.needs_user)),
        ("warnings", _any(row.warnings)),
        ("proved new by", _all(row.echoes)),
        ("note", row.note),
        ("source", row.source),
        ("cases", _cases(kinds, group)),
    ]
    return [f"### {names}", "", f"- mode: {row.generation.mode}", *(f"- {k}: {v}" for k, v in told if v), ""]


def _all(clauses: Iterable[Any]) -> str:
    return "; ".join(_code(c) for c in clauses)


def _any(clauses: Iterable[Any]) -> str:
    return "; or ".join(_code(c) for c in clauses)


def _code(clause: Any) -> str:
    """Text of a clause with what Markdown would read otherwise kept as it is."""
    return "".join("\\" + c if c in "*_<>|[]" else c for c in str(clause))


def _cases(kinds: list[str], group: str) -> str:
    found = [
        f"{path.stem.replace('_', ' ')}" + (f" ({kind})" if len(kinds) > 1 else "")
        for kind in kinds
        for path in sorted((FIXTURES / (group or "core") / kind).glob("*.yml"))
    ]
    return ", ".join(found)


def _score(figures: Mapping[str, Any]) -> str:
    head = "| rules | cases | exact | ready wrongly | not ready though ready |\n| --- | ---: | ---: | ---: | ---: |"
    lines = [
        f"| {name} | {f['cases']} | {f['exact']} | {f['ready_wrongly']} | {f['not_ready_though_ready']} |"
        for name, f in figures.items()
    ]
    text = (
        "## The score\n\nRecorded verdicts of other health checks (Argo CD, kstatus, kapp) on real objects, and what "
        "our rows, the row `*` alone,\nand the published kstatus rules say of them. `tests/readiness/differences.yml` "
        "explains where we differ on purpose.\n\n"
    )
    return text + "\n".join([head, *lines, ""])


def measured(path: Path) -> dict[str, dict[str, int]]:
    """The figures of the score, by whose rules they are."""
    found = list(score.cases(path))
    judges = {"ours": score.ours, "`*` alone": score.generic, "kstatus-style": kstatus.judge}
    return {name: _figures(score.scored(found, judge)) for name, judge in judges.items()}


def _figures(results: list[score.Scored]) -> dict[str, int]:
    return {
        "cases": len(results),
        "exact": sum(r.exact for r in results),
        "ready_wrongly": sum(r.false_ready for r in results),
        "not_ready_though_ready": sum(r.wanted == "ready" != r.verdict.state for r in results),
    }


def figures() -> dict[str, Any]:
    """The figures as they were measured last."""
    found: dict[str, Any] = yaml.safe_load(FIGURES.read_text(encoding="utf-8"))
    return found


def main() -> None:
    """Write the figures where there are cases, and the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path)
    given = parser.parse_args()
    if given.cases:
        text = "---\n# Written by tests/readiness/document.py --cases.\n"
        FIGURES.write_text(text + yaml.safe_dump(measured(given.cases), sort_keys=False), encoding="utf-8")
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(figures()), encoding="utf-8")


if __name__ == "__main__":
    main()
