"""An image as the archive that containerd imports: a configuration, a manifest and the layers, piece by piece."""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Iterator
from typing import Any

from . import layers
from .layers import Layer
from .recipe import Recipe

PIECE = 1 << 20
BLOCK = 512


def stream(recipe: Recipe) -> Iterator[bytes]:
    """The archive of an image; makes the layers that are missing."""
    made = layers.ensure(recipe)
    configuration = _json(_configuration(recipe, made))
    name = f"{identity(recipe)}.json"
    entry = {"Config": name, "RepoTags": [recipe.reference], "Layers": [f"{layer.digest}.tar" for layer in made]}
    for path, data in ((name, configuration), ("manifest.json", _json([entry]))):
        yield from (_header(path, len(data)), _padded(data))
    for layer in {layer.digest: layer for layer in made}.values():
        yield _header(f"{layer.digest}.tar", layer.size)
        yield from _content(layer)
    yield bytes(2 * BLOCK)


def identity(recipe: Recipe) -> str:
    """The image's ID: changes with its layers and with how a container of it starts."""
    return hashlib.sha256(_json(_configuration(recipe, layers.ensure(recipe)))).hexdigest()


def _configuration(recipe: Recipe, made: list[Layer]) -> dict[str, Any]:
    return {
        "architecture": "amd64",
        "os": "linux",
        "config": recipe.config,
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{layer.digest}" for layer in made]},
    }


def _json(content: Any) -> bytes:
    return json.dumps(content, sort_keys=True).encode()


def _header(name: str, size: int) -> bytes:
    header = tarfile.TarInfo(name)
    header.size = size
    return header.tobuf()


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % BLOCK)


def _content(layer: Layer) -> Iterator[bytes]:
    with layer.path.open("rb") as file:
        yield from iter(lambda: file.read(PIECE), b"")
    yield bytes(-layer.size % BLOCK)


def size(recipe: Recipe) -> int:
    """Bytes of an image's layers; makes those that are missing."""
    return sum(layer.size for layer in layers.ensure(recipe))
