"""Follows every cited value of the production inventory to the objects that it shapes, where it can be read.

A citation is a line of an inventory that ends with requirement IDs. Each value on such a line is changed, one at a
time, and the host's objects are rendered again: where they differ, there the value is to be read. The tests in
tests/integration/traceability read exactly these places from the API server of a cluster that site.yml built, and hold
them against both renderings: equal to the inventory's, unequal to the changed one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import yaml
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible.vars.manager import VariableManager
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.errors import PlatformError
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.objects import Object
from ansible_collections.groundwork.platform.plugins.module_utils.core.limits import Limits
from ansible_collections.groundwork.platform.plugins.module_utils.core.sets.values import duration, quantity
from ansible_collections.groundwork.platform.plugins.module_utils.site_objects import DATA, ROLES, Rows, options
from support import requirements
from support.inventories import _MAGIC, INVENTORIES, _plain
from support.role_docs import ROOT

PRODUCTION = INVENTORIES / "production"
ALL_ROLES = (*ROLES, *DATA)
# The API groups of its objects that the API server has by itself.
_BUILT_IN = re.compile(r"v1|(batch|policy|(networking|rbac\.authorization|scheduling|storage)\.k8s\.io)/v1")
Place = tuple[Any, ...]
MISSING = object()


class Reading(NamedTuple):
    """Where a value is seen: an object, a path in it, what the inventory makes of it, and what a changed one would."""

    api: str
    kind: str
    namespace: str | None
    name: str
    path: Place
    wanted: Any
    other: Any

    def __str__(self) -> str:
        where = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return f"{self.kind} {where} {dotted(self.path)}"


class Value(NamedTuple):
    """One value on a cited line of one host, and where it is seen; nowhere where no role reads it yet."""

    host: str
    path: Path
    line: int
    ids: tuple[str, ...]
    place: Place
    readings: tuple[Reading, ...]

    def __str__(self) -> str:
        return f"{self.path.relative_to(PRODUCTION)}:{self.line} {dotted(self.place)}"


def dotted(path: Place) -> str:
    """A path as people write it."""
    text = ""
    for part in path:
        odd = isinstance(part, str) and not re.fullmatch(r"[\w-]+", part)
        text += f"[{part}]" if isinstance(part, int) or odd else f".{part}"
    return text.removeprefix(".")


def at(obj: Any, path: Place) -> Any:
    """What is at a path; MISSING where nothing is."""
    for part in path:
        try:
            obj = obj[part]
        except (KeyError, IndexError, TypeError):
            return MISSING
    return obj


def same(live: Any, wanted: Any) -> bool:
    """Whether the server has what is wanted: its own defaults aside, quantities and durations by what they mean."""
    if isinstance(wanted, Mapping):
        return isinstance(live, Mapping) and all(same(live.get(key, MISSING), part) for key, part in wanted.items())
    if isinstance(wanted, list):
        return isinstance(live, list) and len(live) == len(wanted) and all(map(same, live, wanted))
    if live == wanted and isinstance(live, bool) == isinstance(wanted, bool):
        return True
    if not isinstance(live, str) or not isinstance(wanted, str):
        return False
    return any(read(live) is not None and read(live) == read(wanted) for read in (quantity, duration))


# The inventory as it is written.


class _Host:
    """One host's variables as they are written, and the objects that they become."""

    def __init__(self, name: str, raw: dict[str, Any], loader: DataLoader, groups: Sequence[str]) -> None:
        self.name, self.raw, self._loader, self.groups = name, raw, loader, groups

    @cached_property
    def given(self) -> dict[str, Any]:
        """The roles' variables, rendered."""
        templar = Templar(loader=self._loader, variables=self.raw)
        return {name: _plain(templar.template(self.raw[name])) for name in self.roles_variables}

    @cached_property
    def roles_variables(self) -> list[str]:
        own = [f"{role}_{name}" for role, (o, _) in ROLES.items() for name in o.spec]
        rows = [name for role in DATA for each in DATA[role] for name in (each.variable, each.defaults)]
        return [name for name in (*own, *rows) if name in self.raw]

    @cached_property
    def objects(self) -> dict[str, dict[tuple[Any, ...], Object]]:
        return {role: self._rendered(role, {}) for role in ALL_ROLES}

    def identities(self, roles: Iterable[str]) -> set[tuple[Any, ...]]:
        """What these roles make: API version, kind, namespace and name."""
        return {identity for role in roles for identity in self.objects[role]}

    def custom_kinds(self, roles: Iterable[str]) -> set[str]:
        """The kinds of these roles' objects that the API server learns by definitions."""
        return {kind for api, kind, *_ in self.identities(roles) if not _BUILT_IN.fullmatch(api)}

    @cached_property
    def _checked(self) -> dict[str, dict[str, Any]]:
        """What each module of the foundation makes of its variables."""
        return {role: options(role, self.given) for role in ROLES}

    @cached_property
    def _texts(self) -> dict[str, str]:
        return {name: str(value) for name, value in self.raw.items()}

    @cache  # noqa: B019 -- a host lives as long as the run
    def dependents(self, variable: str) -> list[str]:
        """The roles' variables that a variable shapes, itself included."""
        found, todo = set[str](), [variable]
        while todo:
            name = todo.pop()
            found.add(name)
            word = re.compile(rf"\b{name}\b")
            todo += [n for n, text in self._texts.items() if n not in found and "{{" in text and word.search(text)]
        return sorted(found & set(self.roles_variables))

    def written(self, variable: str) -> Any:
        """A variable's value: a role's own as it is rendered, any other as it stands in the inventory."""
        return self.given[variable] if variable in self.given else self.raw[variable]

    def changed(self, variable: str, value: Any) -> dict[str, dict[tuple[Any, ...], Object]]:
        """The objects of the roles that read a variable, with another value. Raises PlatformError for a refused one.

        Where a value is seen does not depend on whether the other one could work: nothing is held against limits.
        """
        given = {variable: value}
        if variable not in self.given:
            templar = Templar(loader=self._loader, variables=self.raw | given)
            given = {name: _plain(templar.template(self.raw[name])) for name in self.dependents(variable)}
        given = {name: value for name, value in given.items() if value != self.given.get(name)}
        with mock.patch.object(Limits, "check"):
            return {role: self._rendered(role, given) for role in sorted({name.partition("_")[0] for name in given})}

    def _rendered(self, role: str, given: Mapping[str, Any]) -> dict[tuple[Any, ...], Object]:
        """The role's objects, some of its variables being others."""
        if role in ROLES:
            return _by_identity(ROLES[role][1](**self._checked[role] | options(role, given)))
        variables = self.given | given
        if not self.raw[f"{role}_enabled"]:
            return {}
        kept = [(each, variables[each.defaults] | row) for each in DATA[role] for row in variables[each.variable]]
        return {identity: obj for each, row in kept for identity, obj in self._of_row(each, row).items()}

    def _of_row(self, rows: Rows, row: Mapping[str, Any]) -> dict[tuple[Any, ...], Object]:
        """A row's objects; those of the other rows are the same whenever one is changed."""
        key = rows.module, json.dumps(row, sort_keys=True, default=str)
        if key not in self._made:
            self._made[key] = _by_identity(rows.objects(row))
        return self._made[key]

    @cached_property
    def _made(self) -> dict[tuple[str, str], dict[tuple[Any, ...], Object]]:
        return {}


