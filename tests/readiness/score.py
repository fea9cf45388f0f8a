"""Scores the readiness rows against recorded verdicts of other health checks: a JSON line a case, then a summary.

Run: uv run python tests/readiness/score.py ../shared/readiness-cases/cases.jsonl [--baseline|--generic] [--quiet]
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / ".cache/collections"), str(ROOT / "tests")]

from ansible_collections.groundwork.platform.plugins.module_utils.core.readiness.rule import Verdict, evaluate  # noqa: E402
from ansible_collections.groundwork.platform.plugins.module_utils.registry import RULES  # noqa: E402

# What the other checks' words mean in ours.
EXPECTED = {
    "Healthy": "ready", "Current": "ready", "Done": "ready",
    "Progressing": "in_progress", "InProgress": "in_progress", "Waiting": "in_progress", "Terminating": "in_progress",
    "Degraded": "failed", "Failed": "failed",
    "Suspended": "paused", "Missing": "missing", "NotFound": "missing", "Unknown": "unknown",
}  # fmt: skip


class Scored(NamedTuple):
    """One case: what was recorded (their word and ours for it) and what our rows say."""

    case: str
    group: str
    kind: str
    expected: str
    wanted: str
    verdict: Verdict

    @property
    def exact(self) -> bool:
        """Whether both say the same."""
        return self.wanted == self.verdict.state

    @property
    def false_ready(self) -> bool:
        """Whether we say ready where they do not: the one error that must not be."""
        return self.verdict.state == "ready" and self.wanted != "ready"

    def line(self) -> str:
        """The JSON line of the case."""
        told = {k: getattr(self, k) for k in ("case", "group", "kind", "expected")}
        return json.dumps({**told, **{k: getattr(self.verdict, k) for k in ("state", "grade", "reason", "message")}})


def cases(path: Path) -> Iterator[dict[str, Any]]:
    """The cases of a file of JSON lines."""
    with path.open(encoding="utf-8") as file:
        yield from (json.loads(line) for line in file if line.strip())


def ours(obj: Any) -> Verdict:
    """The verdict of our rows on an object as it stands."""
    return evaluate(obj, rules=RULES)


def generic(obj: Any) -> Verdict:
    """The verdict of the row for kinds that have none, on any kind."""
    return evaluate(obj, rules={"*": RULES["*"]})


def scored(found: Iterable[dict[str, Any]], judge: Callable[[Any], Verdict] = ours) -> list[Scored]:
    """Every case, judged."""
    return [
        Scored(
            c["case"], c["group"], c["kind"], c["expected_status"], EXPECTED[c["expected_status"]], judge(c["object"])
        )
        for c in found
    ]


def summary(results: list[Scored]) -> str:
    """Figures: exact, never-ready-wrongly, and what was taken for what."""
    total = len(results) or 1
    exact, wrong = sum(r.exact for r in results), [r for r in results if r.false_ready]
    missed = sum(r.wanted == "ready" != r.verdict.state for r in results)
    pairs = Counter(f"{r.wanted} -> {r.verdict.state}" for r in results if not r.exact)
    return "\n".join(
        [
            f"cases {len(results)}, exact {exact} ({100 * exact / total:.0f} %), "
            f"ready wrongly {len(wrong)}, not ready though ready {missed}",
            *(f"  {n:4} {pair}" for pair, n in pairs.most_common()),
        ]
    )


def main() -> None:
    """Score a file of cases and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", type=Path)
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--baseline", action="store_true", help="score the published kstatus rules instead of ours")
    instead.add_argument("--generic", action="store_true", help="score the row for unknown kinds alone, on all kinds")
    parser.add_argument("--quiet", action="store_true", help="the summary only")
    given = parser.parse_args()
    from readiness.kstatus import judge

    results = scored(cases(given.cases), judge if given.baseline else generic if given.generic else ours)
    if not given.quiet:
        print("\n".join(r.line() for r in results))
    print(summary(results))


if __name__ == "__main__":
    main()
