"""How a wanted cluster is held against the running one: what differs, which image is meant, what is still to come."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.errors import PlatformError
from ansible_collections.groundwork.platform.plugins.module_utils.procedures import postgres_change as change

ROW: dict[str, Any] = {
    "storage": {"size": "1Gi"},
    "images": {15: "example/postgresql:15.2", 16: "example/postgresql:16.1"},
    "major": 16,
    "spread": "none",
}


def test_only_what_is_wanted_and_is_not_so_differs() -> None:
    live = {"instances": 3, "storage": {"size": "1Gi", "resizeInUseVolumes": True}, "plugins": [{"name": "a", "x": 1}]}
    wanted = {"instances": 5, "storage": {"size": "1Gi", "storageClass": "fast"}, "plugins": [{"name": "a"}]}
    assert dict(change.differences(live, wanted)) == {
        "instances": "instances: 3 -> 5",
        "storage.storageClass": "storage.storageClass: none -> fast",
    }


def test_a_cluster_differs_from_its_own_row_in_nothing() -> None:
    (made,) = [each for each in change.rendered("main", "data", ROW) if each["kind"] == "Cluster"]
    assert list(change.differences(made["spec"], made["spec"])) == []


def test_the_image_is_that_of_the_wanted_major_in_the_sets_own_catalog() -> None:
    objects = {each["kind"]: each["spec"] for each in change.rendered("main", "data", {**ROW, "name": "other"})}
    assert change.image(objects["Cluster"], objects["ImageCatalog"]) == "example/postgresql:16.1"
    assert change.image(objects["Cluster"], {}) == ""


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"instancs": 3}, "is not what postgres_cluster takes"),
        ({"backend": "external", "endpoint": {"host": "db.example.com", "cidrs": ["192.0.2.1/32"]}}, "is external"),
    ],
)
def test_what_cannot_be_changed_here_is_a_sentence(row: dict[str, Any], words: str) -> None:
    with pytest.raises(PlatformError, match=words):
        change.rendered("main", "data", {**ROW, **row})


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ({"image": "old"}, "it runs old, not new"),
        ({"image": "new", "resizingPVC": ["main-1"]}, "volumes still grow: main-1"),
        ({"image": "new"}, ""),
    ],
)
def test_what_the_operator_has_not_done_yet(status: dict[str, Any], words: str) -> None:
    assert change.unfollowed({"status": status}, "new") == words


def test_an_instance_is_upgraded_when_its_pod_is_not_when_the_status_says_so() -> None:
    pod = {"spec": {"containers": [{"name": "plugin", "image": "new"}, {"name": "postgres", "image": "old"}]}}
    assert change.outdated(pod, "new") == "it runs old, not new"
    assert change.outdated(pod, "old") == ""
    assert change.outdated(None, "new") == "it runs nothing, not new"
