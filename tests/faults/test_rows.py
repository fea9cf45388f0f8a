"""Every row of the fault table has a test that carries its number."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

ROWS = range(1, 48)
HERE = Path(__file__).parent


def rows_of(folder: Path) -> dict[int, list[str]]:
    """The test functions named `test_row_NN_...`, each by its file and name."""
    found: dict[int, list[str]] = defaultdict(list)
    for path in sorted(folder.glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and (row := re.match(r"test_row_(\d\d)_\w+", node.name)):
                found[int(row[1])].append(f"{path.name}::{node.name}")
    return found


def test_every_row_has_a_test_that_asserts_something() -> None:
    found = rows_of(HERE)
    assert sorted(found) == list(ROWS)
    for names in found.values():
        for name in names:
            path, _, function = name.partition("::")
            tree = ast.parse((HERE / path).read_text())
            node = next(n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == function)
            assert any(isinstance(n, ast.Assert) for n in ast.walk(node)), f"{name} asserts nothing"
            assert not any("skip" in ast.dump(d) for d in node.decorator_list), f"{name} is skipped"


def test_every_row_has_a_mutant_whose_line_is_there() -> None:
    from mutants.run import changed
    from mutants.table import MUTANTS, UTILS

    root = HERE.parents[1]
    assert [mutant.row for mutant in MUTANTS] == list(ROWS)
    for mutant in MUTANTS:
        text = (root / UTILS / mutant.file).read_text()
        compile(changed(mutant, text), mutant.file, "exec")
