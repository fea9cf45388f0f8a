"""Objects that a task gives as they are: inline, as YAML text, or in files and folders."""

from __future__ import annotations

from typing import Any

from ..core.api.objects import Origin, Sourced
from ..core.sets.options import Options
from . import yaml_files

OPTIONS = Options(
    {
        "objects": {"type": "list", "elements": "raw", "default": []},
        "files": {"type": "list", "elements": "path", "default": []},
        "templates": {"type": "list", "elements": "path", "default": []},
    }
)


def objects(objects: list[Any] = (), files: list[str] = (), templates: list[str] = ()) -> list[Sourced]:  # type: ignore[assignment]
    """All objects of a task, in the order given, each with where it came from; texts are read strictly.

    `templates` are rendered by the action before the module sees them, as texts in `objects`; so are files, where the
    module runs elsewhere. Such a text comes as {source, text}.
    """
    found: list[Sourced] = []
    for number, each in enumerate(objects, start=1):
        found += _given(each, f"objects[{number}]")
    for path in files:
        found += yaml_files.read(path)
    return found


def _given(each: Any, place: str) -> list[Sourced]:
    if isinstance(each, str):
        return yaml_files.parse(each, place)
    if isinstance(each, dict) and set(each) == {"source", "text"}:
        return yaml_files.parse(str(each["text"]), str(each["source"]))
    return [Sourced(each, Origin(place))]
