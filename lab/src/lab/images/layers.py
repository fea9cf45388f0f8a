"""Layers of images in the cache, each made once: named by what is in it and by the layers below."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import paths, progress
from ..errors import LabError
from ..locks import lock, lock_if_free
from .recipe import Recipe, Step
from .steps import KINDS

FORMAT = 1  # goes up when a kind of layer is made otherwise
ROOT, ARCHIVE = ".root", ".new"  # of a layer that is not finished
MACHINES = ("dev", "proc", "sys", "run", "tmp")  # a container gets its own


@dataclass(frozen=True)
class Layer:
    """A layer in the cache: an uncompressed archive and its digest."""

    path: Path
    digest: str
    size: int


def ensure(recipe: Recipe) -> list[Layer]:
    """The image's layers from the bottom, made where missing."""
    made: list[Layer] = []
    key = ""
    for step in recipe.steps:
        kind = KINDS[step.kind]
        below = "" if kind.apart else key
        own = _key(step, below, kind.depends(step.value))
        made.append(_cached(own) or _make(recipe, step, own, made))
        key = hashlib.sha256(f"{key}{own}".encode()).hexdigest()
    return made


def _key(step: Step, below: str, depends: str) -> str:
    what = json.dumps([FORMAT, step.kind, step.value, below, depends], sort_keys=True)
    return hashlib.sha256(what.encode()).hexdigest()[:24]


def _folder() -> Path:
    return paths.cache() / "images"


def _cached(key: str) -> Layer | None:
    try:
        facts = json.loads((_folder() / f"{key}.json").read_text())
        path = _folder() / f"{key}.tar"
        return Layer(path, facts["digest"], facts["size"]) if path.stat().st_size == facts["size"] else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _make(recipe: Recipe, step: Step, key: str, below: list[Layer]) -> Layer:
    folder = paths.make_cache("images")
    _remove_unfinished(folder)
    with lock(_lock(key), f"makes a layer of image {recipe.name}"):
        kept = _cached(key)
        if kept:
            return kept
        try:
            with progress.step(f"image {recipe.name}: {_words(step)}") as tell:
                root = folder / f".{key}{ROOT}"
                root.mkdir(mode=0o755)
                return _keep(step, root, key, below, tell)
        except OSError as error:
            raise LabError(f"{folder} cannot be written ({paths.why(error)}): free it or set XDG_CACHE_HOME") from None
        finally:
            _remove(folder, key)


def _lock(key: str) -> str:
    return f"image-{key}.lock"


def _remove_unfinished(folder: Path) -> None:
    """What builds that were killed left; those at work hold their locks."""
    for path in folder.glob(".*"):
        key = path.name.removeprefix(".").split(".")[0]
        with lock_if_free(_lock(key)) as free:
            if free:
                _remove(folder, key)


def _remove(folder: Path, key: str) -> None:
    """The tree that a layer was made in, and its archive if it was not finished."""
    shutil.rmtree(folder / f".{key}{ROOT}", ignore_errors=True)
    (folder / f".{key}{ARCHIVE}").unlink(missing_ok=True)


def _keep(step: Step, root: Path, key: str, below: list[Layer], tell: progress.Tell) -> Layer:
    kind = KINDS[step.kind]
    if not kind.apart:
        for layer in below:
            unpack(layer, root)
    os.umask(0o022)  # the modes of what is made belong to the image, not to the user
    before = {} if kind.apart else _times(root)
    tell("at work")
    kind.make(step.value, root, tell)
    changed = [path for path, at in _times(root).items() if before.get(path) != at]
    fresh = _folder() / f".{key}{ARCHIVE}"
    with tarfile.open(fresh, "w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(changed):
            archive.add(root / path, arcname=path, recursive=False)
    with fresh.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    layer = Layer(_folder() / f"{key}.tar", digest, fresh.stat().st_size)
    fresh.replace(layer.path)
    facts: dict[str, Any] = {"digest": digest, "size": layer.size, "kind": step.kind, "made": _words(step)}
    (_folder() / f"{key}.json").write_text(json.dumps(facts))
    return layer


def unpack(layer: Layer, root: Path) -> None:
    """Puts a layer's files onto what is there."""
    command = ["tar", "--extract", "--numeric-owner", "--same-permissions", "--file", str(layer.path)]
    done = subprocess.run([*command, "--directory", str(root)], capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["no reason"])[-1]
        raise LabError(f"the layer {layer.path} cannot be unpacked ({said}): delete it, it is made anew")


def _times(root: Path) -> dict[str, int]:
    """Path below the root -> when it last changed in any way; a folder counts when it or its list of names did."""
    found = {}
    for folder, folders, files in os.walk(root):
        inside = os.path.relpath(folder, root)
        folders[:] = [name for name in folders if not (inside == "." and name in MACHINES)]
        for name in (*folders, *files):
            path = os.path.normpath(os.path.join(inside, name))
            found[path] = os.lstat(root / path).st_ctime_ns
    if not found.keys().isdisjoint({"etc"}):
        for name in MACHINES:
            if (root / name).is_dir():
                found[name] = os.lstat(root / name).st_ctime_ns
    return found


def _words(step: Step) -> str:
    value = step.value
    return f"{step.kind} {', '.join(value) if isinstance(value, list | dict) else value}"
