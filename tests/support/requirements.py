"""Finds requirement IDs: in the catalogue of the specifications, and in the comments that end an inventory's lines."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

CATALOGUE = Path(__file__).parents[3] / "shared" / "requirements.md"
_ID = r"(?:[SD][0-4]-\d{2,3}|[XNG]-\d{2}|[UP]\d{2})"
# A value that a requirement asks for: `key: value # S0-09`, `# S0-09, N-07`, `# S0-09: why`.
CITATION = re.compile(rf"^(?P<value>\s*[^#\s].*?) # (?P<ids>{_ID}(?:, {_ID})*)(?:: .*)?$")
ID = re.compile(rf"\b{_ID}\b")


class Citation(NamedTuple):
    """A line of an inventory and the requirements that it names."""

    path: Path
    line: int
    value: str
    ids: tuple[str, ...]


def citations(folder: Path) -> list[Citation]:
    """All citations in a folder's YAML files."""
    return [
        Citation(path, number, match["value"], tuple(match["ids"].split(", ")))
        for path in sorted(folder.rglob("*.yml"))
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if (match := CITATION.match(line))
    ]


def catalogue() -> dict[str, str]:
    """Requirements by ID, each with the text of its row."""
    rows = re.findall(rf"^\| ({_ID}) \|(.*)$", CATALOGUE.read_text(), re.MULTILINE)
    return dict(rows)