def _by_identity(objects: Iterable[Object]) -> dict[tuple[Any, ...], Object]:
    return {_identity(obj): obj for obj in objects}


def _identity(obj: Object) -> tuple[Any, ...]:
    return obj["apiVersion"], obj["kind"], obj["metadata"].get("namespace"), obj["metadata"]["name"]


@cache
def hosts() -> dict[str, _Host]:
    """The hosts of production."""
    loader = DataLoader()
    inventory = InventoryManager(loader=loader, sources=[str(PRODUCTION)])
    manager = VariableManager(loader=loader, inventory=inventory)
    return {
        host.name: _Host(
            host.name,
            _of_roles(loader, "defaults") | _own(manager.get_vars(host=host)) | _of_roles(loader, "vars"),
            loader,
            [group.name for group in host.get_groups()],
        )
        for host in inventory.get_hosts("platform")
    }


def _of_roles(loader: DataLoader, kind: str) -> dict[str, Any]:
    """The data roles' own variables, as Ansible knows them while a role runs: defaults below a host's, vars above."""
    files = [ROOT / "roles" / role / kind / "main.yml" for role in DATA]
    return {
        name: value
        for path in files
        for name, value in loader.load_from_file(str(path), trusted_as_template=True).items()
    }


def _own(raw: dict[str, Any]) -> dict[str, Any]:
    """Without Ansible's own variables, of which nothing is the inventory's."""
    return {name: value for name, value in raw.items() if name not in _MAGIC}


