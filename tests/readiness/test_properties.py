"""What holds for every row and any status: no exception, no ready by what a row does not know, none by old news."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.platform.plugins.module_utils.core.readiness.matchers import conditions
from ansible_collections.groundwork.platform.plugins.module_utils.core.readiness.rule import Since, evaluate, rule_for
from ansible_collections.groundwork.platform.plugins.module_utils.registry import RULES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

FIXTURES = sorted((Path(__file__).parent / "fixtures").rglob("*.yml"))
LOADED: list[dict[str, Any]] = [yaml.safe_load(p.read_text(encoding="utf-8")) for p in FIXTURES]
SHOWN = ["/".join(p.parts[-3:]) for p in FIXTURES if p.stem.startswith("ready")]
NOT_READY = [o for o, p in zip(LOADED, FIXTURES, strict=True) if not p.stem.startswith("ready")]
READY = [o for o, p in zip(LOADED, FIXTURES, strict=True) if p.stem.startswith("ready")]
STATES = {"ready", "in_progress", "failed", "paused", "missing", "unknown"}

words = st.sampled_from(
    ["True", "False", "Unknown", "Ready", "Failed", "Running", "Healthy", "", "1/2", "3-abc", "2026-01-05T10:00:00Z"]
)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | words | st.text(max_size=12)
keys = st.sampled_from(
    [
        "conditions", "type", "status", "reason", "message", "phase", "state", "observedGeneration", "replicas",
        "readyReplicas", "parents", "listeners", "containerStatuses", "waiting", "health", "error",
        "lastTransitionTime",
    ]
) | st.text(max_size=8)  # fmt: skip
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=5), max_leaves=14
)
quick = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=400)


def kinds() -> list[tuple[str, str]]:
    """An apiVersion and kind for every row; a glob is filled in."""
    filled = [key.replace("*", "any") for key in RULES]
    pairs = [key.rpartition("/") for key in filled]
    return [(f"{group}/v1" if group else "v1", kind) for group, _, kind in pairs]


@quick
@given(which=st.sampled_from(kinds()), status=anything, spec=anything, metadata=anything, children=anything)
def test_a_status_of_any_type_is_judged(
    which: tuple[str, str], status: Any, spec: Any, metadata: Any, children: Any
) -> None:
    obj = {"apiVersion": which[0], "kind": which[1], "metadata": metadata, "spec": spec, "status": status}
    known = children if isinstance(children, list) else []
    for since in (None, Since(), Since("2026-01-05T10:00:00Z", "x", obj), Since.of(obj, obj)):
        verdict = evaluate(obj, rules=RULES, since=since, children=known)
        assert verdict.state in STATES
        assert isinstance(verdict.message, str)
        assert isinstance(verdict.reason, str)


@quick
@given(
    obj=st.sampled_from(LOADED), path=st.sampled_from(["status", "spec", "metadata"]), wrong=anything, data=st.data()
)
def test_one_wrong_value_inside_a_real_object_is_judged(
    obj: dict[str, Any], path: str, wrong: Any, data: st.DataObject
) -> None:
    changed = copy.deepcopy(obj)
    at = changed.get(path)
    while isinstance(at, dict | list) and at:
        key = data.draw(st.sampled_from(sorted(at) if isinstance(at, dict) else range(len(at))))
        if not isinstance(at[key], dict | list) or data.draw(st.booleans()):
            at[key] = wrong
            break
        at = at[key]
    assert evaluate(changed, rules=RULES).state in STATES


@given(obj=st.none() | scalars | st.lists(scalars, max_size=3) | st.dictionaries(keys, anything, max_size=3))
def test_what_is_no_object_is_judged(obj: Any) -> None:
    assert evaluate(obj, rules=RULES).state in STATES


@quick
@given(obj=st.sampled_from(NOT_READY), status=words, reason=words, first=st.booleans(), number=st.integers(1, 3))
def test_conditions_that_no_row_knows_make_nothing_ready(
    obj: dict[str, Any], status: str, reason: str, first: bool, number: int
) -> None:
    changed = copy.deepcopy(obj)
    if not isinstance(changed.get("status"), dict) or not changed["status"]:
        return  # a few rows take the first status of any content for "seen"
    found = changed["status"].get("conditions") or []
    added = [
        {"type": f"NobodyKnows{n}", "status": status, "reason": reason, "observedGeneration": 99} for n in range(number)
    ]
    changed["status"] = {**changed["status"], "conditions": [*added, *found] if first else [*found, *added]}
    assert evaluate(changed, rules=RULES).state != "ready"


def lags(obj: dict[str, Any]) -> dict[str, Any]:
    """The object a generation on, with its status as it was: our change, not yet seen."""
    changed = copy.deepcopy(obj)
    changed["metadata"]["generation"] = int(changed["metadata"].get("generation") or 1) + 1
    return changed


@pytest.mark.parametrize("number", range(len(READY)), ids=lambda n: SHOWN[n])
def test_a_lagging_generation_is_never_ready_except_where_the_mode_says(number: int) -> None:
    obj = lags(READY[number])
    rule = rule_for(obj, RULES)
    assert rule is not None
    mode = rule.generation
    if mode.mode in ("E", "none") or mode.unless is not None:
        return
    dated = mode.observed(obj) is not None or mode.required or any("observedGeneration" in c for c in conditions(obj))
    verdict = evaluate(obj, rules=RULES)
    assert verdict.state != "ready" or not dated, f"mode {mode.mode} took an old status: {verdict}"


@quick
@given(obj=st.sampled_from(READY), lag=st.integers(1, 5))
def test_our_change_is_never_ready_by_the_status_of_before(obj: dict[str, Any], lag: int) -> None:
    changed = copy.deepcopy(obj)
    changed["metadata"]["generation"] = int(changed["metadata"].get("generation") or 1) + lag
    rule = rule_for(changed, RULES)
    if rule is None or not rule.generation.guarded or rule.generation.unless is not None or not changed.get("status"):
        return
    assert evaluate(changed, rules=RULES, since=Since.of(changed)).state != "ready"
