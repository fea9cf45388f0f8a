"""What an operator consists of: read from a chart, rendered for the cluster at hand, or from release manifests.

What a chart rendered to last is noted on the set's parent, so that hooks run only when that changes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..core.api.errors import ApiError, PlatformError
from ..core.api.objects import Object, Ref, Sourced, get, ref
from ..core.sets.applyset import PREFIX
from ..core.sets.context import Context
from ..core.sets.options import SetOptions
from . import definitions, downloads, helm, patches, yaml_files
from .charts import Rendered, render
from .hooks import Hook

NOTE = PREFIX + "rendered"  # annotation of the parent: "install <digest>" or "upgrade <digest>"
INSTALL, UPGRADE = "install", "upgrade"
_BASE_KINDS = ("CustomResourceDefinition", "Namespace")


@dataclass
class Operator:
    """An operator to bring: `base` is what comes first (CRDs, Namespaces), `rest` all else, `hooks` a chart's.

    note: what its parent says once it is there; noted: what it says now; facts: what the task's result says of it.
    """

    context: Context
    settings: SetOptions
    base: list[Sourced] = field(default_factory=list)
    rest: list[Sourced] = field(default_factory=list)
    rendered: Rendered | None = None
    hooks: list[Hook] = field(default_factory=list)
    note: str = ""
    noted: str = ""
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def upgrade(self) -> bool:
        """As which of Helm's events hooks run."""
        return not self.note.startswith(INSTALL)

    @property
    def due(self) -> bool:
        """Whether what the chart renders to has changed since it was last brought to its end."""
        return self.noted != self.note

    def members(self) -> list[Sourced]:
        """Everything but the base, what a chart makes up as it is live."""
        if self.rendered is None:
            return self.rest
        objects = {ref(item.object): item.object for item in self.rendered.members}
        live = _read_all(self.context, [objects[found] for found in sorted(self.rendered.asks())])
        return [item for item in self.rendered.kept(live) if not is_base(item.object)]

    def done(self) -> None:
        """Notes on the parent what is installed now. The engine leaves annotations of the parent alone."""
        if not self.due or self.context.check:
            return
        name = self.settings.name
        self.context.client.request(
            "PATCH",
            f"/api/v1/namespaces/{name.namespace}/secrets/{name.parent}",
            body={"metadata": {"annotations": {NOTE: self.note}}},
            content_type="application/merge-patch+json",
            about=f"set {name}",
        )


def operator(context: Context, settings: SetOptions, params: Mapping[str, Any]) -> Operator:
    """The operator that a task's options describe (options.OPERATOR_INSTALL). Raises PlatformError."""
    if params["chart"]:
        return _from_chart(context, settings, params)
    if settings.state == "absent":
        return Operator(context, settings)
    objects = _from_manifests(params["manifests"] or [], params["patches"] or [])
    version = str(params["version"] or "")
    base = [item for item in objects if is_base(item.object)]
    return Operator(
        context,
        settings,
        base=[_stamped(item, params["name"], version) if version else item for item in base],
        rest=[item for item in objects if not is_base(item.object)],
    )


def _from_chart(context: Context, settings: SetOptions, params: Mapping[str, Any]) -> Operator:
    """A chart's rendering: the one that is installed, if the chart still renders to it, else that of an upgrade.

    A chart may render otherwise once it is installed (Release.IsUpgrade); that alone is no reason to change it.
    """
    name = settings.name
    parent = read(context, f"/api/v1/namespaces/{name.namespace}/secrets/{name.parent}")
    noted = str(get(parent, "metadata", "annotations", NOTE, default=""))
    chart, program = _chart(params, settings)
    context.hidden.update(helm.secrets(chart))

    def rendering(mode: str) -> Rendered:
        with context.timed("render"):
            cluster = capabilities(context, is_upgrade=mode == UPGRADE)
            how: dict[str, Any] = {"changes": params["patches"] or [], "namespaced": _scopes(context), "helm": program}
            rendered = render(chart, cluster, **how)
            complete = _with_own(cluster, rendered)  # or the next run, with these served, would render otherwise
            return rendered if complete == cluster else render(chart, complete, **how)

    mode, _, digest = noted.partition(" ")
    mode = mode or (UPGRADE if settings.adopt_from == "helm" else INSTALL)
    rendered = rendering(mode)
    if mode == INSTALL and digest not in ("", rendered.digest):
        mode, rendered = UPGRADE, rendering(UPGRADE)
    crds = [_stamped(crd, rendered.name, rendered.version) for crd in rendered.crds]
    return Operator(
        context,
        settings,
        base=crds + [item for item in rendered.members if is_base(item.object)],
        rendered=rendered,
        hooks=rendered.hooks,
        note=f"{mode} {rendered.digest}",
        noted=noted,
        facts={"chart": {"name": rendered.name, "version": rendered.version}},
    )


