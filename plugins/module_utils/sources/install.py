"""Installs an operator: its definitions and namespaces as one set, everything else as another, hooks around that.

Two sets, because definitions are shared: `<set>-crds` keeps the CRDs and Namespaces that no other set keeps, `<set>`
keeps the rest.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..core.api.errors import ApiError, PlatformError
from ..core.api.objects import Origin, Sourced, get
from ..core.sets import engine, guards
from ..core.sets.applyset import ID, SetName
from ..core.sets.context import Context
from ..core.sets.ending import Failure
from ..core.sets.options import SetOptions
from . import definitions, hook_runs, hooks, olm, options
from .operators import Operator, is_crd, operator, read

_CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"

Result = dict[str, Any]


def install(*, context: Context, **given: Any) -> Result:
    """The operator as the options say (options.OPERATOR_INSTALL). Raises PlatformError, Failure."""
    params = {**dict.fromkeys(options.OPERATOR_INSTALL.spec), **given}
    settings = SetOptions.of(params, options.OPERATOR_INSTALL.set_name)
    if params["subscription"]:
        return olm.subscribe(context, settings, params["subscription"])
    do = _remove if settings.state == "absent" else _bring
    return do(operator(context, settings, params), params)


def _bring(wanted: Operator, params: Mapping[str, Any]) -> Result:
    context, settings = wanted.context, wanted.settings
    steps = _Steps(context, wanted.facts)
    base = wanted.base + _own_namespace(wanted, params)
    shared = _shared(context, settings, [item for item in base if is_crd(item.object)])
    base = shared.mine + [item for item in base if not is_crd(item.object)]
    if base:
        steps.keep(_base_settings(settings), base)
    members = wanted.members()
    due = {phase: hooks.due(wanted.hooks, phase, is_upgrade=wanted.upgrade) for phase in ("before", "after")}
    due = due if wanted.due else {}
    rest = _rest_settings(settings)
    if due.get("before") and not context.check:
        _preflight(context, rest, members)  # a set that would be refused is refused before its hooks run
    steps.hooks(due.get("before", []), settings)
    if members:
        steps.keep(rest, members)
    steps.hooks(due.get("after", []), settings)
    if members:
        wanted.done()
    return steps.result()


def _remove(wanted: Operator, params: Mapping[str, Any]) -> Result:
    context, settings = wanted.context, wanted.settings
    steps = _Steps(context, wanted.facts)
    chart, rest = (wanted.hooks if wanted.noted else []), _rest_settings(settings)
    if chart and not context.check:
        _preflight(context, rest, [])
    steps.hooks(hooks.due(chart, "before_delete", is_upgrade=True), settings)
    steps.keep(rest, [])
    steps.hooks(hooks.due(chart, "after_delete", is_upgrade=True), settings)
    base = _base_settings(settings)
    if params["remove_crds"]:
        steps.keep(base, [])
    elif read(context, f"/api/v1/namespaces/{base.name.namespace}/secrets/{base.name.parent}"):
        context.warn(
            f"the definitions and namespaces of set {base.name} stay, with every object of their kinds;"
            " remove_crds removes them too"
        )
    return steps.result()


class _Steps:
    """The parts of one installation, their results put together; a failing part keeps what was done before it."""

    def __init__(self, context: Context, extra: Result) -> None:
        self._context = context
        self._extra = extra
        self._results: list[Result] = []

    def keep(self, settings: SetOptions, items: Iterable[Sourced]) -> None:
        try:
            self._results.append(engine.keep(self._context, settings, items))
        except Failure as failure:
            self._results.append(failure.result)
            raise Failure(str(failure), self.result()) from failure
        except PlatformError as error:
            raise Failure(str(error), self.result()) from error

    def hooks(self, due: list[hooks.Hook], settings: SetOptions) -> None:
        if not due:
            return
        try:
            rows = hook_runs.run(self._context, due, label=settings.name.id, timeout=settings.timeout)
        except PlatformError as error:
            raise Failure(str(error), self.result()) from error
        self._results.append({"changed": True, "objects": rows})

    def result(self) -> Result:
        together: Result = {"changed": any(each.get("changed") for each in self._results), **self._extra}
        together["objects"] = [row for each in self._results for row in each.get("objects", [])]
        together["sets"] = [each["set"] for each in self._results if "set" in each]
        if self._context.diff:
            together["diff"] = [entry for each in self._results for entry in each.get("diff", [])]
        return together


def _preflight(context: Context, settings: SetOptions, members: list[Sourced]) -> None:
    """The set as a check run would judge it, silently."""
    silent = dataclasses.replace(context, check=True, diff=False, say=lambda line: None, warnings=[])
    try:
        engine.keep(silent, settings, members)
    except Failure as failure:
        raise Failure(str(failure), {**failure.result, "changed": False}) from failure


# Sets -----------------------------------------------------------------------------------------------------------------


def _base_settings(settings: SetOptions) -> SetOptions:
    """The set of definitions and namespaces, with the sentences that speak of it."""
    name = SetName(settings.name.namespace, f"{settings.name.name}-crds")
    return dataclasses.replace(
        settings, name=name, confirm=tuple(words for words in settings.confirm if _of_base(words, settings))
    )


def _rest_settings(settings: SetOptions) -> SetOptions:
    return dataclasses.replace(
        settings, confirm=tuple(words for words in settings.confirm if not _of_base(words, settings))
    )


def _of_base(words: str, settings: SetOptions) -> bool:
    marks = ("CustomResourceDefinition ", " Namespace ", f"{settings.name}-crds", f"{settings.name.parent}-crds")
    return any(mark in words for mark in marks)


def _own_namespace(wanted: Operator, params: Mapping[str, Any]) -> list[Sourced]:
    name = wanted.settings.name.namespace
    given = {item.object["metadata"]["name"] for item in wanted.base if item.object["kind"] == "Namespace"}
    if not params["create_namespace"] or name in given:
        return []
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    return [Sourced(namespace, Origin("create_namespace", 1))]


def _shared(context: Context, settings: SetOptions, crds: list[Sourced]) -> definitions.Shared:
    """The definitions that this operator's set may keep. Refused where one would go back, unless confirmed."""
    if not crds:
        return definitions.Shared([], [], [])
    listed, _ = context.client.list(_CRDS, metadata_only=True)
    head = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition"}
    live = {str(get(obj, "metadata", "name")): {**obj, **head} for obj in listed}
    names = _set_names(context)
    shared = definitions.share(crds, live, _base_settings(settings).name.id, names)
    for words in shared.notes:
        context.warn(words)
    guards.check(shared.refusals, settings.confirm, f"change set {_base_settings(settings).name}")
    return shared


def _set_names(context: Context) -> Callable[[str], str]:
    """Names of sets by their ID, asked for only when a definition belongs to another one."""

    def name(set_id: str) -> str:
        try:
            found, _ = context.client.list("/api/v1/secrets", label_selector=f"{ID}={set_id}", metadata_only=True)
        except ApiError:
            return set_id
        places = [f"{get(o, 'metadata', 'namespace')}/{get(o, 'metadata', 'name')}" for o in found]
        return places[0].replace("/groundwork-", "/", 1) if places else set_id

    return name
