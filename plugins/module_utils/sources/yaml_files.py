"""Reads Kubernetes objects from YAML or JSON text, files and folders, strictly, and remembers where each one stood.

Scalars mean what they mean to kubectl (YAML 1.1 booleans and octal integers, but dates, ``12:30`` and ``=`` stay
strings), not what PyYAML makes of them. What PyYAML would silently drop, a duplicate key, is refused with its line;
the API server can only see duplicates that reach it.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from ..core.api.errors import PlatformError
from ..core.api.objects import Object, Origin, Sourced

SUFFIXES = (".yml", ".yaml", ".json")
MAX_NODES = 2_000_000  # a document of 1.5 MiB, etcd's limit, has fewer than 200,000; more is an alias bomb

_STANDARD = "tag:yaml.org,2002:"
_INT = re.compile(r"[-+]?(0b[01]+|0x[0-9a-fA-F]+|0o?[0-7]+|0|[1-9][0-9_]*)")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: dict[str, Any] = {
    **{spelled: None for word in ("null",) for spelled in (word, word.title(), word.upper())},
    **{spelled: True for word in ("yes", "true", "on") for spelled in (word, word.title(), word.upper())},
    **{spelled: False for word in ("no", "false", "off") for spelled in (word, word.title(), word.upper())},
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
    **{sign + spelled: math.inf for sign in ("", "+", "-") for spelled in (".inf", ".Inf", ".INF")},  # refused
    "": None,
    "~": None,
    "<<": ...,
}


class Duplicate(NamedTuple):
    """A key that a mapping has twice: its path in the document, its origin, and the two values."""

    path: tuple[str | int, ...]
    origin: Origin
    first: Any
    last: Any


def parse(text: str, source: str, *, duplicates: Callable[[Duplicate], None] | None = None) -> list[Sourced]:
    """The objects of a text of any number of documents, ``List`` kinds flattened, in order.

    `source` names the text in errors. `duplicates` is told of each duplicate key instead of it being refused (the last
    value stays); it is for sources that can still mend them. Raises PlatformError with source and line.
    """
    return [sourced for document in _documents(text, source, duplicates) for sourced in document]


def read(path: str | Path, *, root: str | Path | None = None) -> list[Sourced]:
    """The objects of a file, or of every ``.yml``, ``.yaml`` and ``.json`` file under a folder in the order of names.

    Errors name files relative to `root`, where it is given. A folder without such files is refused: it is a typo.
    """
    path = Path(path)
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.suffix in SUFFIXES and _visible(file, path))
        if not files:
            raise PlatformError(
                f"cannot read {path}: the folder has no {', '.join(SUFFIXES)} file; name a folder that has"
            )
        return [sourced for file in files for sourced in read(file, root=root)]
    source = str(path.relative_to(root) if root and path.is_relative_to(root) else path)
    return parse(_text(path, source), source)


def unique(sourced: Iterable[Sourced]) -> list[Sourced]:
    """The same objects, refused where two of them are one and the same object of the API."""
    seen: dict[tuple[str, ...], Origin] = {}
    kept = []
    for item in sourced:
        meta = item.object["metadata"]
        group = item.object["apiVersion"].rpartition("/")[0]
        key = (group, item.object["kind"], meta.get("namespace") or "", meta["name"])
        if key in seen:
            raise PlatformError(
                f"{describe(item.object)} is given twice, at {seen[key]} and at {item.origin}; remove one of them"
            )
        seen[key] = item.origin
        kept.append(item)
    return kept


def describe(obj: Object) -> str:
    """``Kind namespace/name`` as errors name an object that has not been looked up yet."""
    meta = obj.get("metadata") or {}
    return f"{obj.get('kind')} {'/'.join(filter(None, (meta.get('namespace'), meta.get('name'))))}"


def _visible(file: Path, folder: Path) -> bool:
    return file.is_file() and not any(part.startswith(".") for part in file.relative_to(folder).parts)


def _text(path: Path, source: str) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise PlatformError(f"cannot read {source}: {(error.strerror or str(error)).lower()}") from None
    except UnicodeDecodeError as error:
        raise PlatformError(f"cannot read {source}: byte {error.start} is not UTF-8; save the file as UTF-8") from None


class _Composer(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Composes nodes (ten times faster with libyaml); plain scalars get no tag: `_plain` alone says what they mean."""

    def resolve(self, kind: type, value: Any, implicit: Any) -> str:
        if kind is yaml.ScalarNode:
            return "" if implicit[0] else _STANDARD + "str"
        return _STANDARD + ("seq" if kind is yaml.SequenceNode else "map")

    def descend_resolver(self, node: Any, index: Any) -> None:
        """No path resolvers."""

    def ascend_resolver(self) -> None:
        """No path resolvers."""


