"""Check mode and diff tell the truth, also where the cluster lacks what earlier tasks would make."""

from __future__ import annotations

import json
import re
from typing import Any

from support.objects import custom, custom_definition
from support.space import Space


def sample(space: Space) -> list[dict[str, Any]]:
    return [
        space.config("settings", greeting="hello"),
        space.object("v1", "Secret", "login", stringData={"password": "correct horse"}),
        space.deployment("app", resources={"limits": {"cpu": "1000m"}}),
    ]


def test_what_is_foretold_is_what_happens(space: Space) -> None:
    changed = space.deployment("app", args=["--new"])
    for objects in (sample(space), [*sample(space)[:2], changed], sample(space)[:1]):
        with space.cluster.record(user_agent="groundwork.platform") as requests:
            foretold = space.keep(*objects, wait=False, check=True, diff=True)
        assert not requests.mutating
        assert not requests.leases
        done = space.keep(*objects, wait=False, diff=True)
        assert foretold.actions == done.actions
        assert foretold["changed"] == done["changed"]
        assert settled(foretold["diff"]) == settled(done["diff"])


def settled(diff: list[dict[str, str]]) -> list[dict[str, str]]:
    """A Deployment's revision is written by its controller, sooner or later."""
    hidden = re.compile(r" *(annotations:|deployment.kubernetes.io/revision: .*)\n")
    return [{key: hidden.sub("", text) for key, text in each.items()} for each in diff]


def test_a_diff_shows_what_people_wrote(space: Space) -> None:
    space.keep(*sample(space), wait=False)
    changed = space.deployment("app", resources={"limits": {"cpu": "2"}})
    result = space.keep(*sample(space)[:2], changed, wait=False, check=True, diff=True)
    (diff,) = result["diff"]
    before, after = diff["before"].splitlines(), diff["after"].splitlines()
    assert set(before) ^ set(after) == {"            cpu: '1'", "            cpu: '2'"}
    for hidden in ("managedFields", "resourceVersion", "uid:", "groundwork.platform/hash", "part-of", "status:"):
        assert hidden not in diff["before"] + diff["after"]


def test_secret_values_are_masked_and_their_change_is_seen(space: Space) -> None:
    def login(password: str) -> dict[str, Any]:
        return space.object("v1", "Secret", "login", stringData={"password": password, "user": "somebody"})

    space.keep(login("canary-before"))
    result = space.keep(login("canary-after"), diff=True)
    (diff,) = result["diff"]
    assert "password: '*** (before)'" in diff["before"]
    assert "password: '*** (after)'" in diff["after"]
    assert "user: '***'" in diff["before"]
    assert "canary" not in json.dumps(result)


def test_on_an_empty_cluster_each_object_says_how_it_was_judged(space: Space) -> None:
    name = f"{space.name}-new"
    crd = custom_definition("futures")
    schema = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    del schema["x-kubernetes-preserve-unknown-fields"]
    schema["properties"] = {"spec": {"type": "object", "properties": {"size": {"type": "integer"}}}}
    home = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}
    one = custom("one", kind="Future", namespace=name, size=3)
    with space.cluster.record(user_agent="groundwork.platform") as requests:
        result = space.keep(home, config, crd, one, namespace=name, check=True, wait=False)
    assert not requests.mutating
    judged = {f"{row['kind']}": row["judged"] for row in result["objects"]}
    assert judged == {
        "Namespace": "server", "ConfigMap": "schema", "CustomResourceDefinition": "server", "Future": "schema",
    }  # fmt: skip
    assert any("judged: 2 schema, 2 server" in line for line in result.said), result.said
    wrong = custom("one", kind="Future", namespace=name, sise=3)
    message = space.attempt(home, config, crd, wrong, namespace=name, check=True, wait=False).msg
    assert "spec.sise: field not declared in schema" in message
    bad = {**config, "dta": {}}
    assert "dta: field not declared" in space.attempt(home, bad, namespace=name, check=True, wait=False).msg


def test_a_kind_that_nobody_knows_is_a_warning_in_check_mode(space: Space) -> None:
    unknown = custom("one", kind="Nowhere", namespace=space.name)
    result = space.keep(unknown, check=True)
    assert result["objects"][0]["judged"] == "none"
    assert any("does not serve example.org/v1 Nowhere" in words for words in result["warnings"])
    assert "does not serve" in space.refused(unknown)


def test_a_missing_namespace_is_a_warning_in_check_mode(space: Space) -> None:
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}
    result = space.keep(config, namespace="not-yet", check=True)
    assert result.actions == {"ConfigMap a": "created"}
    assert any("the run will fail unless something creates it before" in words for words in result["warnings"])


def test_guards_refuse_in_check_mode_too(space: Space) -> None:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    space.keep(space.config("a"), space.object("v1", "PersistentVolumeClaim", "data", spec=spec), wait=False)
    assert "delete PersistentVolumeClaim" in space.refused(space.config("a"), check=True)
