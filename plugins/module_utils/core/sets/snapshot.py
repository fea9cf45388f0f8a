"""Reads a set as it is on the server: its parent, its members by label, and wanted objects that carry no label of it.

One LIST a kind, whatever the number of objects; what a LIST does not find is looked up by name, many of one kind and
namespace by one LIST of names.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from ..api.discovery import Resource
from ..api.errors import ApiError, Class, PlatformError, UnknownKind
from ..api.objects import Object, Ref, get, ref
from . import applyset
from .applyset import PART_OF, Parent, SetName
from .context import Context
from .wanted import Wanted

_SINGLE = 4  # so many objects of one kind and namespace are read one by one; more by a list of names
_GONE = (Class.UNSERVED, Class.NOT_FOUND)

Item = TypeVar("Item")


@dataclass
class Snapshot:
    """What is there. `members` carry the set's label; `strangers` are wanted and there, but do not."""

    parent: Object | None = None
    said: Parent | None = None
    members: dict[Ref, Object] = field(default_factory=dict)
    strangers: dict[Ref, Object] = field(default_factory=dict)
    unlisted: dict[str, str] = field(default_factory=dict)  # kinds that we may not list: the server's words
    notes: list[str] = field(default_factory=list)
    unread: bool = False  # members are there that may not be read

    def live(self, wanted: Ref) -> Object | None:
        """The object, whoever it belongs to."""
        return self.members.get(wanted) or self.strangers.get(wanted)


class _Query(NamedTuple):
    resource: Resource
    names_only: bool
    namespace: str = ""


def look(context: Context, name: SetName, wanted: Collection[Wanted]) -> Snapshot:
    """The set as it is now. Raises PlatformError where its parent is not ours."""
    shot = Snapshot()
    resources = {each.resource for each in wanted if each.resource}
    first = [_Query(resource, False) for resource in sorted(resources)]
    # One round trip for all of it: the parent and the lists do not depend on each other.
    parents, *lists = context.client.map(
        lambda query: _list(context, name, query) if query else _parent(context, name), [None, *first]
    )
    shot.parent = next(iter(_sure(parents)), None)
    shot.said = applyset.read(name, shot.parent) if shot.parent else None
    rest = _other_kinds(context, shot, {(resource.group, resource.kind) for resource in resources})
    lists += context.client.map(lambda query: _list(context, name, query), rest)
    forbidden = _enter(shot, [*first, *rest], lists)
    _list_by_namespace(context, name, shot, forbidden, {each.ref.namespace for each in wanted})
    _find_strangers(context, name, shot, wanted)
    return shot


def _parent(context: Context, name: SetName) -> list[Object]:
    try:
        return _get(context, f"/api/v1/namespaces/{name.namespace}/secrets/{name.parent}")
    except ApiError as error:
        raise PlatformError(f"cannot read set {name}: {error}") from error


def _list(context: Context, name: SetName, query: _Query) -> list[Object]:
    """The set's members of one kind: everywhere, or in the query's namespace."""
    path = context.discovery.path(query.resource, query.namespace)
    try:
        return context.client.list(path, label_selector=f"{PART_OF}={name.id}", metadata_only=query.names_only)[0]
    except ApiError as error:
        if error.kind in _GONE:
            return []
        raise


def _list_by_namespace(
    context: Context, name: SetName, shot: Snapshot, forbidden: list[_Query], namespaces: Collection[str]
) -> None:
    """Lists in every namespace of the set what may not be listed everywhere."""
    known = sorted({name.namespace, *namespaces, *(shot.said.namespaces if shot.said else ())} - {""})
    again = [query._replace(namespace=each) for query in forbidden if query.resource.namespaced for each in known]
    refused = _enter(shot, again, context.client.map(lambda query: _list(context, name, query), again))
    for query in (*refused, *(query for query in forbidden if not query.resource.namespaced)):
        where = f" in namespace {query.namespace}" if query.namespace else ""
        shot.unlisted[f"{query.resource.group}/{query.resource.kind}".lstrip("/")] = f"it is forbidden{where}"


