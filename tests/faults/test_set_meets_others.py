"""An object that somebody else makes between our looking and our writing is judged anew, and never written over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from support.objects import config_map, namespace
from support.server import Request, Server, reset, then

Keep = Callable[..., Any]


def real(request: Request) -> bool:
    return not request.dry


def dry(request: Request) -> bool:
    return request.dry


def made_at(server: Server, moment: Callable[[Request], bool], obj: dict[str, Any]) -> None:
    """Somebody makes the object just before the server gets our request for it."""
    path = f"/{obj['metadata']['name']}$"
    server.fault(then(lambda _: server.store.put(obj, "somebody")), method="PATCH", path=path, when=moment)


@pytest.mark.parametrize(("moment", "preflight"), [(dry, "server"), (real, "server"), (real, "none")])
def test_it_is_not_adopted(server: Server, keep: Keep, moment: Callable[[Request], bool], preflight: str) -> None:
    made_at(server, moment, config_map("two", theirs="value"))
    result = keep([config_map("one"), config_map("two")], preflight=preflight)
    assert "ConfigMap default/two: it is there already and belongs to no set" in result.msg
    assert "made while this run was under way" in result.msg
    live = server.store.read("configmaps", "default", "two")
    assert live
    assert live["data"] == {"theirs": "value"}
    assert "labels" not in live["metadata"]
    again = keep([config_map("one"), config_map("two")])
    assert "belongs to no set" in again.msg


def test_it_is_adopted_where_the_task_says_so(server: Server, keep: Keep) -> None:
    made_at(server, real, config_map("one", theirs="value"))
    result = keep([config_map("one", ours="value")], adopt="always")
    assert result.actions == {"ConfigMap one": "adopted"}, result.msg
    assert not keep([config_map("one", ours="value")])["changed"]


def test_what_came_and_went_is_created(server: Server, keep: Keep) -> None:
    made_at(server, real, config_map("one", theirs="value"))
    gone = then(lambda _: server.store.drop("configmaps", "default", "one"))
    server.fault(gone, method="GET", path="/one$", skip=2)
    assert keep([config_map("one")]).actions == {"ConfigMap one": "created"}


def test_our_own_write_whose_answer_was_lost_is_ours(server: Server, keep: Keep) -> None:
    server.fault(reset(served=True), method="PATCH", when=real)
    result = keep([config_map("one")])
    assert (result.actions, len(result["retries"])) == ({"ConfigMap one": "created"}, 1), result.msg
    assert not keep([config_map("one")])["changed"]


def test_the_service_account_that_every_namespace_has_is_nobodys(server: Server, keep: Keep) -> None:
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": "new"}}
    made_at(server, real, account)
    wanted = [namespace("new"), {**account, "automountServiceAccountToken": False}]
    assert keep(wanted).actions == {"Namespace new": "created", "ServiceAccount default": "adopted"}
    assert not keep(wanted)["changed"]
