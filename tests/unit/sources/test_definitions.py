"""Definitions that several operators bring: whose they are, and which way their version goes."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.objects import Object, Origin, Sourced
from ansible_collections.groundwork.platform.plugins.module_utils.sources import definitions

OURS = "applyset-ours-v1"


def crd(version: str = "", *, owner: str | None = None, key: str = definitions.SOURCE, name: str = "a.b") -> Object:
    labels = {"applyset.kubernetes.io/part-of": owner} if owner else {}
    meta: dict[str, Any] = {"name": name, "uid": "3f9a21c4-0000", "labels": labels}
    if version:
        part = "labels" if key.startswith(("app.", "helm.")) else "annotations"
        meta.setdefault(part, {})[key] = version
    return {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": meta}


def share(wanted: Object, live: Object | None) -> definitions.Shared:
    there = {live["metadata"]["name"]: live} if live else {}
    names = lambda set_id: f"data/{set_id}"  # noqa: E731 - a one-line fake
    return definitions.share([Sourced(wanted, Origin("c", 1))], there, OURS, names)


@pytest.mark.parametrize("owner", [OURS, None])
def test_what_is_ours_nobodys_or_not_there_is_kept(owner: str | None) -> None:
    for live in (crd("c 1.0.0", owner=owner), None):
        shared = share(crd("c 1.1.0"), live)
        assert len(shared.mine) == 1
        assert shared.notes == shared.refusals == []


@pytest.mark.parametrize(
    ("live", "wanted", "older"),
    [("c 1.0.0", "c 1.1.0", True), ("c 1.1.0", "c 1.0.0", False), ("c 1.0.0", "other 1.1.0", False), ("", "", False)],
)
def test_another_sets_definition_is_left_alone_and_said_to_be_older(live: str, wanted: str, older: bool) -> None:
    shared = share(crd(wanted), crd(live, owner="theirs"))
    assert shared.mine == shared.refusals == []
    assert "CustomResourceDefinition a.b belongs to set data/theirs and is left alone" in shared.notes[0]
    assert ("upgrade that set first" in shared.notes[0]) is older


@pytest.mark.parametrize(
    ("live", "wanted", "refused"),
    [
        ("c 1.2.0", "c 1.1.9", True),
        ("c v1.10.0", "c v1.9.0", True),
        ("c 1.1.0", "c 1.1.0-rc.2", True),
        ("c 1.1.0-rc.10", "c 1.1.0-rc.9", True),
        ("c 1.1.0-rc.1", "c 1.1.0", False),
        ("c 1.1", "c 1.1.0", False),
        ("c 2.0.0", "renamed 1.0.0", False),
        ("c 1.1.0", "c 1.1.0", False),
        ("", "c 1.0.0", False),
    ],
)
def test_going_back_is_refused_until_a_sentence_names_it(live: str, wanted: str, refused: bool) -> None:
    shared = share(crd(wanted), crd(live, owner=OURS))
    assert bool(shared.refusals) is refused
    if refused:
        name = "apiextensions.k8s.io/CustomResourceDefinition a.b"
        assert shared.refusals[0].sentence == f"downgrade {name} 3f9a21c4"
        assert "it would go back from" in shared.refusals[0].why


@pytest.mark.parametrize(
    ("key", "live", "wanted"),
    [
        ("gateway.networking.k8s.io/bundle-version", "v1.6.1", "v1.5.0"),
        ("operator.prometheus.io/version", "0.93.0", "0.92.0"),
        ("helm.sh/chart", "keda-2.20.2", "keda-2.19.0"),
        ("app.kubernetes.io/version", "2.1.0", "2.0.0"),
    ],
)
def test_versions_are_read_where_projects_write_them(key: str, live: str, wanted: str) -> None:
    assert share(crd(wanted, key=key), crd(live, key=key)).refusals


def test_a_stamp_says_source_and_version() -> None:
    stamped = definitions.stamped(Sourced(crd(), Origin("c", 1)), "keda", "2.20.2").object
    assert stamped["metadata"]["annotations"] == {definitions.SOURCE: "keda 2.20.2"}
