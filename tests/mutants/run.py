"""Changes one line of a copy of the project at a time, and sees that exactly that fault row's tests fail.

    python tests/mutants/run.py [ROW ...] [--jobs N] [--resume]

docs/mutants.md is renewed when all mutants were seen caught; `--resume` leaves out those seen since the last whole
run.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from mutants.table import MUTANTS, UTILS, Mutant  # noqa: E402 - the path comes first

KNOWN = ROOT / ".cache" / "mutants.json"
PAGE = ROOT / "docs" / "mutants.md"
SECONDS = 400  # for all fault tests of one mutant
_COPIED = ("plugins", "tests", "meta", "galaxy.yml", "pyproject.toml")
_LINK = Path(".cache/collections/ansible_collections/groundwork/platform")
_HEAD = """# Mutants

For each row of the fault table, one line of the engine was changed so that the row's handling is gone, and the tests
of all 47 rows were run. Exactly that row's tests failed. `make mutants` renews this page.

| row | what was taken away | file | failed tests |
| ---: | --- | --- | --- |
"""


class Verdict(NamedTuple):
    """What the fault tests said of one mutant."""

    mutant: Mutant
    failed: list[str]
    ended: bool

    @property
    def others(self) -> list[str]:
        """Failed tests that are not this row's."""
        return [name for name in self.failed if self.mutant.row not in _rows(name)]

    @property
    def right(self) -> bool:
        return self.ended and bool(self.failed) and not self.others


def _rows(name: str) -> set[int]:
    """The row of a test; row 45 repeats others in check mode, and its case `row_NN` belongs to both."""
    return {int(number) for number in re.findall(r"row_(\d\d)", name)}


def changed(mutant: Mutant, text: str) -> str:
    """The file's text with the mutant's line changed; the line must stand there exactly once."""
    if text.count(mutant.old) != 1:
        raise ValueError(f"row {mutant.row}: {mutant.file} holds {text.count(mutant.old)} times {mutant.old!r}")
    return text.replace(mutant.old, mutant.new)


def judge(mutant: Mutant, project: Path) -> Verdict:
    """Runs the fault tests on a copy of the project with this mutant."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        copy = Path(folder) / "platform"
        _copy(project, copy)
        path = copy / UTILS / mutant.file
        path.write_text(changed(mutant, path.read_text()))
        command = [sys.executable, "-m", "pytest", "-q", "-k", "test_row_", "tests/faults"]
        process = subprocess.Popen(
            command, cwd=copy, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )
        try:
            output, _ = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            output, _ = process.communicate()
            return Verdict(mutant, re.findall(r"^FAILED (\S+)", output, re.MULTILINE), False)
    failed = re.findall(r"^(?:FAILED|ERROR) (\S+)", output, re.MULTILINE)
    return Verdict(mutant, failed, process.returncode in (0, 1))


def _copy(project: Path, copy: Path) -> None:
    copy.mkdir(parents=True)
    for name in _COPIED:
        source = project / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, copy / name)
    link = copy / _LINK
    link.parent.mkdir(parents=True)
    link.symlink_to(copy)


def page(verdicts: Iterable[Verdict]) -> str:
    """The table for docs."""
    rows = []
    for verdict in verdicts:
        names = "<br>".join(sorted({f"`{name.rpartition('::')[2].partition('[')[0]}`" for name in verdict.failed}))
        rows.append(f"| {verdict.mutant.row} | {verdict.mutant.gone} | {verdict.mutant.file} | {names} |")
    return _HEAD + "\n".join(rows) + "\n"


def _remember(verdict: Verdict) -> None:
    """Keeps a right verdict, so that an interrupted run goes on where it was."""
    known = _remembered() | {str(verdict.mutant.row): {"mutant": list(verdict.mutant), "failed": verdict.failed}}
    KNOWN.parent.mkdir(exist_ok=True)
    KNOWN.write_text(json.dumps(known))


def _remembered() -> dict[str, Any]:
    """What was seen for mutants that are as they were."""
    known: dict[str, Any] = json.loads(KNOWN.read_text()) if KNOWN.exists() else {}
    same = {str(mutant.row): list(mutant) for mutant in MUTANTS}
    return {row: seen for row, seen in known.items() if same.get(row) == seen["mutant"]}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", type=int)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--resume", action="store_true")
    options = parser.parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # some tests interrupt themselves
    if not options.resume and not options.rows:
        KNOWN.unlink(missing_ok=True)
    skipped = _remembered() if options.resume else {}
    chosen = [m for m in MUTANTS if m.row in options.rows or (not options.rows and str(m.row) not in skipped)]
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder, ThreadPoolExecutor(options.jobs) as pool:
        as_it_is = Path(folder) / "platform"
        _copy(ROOT, as_it_is)  # once: the project may change while this runs
        for verdict in pool.map(partial(judge, project=as_it_is), chosen):
            if verdict.right:
                _remember(verdict)
            wrong += not verdict.right
            words = (
                "right"
                if verdict.right
                else f"WRONG: of others {verdict.others}, its own {len(verdict.failed) - len(verdict.others)}"
            )
            words += "" if verdict.ended else " (did not end)"
            print(f"row {verdict.mutant.row:2}  {words}", flush=True)
    known = _remembered()
    print(f"{len(chosen) - wrong} of {len(chosen)} mutants are caught by their row's tests alone")
    if len(known) == len(MUTANTS) and not wrong:
        PAGE.write_text(page([Verdict(m, known[str(m.row)]["failed"], True) for m in MUTANTS]))
        print(f"{PAGE.relative_to(ROOT)} is renewed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
