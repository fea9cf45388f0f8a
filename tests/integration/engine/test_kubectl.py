"""Beside kubectl's own ApplySet: the same ID, each refuses the other's set, the same pruned after a hand-over."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from support.space import Space

TOOLING = "applyset.kubernetes.io/tooling"
PART_OF = "applyset.kubernetes.io/part-of"


@pytest.fixture(autouse=True)
def alpha(monkeypatch: pytest.MonkeyPatch) -> None:
    """kubectl's ApplySet is still behind a gate."""
    monkeypatch.setenv("KUBECTL_APPLYSET", "true")


def kubectl_set(space: Space, *objects: dict[str, Any], check: bool = True) -> str:
    """kubectl keeps the set of the same parent."""
    items = json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)})
    return space.kubectl(
        "apply", "--server-side", "--prune", "--applyset=groundwork-test", "--force-conflicts", "--filename=-",
        stdin=items, check=check,
    )  # fmt: skip


def pruned(said: str) -> set[str]:
    return set(re.findall(r"^(\S+) pruned", said, re.MULTILINE))


def test_kubectl_computes_our_id(space: Space) -> None:
    kubectl_set(space, space.config("a"))
    theirs = space.get("secret", "groundwork-test")["metadata"]["labels"]["applyset.kubernetes.io/id"]
    space.kubectl("delete", "secret", "groundwork-test")
    space.kubectl("delete", "configmap", "a")
    space.keep(space.config("a"))
    assert space.get("secret", "groundwork-test")["metadata"]["labels"]["applyset.kubernetes.io/id"] == theirs
    assert space.get("configmap", "a")["metadata"]["labels"][PART_OF] == theirs


def test_kubectl_refuses_our_set_and_writes_nothing(space: Space) -> None:
    space.keep(space.config("a"), space.config("b"))
    with space.cluster.record(user_agent="kubectl") as requests:
        said = kubectl_set(space, space.config("a"), check=False)
    assert 'managed by tooling "groundwork.platform' in said or "groundwork.platform" in said, said
    assert "tooling" in said
    assert not requests.mutating, requests.words()


def test_we_refuse_kubectls_set_until_told(space: Space) -> None:
    kubectl_set(space, space.config("a"), space.config("b"))
    message = space.refused(space.config("a"), space.config("b"))
    assert "it is kept by kubectl/" in message
    sentence = message.split("'")[1]
    assert sentence.startswith(f"take over Secret {space.name}/groundwork-test ")
    result = space.keep(space.config("a"), space.config("b"), adopt_from="kubectl", confirm=[sentence])
    assert set(result.actions.values()) == {"changed"}
    assert space.get("secret", "groundwork-test")["metadata"]["annotations"][TOOLING] == "groundwork.platform/v1"
    assert "groundwork.platform" in kubectl_set(space, space.config("a"), check=False)
    _, requests = space.counted(space.config("a"), space.config("b"))
    assert not requests.changing, requests.words()
    assert space.keep(space.config("a")).actions["ConfigMap b"] == "deleted"


def handed_over(space: Space) -> None:
    """A person gives our set to kubectl."""
    space.kubectl("annotate", "--overwrite", "secret", "groundwork-test", f"{TOOLING}=kubectl/v1.36.3")


def test_after_a_hand_over_kubectl_prunes_what_we_would(space: Space) -> None:
    plain = [
        space.config("a"), space.config("b"), space.object("v1", "ServiceAccount", "c"),
        space.object("v1", "Service", "d", spec={"ports": [{"port": 1}]}), space.deployment("e"),
    ]  # fmt: skip
    space.keep(*plain, wait=False)
    ours = space.keep(plain[0], plain[4], check=True, wait=False)
    deleted = {f"{row['kind'].lower()}/{row['name']}" for row in ours["objects"] if row["action"] == "deleted"}
    handed_over(space)
    assert pruned(kubectl_set(space, plain[0], plain[4])) == deleted == {"configmap/b", "serviceaccount/c", "service/d"}


def test_what_kubectl_would_delete_and_we_keep(space: Space) -> None:
    """kubectl looks at the label alone."""
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    claim = space.object("v1", "PersistentVolumeClaim", "data", spec=spec)
    marked = space.config("marked")
    marked["metadata"]["annotations"] = {"groundwork.platform/prune": "disabled"}
    space.keep(space.config("a"), claim, marked, wait=False)
    label = {PART_OF: space.get("configmap", "a")["metadata"]["labels"][PART_OF]}
    uid = space.get("configmap", "a")["metadata"]["uid"]
    owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "a", "uid": uid}
    child, copied = space.config("child"), space.config("copied")
    child["metadata"] |= {"labels": label, "ownerReferences": [owner]}
    copied["metadata"] |= {"labels": label}
    space.cluster.apply(child, copied)
    assert "delete PersistentVolumeClaim" in space.refused(space.config("a"), wait=False)
    ours = space.keep(space.config("a"), claim, wait=False)
    assert "deleted" not in ours.actions.values()
    handed_over(space)
    assert pruned(kubectl_set(space, space.config("a"))) == {
        "configmap/child",
        "configmap/copied",
        "configmap/marked",
        "persistentvolumeclaim/data",
    }


def test_a_tampered_id_is_refused(space: Space) -> None:
    space.keep(space.config("a"))
    space.kubectl("label", "--overwrite", "secret", "groundwork-test", "applyset.kubernetes.io/id=applyset-x-v1")
    assert "carries the set ID 'applyset-x-v1'" in space.refused(space.config("a"))
