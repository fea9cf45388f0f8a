"""Asks the API server for what it must refuse, by dry runs: the negative tests of a cluster's rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from .api.errors import ApiError, Class
from .api.objects import Object, ref
from .sets.context import Context
from .sets.ending import Failure


class Forbidden(NamedTuple):
    """An object that must not come to be, the words of a right refusal (any of them), and the rule, for people."""

    obj: Object
    words: tuple[str, ...]
    rule: str


def verified(expectations: Callable[..., Iterable[Forbidden]]) -> Callable[..., dict[str, Any]]:
    """A function for `run.call`: renders what is expected from the module's options, and asks the server."""

    def verify(*, context: Context, **options: Any) -> dict[str, Any]:
        return expect(context, expectations(**options))

    return verify


def expect(context: Context, expected: Iterable[Forbidden]) -> dict[str, Any]:
    """The result, one row a rule. Raises Failure where the server lets something in, or refuses it for another reason.

    Nothing is stored: every request is a dry run, in check mode and outside of it.
    """
    rows = context.client.map(lambda each: _ask(context, each), list(expected))
    result: dict[str, Any] = {"changed": False, "refusals": [row for row in rows if isinstance(row, dict)]}
    for row in rows:
        if isinstance(row, Exception):
            raise row
    wrong = [f"{row['rule']}: {row['message']}" for row in result["refusals"] if not row["holds"]]
    if wrong:
        raise Failure(f"the API server does not refuse what it should: {'; '.join(wrong)}", result)
    return result


def _ask(context: Context, each: Forbidden) -> dict[str, Any]:
    found = ref(each.obj)
    path = context.discovery.path(context.discovery.resource(each.obj["apiVersion"], found.kind), found.namespace)
    try:
        context.client.request("POST", path, query={"dryRun": "All"}, body=each.obj, about=str(found))
    except ApiError as error:
        if error.kind not in (Class.FORBIDDEN, Class.INVALID, Class.WEBHOOK_DENIED):
            raise
        right = any(words in error.message for words in each.words)
        message = error.message if right else f"refused for another reason: {error.message}"
        return {"rule": each.rule, "holds": right, "message": message}
    return {"rule": each.rule, "holds": False, "message": f"{found} would be let in"}
