"""Which kinds are simulated, and by what: the traces of a kind, or what upstream says; a row of settings each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import yaml

from .. import paths, traces
from . import script
from .engine import FOOTPRINTS, Footprint
from .script import Script

FOLDER = paths.PACKAGE / "simulated"
Object = dict[str, Any]


@dataclass(frozen=True)
class Settings:
    """What a trace does not tell of itself; lab/simulated/<group>.<Kind>.yml. Paths are within the status.

    instances: where the status names its instances; primary: which of them leads; asked: which of them is to lead, by
    whoever writes it there (starts `switchover`); healthy: those that are ready;
    counts: numbers that follow from such lists. sizes: numbers that are as many as the pods that the spec asks for.
    all_ready: conditions that say that every pod is ready. refuses: titles
    after which the children stay as they were. words: paths of the spec whose texts stand in the status too.
    annotations, fields: which title a value of an annotation, or of a field of the spec, starts (`none`: it is gone,
    `*`: any other). paused: how a person
    asks the operator to look away.
    failing: a status of a failure that passes. source, said: without traces, what upstream says, by title.
    """

    instances: str = ""
    primary: str = ""
    asked: str = ""
    healthy: str = ""
    counts: dict[str, str] = field(default_factory=dict)
    sizes: list[str] = field(default_factory=list)
    all_ready: list[str] = field(default_factory=list)
    refuses: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    annotations: dict[str, dict[str, str]] = field(default_factory=dict)
    fields: dict[str, dict[str, str]] = field(default_factory=dict)
    paused: Object = field(default_factory=dict)
    failing: Object = field(default_factory=dict)
    source: str = ""
    said: dict[str, list[Object]] = field(default_factory=dict)

    def title(self, key: str, value: Any) -> str:
        """What a new value of an annotation or a field starts, if anything."""
        titles = (self.annotations | self.fields)[key]
        return titles.get(str(value).lower(), "" if value is None else titles.get("*", ""))


@dataclass(frozen=True)
class Kind:
    """A kind that is simulated: group/Kind, what its operator creates, its settings, its scripts by title."""

    key: str
    footprint: Callable[[Object], Footprint]
    settings: Settings
    scripts: dict[str, Script]

    @property
    def recorded(self) -> set[str]:
        """Who wrote the traces: `cloudnative-pg v1.30.0`."""
        return {each.software for each in self.scripts.values() if each.software}

    @property
    def verified(self) -> bool:
        """Whether its way to ready was recorded from the real operator."""
        return bool(self.scripts.get(script.CREATE, Script("", ())).software)

    @property
    def words(self) -> str:
        """How it is simulated, for people."""
        if self.verified:
            return f"statuses as recorded of {', '.join(sorted(self.recorded))}"
        if self.scripts:
            return f"unverified: statuses as upstream says ({self.settings.source})"
        return "unverified: children alone, no status"

    def script(self, *titles: str) -> Script | None:
        """The first of these titles that there is."""
        return next((self.scripts[title] for title in titles if title in self.scripts), None)


@cache
def every() -> dict[str, Kind]:
    """All kinds of registry.FOOTPRINTS."""
    return {key: _kind(key) for key in sorted(FOOTPRINTS)}


def _kind(key: str) -> Kind:
    name = key.replace("/", ".")
    path = FOLDER / f"{name}.yml"
    settings = Settings(**(yaml.safe_load(path.read_text()) or {})) if path.exists() else Settings()
    told = {title: script.said(title, steps) for title, steps in settings.said.items()}
    recorded = {path.stem: script.recorded(path) for path in sorted((traces.FOLDER / name).glob("*.json"))}
    return Kind(key, FOOTPRINTS[key], settings, told | recorded)
