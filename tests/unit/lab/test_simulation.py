"""The pure parts of the simulated operators: recorded traces as steps, played by another object; settings."""

from __future__ import annotations

from typing import Any

import pytest
from lab.simulate import kinds, moods, script
from lab.simulate.casting import Part, Sides, Stage, Unplayed, cast
from lab.simulate.patches import applied, difference, merge_patch

from lab import traces

NOW = "2030-01-01T00:00:00Z"
CLUSTER = traces.FOLDER / "postgresql.cnpg.io.Cluster"


def untimed(value: Any) -> Any:
    """Without moments, which a script leaves to whoever plays it."""
    if isinstance(value, dict):
        return {key: untimed(each) for key, each in value.items() if key != "lastTransitionTime"}
    if isinstance(value, list):
        return sorted((untimed(each) for each in value), key=str)
    return "{now}" if isinstance(value, str) and value.startswith("2026-") and "T" in value else value


@pytest.mark.parametrize("path", sorted(traces.FOLDER.glob("*/*.json")), ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_the_steps_of_a_trace_lead_through_every_status_that_was_recorded(path: Any) -> None:
    found = script.recorded(path)
    status = found.before
    for step in found.steps:
        status = applied(status, step.change, NOW)
    generation = {"observedGeneration": "{generation}"} if "observedGeneration" in found.after else {}
    assert untimed(status) | generation == untimed(found.after) | generation
    assert [step.after for step in found.steps] == sorted(step.after for step in found.steps)


def test_a_difference_merges_conditions_by_type_and_knows_what_went() -> None:
    before = {"a": 1, "b": {"c": 2, "d": 3}, "conditions": [{"type": "Ready", "status": "True"}, {"type": "Old"}]}
    after = {"b": {"c": 5}, "conditions": [{"type": "Ready", "status": "False"}]}
    change = difference(before, after)
    assert change["a"] is None
    assert applied(before, change, NOW) == after
    assert merge_patch(before, after) == {"a": None, "b": {"c": 5, "d": None}, "conditions": after["conditions"]}


def test_a_condition_gets_the_time_only_when_its_status_changes() -> None:
    old = {"conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "then"}]}
    same = {"conditions": [{"type": "Ready", "status": "True", "reason": "x", "lastTransitionTime": "{now}"}]}
    other = {"conditions": [{"type": "Ready", "status": "False", "lastTransitionTime": "{now}"}]}
    assert applied(old, same, NOW)["conditions"][0]["lastTransitionTime"] == "then"
    assert applied(old, other, NOW)["conditions"][0]["lastTransitionTime"] == NOW


def test_those_that_stay_go_and_come_are_played_by_those_that_do_the_same() -> None:
    parts = cast(Sides(["r-1", "r-2"], ["r-1", "r-2", "r-3"]), Sides(["m-2", "m-1"], ["m-2", "m-1", "m-3", "m-4"]))
    assert parts == {"r-1": Part(("m-2",)), "r-2": Part(("m-1",)), "r-3": Part(("m-3", "m-4"))}


def test_a_bystander_stands_in_lists_and_changes_nothing_else() -> None:
    then = Sides(["r-1", "r-2"], ["r-1", "r-2"])
    parts = cast(then, Sides(["m-1", "m-2", "m-3"], ["m-1", "m-2", "m-3"]), bystanders=True)
    stage = Stage(parts, {}, {})
    assert stage.play({"healthy": ["r-2"], "state": {"r-2": {"primary": True}}, "leads": "r-2"}) == {
        "healthy": ["m-2", "m-3"],
        "state": {"m-2": {"primary": True}},
        "leads": "m-2",
    }


def test_names_namespaces_and_placeholders_become_those_of_the_object() -> None:
    values = {"generation": 7, "size": 3, "spec.version": "4.3"}
    stage = Stage({"traced-2": Part()}, {"traced": "main"}, values, ("traced", "data"))
    assert stage.play({"name": "traced-rw.traced.svc"}) == {"name": "main-rw.data.svc"}
    assert stage.play("{generation-1}") == 6
    assert stage.play("{generation}-x of {size}") == "7-x of 3"
    assert stage.play(["{spec.version}", "{spec.other}"]) == ["4.3"]
    assert stage.play("untraced") == "untraced"
    with pytest.raises(Unplayed):
        stage.play("Creating replica traced-2-join")


def test_a_smaller_cluster_leaves_out_what_is_about_nobody() -> None:
    found = kinds.every()["postgresql.cnpg.io/Cluster"].scripts["create"]
    names = found.after["instanceNames"]
    stage = Stage(cast(Sides([], names), Sides([], ["one-1"])), {found.name: "one"}, {"now": NOW, "generation": 1})
    status: Any = {}
    phases = []
    for step in found.steps:
        try:
            status = applied(status, stage.play(step.change), NOW)
        except Unplayed:
            continue
        phases.append(status.get("phase"))
    assert "Creating a new replica" not in phases
    assert status["instancesStatus"] == {"healthy": ["one-1"]}


def test_every_settings_file_is_of_a_kind_that_has_a_footprint() -> None:
    known = {key.replace("/", ".") for key in kinds.every()}
    files = {path.stem for path in kinds.FOLDER.glob("*.yml")}
    assert files, "no settings: nothing was tested"
    assert files <= known, f"nobody reads {', '.join(sorted(files - known))}"


@pytest.mark.parametrize("key", sorted(kinds.every()))
def test_what_is_not_recorded_names_its_source_and_is_called_unverified(key: str) -> None:
    kind = kinds.every()[key]
    assert kind.verified or "unverified" in kind.words
    assert not kind.settings.said or kind.settings.source


def test_an_unknown_mood_is_none() -> None:
    assert moods.of({"metadata": {"annotations": {moods.ANNOTATION: "cheerful"}}}) == moods.NONE
    assert moods.of({"metadata": {}}) == moods.NONE


def test_a_value_starts_its_title_and_any_other_the_wildcards() -> None:
    settings = kinds.Settings(
        annotations={"fence": {"*": "fence", "none": "unfence"}}, fields={"a.b": {"true": "pause"}}
    )
    found = [settings.title("fence", value) for value in ("x", None)]
    found += [settings.title("a.b", value) for value in (True, False, None)]
    assert found == ["fence", "unfence", "pause", "", ""]
