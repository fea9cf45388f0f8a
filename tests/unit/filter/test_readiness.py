"""The filter readiness: a verdict as a mapping, and a sentence for what is no object."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.platform.plugins.filter.readiness import FilterModule

readiness = FilterModule().filters()["readiness"]
PENDING = {
    "apiVersion": "v1",
    "kind": "PersistentVolumeClaim",
    "metadata": {"name": "d"},
    "status": {"phase": "Pending"},
}


def test_a_verdict_is_a_mapping() -> None:
    found = readiness({"apiVersion": "v1", "kind": "Pod", "status": {"phase": "Failed"}})
    assert found == {
        "state": "failed",
        "grade": "terminal",
        "reason": "Failed",
        "message": "phase Failed",
        "clause": "status.phase is Failed",
    }


def test_children_explain() -> None:
    event = {"kind": "Event", "type": "Warning", "reason": "ProvisioningFailed", "message": "no such class"}
    assert readiness(PENDING, [event])["message"] == "phase Pending; object: ProvisioningFailed: no such class"


def test_nothing_is_missing() -> None:
    assert readiness(None)["state"] == "missing"


@pytest.mark.parametrize(("obj", "children"), [([PENDING], ()), ("text", ()), (PENDING, PENDING)])
def test_what_is_no_object_is_refused_in_a_sentence(obj: object, children: object) -> None:
    with pytest.raises(AnsibleFilterError, match="readiness takes"):
        readiness(obj, children)