def is_base(obj: Object) -> bool:
    """Whether it belongs into the set that comes first."""
    return obj["kind"] in _BASE_KINDS


def is_crd(obj: Object) -> bool:
    """Whether it is a CustomResourceDefinition."""
    return obj["kind"] == "CustomResourceDefinition"


def _stamped(item: Sourced, source: str, version: str) -> Sourced:
    return definitions.stamped(item, source, version) if is_crd(item.object) else item


def _chart(params: Mapping[str, Any], settings: SetOptions) -> tuple[helm.Chart, str | None]:
    given = {key: value for key, value in params["chart"].items() if value is not None}
    program = given.pop("helm", None)
    release = given.pop("release", params["name"])
    return helm.Chart(**given, release=release, namespace=settings.name.namespace), program


def _from_manifests(rows: Iterable[Mapping[str, Any]], changes: list[Mapping[str, Any]]) -> list[Sourced]:
    found: list[Sourced] = []
    for row in rows:
        if row.get("url"):
            if not row.get("checksum"):
                raise PlatformError(
                    f"cannot fetch {row['url']}: give its checksum, sha256:<hex>, so that it cannot change"
                )
            found += yaml_files.parse(downloads.fetch(row["url"], row["checksum"]).decode(), row["url"])
        else:
            found += yaml_files.read(row["path"])
            if row.get("checksum"):
                downloads.verify_file(row["path"], row["checksum"])
    return yaml_files.unique(patches.apply(found, changes)[0])


def capabilities(context: Context, *, is_upgrade: bool) -> helm.Capabilities:
    """What a chart may ask about this cluster: its version, and every kind that it serves."""
    version = context.client.request("GET", "/version").data
    served = context.discovery.resources()
    kinds = {f"{each.api_version}/{each.kind}" for each in served} | {each.api_version for each in served}
    return helm.Capabilities(str(get(version, "gitVersion", default="")), sorted(kinds), is_upgrade)


def _with_own(cluster: helm.Capabilities, rendered: Rendered) -> helm.Capabilities:
    """The cluster as it will be once the chart's own definitions are there."""
    own = set()
    for crd in rendered.crds:
        group, kind = get(crd.object, "spec", "group"), get(crd.object, "spec", "names", "kind")
        for version in get(crd.object, "spec", "versions", default=[]):
            if get(version, "served"):
                own |= {f"{group}/{version['name']}", f"{group}/{version['name']}/{kind}"}
    return dataclasses.replace(cluster, api_versions=sorted({*cluster.api_versions, *own}))


def _scopes(context: Context) -> Callable[[str, str], bool | None]:
    scopes = {(each.api_version, each.kind): each.namespaced for each in context.discovery.resources()}
    return lambda api_version, kind: scopes.get((api_version, kind))


def _read_all(context: Context, objects: list[Object]) -> dict[Ref, Object]:
    """The live objects among these."""

    def look(obj: Object) -> Object | None:
        known = [
            r for r in context.discovery.resources() if (r.api_version, r.kind) == (obj["apiVersion"], obj["kind"])
        ]
        found = ref(obj)
        return read(context, context.discovery.path(known[0], found.namespace, found.name)) if known else None

    answers = context.client.map(look, objects)
    for answer in answers:
        if isinstance(answer, PlatformError):
            raise answer
    return {ref(obj): live for obj, live in zip(objects, answers, strict=True) if isinstance(live, dict)}


def read(context: Context, path: str) -> Object | None:
    """The object at a path, if there is one."""
    try:
        found: Object = context.client.request("GET", path).data
    except ApiError as error:
        if error.status == 404:
            return None
        raise
    return found
