"""Every error about an object says where the object came from: file and line, or its place among the given ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.sources import manifests
from support.objects import config_map, secret, workload
from support.server import Server, status

Keep = Callable[..., Any]
FILE = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: one}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: two}
"""


@pytest.fixture
def given(keep: Keep, tmp_path: Path) -> Callable[..., Any]:
    """A task with the file above and inline objects."""
    (tmp_path / "maps.yml").write_text(FILE)

    def run(*objects: Any, **options: Any) -> Any:
        found = manifests.objects(list(objects), [str(tmp_path / "maps.yml")])
        return keep([], render=lambda objects: found, **options)

    return run


def test_what_the_server_refuses(server: Server, given: Keep) -> None:
    for name in ("two", "inline"):
        server.fault(status(422, "no", reason="Invalid"), method="PATCH", path=f"/{name}$", times=9)
    result = given(config_map("inline"))
    assert "maps.yml:5)" in result.msg
    assert "(from objects[1])" in result.msg
    assert "ConfigMap default/one" not in result.msg


def test_what_belongs_to_others(server: Server, given: Keep) -> None:
    server.store.put(config_map("two"), "somebody")
    assert "maps.yml:5)" in given().msg


@pytest.mark.parametrize(
    ("wrong", "places"),
    [
        (config_map("two"), ["maps.yml:5", "objects[1]"]),
        ({"apiVersion": "v1", "kind": "ConfigMap"}, ["(from objects[1])"]),
        ({"apiVersion": "v2", "kind": "Nobody", "metadata": {"name": "x"}}, ["(from objects[1])"]),
        (
            {"source": "login.yml.j2", "text": "\n\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: no"},
            [".j2:3)"],
        ),
        (secret("big", text="x" * 2_000_000), ["(from objects[1])"]),
    ],
)
def test_what_is_wrong_before_the_server_sees_it(given: Keep, wrong: Any, places: list[str]) -> None:
    message = given(wrong).msg
    assert all(place in message for place in places), message


def test_what_does_not_become_ready(server: Server, given: Keep) -> None:
    assert "is not ready" in (message := given(workload("web"), timeout=1).msg)
    assert "(from objects[1])" in message