def _hosts_of(path: Path) -> list[_Host]:
    """Whose variables a file holds."""
    kind, name = path.relative_to(PRODUCTION).parts[:2]
    return [host for host in hosts().values() if name in (host.groups if kind == "group_vars" else (host.name,))]


def _entries(node: yaml.MappingNode) -> Iterator[tuple[yaml.Node, yaml.Node]]:
    """Keys and values of a mapping, with those of the mappings that are merged into it (`<<: *anchor`)."""
    own = {key.value for key, _ in node.value}
    for key, value in node.value:
        if key.tag != _MERGE:
            yield key, value
            continue
        for base in value.value if isinstance(value, yaml.SequenceNode) else [value]:
            yield from (each for each in _entries(base) if each[0].value not in own)


_MERGE = "tag:yaml.org,2002:merge"


def _parts(node: yaml.Node) -> Iterator[tuple[Any, yaml.Node, yaml.Node]]:
    """Key or index, where it stands, and value of all that is in a node."""
    if isinstance(node, yaml.MappingNode):
        yield from ((key.value, key, value) for key, value in _entries(node))
    elif isinstance(node, yaml.SequenceNode):
        yield from ((index, value, value) for index, value in enumerate(node.value))


def _places(node: yaml.Node, place: Place = ()) -> Iterator[tuple[int, Place]]:
    """Line and place of every value of a YAML document."""
    if isinstance(node, yaml.ScalarNode):
        yield node.start_mark.line + 1, place
    for part, _, value in _parts(node):
        yield from _places(value, (*place, part))


def _opened(node: yaml.Node, place: Place = ()) -> Iterator[tuple[int, Place]]:
    """Line and place of every key whose value begins below it."""
    for part, key, value in _parts(node):
        if value.start_mark.line > key.start_mark.line:
            yield key.start_mark.line + 1, (*place, part)
        yield from _opened(value, (*place, part))


def _bases(node: yaml.Node) -> Iterator[int]:
    """What is merged into mappings, by identity: a variable that only is an anchor for that is none of its own."""
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        if key.tag == _MERGE:
            yield id(value)
    for _, _, value in _parts(node):
        yield from _bases(value)


@cache
def _lines(path: Path) -> dict[int, list[Place]]:
    """The values of each line; of a line that only opens a list or a mapping, all that is in it."""
    document = yaml.compose(path.read_text(), Loader=yaml.SafeLoader)
    if not document:
        return {}
    bases = set(_bases(document))
    document.value = [(key, value) for key, value in document.value if id(value) not in bases]
    found: dict[int, list[Place]] = {}
    values = list(_places(document))
    for line, place in values:
        found.setdefault(line, []).append(place)
    opened: dict[int, list[Place]] = {}
    for line, place in _opened(document):
        opened.setdefault(line, []).extend(each for _, each in values if each[: len(place)] == place)
    return opened | found


# Changing one value.


@cache
def values(host: str) -> list[Value]:
    """Every value of every cited line of production that a host has."""
    own = hosts()[host]
    return [
        Value(host, each.path, each.line, each.ids, place, _readings(own, place))
        for each in requirements.citations(PRODUCTION)
        if own in _hosts_of(each.path)
        for place in _lines(each.path).get(each.line, [])
        if not _is_handle(place)
    ]


def _is_handle(place: Place) -> bool:
    """An endpoint's name: a word of the inventory's own by which flows name it, and no value of anything."""
    return place[0] == "tenancy_endpoints" and place[2:] == ("name",)


# Nodes are none of the collection's objects; where their labels are wanted by pods says nothing of what they are.
_NODES = ("platform_node_pools",)


def _readings(host: _Host, place: Place) -> tuple[Reading, ...]:
    variable = place[0]
    if variable in _NODES or not host.dependents(variable):
        return ()
    for mutant in _mutants(host, place):
        try:
            after = host.changed(variable, mutant)
        except PlatformError:
            continue
        found = tuple(_differences(host, after))
        if found or variable not in host.given:
            return found
    return ()


def _mutants(host: _Host, place: Place) -> Iterator[Any]:
    """The place's variable with another value there, likely ones first; at last without it."""
    variable, *inner = place
    whole = host.written(variable)
    before = at(whole, tuple(inner))
    if before is MISSING:
        raise LookupError(f"{host.name} has no {dotted(place)}: another file overrides it")
    for other in _others(before, _words(host, variable, before)):
        yield _with(whole, inner, other)
    if inner:
        yield _with(whole, inner, MISSING)