def _documents(text: str, source: str, duplicates: Callable[[Duplicate], None] | None) -> Iterator[list[Sourced]]:
    number = 0
    try:
        composer = _Composer(text)
        while composer.check_node():
            number += 1
            node = composer.get_node()
            yield _objects(node, number, _Constructor(source, duplicates))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        hint = _hint(text, line)
        raise PlatformError(f"cannot read {source}:{line}: {error.problem or error.context}{hint}") from None
    except yaml.YAMLError as error:  # ReaderError: a character that YAML does not allow
        position = getattr(error, "position", 0)
        line = text.count("\n", 0, position) + 1
        raise PlatformError(f"cannot read {source}:{line}: it has a character that YAML does not allow") from None


def _hint(text: str, line: int) -> str:
    """What is wrong more often than the parser can say."""
    lines = text.splitlines()
    shown = lines[line - 1] if line <= len(lines) else ""
    if "\t" in shown[: len(shown) - len(shown.lstrip())]:
        return "; indent with spaces, not tabs"
    if "{{" in shown or "{%" in shown:
        return "; this looks like a template that has not been rendered"
    return ""


def _objects(node: Any, number: int, constructor: _Constructor) -> list[Sourced]:
    """One document: nothing (it is empty), an object, or the items of a list kind."""
    value = constructor.construct(node, ())
    origin = constructor.origin(node)
    if value is None:
        return []
    if not isinstance(value, dict):
        raise PlatformError(
            f"cannot read {origin}: document {number} is a {_type(value)}, not a Kubernetes object;"
            " give a mapping with apiVersion, kind and metadata"
        )
    return list(_flatten(value, node, origin, constructor))


def _flatten(value: Object, node: Any, origin: Origin, constructor: _Constructor) -> Iterator[Sourced]:
    kind = value.get("kind")
    if not (isinstance(kind, str) and kind.endswith("List") and isinstance(value.get("items"), list)):
        yield Sourced(_checked(value, origin), origin)
        return
    # The API server's own lists, ConfigMapList for one, leave out of their items what the list's name says.
    implied = {} if kind == "List" else {"apiVersion": value.get("apiVersion"), "kind": kind.removesuffix("List")}
    nodes = next(item for key, item in node.value if key.value == "items").value
    for item, item_node in zip(value["items"], nodes, strict=True):
        item_origin = constructor.origin(item_node)
        if not isinstance(item, dict):
            raise PlatformError(f"cannot read {item_origin}: an item of {kind} is a {_type(item)}, not an object")
        yield from _flatten({**implied, **item}, item_node, item_origin, constructor)


def _checked(obj: Object, origin: Origin) -> Object:
    """The object, if it says what it is; strings are asked for because a bare 123 or yes is not one."""
    meta = obj.get("metadata")
    if str(obj.get("apiVersion")).startswith("kustomize.config.k8s.io/"):
        raise PlatformError(
            f"cannot read {origin}: {obj.get('kind')} is kustomize's own; give what kustomize builds of it"
        )
    for name, value in (
        ("apiVersion", obj.get("apiVersion")),
        ("kind", obj.get("kind")),
        ("metadata.name", meta.get("name") if isinstance(meta, dict) else None),
    ):
        if value is None or value == "":
            raise PlatformError(f"cannot read {origin}: the object has no {name}")
        if not isinstance(value, str):
            raise PlatformError(f"cannot read {origin}: {name} is a {_type(value)}; put it in quotes")
    namespace = meta.get("namespace") if isinstance(meta, dict) else None
    if namespace is not None and not isinstance(namespace, str):
        raise PlatformError(f"cannot read {origin}: metadata.namespace is a {_type(namespace)}; put it in quotes")
    return obj


_TYPES = {dict: "mapping", list: "list", bool: "boolean", int: "number", float: "number", str: "string"}


def _type(value: Any) -> str:
    return _TYPES.get(type(value), "null")


