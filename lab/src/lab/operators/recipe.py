"""The recipes under lab/operators: where an operator's manifests are, which images stand for theirs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

from .. import paths
from ..errors import LabError

FOLDER = paths.PACKAGE / "operators"
FIELDS = {
    "tool": str,  # its Go module, at the version pinned there, holds the manifests
    "manifests": list,  # files of the module; {version} is filled in, `*` as in a shell
    "kustomize": str,  # or a folder that kubectl builds
    "objects": str,  # or a file of ours, beside the recipe
    "namespace": str,  # of objects that name `default`
    "images": dict,  # image in the manifests, without tag -> image recipe
    "load": list,  # more image recipes, for what the operator starts
    "secrets": dict,  # NAMESPACE/NAME -> keys, each of random letters, made once
    "simulated": bool,  # a process of the lab stands for it
    "crds": list,  # groups of `lab crds list`
    "needs": list,  # recipes that come first
    "ready": list,  # NAMESPACE/KIND/NAME that must be available
}


@dataclass(frozen=True)
class Recipe:
    """What installing an operator takes."""

    name: str
    tool: str = ""
    manifests: list[str] = field(default_factory=list)
    kustomize: str = ""
    objects: str = ""
    namespace: str = ""
    images: dict[str, str] = field(default_factory=dict)
    load: list[str] = field(default_factory=list)
    secrets: dict[str, list[str]] = field(default_factory=dict)
    simulated: bool = False
    crds: list[str] = field(default_factory=list)
    needs: list[str] = field(default_factory=list)
    ready: list[str] = field(default_factory=list)

    @property
    def needs_nodes(self) -> bool:
        """Whether anything of it runs in pods."""
        return bool(self.all_images or self.tool or self.objects)

    @property
    def all_images(self) -> list[str]:
        return sorted({*self.images.values(), *self.load})


def every() -> list[str]:
    """The names of all recipes."""
    return sorted(path.stem for path in FOLDER.glob("*.yml"))


def load(name: str) -> Recipe:
    """A recipe by name, or one sentence about what is wrong with it."""
    path = FOLDER / f"{name}.yml"
    try:
        content: Any = yaml.safe_load(path.read_text())
    except FileNotFoundError:
        raise LabError(f"there is no recipe of an operator {name}: choose one of {', '.join(every())}") from None
    except yaml.YAMLError as error:
        raise LabError(f"{path} is no YAML: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        raise LabError(f"{path}: a recipe is a mapping")
    for key, value in content.items():
        if key not in FIELDS:
            raise LabError(f"{path} has the unknown field {key} (known: {', '.join(FIELDS)})")
        if not isinstance(value, FIELDS[key]):
            raise LabError(f"{path}: {key} is no {FIELDS[key].__name__}: {value!r}")
    return Recipe(name, **content)
