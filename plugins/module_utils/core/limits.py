"""Holds options against what must be true of them before anything is written, one sentence each. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .api.errors import PlatformError

Row = Mapping[str, Any]

_FIELD = re.compile(r"[0-9a-zA-Z*?/,\-]+")
Rule = tuple[Callable[[Row], str], str]  # what is wrong, in words, or nothing; and the requirement that says so


def schedule(text: str, fields: int) -> bool:
    """Whether a text is a cron schedule of so many fields, or one of the words for such (@daily)."""
    given = text.split()
    return text.startswith("@") or (len(given) == fields and all(map(_FIELD.fullmatch, given)))


@dataclass(frozen=True)
class Limits:
    """what: the system's name in sentences; elsewhere: requirements that an inventory's other checks hold already."""

    what: str
    rules: tuple[Rule, ...]
    elsewhere: tuple[str, ...] = ()

    def check(self, row: Row) -> None:
        """Raises PlatformError, one sentence, for the first thing that could not work."""
        for rule, _ in self.rules:
            if words := rule(row):
                raise PlatformError(f"cannot make {self.what} {row['namespace']}/{row['name']}: {words}")

    def in_inventory(self, row: Row) -> Iterator[tuple[str, str]]:
        """Everything that could not work and that no other check of an inventory says, with its requirement."""
        for rule, requirement in self.rules:
            if requirement not in self.elsewhere and (words := rule(row)):
                yield words, requirement