class _Constructor:
    """Makes plain JSON values of one document's nodes. An alias is built anew, so that no two objects share a part."""

    def __init__(self, source: str, duplicates: Callable[[Duplicate], None] | None) -> None:
        self.source = source
        self.duplicates = duplicates or _refuse
        self.nodes = 0
        self.inside: set[int] = set()

    def origin(self, node: Any) -> Origin:
        return Origin(self.source, node.start_mark.line + 1)

    def construct(self, node: Any, path: tuple[str | int, ...]) -> Any:
        self.nodes += 1
        if type(node) is yaml.ScalarNode:
            return self._scalar(node)
        if self.nodes > MAX_NODES:
            raise PlatformError(
                f"cannot read {self.origin(node)}: aliases expand the document to over {MAX_NODES:,} values"
            )
        if id(node) in self.inside:
            raise PlatformError(f"cannot read {self.origin(node)}: the anchor contains itself")
        self._only_standard(node, "seq", "map")
        self.inside.add(id(node))
        if type(node) is yaml.SequenceNode:
            value: Any = [self.construct(item, (*path, index)) for index, item in enumerate(node.value)]
        else:
            value = self._mapping(node, path)
        self.inside.discard(id(node))
        return value

    def _mapping(self, node: Any, path: tuple[str | int, ...]) -> dict[str, Any]:
        value: dict[str, Any] = {}
        merged: list[dict[str, Any]] = []
        for key_node, value_node in node.value:
            key = self.construct(key_node, path) if type(key_node) is yaml.ScalarNode else None
            if key is ...:
                if merged:
                    self.duplicates(Duplicate((*path, "<<"), self.origin(key_node), None, None))
                merged += self._merged(value_node, path)
                continue
            if not isinstance(key, str):
                key = self._key(key_node)
            found = self.construct(value_node, (*path, key))
            if key in value:
                self.duplicates(Duplicate((*path, key), self.origin(key_node), value[key], found))
            value[key] = found
        for base in merged:
            value = {**base, **value}
        return value

    def _merged(self, node: Any, path: tuple[str | int, ...]) -> list[dict[str, Any]]:
        """What ``<<`` brings in; what stands in the mapping itself wins, then what is merged first."""
        bases = node.value if type(node) is yaml.SequenceNode else [node]
        if not all(type(base) is yaml.MappingNode for base in bases):
            raise PlatformError(f"cannot read {self.origin(node)}: << takes a mapping or a list of mappings")
        return [self.construct(base, path) for base in bases]

    def _key(self, node: Any) -> str:
        """Keys are strings in JSON, so an unquoted ``8080:`` or ``on:`` is the string that stands there."""
        if type(node) is not yaml.ScalarNode:
            raise PlatformError(f"cannot read {self.origin(node)}: a key must be a string")
        return str(node.value)

    def _scalar(self, node: Any) -> Any:
        text = node.value
        if node.tag == "":
            return self._finite(_plain(text), node)
        if node.tag in (_STANDARD + "str", "!"):
            return text
        return self._finite(self._tagged(node, text), node)

    def _finite(self, value: Any, node: Any) -> Any:
        if isinstance(value, float) and not math.isfinite(value):
            raise PlatformError(f"cannot read {self.origin(node)}: {node.value} is not a number that JSON has")
        return value

    def _tagged(self, node: Any, text: str) -> Any:
        """A scalar with a tag of YAML's own: the tag decides, and the text must fit it."""
        self._only_standard(node, *_TAGS)
        try:
            return _TAGS[node.tag.removeprefix(_STANDARD)](text)
        except (ValueError, KeyError, binascii.Error):
            tag = node.tag.removeprefix(_STANDARD)
            raise PlatformError(f"cannot read {self.origin(node)}: the text does not fit its tag !!{tag}") from None

    def _only_standard(self, node: Any, *allowed: str) -> None:
        if node.tag.removeprefix(_STANDARD) in allowed and node.tag.startswith(_STANDARD):
            return
        tag = node.tag.replace(_STANDARD, "!!")
        raise PlatformError(f"cannot read {self.origin(node)}: the tag {tag} means nothing to Kubernetes; remove it")


def _refuse(duplicate: Duplicate) -> None:
    path = ".".join(str(part) for part in duplicate.path)
    raise PlatformError(
        f"cannot read {duplicate.origin}: the key {path} stands there a second time; keep the one that is meant"
    )


def _plain(text: str) -> Any:
    """What an unquoted scalar means to kubectl (sigs.k8s.io/yaml: YAML 1.1 without dates and base 60)."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    if _INT.fullmatch(text):
        return _integer(text)
    return _number(text) if _FLOAT.fullmatch(text) else text


def _number(text: str) -> float:
    """A whole float is an integer in the JSON that Go writes, and an integer field takes it."""
    value = float(text)
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _integer(text: str) -> int:
    digits = text.replace("_", "")
    unsigned = digits.lstrip("+-").lower()
    base = {"0b": 2, "0x": 16, "0o": 8}.get(unsigned[:2], 8 if len(unsigned) > 1 and unsigned[0] == "0" else 10)
    return int(digits, base)


def _truth(text: str) -> bool:
    value = _WORDS[text]
    if not isinstance(value, bool):
        raise ValueError(text)
    return value


_TAGS: dict[str, Callable[[str], Any]] = {
    "str": str,
    "int": _integer,
    "float": _number,
    "bool": _truth,
    "null": lambda text: None,
    "binary": lambda text: base64.b64decode(text).decode(),
    "timestamp": str,
    "merge": lambda text: ...,
}
