"""How a module runs, apart from what it does."""

from __future__ import annotations

import gc
from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core import run
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.errors import PlatformError
from support.server import Server
from support.task import Front


@pytest.mark.parametrize("fails", [False, True])
def test_cycles_are_looked_for_less_often_while_it_runs(fails: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    usual, inside = gc.get_threshold(), list[int]()

    def work() -> dict[str, Any]:
        inside.append(gc.get_threshold()[0])
        if fails:
            raise PlatformError("it does not work")
        return {"changed": False}

    with Server() as server:
        fronts: list[Front] = []

        def front(spec: dict[str, Any], _: Any) -> Front:
            params = {name: option.get("default") for name, option in spec.items()}
            fronts.append(Front(params | {"host": server.url, "api_key": server.token}, check=False, diff=False))
            return fronts[0]

        monkeypatch.setattr(run, "front", front)
        run.call({}, work)
    assert fronts[0].result.get("failed", False) is fails
    assert inside[0] > usual[0]
    assert (gc.get_threshold(), gc.get_freeze_count()) == (usual, 0)