_NETWORK = re.compile(r"[\d.]+/\d+")
_NUMBER = re.compile(r"\d+")
_AMOUNT = re.compile(r"(\d+)((?:\.\d+)?[A-Za-z%]*)")


def _others(before: Any, words: set[str]) -> Iterator[Any]:
    if isinstance(before, bool):
        yield not before
    elif isinstance(before, int | float):
        yield before + 1
        yield max(before - 1, 0)
    elif isinstance(before, list):
        yield before[:-1]
        yield [_CIDR]
    elif isinstance(before, Mapping):
        yield {**before, "x": "x"}
    elif _NETWORK.fullmatch(before):
        yield _CIDR
    else:
        amount = _AMOUNT.fullmatch(before)
        yield f"{int(amount[1]) + 1}{amount[2]}" if amount else f"{before}x"
        if not amount and _NUMBER.search(before):
            yield _NUMBER.sub(lambda number: str(int(number[0]) + 1), before, count=1)
        yield from sorted(words - {before})


_CIDR = "192.0.2.0/24"


def _words(host: _Host, variable: str, text: Any) -> set[str]:
    """What may stand in a word's place where only certain words may: other endpoints of the graph, other choices."""
    graph = variable.startswith("tenancy_")
    endpoints = {row["name"] for row in host.given.get("tenancy_endpoints", ())} | {"all", "dns"} if graph else set()
    return set().union(*(words for words in (endpoints, *_all_choices()) if isinstance(text, str) and text in words))


@cache
def _all_choices() -> list[set[str]]:
    tables = [*(own for own, _ in ROLES.values()), *(each.options for role in DATA for each in DATA[role])]
    return [set(words) for own in tables for words in _choices(own.spec) if words]


def _choices(spec: Mapping[str, Any]) -> Iterator[Iterable[str]]:
    for option in spec.values():
        yield filter(lambda word: isinstance(word, str), option.get("choices", ()))
        yield from _choices(option.get("options", {}))


def _with(whole: Any, inner: Sequence[Any], value: Any) -> Any:
    """A copy of a variable with another value at one place; without the place where the value is MISSING."""
    if not inner:
        return value
    first, *rest = inner
    made = list(whole) if isinstance(whole, list) else dict(whole)
    if rest or value is not MISSING:
        made[first] = _with(whole[first], rest, value)
    else:
        del made[first]
    return made


# What is made of other values: it changes with each of them and shows none.
_DIGESTS = ("taskID", "groundwork.platform/config")


def _differences(host: _Host, after: Mapping[str, Mapping[tuple[Any, ...], Object]]) -> Iterator[Reading]:
    """Every place where the inventory's objects are not the changed ones."""
    for role, objects in after.items():
        for identity, obj in host.objects[role].items():
            other = objects.get(identity)
            if other is obj or obj == other:
                continue
            if other is None:
                yield Reading(*identity, ("metadata", "name"), identity[3], MISSING)
            else:
                found = (Reading(*identity, path, *both) for path, both in _unequal(obj, other))
                yield from (each for each in found if each.path[-1] not in _DIGESTS)
        # What only the changed inventory would make is absent; nothing is read for it.


def _unequal(left: Any, right: Any, path: Place = ()) -> Iterator[tuple[Place, tuple[Any, Any]]]:
    if left == right:
        return
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        for key, value in left.items():
            yield from _unequal(value, right.get(key, MISSING), (*path, key))
        if set(right) - set(left):
            yield path, (left, right)
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        for index, (one, other) in enumerate(zip(left, right, strict=True)):
            yield from _unequal(one, other, (*path, index))
    else:
        yield path, (left, right)


# Held against a server.


class Live:
    """Objects of a cluster, each read once."""

    def __init__(self, objects: Iterable[Object]) -> None:
        self._objects = {_identity(obj): obj for obj in objects}

    def complaints(self, value: Value) -> list[str]:
        """What speaks against a value being on the server; empty where every place has it."""
        return [words for reading in value.readings for words in self._complaints(reading)]

    def _complaints(self, reading: Reading) -> Iterator[str]:
        obj = self._objects.get(reading[:4])
        live = at(obj, reading.path)
        if live is MISSING and obj is not None and reading.wanted is False:
            live = False  # the API server writes no field that has its type's zero
        if live is MISSING or not same(live, reading.wanted):
            yield f"{reading}: {'nothing' if live is MISSING else live} instead of {reading.wanted}"
        elif reading.other is not MISSING and same(live, reading.other) and same(reading.other, live):
            yield f"{reading}: {live} would pass for {reading.other} too"
