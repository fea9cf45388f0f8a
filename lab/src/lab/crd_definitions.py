"""Makes the CustomResourceDefinitions of the table: full ones out of modules, our own subsets out of the notation."""

from __future__ import annotations

from typing import Any

from . import crd_modules as modules
from .crd_notation import NotationError, Schema, schema
from .crd_sources import Source, read
from .errors import LabError

Object = dict[str, Any]

SUBSET = "groundwork.platform/subset"
UPSTREAM = "groundwork.platform/upstream"
ADDED = "groundwork.platform/added-from"


def definitions(sources: list[Source]) -> dict[str, list[Object]]:
    """The CRDs of each source, ready to apply, by the source's name."""
    full = modules.load([source for source in sources if source.module])
    return {source.name: _full(source, full[source.name]) if source.module else subset(source) for source in sources}


def _full(source: Source, crds: list[Object]) -> list[Object]:
    added = read(source.additions) if source.additions else {}
    return [_annotate(_extend(crd, added, source), source) for crd in crds]


def _annotate(crd: Object, source: Source, **more: str) -> Object:
    metadata = crd["metadata"]
    annotations = metadata.get("annotations", {}) | {UPSTREAM: source.origin} | more
    return crd | {"metadata": metadata | {"annotations": annotations}}


def _extend(crd: Object, added: dict[str, Any], source: Source) -> Object:
    """With the fields of a later release; the annotation names it."""
    nodes = added.get("kinds", {}).get(crd["spec"]["names"]["kind"], {})
    if not nodes:
        return crd
    for version in crd["spec"]["versions"]:
        if version["name"] in nodes:
            more = _schema(nodes[version["name"]], added, source, crd["spec"]["names"]["kind"])
            _merge(version["schema"]["openAPIV3Schema"], more)
    crd["metadata"].setdefault("annotations", {})[ADDED] = f"{added['project']} {added['version']}"
    return crd


def _merge(into: Schema, more: Schema) -> None:
    for name, node in more.get("properties", {}).items():
        known = into.setdefault("properties", {})
        if name in known:
            _merge(known[name], node)
        else:
            known[name] = node


def _schema(node: Any, file: dict[str, Any], source: Source, kind: str) -> Schema:
    try:
        return schema(node, file.get("types", {}), kind)
    except NotationError as error:
        raise LabError(f"lab/crds/{source.subset or source.additions}: {error}") from None


def subset(source: Source) -> list[Object]:
    """Our own CRDs of a project that no registry carries: the fields we render, marked as a subset."""
    file = read(source.subset)
    return [
        _annotate(_definition(kind, row, file, source), source, **{SUBSET: "true"})
        for kind, row in file["kinds"].items()
    ]


def _definition(kind: str, row: dict[str, Any], file: dict[str, Any], source: Source) -> Object:
    plural, group = row.get("plural", f"{kind.lower()}s"), row.get("group", file.get("group"))
    names = {"kind": kind, "listKind": f"{kind}List", "plural": plural, "singular": kind.lower()}
    names |= {key: row[key] for key in ("shortNames", "categories") if key in row}
    root = _schema(row["schema"], file, source, kind)
    root["properties"] = {
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        "metadata": {"type": "object"},
    } | root["properties"]
    version = {"name": row.get("apiVersion", file.get("apiVersion")), "served": True, "storage": True}
    version["schema"] = {"openAPIV3Schema": root}
    if subresources := row.get("subresources", {"status": {}}):
        version["subresources"] = subresources
    if columns := row.get("columns"):
        version["additionalPrinterColumns"] = [_column(name, *text.split(" ", 1)) for name, text in columns.items()]
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {"group": group, "names": names, "scope": "Namespaced", "versions": [version]},
    }


def _column(name: str, type_: str, path: str) -> dict[str, Any]:
    """`string .status.x`; `string/1 .status.x` is shown with -o wide only."""
    kind, _, priority = type_.partition("/")
    return {"name": name, "type": kind, "jsonPath": path} | ({"priority": int(priority)} if priority else {})
