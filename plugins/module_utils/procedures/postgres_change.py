"""Brings a running PostgreSQL cluster to what the inventory says, scale or version, under a client's writes."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ..core.api.errors import PlatformError
from ..core.api.objects import Object, get
from ..core.sets import engine
from ..core.sets.applyset import SetName
from ..core.sets.context import Context
from ..core.sets.options import Options, SetOptions
from ..core.words import WHICH
from ..systems.postgres import cluster as system
from ..systems.postgres.options import CLUSTER
from . import drill, reach
from . import postgres_state as state
from .postgres_drill import PostgresDrill
from .steps import Step, Unneeded

Result = dict[str, Any]

_SIZES = ("instances", "storage", "walStorage", "resources", "postgresql")
# What follows from the number of instances, and is told with it.
_FOLLOWING = ("affinity", "topologySpreadConstraints", "enablePDB")
_IMAGES = ("imageCatalogRef", "image")
FIELDS = {"scale": (*_SIZES, *_FOLLOWING), "upgrade": _IMAGES}
CHANGE = Options(
    {
        **WHICH,
        **{name: drill.OPTIONS[name] for name in ("interval", "profile", "dest", "remarks", "confirm")},
        "through": {"type": "str"},
        "change": {"type": "str", "choices": list(FIELDS), "required": True},
        "cluster": {"type": "dict", "required": True},
        "labels": {"type": "dict", "default": {}},
    }
)
# Of the set and its task, not of the cluster.
_ASIDE = ("name", "namespace", "wait", "timeout")


def change(*, context: Context, namespace: str, name: str, timeout: int, **asked: Any) -> Result:
    """Applies the cluster's set under write load and writes the evidence; fails where the profile is not kept.

    asked: the other options of the module postgres_change. Refused before anything is written: a change of another kind
    than `change`, a cluster that is not whole, whatever the guards of the set refuse.
    """
    return _Change(context, namespace, name, timeout).run(asked)


class _Change(PostgresDrill):
    """A drill whose fault is the change itself."""

    differences: list[str]

    def heading(self) -> str:
        return f"PostgreSQL {self.asked['change']}: {'; '.join(self.differences)}"

    def told(self) -> Result:
        return {"kind": self.asked["change"], **{key: self.asked.get(key) for key in ("interval", "through")}}

    def title(self) -> str:
        return f"{self.asked['change']} {self.namespace}/{self.name}"

    def looking(self) -> list[Step]:
        return [
            Step("Look at the cluster", self._look),
            Step("Compare with the inventory", self._compare),
            Step("Look at its backups", self._backups),
            Step("Ask the server", self._ask),
        ]

    def acting(self) -> list[Step]:
        told = "apply the cluster's set, and wait until the operator has followed"
        return [
            Step("Apply the set", lambda: self.make(_Change._apply), told),
            Step("Wait until it is as wanted", self._as_wanted, "wait until all instances are as the inventory says"),
        ]

    # Steps -----------------------------------------------------------------------------------------------------------

    def _look(self) -> str:
        return f"{self.whole()}; {self.promise}"

    def _compare(self) -> str:
        self.objects = rendered(self.name, self.namespace, self.asked["cluster"])
        wanted, catalog = _spec(self.objects, "Cluster"), _spec(self.objects, "ImageCatalog")
        self.image = image(wanted, catalog)
        live = {**self.seen["spec"], "image": get(self.seen, "status", "image")}
        found = dict(differences(live, {**wanted, **({"image": self.image} if self.image else {})}))
        self.major = (get(live, *_MAJOR), get(wanted, *_MAJOR))
        other = [words for path, words in found.items() if path.partition(".")[0] not in FIELDS[self.asked["change"]]]
        if other:
            raise PlatformError(
                f"the inventory differs from {self.about} in more than {self.asked['change']} changes: "
                f"{'; '.join(other)}. Bring that there first (site.yml), or by its own runbook"
            )
        self.differences, self.rolling = list(found.values()), bool(self.image and "image" in found)
        if not found:
            raise Unneeded(f"{self.about} is as the inventory says: nothing to {self.asked['change']}")
        return "; ".join(self.differences)

    def _backups(self) -> str:
        """What there is to go back to. A major upgrade cannot be taken back, so it begins with a base backup."""
        try:
            archive = state.archive(self.seen)
            store = reach.read(self.context, reach.named(*state.STORE, self.namespace, archive.store))
            known = state.window(store, archive.server)
        except PlatformError as error:
            known, told = state.Window(), str(error)
        else:
            told = f"restorable since {known.first}, last base backup {known.last}"
        if known.last is None and self.major[0] != self.major[1]:
            raise PlatformError(
                f"a major upgrade of {self.about} cannot be taken back, and no base backup of it is known ({told}). "
                "Take one by postgres_backup first"
            )
        return told

    def _options(self) -> SetOptions:
        return SetOptions(
            name=SetName(self.namespace, f"postgres-{self.name}"),
            labels={str(key): str(value) for key, value in self.asked["labels"].items()},
            confirm=tuple(self.asked["confirm"]),
            timeout=self.timeout,
            failure_grace=600,
        )

    def _ask(self) -> str:
        """The set judged by guards and server, nothing written: what they refuse is refused before clients notice."""
        asking = dataclasses.replace(self.context, check=True)
        result = engine.keep(asking, self._options(), self.objects)
        return f"the server takes it: {_counted(result)}"

    def _apply(self) -> str:
        result = engine.keep(self.context, self._options(), self.objects)
        return _counted(result)

    def _as_wanted(self) -> str:
        """The operator's status has the new image, and is healthy, before it has replaced the first pod."""

        def missing(cluster: Object | None) -> str:
            return state.unhealthy(cluster) or unfollowed(cluster or {}, self.image)

        for each in state.instances(self.seen) if self.rolling else ():
            pod = reach.named("v1", "Pod", self.namespace, each)
            reach.until(self.context, pod, lambda found: outdated(found, self.image), self.timeout)

        self.seen = reach.until(self.context, self.which, missing, self.timeout)
        return f"{self.back()}; it runs {get(self.seen, 'status', 'image')}"


