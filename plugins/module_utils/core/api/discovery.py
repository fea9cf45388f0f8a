"""Which kinds the server serves and under which paths: two requests, refreshed once for an unknown kind.

A kind whose CustomResourceDefinition is in the set, or was seen earlier in this run, is known from that definition.
"""

from __future__ import annotations

import difflib
import threading
from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import quote

from . import runfolder
from .client import Client
from .errors import ApiError, PlatformError, UnknownKind
from .objects import Object, certain, get, group_of

_AGGREGATED = ",".join(
    [f"application/json;g=apidiscovery.k8s.io;v={v};as=APIGroupDiscoveryList" for v in ("v2", "v2beta1")]
    + ["application/json"]
)
_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")


class Resource(NamedTuple):
    """One kind in one version as the server serves it."""

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool
    verbs: tuple[str, ...]
    subresources: tuple[str, ...]

    @property
    def api_version(self) -> str:
        """`apps/v1`, or `v1` in the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version


class GroupUnavailable(PlatformError):
    """The API group exists, but the server that serves it does not answer, so its kinds are not known."""


class _Tables(NamedTuple):
    """What one discovery found: resources in the server's order of preference, versions that do not answer."""

    resources: dict[tuple[str, str, str], Resource]
    stale: frozenset[tuple[str, str]]
    lazy: frozenset[tuple[str, str]]  # group versions an old server names without their resources


