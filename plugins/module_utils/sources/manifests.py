"""Objects that a task gives as they are: inline, as YAML text, or in files and folders."""

from __future__ import annotations

from typing import Any

from ..core.api.objects import Object
from ..core.sets.options import Options
from . import yaml_files

OPTIONS = Options(
    {
        "objects": {"type": "list", "elements": "raw", "default": []},
        "files": {"type": "list", "elements": "path", "default": []},
        "templates": {"type": "list", "elements": "path", "default": []},
    }
)


def objects(objects: list[Any] = (), files: list[str] = (), templates: list[str] = ()) -> list[Object]:  # type: ignore[assignment]
    """All objects of a task, in the order given; texts are read strictly, and nothing may be given twice.

    `templates` are rendered by the action before the module sees them, as texts in `objects`.
    """
    found: list[Object] = []
    for number, each in enumerate(objects, start=1):
        found += [s.object for s in yaml_files.parse(each, f"objects[{number}]")] if isinstance(each, str) else [each]
    for path in files:
        found += [s.object for s in yaml_files.read(path)]
    return found
