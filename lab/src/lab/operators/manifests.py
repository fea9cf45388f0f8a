"""An operator's own objects out of its Go module, with the lab's images in place of its."""

from __future__ import annotations

import base64
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from .. import build, golang
from ..crd_modules import Loader
from ..errors import LabError
from ..images import recipe as images
from ..tools import TOOLS, Tool
from .recipe import FOLDER, Recipe

Object = dict[str, Any]


def objects(recipe: Recipe) -> list[Object]:
    """Every object of a recipe, in the order of its files, ready to apply."""
    texts = _module_files(recipe) if recipe.tool else []
    texts += [(FOLDER / "objects" / recipe.objects).read_text()] if recipe.objects else []
    found = [document for text in texts for document in yaml.load_all(text, Loader) if document]
    references = {name: images.load(image).reference for name, image in recipe.images.items()}
    return [_moved(_with_images(each, references), recipe.namespace) for each in found]


def _module_files(recipe: Recipe) -> list[str]:
    tool = TOOLS[recipe.tool]
    folder = _module(tool)
    if recipe.kustomize:
        return [_kustomize(folder / recipe.kustomize)]
    texts = []
    for pattern in recipe.manifests:
        name = pattern.format(version=tool.version.removeprefix("v"))
        files = sorted(folder.glob(name))
        if not files:
            raise LabError(f"{tool.source} {tool.version} has no {name}: mend lab/operators/{recipe.name}.yml")
        texts += [path.read_text() for path in files]
    return texts


def _module(tool: Tool) -> Path:
    """Where Go keeps the module's files; it holds them against the checksum in our go.sum."""
    command = [str(golang.go()), "mod", "download", "-json", tool.source]
    environment = golang.environment()
    done = subprocess.run(command, cwd=tool.folder, env=environment, capture_output=True, text=True, check=False)
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        answer = {"Error": done.stderr.strip() or "go gave no answer"}
    if "Dir" not in answer:
        raise LabError(
            f"the manifests of {tool.name} {tool.version} could not be fetched ({answer.get('Error', 'no folder')}): "
            "make the Go module proxy reachable (GOPROXY names it)"
        )
    return Path(answer["Dir"])


def _kustomize(folder: Path) -> str:
    command = [str(build.program("kubectl")), "kustomize", "--load-restrictor=LoadRestrictionsNone", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LabError(f"kubectl could not build {folder}: {done.stderr.strip().splitlines()[-1]}")
    return done.stdout


def _with_images(document: Object, references: dict[str, str]) -> Object:
    if document["kind"] == "CustomResourceDefinition" or not references:
        return document
    names = "|".join(re.escape(name) for name in sorted(references, key=len, reverse=True))
    pattern = re.compile(rf"(?<![\w./-])({names})(:[\w.-]+)?(@sha256:\w+)?(?![\w./-])")

    def rewrite(text: str) -> str:
        return pattern.sub(lambda match: references[match[1]], text)

    changed: Object = _strings(document, rewrite)
    if document["kind"] == "Secret":
        changed["data"] = {key: _inside(value, rewrite) for key, value in (changed.get("data") or {}).items()}
    return changed


def _strings(node: Any, change: Callable[[str], str]) -> Any:
    if isinstance(node, dict):
        return {key: "IfNotPresent" if key == "imagePullPolicy" else _strings(node[key], change) for key in node}
    if isinstance(node, list):
        return [_strings(each, change) for each in node]
    return change(node) if isinstance(node, str) else node


def _inside(encoded: str, change: Callable[[str], str]) -> str:
    return base64.b64encode(change(base64.b64decode(encoded).decode()).encode()).decode()


def _moved(document: Object, namespace: str) -> Object:
    """From `default`, where a manifest leaves the choice open."""
    if not namespace:
        return document
    if document["metadata"].get("namespace") == "default":
        document["metadata"]["namespace"] = namespace
    for subject in document.get("subjects") or []:
        if subject.get("namespace") == "default":
            subject["namespace"] = namespace
    return document
