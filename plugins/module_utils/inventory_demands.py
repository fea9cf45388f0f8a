"""Reads out of a cluster's variables what they ask for: pods and their requests, claims, pools, namespaces. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from .core.api.errors import PlatformError
from .core.sets.values import quantity

Row = Mapping[str, Any]
Amounts = dict[str, Decimal]

# Fields whose product is the number of pods, in the words of the systems' operators.
_COUNTS = ("shards", "instances", "replicas")
_FOUNDATION = ("platform", "storage", "addons", "tenancy", "certificates")
_SCALERS = ("autoscaling_hpas", "autoscaling_scaled_objects")
_AGE = re.compile(r"(\d+)([hd])")


class Violation(NamedTuple):
    """Where an inventory contradicts itself, how, and the requirement that says so."""

    path: str
    words: str
    requirement: str


@dataclass(frozen=True)
class Claim:
    """A volume that each pod of a demand claims. `size` in bytes; without a class the cluster's own for data."""

    path: str
    size: Decimal
    storage_class: str


@dataclass(frozen=True)
class Demand:
    """Pods of one kind: how many there are at rest and at most, and what each of them asks for.

    copies: of how many pods one may fail before data is out of reach: the replicas of one shard, otherwise all pods.
    """

    path: str
    name: str
    namespace: str
    pools: tuple[str, ...]
    count: int
    most: int
    copies: int
    requests: Amounts
    limits: Amounts
    claims: tuple[Claim, ...]
    row: Row


@dataclass(frozen=True)
class Scaler:
    """A HorizontalPodAutoscaler or a KEDA ScaledObject: whose replicas it sets, and how far."""

    path: str
    namespace: str
    target: str
    least: int
    most: int


class Cluster:
    """One cluster's variables, and what is read out of them."""

    def __init__(self, host: str, variables: Mapping[str, Any]) -> None:
        self.host = host
        self.variables = variables

    def read(self) -> None:
        """Reads what most checks look at. Raises PlatformError where it cannot be read."""
        _ = (self.namespaces, self.pools, self.scalers, self.demands)

    def rows(self, name: str) -> list[Row]:
        """A variable that is a list of mappings; empty where it is missing. Raises PlatformError for anything else."""
        found = self.variables.get(name) or []
        if not isinstance(found, list | tuple) or not all(isinstance(row, Mapping) for row in found):
            raise PlatformError(f"{name} must be a list of mappings")
        return list(found)

    def mapping(self, name: str) -> Row:
        """A variable that is a mapping; empty where it is missing. Raises PlatformError for anything else."""
        found = self.variables.get(name) or {}
        if not isinstance(found, Mapping):
            raise PlatformError(f"{name} must be a mapping")
        return found

    @cached_property
    def namespaces(self) -> dict[str, Row]:
        """The namespaces that are kept, by name."""
        rows = self.rows("tenancy_namespaces")
        for index, row in enumerate(rows):
            if not row.get("name"):
                raise PlatformError(f"tenancy_namespaces[{index}] has no name; it has {', '.join(map(str, row))}")
        return {str(row["name"]): row for row in rows}

    @cached_property
    def pools(self) -> dict[str, Row]:
        """The node pools, by name."""
        return {str(row.get("name")): row for row in self.rows("platform_node_pools")}

    @cached_property
    def scalers(self) -> list[Scaler]:
        """What changes the number of somebody's pods."""
        return [
            Scaler(
                path=f"{variable}[{row.get('name')}]",
                namespace=str(row.get("namespace")),
                target=str(row.get("target")),
                least=whole(row.get("min_replicas", 0), f"{variable}[{row.get('name')}].min_replicas"),
                most=whole(row.get("max_replicas"), f"{variable}[{row.get('name')}].max_replicas"),
            )
            for variable in _SCALERS
            for row in self.rows(variable)
        ]

    @cached_property
    def demands(self) -> list[Demand]:
        """Everything in the roles' variables that has `resources` with requests, whether its role is enabled or not."""
        return [
            demand
            for name, value in sorted(self.variables.items())
            if name.startswith(concerns(self.variables)) and not name.endswith("_operators")
            for demand in self._below(name, value, {})
        ]

    def _below(self, path: str, value: Any, around: Row) -> Iterator[Demand]:
        """Demands in a value; namespace, pool and name are inherited from what is around it."""
        if isinstance(value, Mapping):
            inherited = {key: value.get(key, around.get(key)) for key in ("name", "namespace", "pool")}
            resources = value.get("resources")
            if isinstance(resources, Mapping) and "requests" in resources:
                yield self._demand(path, value, inherited)
            for key, part in value.items():
                yield from self._below(f"{path}.{key}", part, inherited)
        elif isinstance(value, list | tuple):
            for index, part in enumerate(value):
                label = part.get("name", index) if isinstance(part, Mapping) else index
                yield from self._below(f"{path}[{label}]", part, around)

    def _demand(self, path: str, row: Row, inherited: Row) -> Demand:
        counts = {key: whole(row[key], f"{path}.{key}") for key in _COUNTS if key in row}
        if not counts:
            raise PlatformError(f"{path} has resources but neither {' nor '.join(_COUNTS)}: how many are there?")
        count = 1
        for each in counts.values():
            count *= each
        pools = inherited["pool"] or ()
        return Demand(
            path=path,
            name=str(row.get("name") or inherited["name"]),
            namespace=str(inherited["namespace"] or ""),
            pools=(str(pools),) if isinstance(pools, str) else tuple(map(str, pools)),
            count=count,
            most=max(count, self._most(path, row, inherited)),
            copies=count // counts.get("shards", 1),
            requests=amounts(row["resources"]["requests"], f"{path}.resources.requests"),
            limits=amounts(row["resources"].get("limits") or {}, f"{path}.resources.limits"),
            claims=tuple(self._claims(path, row)),
            row=row,
        )

    def _most(self, path: str, row: Row, inherited: Row) -> int:
        """How many pods an autoscaler may make of a demand, or the demand's own `max_replicas`."""
        targets = (str(inherited["namespace"] or ""), str(row.get("name") or inherited["name"]))
        found = [scaler.most for scaler in self.scalers if (scaler.namespace, scaler.target) == targets]
        return max([whole(row.get("max_replicas", 0), f"{path}.max_replicas"), *found])

    def _claims(self, path: str, row: Row) -> Iterator[Claim]:
        for key, part in row.items():
            if isinstance(part, Mapping) and "size" in part:
                size = amount(part["size"], f"{path}.{key}.size")
                default = self.variables.get("platform_storage_class", "")
                yield Claim(f"{path}.{key}", size, str(part.get("class") or default))


