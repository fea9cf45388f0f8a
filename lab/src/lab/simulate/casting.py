"""Plays a recorded step with another object's names, numbers and times: who of the recorded instances is who now."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

Object = dict[str, Any]
_PLACEHOLDER = re.compile(r"\{([\w.]+?)(?:-(\d+))?\}")


class Part(NamedTuple):
    """Who plays a recorded instance. names: as it does; beside: who only stands with it in lists, unchanged itself."""

    names: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()


class Sides(NamedTuple):
    """Instances before and after, the first (primary, or lost) one in front."""

    before: Sequence[str]
    after: Sequence[str]


class Unplayed(Exception):
    """The step is about an instance that nobody plays."""


def cast(then: Sides, now: Sides, *, bystanders: bool = False) -> dict[str, Part]:
    """Who plays whom: those that stay, go and come, each in order; the last one of each is played by all the rest.

    bystanders: the rest only stands beside the last one that stays.
    """
    found: dict[str, Part] = {}
    for these, those in zip(_groups(then), _groups(now), strict=True):
        for number, name in enumerate(these):
            last = number == len(these) - 1
            played = tuple(those[number:] if last else those[number : number + 1])
            beside = played[1:] if bystanders else ()
            found[name] = Part(played[: len(played) - len(beside)], beside)
    return found


def _groups(sides: Sides) -> tuple[list[str], list[str], list[str]]:
    stay = [name for name in sides.before if name in sides.after]
    gone = [name for name in sides.before if name not in sides.after]
    come = [name for name in sides.after if name not in sides.before]
    return stay, gone, come


class Stage:
    """Renders recorded values: instances by their cast, other words by their replacement, placeholders by value."""

    def __init__(
        self,
        parts: Mapping[str, Part],
        words: Mapping[str, str],
        values: Mapping[str, Any],
        namespace: tuple[str, str] = ("", ""),
    ) -> None:
        self._parts, self._words, self._values = parts, words, values
        then, self._namespace = namespace
        every = sorted([*parts, *words], key=len, reverse=True)
        names = "|".join(map(re.escape, every)) or "(?!)"
        domain = re.escape(then) if then else "(?!)"  # traced-rw.demo.svc: a namespace may be called as its objects are
        self._names = re.compile(rf"(?<=\.)(?P<namespace>{domain})(?=\.|$)|(?<![\w-])(?P<name>{names})(?![a-z0-9])")

    def know(self, values: Mapping[str, Any]) -> None:
        """What placeholders stand for from now on."""
        self._values = values

    def play(self, value: Any) -> Any:
        """The value as it reads now. Raises Unplayed where it is about nobody."""
        if isinstance(value, dict):
            return {name: self.play(each) for key, each in value.items() for name in self._keys(key)}
        if isinstance(value, list):
            return [played for each in value for played in self._items(each) if played is not None]
        return self._text(value) if isinstance(value, str) else value

    def _keys(self, key: str) -> Sequence[str]:
        return self._parts[key].names if key in self._parts else (str(self._text(key)),)

    def _items(self, item: Any) -> Sequence[Any]:
        if isinstance(item, str) and item in self._parts:
            part = self._parts[item]
            return (*part.names, *part.beside)
        return (self.play(item),)

    def _text(self, text: str) -> Any:
        whole = _PLACEHOLDER.fullmatch(text)
        if whole:
            return self._value(whole)
        text = _PLACEHOLDER.sub(lambda found: str(self._value(found)), text)
        return self._names.sub(self._name, text)

    def _value(self, found: re.Match[str]) -> Any:
        if found[1] not in self._values:
            return None if found[1].startswith("spec.") else found[0]
        value = self._values[found[1]]
        return max(1, value - int(found[2])) if found[2] else value

    def _name(self, found: re.Match[str]) -> str:
        if found["namespace"]:
            return self._namespace
        part = self._parts.get(found["name"])
        if part is None:
            return self._words[found["name"]]
        if not part.names:
            raise Unplayed(found["name"])
        return part.names[0]