class Discovery:
    """The kinds of one cluster. Safe for threads."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._lock = threading.RLock()
        self._kept = runfolder.current().sub("discovery", client.server, client.user, runfolder.environment())
        self._seen = self._kept.sub("crds")
        self._learned: dict[tuple[str, str, str], Resource] = {}
        self._crds: dict[tuple[str, str], Object] = {}
        self._missing: set[tuple[str, str]] = set()
        self._tables: _Tables | None = None
        for name in self._seen.names():
            self._remember(self._seen.read(name))

    def resource(self, api_version: str, kind: str) -> Resource:
        """The resource of a kind.

        Raises UnknownKind (after one refresh), GroupUnavailable when its group does not answer, ApiError.
        """
        group, version = group_of(api_version), api_version.rpartition("/")[2]
        with self._lock:
            found = self._known(group, version, kind)
            if found is None and (api_version, kind) not in self._missing:
                self.refresh()
                found = self._known(group, version, kind)
            if found is not None:
                return found
            if (group, version) in self._read().stale:
                raise GroupUnavailable(
                    f"{api_version} {kind}: the API group {api_version} does not answer at the moment"
                )
            self._missing.add((api_version, kind))
            raise UnknownKind(
                f"the server {self._client.server} does not serve {api_version} {kind}{self._instead(group, kind)}"
            )

    def find(self, group: str, kind: str) -> Resource:
        """The resource of a kind in the version that the server prefers. Raises as `resource` does."""
        with self._lock:
            found = self._preferred(group, kind)
            if found is None:
                self.refresh()
                found = self._preferred(group, kind)
            if found is not None:
                return found
            stale = sorted(version for name, version in self._read().stale if name == group)
        if stale:
            raise GroupUnavailable(f"{group} {kind}: the API group {group}/{stale[0]} does not answer at the moment")
        raise UnknownKind(f"the server {self._client.server} does not serve {kind} of {group or 'the core group'}")

    def path(
        self, resource: Resource, namespace: str | None = None, name: str | None = None, subresource: str | None = None
    ) -> str:
        """The URL path of a collection (all namespaces without one), an object, or a part of an object."""
        root = f"/apis/{resource.group}/{resource.version}" if resource.group else f"/api/{resource.version}"
        scope = f"/namespaces/{quote(namespace, safe='')}" if resource.namespaced and namespace else ""
        tail = "".join(f"/{quote(part, safe='')}" for part in (name, subresource) if part)
        return f"{root}{scope}/{resource.plural}{tail}"

    def resources(self) -> list[Resource]:
        """All resources the server names, of every version."""
        with self._lock:
            return list(self._read().resources.values())

    def unavailable(self) -> list[str]:
        """The group versions that do not answer: `metrics.k8s.io/v1beta1`."""
        with self._lock:
            return sorted("/".join(filter(None, version)) for version in self._read().stale)

    def learn(self, crds: Iterable[Object]) -> None:
        """These CustomResourceDefinitions are, or soon will be, the cluster's; later tasks of the run know them too."""
        with self._lock:
            for crd in crds:
                if self._remember(crd):
                    self._seen.write(str(get(crd, "metadata", "name")), crd)

    def crd(self, group: str, kind: str) -> Object | None:
        """The definition of a kind, if it was seen in this run."""
        return self._crds.get((group, kind))

    def refresh(self) -> None:
        """Asks the server again."""
        with self._lock:
            self._missing.clear()
            self._tables = self._fetch()
            if not self._tables.stale:
                self._kept.write("tables", _packed(self._tables))

    def forget(self) -> None:
        """The set changes what the server serves (an APIService, a CRD): the next question asks it, in every task."""
        with self._lock:
            self._kept.remove("tables")
            self._tables = None
            self._missing.clear()

    def _known(self, group: str, version: str, kind: str) -> Resource | None:
        learned = self._learned.get((group, version, kind))
        if learned is not None:
            return learned
        if (group, version) in self._read().lazy:
            self._load(group, version)
        return self._read().resources.get((group, version, kind))

    def _preferred(self, group: str, kind: str) -> Resource | None:
        for name, version in sorted(self._read().lazy):
            if name == group:
                self._load(name, version)
        served = [*self._learned.values(), *self._read().resources.values()]
        return next((found for found in served if (found.group, found.kind) == (group, kind)), None)

    def _read(self) -> _Tables:
        if self._tables is None:
            kept = self._kept.read("tables")
            if isinstance(kept, dict):
                self._tables = _unpacked(kept)
            else:
                self.refresh()
        return certain(self._tables)

    def _fetch(self) -> _Tables:
        resources: dict[tuple[str, str, str], Resource] = {}
        stale: set[tuple[str, str]] = set()
        lazy: set[tuple[str, str]] = set()
        for path in ("/api", "/apis"):
            data = self._client.request("GET", path, accept=_AGGREGATED, about="discovery", gzip=True).data
            lazy |= _named(data)
            for group in get(data, "items", default=[]):
                for version in group["versions"]:
                    name = get(group, "metadata", "name", default="")
                    if version.get("freshness") == "Stale":
                        stale.add((name, version["version"]))
                    for entry in version.get("resources") or []:
                        found = _aggregated(name, version["version"], entry)
                        resources[found.group, found.version, found.kind] = found
        return _Tables(resources, frozenset(stale), frozenset(lazy))

    def _load(self, group: str, version: str) -> None:
        """One group version of a server without aggregated discovery."""
        tables = self._read()
        path = f"/apis/{group}/{version}" if group else f"/api/{version}"
        try:
            data = self._client.request("GET", path, about="discovery").data
        except ApiError as error:
            if error.status not in (404, 502, 503, 504):
                raise
            self._tables = tables._replace(
                stale=tables.stale | {(group, version)}, lazy=tables.lazy - {(group, version)}
            )
            return
        entries = get(data, "resources", default=[])
        parts = [entry["name"] for entry in entries if "/" in entry["name"]]
        found = {
            (group, version, entry["kind"]): Resource(
                group,
                version,
                entry["kind"],
                entry["name"],
                bool(entry["namespaced"]),
                tuple(entry["verbs"]),
                tuple(part.partition("/")[2] for part in parts if part.partition("/")[0] == entry["name"]),
            )
            for entry in entries
            if "/" not in entry["name"]
        }
        self._tables = tables._replace(resources={**tables.resources, **found}, lazy=tables.lazy - {(group, version)})

    def _remember(self, crd: Any) -> bool:
        group, names = get(crd, "spec", "group"), get(crd, "spec", "names", default={})
        kind, plural = get(names, "kind"), get(names, "plural")
        if not (isinstance(group, str) and isinstance(kind, str) and isinstance(plural, str)):
            return False
        self._crds[group, kind] = crd
        for version in get(crd, "spec", "versions", default=[]):
            if get(version, "served", default=False) and isinstance(get(version, "name"), str):
                self._learned[group, version["name"], kind] = Resource(
                    group,
                    version["name"],
                    kind,
                    plural,
                    get(crd, "spec", "scope") == "Namespaced",
                    _VERBS,
                    tuple(get(version, "subresources", default={}) or {}),
                )
        return True

    def _instead(self, group: str, kind: str) -> str:
        """What the person may have meant."""
        served = list(self._read().resources.values())
        versions = sorted({f"{r.api_version} {r.kind}" for r in served if r.kind == kind})
        close = difflib.get_close_matches(kind, {r.kind for r in served if r.group == group}, n=1)
        if versions:
            return f"; it serves {', '.join(versions)}"
        if close:
            return f"; did you mean {close[0]}?"
        return "; install its CustomResourceDefinition first, or put it into the set"


def _named(data: Any) -> set[tuple[str, str]]:
    """Group versions of the old form of discovery: APIVersions for the core group, APIGroupList for the others."""
    if get(data, "kind") == "APIVersions":
        return {("", version) for version in data["versions"]}
    if get(data, "kind") == "APIGroupList":
        return {(group["name"], version["version"]) for group in data["groups"] for version in group["versions"]}
    return set()


def _aggregated(group: str, version: str, entry: Object) -> Resource:
    return Resource(
        group,
        version,
        get(entry, "responseKind", "kind", default=""),
        entry["resource"],
        entry.get("scope") == "Namespaced",
        tuple(entry.get("verbs") or ()),
        tuple(part["subresource"] for part in entry.get("subresources") or ()),
    )


def _packed(tables: _Tables) -> dict[str, Any]:
    return {"resources": list(tables.resources.values()), "lazy": sorted(tables.lazy)}


def _unpacked(kept: dict[str, Any]) -> _Tables:
    found = [Resource._make([*row[:5], tuple(row[5]), tuple(row[6])]) for row in kept["resources"]]
    return _Tables(
        {(r.group, r.version, r.kind): r for r in found}, frozenset(), frozenset((g, v) for g, v in kept["lazy"])
    )
