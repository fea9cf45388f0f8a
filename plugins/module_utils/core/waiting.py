"""Waits for objects on request: named one by one, by set or by label, by our rules or by rules of the user."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .api.errors import ApiError, PlatformError
from .api.objects import Object, Ref, ref
from .readiness.progress import Progress
from .readiness.rule import OBSERVED_IF_SET, STORED, Query, Rule
from .readiness.wait import Outcome, Patience, Target, wait
from .run import Failure
from .sets import applyset
from .sets.applyset import SetName
from .sets.context import Context
from .sets.options import Options

_NAMED = {
    "api_version": {"type": "str", "required": True},
    "kind": {"type": "str", "required": True},
    "namespace": {"type": "str"},
}
_CLAUSES = ("paused", "terminal", "retryable", "in_progress", "ready")
OPTIONS = Options(
    {
        "objects": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {**_NAMED, "name": {"type": "str", "required": True}},
        },
        "selectors": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                **_NAMED,
                "label_selector": {"type": "str", "required": True},
                "at_least": {"type": "int", "default": 1},
            },
        },
        "sets": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {"namespace": {"type": "str", "required": True}, "name": {"type": "str", "required": True}},
        },
        "rules": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "kind": {"type": "str", "required": True},
                **{clause: {"type": "list", "elements": "str", "default": []} for clause in _CLAUSES},
            },
        },
        "load_balancers": {"type": "bool", "default": True},
        "timeout": {"type": "int", "default": 600},
        "settle": {"type": "int"},
        "status_grace": {"type": "int", "default": 30},
        "failure_grace": {"type": "int", "default": 60},
    },
    required_one_of=(("objects", "selectors", "sets"),),
)
_ADDRESSES = ("Service", "networking.k8s.io/Ingress")


def wait_ready(
    *,
    context: Context,
    objects: list[dict[str, Any]],
    selectors: list[dict[str, Any]],
    sets: list[dict[str, Any]],
    rules: list[dict[str, Any]],
    load_balancers: bool,
    timeout: float,
    status_grace: float,
    failure_grace: float,
    settle: float | None = None,
) -> dict[str, Any]:
    """The result: a row for every object. Raises Failure, with the rows, when one is not ready in time."""
    known = {**context.rules, **_given(rules)}
    if not load_balancers:
        known |= dict.fromkeys(_ADDRESSES, Rule(generation=STORED))
    targets = _targets([*map(_reference, objects), *_selected(context, selectors), *_members(context, sets)])
    patience = Patience(0 if context.check else timeout, settle, status_grace, failure_grace)
    outcomes = wait(
        context.client,
        context.discovery,
        targets,
        rules=known,
        patience=patience,
        progress=Progress(lambda line: context.say(f"wait  {line}"), context.clock),
        clock=context.clock,
    )
    return _result(context, outcomes)


def _result(context: Context, outcomes: list[Outcome]) -> dict[str, Any]:
    result = {"changed": False, "objects": [_row(o) for o in outcomes]}
    late = [o.sentence for o in outcomes if not o.ready]
    for outcome in outcomes:
        if outcome.warning:
            context.warn(f"{outcome.ref}: {outcome.warning}")
    if late and not context.check:
        more = f"; and {len(late) - 10} more" if len(late) > 10 else ""
        raise Failure("; ".join(late[:10]) + more, result)
    return result


def _row(outcome: Outcome) -> dict[str, Any]:
    return {
        "kind": outcome.ref.kind,
        "namespace": outcome.ref.namespace,
        "name": outcome.ref.name,
        "ready": outcome.ready,
        "state": outcome.verdict.state,
        "message": outcome.message,
        "seconds": round(outcome.seconds, 1),
    }


def _targets(found: Iterable[Object]) -> list[Target]:
    """Each object once, however often it was named."""
    return [Target(obj) for obj in {ref(obj): obj for obj in found}.values()]


def _reference(row: Mapping[str, Any]) -> Object:
    namespace = {"namespace": row["namespace"]} if row.get("namespace") else {}
    return {"apiVersion": row["api_version"], "kind": row["kind"], "metadata": {"name": row["name"], **namespace}}


def _selected(context: Context, selectors: Iterable[Mapping[str, Any]]) -> list[Object]:
    """What carries the labels now; PlatformError where it is less than asked for."""
    found: list[Object] = []
    for row in selectors:
        path = context.discovery.path(context.discovery.resource(row["api_version"], row["kind"]), row.get("namespace"))
        objects, _ = context.client.list(path, label_selector=row["label_selector"])
        if len(objects) < row["at_least"] and not context.check:
            where = f" in {row['namespace']}" if row.get("namespace") else ""
            raise PlatformError(
                f"cannot wait for {row['kind']} with {row['label_selector']}{where}: {len(objects)} found, "
                f"{row['at_least']} wanted at least. Check the selector, or lower at_least"
            )
        found += objects
    return found


def _members(context: Context, sets: Iterable[Mapping[str, Any]]) -> list[Object]:
    """What the parents of these sets say is in them."""
    found: list[Object] = []
    for row in sets:
        name = SetName(row["namespace"], row["name"])
        try:
            parent = context.client.request("GET", f"/api/v1/namespaces/{name.namespace}/secrets/{name.parent}").data
        except ApiError as error:
            if error.status == 404:
                raise PlatformError(
                    f"cannot wait for set {name}: there is no such set; its parent would be Secret {name.parent}"
                ) from error
            raise
        found += [_member(context, each) for each in applyset.read(name, parent).answers]
    return found


def _member(context: Context, which: Ref) -> Object:
    version = context.discovery.find(which.group, which.kind).api_version
    return _reference({"api_version": version, **which._asdict()})


def _given(rows: Iterable[Mapping[str, Any]]) -> dict[str, Rule]:
    return {row["kind"]: _rule(row) for row in rows}


def _rule(row: Mapping[str, Any]) -> Rule:
    if not row["ready"]:
        raise PlatformError(f"cannot use the rule for {row['kind']}: it has no expression under ready")
    clauses: dict[str, Any] = {name: tuple(_query(row["kind"], text) for text in row[name]) for name in _CLAUSES}
    return Rule(generation=OBSERVED_IF_SET, source="given by the user", **clauses)


def _query(kind: str, expression: str) -> Query:
    import jmespath
    from jmespath import exceptions

    try:
        jmespath.compile(expression)
    except exceptions.JMESPathError as error:
        words = " ".join(str(error).split())
        raise PlatformError(
            f"cannot use the rule for {kind}: {expression!r} is no JMESPath expression: {words}"
        ) from error
    return Query(expression)
