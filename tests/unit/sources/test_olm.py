"""What is to be done about a Subscription, and which install plans may be approved."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.errors import PlatformError
from ansible_collections.groundwork.platform.plugins.module_utils.core.sets.applyset import SetName
from ansible_collections.groundwork.platform.plugins.module_utils.core.sets.options import SetOptions
from ansible_collections.groundwork.platform.plugins.module_utils.sources import olm

PLAN = {"installPlanRef": {"name": "install-1"}, "state": "UpgradePending"}
WANTED: dict[str, Any] = {
    "package": "op",
    "csv": "op.v2",
    "channel": "stable",
    "source": "catalog",
    "source_namespace": "olm",
    "target_namespaces": ["data"],
}


@pytest.mark.parametrize(
    ("status", "step", "why"),
    [
        (None, "wait", ""),
        ({}, "wait", ""),
        ({"state": "UpgradePending", "currentCSV": "op.v2"}, "wait", ""),
        ({**PLAN, "currentCSV": "op.v2"}, "approve", ""),
        ({**PLAN, "currentCSV": "op.v2", "installedCSV": "op.v1"}, "approve", ""),
        (
            {**PLAN, "currentCSV": "op.v3", "installedCSV": "op.v1"},
            "refuse",
            "offers op.v3 next and not op.v2",
        ),
        ({**PLAN, "currentCSV": "op.v1", "installedCSV": "op.v1"}, "wait", ""),
        ({"state": "AtLatestKnown", "currentCSV": "op.v2", "installedCSV": "op.v2"}, "done", ""),
        (
            {**PLAN, "currentCSV": "op.v3", "installedCSV": "op.v2"},
            "done",
            "upgrade to op.v3 waits",
        ),
        ({"state": "AtLatestKnown", "currentCSV": "op.v3", "installedCSV": "op.v3"}, "latest", "OLM never goes back"),
        ({"state": 7, "installPlanRef": "x"}, "wait", ""),
    ],
)
def test_the_next_step(status: Any, step: str, why: str) -> None:
    verdict = olm.decide({} if status is None else {"status": status}, "op.v2")
    assert verdict.step == step
    assert why in verdict.why
    assert bool(why) == bool(verdict.why)


@pytest.mark.parametrize(
    ("names", "also", "says"),
    [
        (["op.v2"], (), ""),
        (["op.v2", "dependency.v1"], ("dependency.v1",), ""),
        (["op.v2", "dependency.v1"], (), "installs dependency.v1 as well; name them in also"),
        (["op.v3"], (), "installs op.v3 and not op.v2"),
        (["op.v3"], ("op.v3",), "installs op.v3 and not op.v2"),
        ([], (), "installs nothing and not op.v2"),
        (None, (), "installs nothing and not op.v2"),
    ],
)
def test_only_a_plan_of_exactly_this_is_approved(names: Any, also: tuple[str, ...], says: str) -> None:
    plan = {"metadata": {"name": "install-1"}, "spec": {"clusterServiceVersionNames": names}}
    found = olm.judge_plan(plan, "op.v2", also)
    assert says in found
    assert bool(says) == bool(found)


def group(name: str, *targets: str) -> dict[str, Any]:
    meta = {"name": name, "namespace": "data"}
    return {
        "apiVersion": olm.V1,
        "kind": "OperatorGroup",
        "metadata": meta,
        "spec": {"targetNamespaces": list(targets)},
    }


def kinds(groups: list[dict[str, Any]]) -> list[str]:
    return [each["kind"] for each in olm.objects(SetOptions(SetName("data", "op")), WANTED, groups)]


def test_a_namespace_has_one_operator_group() -> None:
    assert kinds([]) == ["OperatorGroup", "Subscription"]
    assert kinds([group("op", "data")]) == ["OperatorGroup", "Subscription"], "it is ours"
    assert kinds([group("theirs", "data")]) == ["Subscription"]
    for groups, says in (
        ([group("theirs", "other")], "its OperatorGroup theirs has other target namespaces"),
        ([group("a", "data"), group("b", "data")], r"it has several OperatorGroups \(a, b\)"),
        ([group("op", "data"), group("b", "data")], r"it has several OperatorGroups \(b, op\)"),
    ):
        with pytest.raises(PlatformError, match=says):
            kinds(groups)


def test_approval_is_manual_and_the_version_is_named() -> None:
    subscription = olm.objects(SetOptions(SetName("data", "op")), WANTED, [])[1]
    assert subscription["spec"]["installPlanApproval"] == "Manual"
    assert subscription["spec"]["startingCSV"] == "op.v2"
    assert "config" not in subscription["spec"]
