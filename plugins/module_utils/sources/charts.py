"""Turns what a Helm chart renders to into objects: members, CRDs and hooks apart, strict, patched, in their namespace.

Nothing here talks to the cluster; what is live is asked for by `Rendered.kept`.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..core.api.errors import PlatformError
from ..core.api.objects import Object, Ref, Sourced, get
from ..core.sets.prune import KEEP
from . import hooks, keyed_lists, patches, random_values, yaml_files
from .helm import Capabilities, Chart, Text, twice
from .yaml_files import Duplicate

POLICY = "helm.sh/resource-policy"
_SOURCE = re.compile(r"^---\s*\n# Source: ([^\n]+)$", re.MULTILINE)


@dataclass(frozen=True)
class Rendered:
    """A chart's objects: members of the set, CRDs apart, hooks apart; what it makes up; and a hash without that."""

    name: str
    version: str
    members: list[Sourced]
    crds: list[Sourced]
    hooks: list[hooks.Hook]
    randoms: list[random_values.Random]
    digest: str

    def asks(self) -> set[Ref]:
        """The objects that `kept` wants to see live."""
        return {random.ref for random in self.randoms}

    def kept(self, live: Mapping[Ref, Object]) -> list[Sourced]:
        """The members with what the chart makes up as it is live. Raises PlatformError where that cannot be."""
        objects = random_values.keep([item.object for item in self.members], self.randoms, live)
        return [item._replace(object=obj) for item, obj in zip(self.members, objects, strict=True)]


def render(
    chart: Chart,
    capabilities: Capabilities,
    *,
    changes: Iterable[Mapping[str, Any]] = (),
    namespaced: Callable[[str, str], bool | None] = lambda api_version, kind: None,
    helm: str | None = None,
) -> Rendered:
    """The chart's objects for a cluster of these capabilities, with the user's patches (`changes`).

    `namespaced` says whether a kind lives in a namespace (None: unknown; a CRD of the chart itself is looked at first).
    Raises PlatformError naming chart, template and line.
    """
    text = twice(chart, capabilities, helm=helm)
    now = datetime.datetime.now(datetime.UTC)
    return of_text(text, chart.namespace, changes=changes, namespaced=namespaced, now=now)


def of_text(
    text: Text,
    namespace: str,
    *,
    changes: Iterable[Mapping[str, Any]] = (),
    namespaced: Callable[[str, str], bool | None] = lambda api_version, kind: None,
    now: datetime.datetime,
) -> Rendered:
    """The objects of a chart's two renderings; see `render`."""
    changes = list(changes)
    first, second = (
        _sort(_objects(each, text.name, changes), namespace, namespaced) for each in (text.first, text.second)
    )
    randoms = random_values.find(_plain(first.members), _plain(second.members), now=now)
    digest = _digest(first, random_values.mask(_plain(first.members), randoms), hooks.stable(first.hooks, second.hooks))
    return Rendered(text.name, text.version, first.members, first.crds, first.hooks, randoms, digest)


class _Sorted(NamedTuple):
    members: list[Sourced]
    crds: list[Sourced]
    hooks: list[hooks.Hook]


def _plain(sourced: Iterable[Sourced]) -> list[Object]:
    return [item.object for item in sourced]


def _digest(first: _Sorted, members: list[Object], hook_objects: list[Object]) -> str:
    content = [members, _plain(first.crds), hook_objects]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


# From text to objects


def _objects(text: str, chart: str, changes: Sequence[Mapping[str, Any]]) -> list[Sourced]:
    """All objects of one rendering, patched, and strict: what Helm would let pass is refused or mended here."""
    found: list[Sourced] = []
    doubles: list[list[Duplicate]] = []
    for template, document in _templates(text):
        source = f"chart {chart}, {template}"
        seen: list[Duplicate] = []
        for item in yaml_files.parse(document, source, duplicates=seen.append):
            found.append(item)
            doubles.append([duplicate for duplicate in seen if duplicate.first != duplicate.last])
    patched, touched = patches.apply(found, changes)
    for item, paths, duplicates in zip(patched, touched, doubles, strict=True):
        _refuse_doubles(item, paths, duplicates)
    return [item._replace(object=_kept_mark(_without_string_data(item.object))) for item in patched]


def _templates(text: str) -> Iterator[tuple[str, str]]:
    """Each document of helm's output with its template's path inside the chart."""
    marks = list(_SOURCE.finditer(text))
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        end = following.start() if following else len(text)
        yield mark[1].partition("/")[2] or mark[1], text[mark.end() + 1 : end]


def _refuse_doubles(item: Sourced, touched: set[patches.Path], duplicates: list[Duplicate]) -> None:
    """What strict apply refuses is named here, where chart and template are known."""
    for duplicate in duplicates:
        if not any(duplicate.path[: len(path)] == path for path in touched):
            raise _double(item, f"{random_values.dotted(duplicate.path)} twice with different values")
    for path, key in keyed_lists.doubles(item.object):
        raise _double(item, f"{random_values.dotted(path)} with two items of {key}")


def _double(item: Sourced, what: str) -> PlatformError:
    return PlatformError(
        f"{item.origin} renders {yaml_files.describe(item.object)} with {what}, of which the server would refuse or"
        " silently lose one; change the chart's values, or say in patches which is meant"
    )


def _without_string_data(obj: Object) -> Object:
    """A Secret as the server keeps it: stringData is only ever written, so it could never be compared."""
    if obj.get("kind") != "Secret" or not isinstance(obj.get("stringData"), dict):
        return obj
    encoded = {key: base64.b64encode(str(value).encode()).decode() for key, value in obj["stringData"].items()}
    rest = {key: value for key, value in obj.items() if key != "stringData"}
    return {**rest, "data": {**(obj.get("data") or {}), **encoded}}


def _kept_mark(obj: Object) -> Object:
    """Helm's keep policy in the words that our pruning knows."""
    notes = get(obj, "metadata", "annotations", default={})
    if get(notes, POLICY) != "keep":
        return obj
    return {**obj, "metadata": {**obj["metadata"], "annotations": {**notes, KEEP: "disabled"}}}


def _sort(sourced: list[Sourced], namespace: str, namespaced: Callable[[str, str], bool | None]) -> _Sorted:
    """Members, CRDs and hooks apart, each with its namespace. A CRD that comes as a hook is a CRD."""
    scopes = {
        (get(crd, "spec", "group"), get(crd, "spec", "names", "kind")): get(crd, "spec", "scope") == "Namespaced"
        for crd in _plain(sourced)
        if crd["kind"] == "CustomResourceDefinition"
    }

    def placed(item: Sourced) -> Sourced:
        obj = item.object
        known = scopes.get((str(obj["apiVersion"]).rpartition("/")[0], obj["kind"]))
        inside = known if known is not None else namespaced(obj["apiVersion"], obj["kind"])
        if not inside or obj["metadata"].get("namespace"):
            return item
        return item._replace(object={**obj, "metadata": {**obj["metadata"], "namespace": namespace}})

    items = [placed(item) for item in sourced]
    crds = [item for item in items if item.object["kind"] == "CustomResourceDefinition"]
    others = [item for item in items if item.object["kind"] != "CustomResourceDefinition"]
    return _Sorted(
        yaml_files.unique(item for item in others if not hooks.is_hook(item.object)),
        yaml_files.unique(item._replace(object=hooks.unhooked(item.object)) for item in crds),
        [hooks.hook(item) for item in others if hooks.is_hook(item.object)],
    )