def concerns(variables: Mapping[str, Any]) -> tuple[str, ...]:
    """The prefixes of the variables that are looked at: the shared ones, and those of every role that has a switch."""
    named = {name.removesuffix("_enabled") for name in variables if name.endswith("_enabled")}
    return tuple(sorted(f"{name}_" for name in named.union(_FOUNDATION) if not name.startswith("_")))


def amount(value: Any, path: str) -> Decimal:
    """A Kubernetes quantity as a number. Raises PlatformError."""
    found = None if isinstance(value, bool) else quantity(str(value))
    if found is None:
        raise PlatformError(f"{path} must be a quantity such as 2, 500m or 16Gi, not {value!r}")
    return found


def amounts(row: Any, path: str) -> Amounts:
    """Quantities by resource. Raises PlatformError."""
    if not isinstance(row, Mapping):
        raise PlatformError(f"{path} must be a mapping such as {{cpu: 2, memory: 4Gi}}, not {row!r}")
    return {str(key): amount(value, f"{path}.{key}") for key, value in row.items()}


def whole(value: Any, path: str) -> int:
    """A whole number, also as a text. Raises PlatformError."""
    if isinstance(value, bool) or not re.fullmatch(r"\d+", str(value)):
        raise PlatformError(f"{path} must be a whole number, not {value!r}")
    return int(str(value))


def hours(value: Any, path: str) -> int:
    """An age such as 30d or 24h, in hours. Raises PlatformError."""
    match = _AGE.fullmatch(str(value))
    if not match:
        raise PlatformError(f"{path} must be an age such as 30d or 24h, not {value!r}")
    return int(match[1]) * (24 if match[2] == "d" else 1)


def shown(number: Decimal, resource: str) -> str:
    """A number as people write it: storage and memory in Gi, the rest plain."""
    if resource.endswith(("memory", "storage")):
        return f"{(number / 2**30).normalize():f}Gi"
    return f"{number.normalize():f}"
