"""Runs a module: option table and renderer in, result out; the one exit and the one error path of all modules.

The same call serves a sent module and the action that works in the worker (plugin_utils/manage.py sets `front`):

    def main() -> None:
        run.module(postgres.CLUSTER, postgres.cluster, registry)     # objects of a set: applied, pruned, waited for
        run.call(postgres.SWITCHOVER, procedures.switchover)         # anything else: a function returns the result

A renderer gets the module's own options, and `namespace`, `name` or `context` where its signature names them.
"""

from __future__ import annotations

import contextlib
import gc
import inspect
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol

from .api import cluster
from .api.client import Client
from .api.connection import Connection
from .api.discovery import Discovery
from .api.errors import PlatformError, Stopped
from .api.masking import conceal, no_log_values, secret_values, shown, without_no_log
from .api.objects import Object, Sourced
from .sets.context import Context
from .sets.ending import Failure, Interrupted, signals
from .sets.options import AUTH, SET, Options, SetOptions, Spec

Result = dict[str, Any]


class Front(Protocol):
    """Who called: Ansible's module or the action. `end` does not return when it is a sent module."""

    params: dict[str, Any]
    check: bool
    diff: bool
    host: str

    def say(self, line: str) -> None: ...

    def end(self, result: Result) -> None: ...

    def interrupted(self) -> None: ...


class SentModule:
    """The ordinary way: AnsibleModule, on whatever host the task runs."""

    def __init__(self, spec: Spec, constraints: Mapping[str, Any]) -> None:
        from ansible.module_utils.basic import AnsibleModule

        # no_log of the module keeps its parameters (they may hold Secrets) out of the host's syslog.
        self._module = AnsibleModule(argument_spec=spec, supports_check_mode=True, no_log=True, **constraints)
        self.params, self.host = self._module.params, ""
        self.check, self.diff = self._module.check_mode, self._module._diff

    def say(self, line: str) -> None:
        """A sent module has nobody to speak to before it ends."""

    def end(self, result: Result) -> None:
        """Prints the result and exits."""
        rest = {key: value for key, value in result.items() if key != "warnings"}
        for words in result.get("warnings", ()):
            self._module.warn(words)
        if rest.get("failed"):
            self._module.fail_json(**rest)
        self._module.exit_json(**rest)

    def interrupted(self) -> None:
        """Says so and exits; what was done is in the last words that the engine kept."""
        self._module.fail_json(msg="interrupted; run it again, it goes on from there", changed=True)


front: Callable[[Spec, Mapping[str, Any]], Front] = SentModule  # replaced by the in-process action


def specification(options: Options | Spec, shared: Spec) -> Spec:
    """The whole argument spec of a module: the shared tables and its own, which wins."""
    return {**AUTH, **shared, **_own(options).spec}


def module(options: Options | Spec, renderer: Callable[..., Iterable[Object | Sourced]], rows: Any = None) -> None:
    """Applies, prunes and waits for the set that the renderer makes of the options."""
    own = _own(options)

    def do(params: dict[str, Any], context: Context) -> Result:
        from .sets import engine

        settings = SetOptions.of(params, own.set_name)
        objects = list(renderer(**_arguments(renderer, own, params, context))) if settings.state == "present" else []
        return engine.keep(context, settings, objects)

    _run(own, SET, do, rows)


def call(options: Options | Spec, function: Callable[..., Result], rows: Any = None) -> None:
    """Calls a function with the module's options (and `context`, where it takes one); it returns the result."""
    own = _own(options)

    def do(params: dict[str, Any], context: Context) -> Result:
        return function(**_arguments(function, own, params, context))

    _run(own, {}, do, rows)


def _own(options: Options | Spec) -> Options:
    return options if isinstance(options, Options) else Options(options)


def _arguments(
    function: Callable[..., Any], own: Options, params: Mapping[str, Any], context: Context
) -> dict[str, Any]:
    """The module's own options, None left out so that the function's defaults hold, and what its signature names."""
    wanted = inspect.signature(function).parameters
    given = {name: params[name] for name in own.spec if params.get(name) is not None}
    given |= {name: params[name] for name in ("namespace", "state") if name in wanted and params.get(name) is not None}
    return given | ({"context": context} if "context" in wanted else {})


@contextlib.contextmanager
def _sparing() -> Iterator[None]:
    """Lets Python look for cycles less often: a large set's objects live as long as the task, and to go through them
    again and again takes a fifth of its time. What Ansible had before is left out altogether."""
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()


@_sparing()
def _run(own: Options, shared: Spec, do: Callable[[dict[str, Any], Context], Result], rows: Any) -> None:
    spec = specification(own, shared)
    caller = front(spec, own.constraints())
    hidden = secret_values(caller.params) | no_log_values(caller.params, spec)
    result: Result
    try:
        with signals():
            result = _result(caller, do, rows, hidden)
    except Interrupted:
        caller.interrupted()
        raise
    except Failure as failure:
        result = {**failure.result, "failed": True, "msg": str(failure)}
    except PlatformError as error:
        result = {"failed": True, "changed": False, "msg": str(error)}
    except Exception as error:  # whatever it is, the person gets a sentence
        result = {"failed": True, "changed": False, "msg": _unexpected(error)}
    invocation = {"module_args": shown(without_no_log(caller.params, spec))}
    caller.end(conceal({**result, "invocation": invocation}, hidden))


def _result(caller: Front, do: Callable[[dict[str, Any], Context], Result], rows: Any, hidden: set[str]) -> Result:
    params = caller.params
    connection = Connection.from_options(params)
    with Client(connection, retry_timeout=params.get("retry_timeout") or 120) as client:
        context = Context(
            connection=connection,
            client=client,
            discovery=Discovery(client),
            check=caller.check,
            diff=caller.diff,
            say=caller.say,
            host=caller.host,
            hidden=hidden,
            rules=getattr(rows, "RULES", {}),
            guards=tuple(getattr(rows, "GUARDS", ())),
            holds_data=tuple(getattr(rows, "HOLDS_DATA", ())),
            needs=getattr(rows, "NEEDS", {}),
        )
        try:
            cluster.verify(client, params.get("cluster_uid"), params.get("lab") or cluster.ALLOWED)
            result = do(params, context)
        except Failure as failure:
            failure.result = {**_account(context), **failure.result}
            raise
        except Stopped:
            raise
        except PlatformError as error:
            raise Failure(str(error), {"changed": False, **_account(context)}) from error
        return {**_account(context), **result}


def _account(context: Context) -> Result:
    """What every result says: retries, warnings, timings."""
    return {
        "retries": context.client.retries,
        "warnings": [*context.warnings, *context.client.warnings],
        "timings": {name: round(seconds, 3) for name, seconds in context.timings.items()},
    }


def _unexpected(error: Exception) -> str:
    place = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"unexpected {type(error).__name__} in {place.filename.rpartition('/')[2]}:{place.lineno} ({place.name}): "
        f"{' '.join(str(error).split())[:300]}. This is a defect of groundwork.platform; please report it"
    )
