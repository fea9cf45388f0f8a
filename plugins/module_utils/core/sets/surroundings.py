"""Looks at where a set is to be written: its namespaces, and what the set itself will provide."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from ..api.errors import ApiError, Class, PlatformError
from ..api.objects import Ref
from ..readiness.deleting import held_by
from . import words
from .job import Job
from .survey import Survey

_PROVIDED = ("ServiceAccount", "PriorityClass", "Role", "ClusterRole")
# Seconds during which it is worth trying again what the set itself is just making possible.
_UNTIL_SERVED, _UNTIL_NAMESPACE, _UNTIL_DEPENDENCY = 30.0, 5.0, 10.0


@dataclass(frozen=True)
class Surroundings:
    """absent: namespaces that are not there; provides: (kind, name) of what admission asks for and the set makes;
    patience: seconds by class of error."""

    absent: Collection[str] = frozenset()
    provides: Collection[tuple[str, str]] = frozenset()
    patience: dict[Class, float] = field(default_factory=dict)


def surroundings(job: Job, survey: Survey) -> Surroundings:
    """What the busy steps will meet. A namespace that nobody makes is refused, in check mode warned of."""
    names = {step.ref.namespace for step in survey.busy} - {""}
    if survey.busy or survey.pruning.delete:
        names.add(job.options.name.namespace)
    refs = {step.ref for step in survey.steps}
    coming = {each.name for each in refs if _is_namespace(each)}
    found = job.context.client.map(lambda name: namespace_ready(job, name, coming=name in coming), sorted(names))
    for each in found:
        if isinstance(each, PlatformError):
            raise each
    absent = {name for name, there in zip(sorted(names), found, strict=True) if not there}
    refuse_missing(job, sorted(absent - coming))
    crds = any(each.kind == "CustomResourceDefinition" for each in refs)
    patience = {Class.DEPENDENCY_MISSING: _UNTIL_DEPENDENCY}
    patience |= dict.fromkeys((Class.UNSERVED, Class.NOT_FOUND), _UNTIL_SERVED) if crds else {}
    patience |= {Class.NAMESPACE_MISSING: _UNTIL_NAMESPACE} if coming else {}
    return Surroundings(
        absent=frozenset(absent),
        provides=frozenset((each.kind, each.name) for each in refs if each.kind in _PROVIDED),
        patience=patience,
    )


def _is_namespace(found: Ref) -> bool:
    return found.kind == "Namespace" and not found.group


def refuse_missing(job: Job, names: list[str]) -> None:
    """Refuses namespaces that nobody makes; in check mode something else may still make them."""
    if not names:
        return
    said = words.no_namespace(names, job.options.name)
    if not job.context.check:
        raise PlatformError(f"cannot apply: {said}; {words.NO_NAMESPACE}")
    job.context.warn(f"{said}; the run will fail unless something creates it before")


def namespace_ready(job: Job, name: str, *, coming: bool) -> bool:
    """Whether objects can be made in the namespace now. One that is going and that the set does not make is refused."""
    try:
        live = job.context.client.request("GET", f"/api/v1/namespaces/{name}").data
    except ApiError as error:
        if error.kind is Class.FORBIDDEN:
            return True
        if error.status == 404:
            return False
        raise
    if "deletionTimestamp" not in live["metadata"]:
        return True
    if coming:
        return False
    raise PlatformError(
        f"cannot apply: the namespace {name} is being deleted: {held_by(live) or 'no reason given'}. "
        "Wait until it is gone, or remove what holds it"
    )