def _enter(shot: Snapshot, queries: Iterable[_Query], lists: Iterable[object]) -> list[_Query]:
    """Takes in what was listed; the queries that were forbidden."""
    forbidden = []
    for query, found in zip(queries, lists, strict=True):
        if isinstance(found, ApiError) and found.kind is Class.FORBIDDEN:
            forbidden.append(query)
        elif isinstance(found, PlatformError):
            raise PlatformError(f"cannot list {query.resource.plural}: {found}") from found
        elif isinstance(found, list):
            for obj in found:
                obj["apiVersion"], obj["kind"] = query.resource.api_version, query.resource.kind
                shot.members[ref(obj)] = obj
    return forbidden


def _other_kinds(context: Context, shot: Snapshot, known: Collection[tuple[str, str]]) -> list[_Query]:
    """The kinds that only the parent names: whatever is left of them may have to be pruned."""
    queries = []
    whole = {kind for row in context.holds_data for kind in row.read}
    for group, kind in sorted(shot.said.kinds if shot.said else ()):
        if (group, kind) in known:
            continue
        try:
            queries.append(_Query(context.discovery.find(group, kind), f"{group}/{kind}" not in whole))
        except UnknownKind:
            shot.notes.append(f"the set held {kind}.{group} objects, but the server no longer serves that kind")
    return queries


def _find_strangers(context: Context, name: SetName, shot: Snapshot, wanted: Iterable[Wanted]) -> None:
    """Looks up the wanted objects that no list showed; those that turn out to be members count as such."""
    missing: dict[tuple[Resource, str], list[Ref]] = defaultdict(list)
    for each in wanted:
        live = shot.members.get(each.ref)
        if each.resource and (live is None or live["apiVersion"] != each.resource.api_version):
            missing[each.resource, each.ref.namespace].append(each.ref)
    absent = {each.ref.name for each in wanted if each.ref.kind == "Namespace"} if len(missing) > 1 else set()
    first = {key: refs for key, refs in missing.items() if key[0].kind == "Namespace"}
    _fetch(context, name, shot, first)
    absent -= {found.name for found in (*shot.members, *shot.strangers) if found.kind == "Namespace"}
    # In a namespace that the set has yet to make there is nothing to look for.
    rest = {key: refs for key, refs in missing.items() if key not in first and key[1] not in absent}
    _fetch(context, name, shot, rest)


def _fetch(context: Context, name: SetName, shot: Snapshot, missing: dict[tuple[Resource, str], list[Ref]]) -> None:
    present = context.client.map(lambda item: _present(context, *item), missing.items())
    paths = [path for found in present for path in _sure(found)]
    for found in context.client.map(lambda path: _get(context, path), paths):
        if isinstance(found, ApiError) and found.kind is Class.FORBIDDEN and _all_ours(shot, missing):
            shot.notes.append(f"whether members of the set were changed by others is unknown: {found}")
            shot.unread = True
            continue
        for live in _sure(found):
            mine = get(live, "metadata", "labels", PART_OF) == name.id
            (shot.members if mine else shot.strangers)[ref(live)] = live


def _all_ours(shot: Snapshot, missing: dict[tuple[Resource, str], list[Ref]]) -> bool:
    """Whether the inventory names all of these: then they are written unread; a stranger's must be seen first."""
    return shot.said is not None and all(each in shot.said.answers for refs in missing.values() for each in refs)


def _present(context: Context, key: tuple[Resource, str], refs: list[Ref]) -> list[str]:
    """The paths of those objects that may be there."""
    resource, namespace = key
    names = {found.name for found in refs}
    if len(refs) > _SINGLE:
        try:
            listed, _ = context.client.list(context.discovery.path(resource, namespace), metadata_only=True)
            names &= {str(get(obj, "metadata", "name")) for obj in listed}
        except ApiError as error:
            if error.kind in _GONE:
                return []
            if error.kind is not Class.FORBIDDEN:
                raise
    return [context.discovery.path(resource, namespace, each) for each in sorted(names)]


def _get(context: Context, path: str) -> list[Object]:
    """The object, in a list; an empty one where it is not there."""
    try:
        return [context.client.request("GET", path).data]
    except ApiError as error:
        if error.status == 404:
            return []
        raise


def _sure(found: list[Item] | PlatformError) -> list[Item]:
    """What a request found; its error raised."""
    if isinstance(found, PlatformError):
        raise found
    return found