_MAJOR = ("imageCatalogRef", "major")


def rendered(name: str, namespace: str, row: Mapping[str, Any]) -> list[Object]:
    """The cluster's set as postgres_cluster makes it. Raises PlatformError for what that would not take."""
    given = {key: value for key, value in row.items() if key not in _ASIDE}
    checked = ArgumentSpecValidator(CLUSTER.spec, **CLUSTER.constraints()).validate({**given, "name": name})
    if checked.error_messages:
        raise PlatformError(f"`cluster` is not what postgres_cluster takes: {checked.error_messages[0]}")
    known = {key: value for key, value in checked.validated_parameters.items() if value is not None}
    if known["backend"] != "cnpg":
        raise PlatformError(f"PostgreSQL {namespace}/{name} is external: whoever runs it changes it")
    return system.cluster(**{**known, "namespace": namespace})


def image(spec: Mapping[str, Any], catalog: Mapping[str, Any]) -> str:
    """The image that the set's own catalog has for the wanted major; empty where the catalog is somebody else's."""
    major = get(spec, *_MAJOR)
    return next((str(each["image"]) for each in catalog.get("images", []) if each["major"] == major), "")


def differences(live: Any, wanted: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Path and words of every field that is wanted and is not so; the server's own defaults aside. Pure."""
    if isinstance(wanted, Mapping) and isinstance(live, Mapping):
        for key, value in wanted.items():
            yield from differences(live.get(key), value, f"{path}.{key}".lstrip("."))
    elif isinstance(wanted, list) and isinstance(live, list) and len(wanted) == len(live):
        for index, value in enumerate(wanted):
            yield from differences(live[index], value, f"{path}.{index}")
    elif wanted != live:
        yield path, f"{path}: {_short(live)} -> {_short(wanted)}"


def _short(value: Any) -> str:
    return "none" if value is None else str(value)[:80]


def unfollowed(cluster: Object, image: str) -> str:
    """Why the operator has not followed yet, though all is healthy: another image, volumes that still grow. Pure."""
    now = get(cluster, "status", "image")
    if image and now != image:
        return f"it runs {now}, not {image}"
    growing = get(cluster, "status", "resizingPVC", default=[])
    return f"volumes still grow: {', '.join(growing)}" if growing else ""


def outdated(pod: Object | None, image: str) -> str:
    """Why an instance's pod is not the new one yet. Pure."""
    containers = get(pod, "spec", "containers", default=[])
    now = next((str(each["image"]) for each in containers if each["name"] == "postgres"), "nothing")
    return "" if now == image else f"it runs {now}, not {image}"


def _spec(objects: list[Object], kind: str) -> Mapping[str, Any]:
    return next((each["spec"] for each in objects if each["kind"] == kind), {})


def _counted(result: Result) -> str:
    """`2 changed, 14 unchanged` of a set's result."""
    counts: dict[str, int] = {}
    for each in result.get("objects", []):
        counts[each["action"]] = counts.get(each["action"], 0) + 1
    return ", ".join(f"{count} {action}" for action, count in sorted(counts.items()))
