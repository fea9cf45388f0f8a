"""The recipes under lab/images: what an image is made of, checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from .. import paths
from ..errors import LabError
from ..tools import tool_of

FOLDER = paths.PACKAGE / "images"
REGISTRY = "lab.local"  # nowhere: an image that is not on the node is an error at once

FIELDS = {"tag": str, "layers": list, "command": list, "user": str, "path": list, "environment": dict, "folder": str}
STEPS = {
    "debian": str,
    "users": dict,
    "packages": list,
    "wheels": str,
    "programs": dict,
    "files": dict,
    "links": dict,
    "folders": dict,
}
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Step:
    """One layer: what kind, and what goes into it."""

    kind: str
    value: Any


@dataclass(frozen=True)
class Recipe:
    """An image: its layers from the bottom, and how a container of it starts."""

    name: str
    tag: str
    steps: list[Step]
    command: list[str] | None = None
    user: str = ""
    path: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    folder: str = ""

    @property
    def reference(self) -> str:
        return f"{REGISTRY}/{self.name}:{self.tag}"

    @property
    def config(self) -> dict[str, Any]:
        """As the image format has it."""
        environment = {"PATH": ":".join((*self.path, PATH))} | self.environment
        return {
            "User": self.user,
            "Env": [f"{key}={value}" for key, value in environment.items()],
            "Entrypoint": self.command,
            "WorkingDir": self.folder,
        }


def every() -> list[str]:
    """The names of all recipes."""
    return sorted(path.stem for path in FOLDER.glob("*.yml"))


def load(name: str) -> Recipe:
    """A recipe by name, or one sentence about what is wrong with it."""
    path = FOLDER / f"{name}.yml"
    try:
        content = yaml.safe_load(path.read_text())
    except FileNotFoundError:
        raise LabError(f"there is no recipe of an image {name}: choose one of {', '.join(every())}") from None
    except yaml.YAMLError as error:
        raise LabError(f"{path} is no YAML: {' '.join(str(error).split())}") from None
    return parse(name, content, path)


def parse(name: str, content: Any, path: Path) -> Recipe:
    """A recipe out of its file's content."""
    _known(content, FIELDS, path, "a recipe")
    if "layers" not in content:
        raise LabError(f"{path} has no layers: an image needs at least one")
    steps = []
    for layer in content["layers"]:
        _known(layer, STEPS, path, "a layer")
        if len(layer) != 1:
            raise LabError(f"{path}: a layer is of one kind, not of {' and '.join(layer)}: make several")
        steps += [Step(kind, value) for kind, value in layer.items()]
    others = {key: value for key, value in content.items() if key not in ("layers", "tag")}
    return Recipe(name, content.get("tag") or _version(steps, path), steps, **others)


def _known(content: Any, known: Mapping[str, type], path: Path, what: str) -> None:
    if not isinstance(content, dict):
        raise LabError(f"{path}: {what} is a mapping, not {content!r}")
    for key, value in content.items():
        if key not in known:
            raise LabError(f"{path}: {what} has the unknown field {key} (known: {', '.join(known)})")
        if not isinstance(value, known[key]):
            raise LabError(f"{path}: {key} is no {known[key].__name__}: {value!r}")


def _version(steps: list[Step], path: Path) -> str:
    """The version of the first program in it."""
    for step in steps:
        if step.kind == "programs":
            return re.sub(r"[^\w.-]", "-", tool_of(next(iter(step.value))).version)
    raise LabError(f"{path} needs a tag: there is no program in it to take the version of")
