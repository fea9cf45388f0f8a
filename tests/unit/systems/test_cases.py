"""The renderers against their case files: exactly these objects, or exactly this refusal."""

from __future__ import annotations

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.errors import PlatformError
from support.cases import CASES, Case, render

RENDERED = [case for case in CASES if "objects" in case.content]
REFUSED = [case for case in CASES if "refused" in case.content]


@pytest.mark.parametrize("case", RENDERED, ids=str)
def test_exactly_these_objects(case: Case) -> None:
    assert render(case.module, case.content["options"]) == case.content["objects"]


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_refused_in_one_sentence(case: Case) -> None:
    with pytest.raises(PlatformError) as refusal:
        render(case.module, case.content["options"])
    assert case.content["refused"] in " ".join(str(refusal.value).split())
    assert "\n" not in str(refusal.value)


def test_every_case_says_what_it_expects() -> None:
    assert CASES
    assert set(RENDERED).isdisjoint(REFUSED)
    assert len(RENDERED) + len(REFUSED) == len(CASES)
