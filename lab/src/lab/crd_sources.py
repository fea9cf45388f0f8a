"""The table of where each CustomResourceDefinition comes from."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import yaml

from . import paths
from .errors import LabError

FOLDER = paths.PACKAGE / "crds"
TABLE = FOLDER / "sources.yml"


@dataclass(frozen=True)
class Source:
    """A row of the table: a Go module that carries CRDs, or a file of our own schema subsets."""

    name: str
    group: str
    module: str = ""
    version: str = ""
    sum: str = ""  # h1, as a go.sum pins it
    files: str = ""  # glob inside the module
    subset: str = ""
    additions: str = ""

    @property
    def origin(self) -> str:
        """Where its CRDs come from, in one word for people: `module@version`, or the project and its release."""
        if self.module:
            return f"{self.module}@{self.version}"
        head = read(self.subset)
        return f"{head['project']} {head['version']}"


def read(name: str) -> dict[str, Any]:
    """A data file of lab/crds."""
    loaded: dict[str, Any] = yaml.load((FOLDER / name).read_text(), yaml.CSafeLoader)
    return loaded


@functools.cache
def every() -> tuple[Source, ...]:
    """All rows, in the table's order."""
    return tuple(Source(**row) for row in yaml.safe_load(TABLE.read_text()))


def choose(groups: Iterable[str] | None = None) -> list[Source]:
    """The sources of some groups (a source's own name serves too), all of them for none."""
    wanted = list(groups or ())
    known = {word for source in every() for word in (source.name, source.group)}
    if unknown := [word for word in wanted if word not in known]:
        names = ", ".join(sorted({source.group for source in every()}))
        raise LabError(
            f"{', '.join(unknown)}: no such group of CRDs: choose from {names}, or a source of `lab crds list`"
        )
    return [source for source in every() if not wanted or {source.name, source.group} & set(wanted)]
