"""Runs a task of the engine as a module would, without Ansible: options in, result out, what was said kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ansible_collections.groundwork.platform.plugins.module_utils import registry
from ansible_collections.groundwork.platform.plugins.module_utils.core import run
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.client import Client
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.clock import Clock
from ansible_collections.groundwork.platform.plugins.module_utils.core.sets.context import Context
from ansible_collections.groundwork.platform.plugins.module_utils.core.sets.options import AUTH, SET
from support.clock import FastClock

Object = dict[str, Any]


class Front:
    """Stands where AnsibleModule or the action stands."""

    def __init__(self, params: dict[str, Any], *, check: bool, diff: bool) -> None:
        self.params, self.check, self.diff, self.host = params, check, diff, "cluster"
        self.said: list[str] = []
        self.result: dict[str, Any] = {}

    def say(self, line: str) -> None:
        self.said.append(line)

    def end(self, result: dict[str, Any]) -> None:
        self.result = result

    def interrupted(self) -> None:
        self.result = {"failed": True, "msg": "interrupted"}


class Result(dict[str, Any]):
    """A module's result, with the ways tests look at it."""

    said: list[str]

    @property
    def msg(self) -> str:
        return str(self.get("msg", ""))

    @property
    def failed(self) -> bool:
        return bool(self.get("failed"))

    @property
    def actions(self) -> dict[str, str]:
        """`Kind name` to what became of it."""
        return {f"{row['kind']} {row['name']}": row["action"] for row in self.get("objects", [])}


def task(
    connection: Mapping[str, Any],
    objects: list[Object],
    *,
    check: bool = False,
    diff: bool = False,
    clock: Clock | None = None,
    render: Callable[..., Any] | None = None,
    **options: Any,
) -> Result:
    """One run of a module that applies these objects as the set `test` in the namespace default.

    Waits of the client and of readiness are the clock's (FastClock unless told); nothing else is replaced.
    """
    clock = clock or FastClock()
    params = {name: spec.get("default") for table in (AUTH, SET) for name, spec in table.items()}
    given = {"set": "test", "namespace": "default", "objects": objects}
    front = Front({**params, **connection, **given, **options}, check=check, diff=diff)
    before = run.front, run.Client, run.Context
    run.front = lambda spec, constraints: front
    run.Client = partial(Client, clock=clock)
    run.Context = partial(Context, clock=clock)
    try:
        run.module({"objects": {"type": "list", "elements": "dict"}}, render or _as_given, registry)
    finally:
        run.front, run.Client, run.Context = before
    result = Result(front.result)
    result.said = front.said
    return result


def _as_given(objects: list[Object]) -> list[Object]:
    return objects
