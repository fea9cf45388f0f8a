"""What must agree though it stands in several files: a role's specs, defaults, layer, teardown, scenario and page."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from support.role_docs import ROLES, ROOT, defaults, load, page, spec

COLLECTION = "groundwork.platform."
RUNTIME = yaml.safe_load((ROOT / "meta/runtime.yml").read_text())
LAYERS = [play["ansible.builtin.import_playbook"] for play in load("playbooks/site.yml")]
PLAYBOOKS = sorted(path.name for path in (ROOT / "playbooks").glob("*.yml"))


def rows(playbook: str) -> list[dict[str, Any]]:
    """All entries of `roles` in a playbook."""
    return [row for play in load(f"playbooks/{playbook}") for row in play.get("roles", [])]


def templated(value: Any) -> bool:
    return "{{" in str(value)


SITE = [row for layer in LAYERS for row in rows(layer)]


@pytest.mark.parametrize("role", ROLES)
def test_the_specs_are_the_defaults(role: str) -> None:
    options = spec(role)["options"]
    without = {name for name, option in options.items() if option.get("required")}
    assert set(options) - without == set(defaults(role))


@pytest.mark.parametrize("role", ROLES)
def test_a_default_is_told_as_it_is(role: str) -> None:
    """A default that is a template, or too long to tell, is described in words instead."""
    for name, value in defaults(role).items():
        told = spec(role)["options"][name]
        if "default" in told:
            assert told["default"] == value, name
        else:
            assert templated(value) or (isinstance(value, (list, dict)) and value), f"{name}: the specs tell no default"


@pytest.mark.parametrize("role", ROLES)
def test_names_say_whose_they_are(role: str) -> None:
    assert [name for name in defaults(role) if not name.startswith(f"{role}_")] == []
    assert [name for name in load(f"roles/{role}/vars/main.yml") if not name.startswith(f"__{role}_")] == []


@pytest.mark.parametrize("role", ROLES)
def test_a_role_can_be_left_out(role: str) -> None:
    assert defaults(role)[f"{role}_enabled"] is True
    for task in load(f"roles/{role}/tasks/main.yml"):
        assert task["when"] == f"{role}_enabled", task["name"]


@pytest.mark.parametrize("role", ROLES)
def test_every_option_is_used(role: str) -> None:
    tasks = (ROOT / f"roles/{role}/tasks/main.yml").read_text()
    assert [name for name in spec(role)["options"] if name not in tasks] == []


@pytest.mark.parametrize("role", ROLES)
def test_a_role_calls_our_modules_only(role: str) -> None:
    """By full name, so that the connection of the play reaches them: module_defaults know the action group only."""
    modules = {f"{COLLECTION}{name}" for name in RUNTIME["action_groups"]["platform"]}
    for task in load(f"roles/{role}/tasks/main.yml"):
        assert modules & set(task), f"{task['name']} calls no module of the collection"


@pytest.mark.parametrize("role", ROLES)
def test_what_became_of_a_role_is_kept_for_the_plan(role: str) -> None:
    """playbooks/vars/platform.yml finds roles whose task failed by these names."""
    kept = [str(task.get("register", "")) for task in load(f"roles/{role}/tasks/main.yml")]
    assert any(name.startswith(f"__{role}_kept") for name in kept), f"the last task of {role} registers __{role}_kept"


@pytest.mark.parametrize("role", ROLES)
def test_a_role_has_a_layer_a_scenario_a_readme_and_a_page(role: str) -> None:
    found = [row for row in SITE if row["role"] == COLLECTION + role]
    assert len(found) == 1, f"{role} is in {len(found)} layers of playbooks/site.yml"
    assert found[0]["tags"] == role
    for path in (f"molecule/{role}/molecule.yml", f"molecule/{role}/verify.yml", f"roles/{role}/README.md"):
        assert (ROOT / path).is_file(), f"{path} is missing"
    assert (ROOT / f"docs/roles/{role}.md").read_text() == page(role), "run `python -m support.role_docs` in tests/"


def test_what_is_built_is_taken_down_in_reverse() -> None:
    """First what the roles keep, then their operators: an operator finishes the deletion of what is its own.

    No password is made up on the way, and no step of a schema is taken.
    """
    kept, operators = load("playbooks/teardown.yml")
    backwards = [row["role"] for row in reversed(SITE)]
    assert [row["role"] for row in kept["roles"]] == [row["role"] for row in operators["roles"]] == backwards
    left = {name for role in ROLES for name in defaults(role) if name == f"{role}_operators"}
    made = {name for role in ROLES for name in defaults(role) if name in (f"{role}_passwords", f"{role}_schemas")}
    assert set(kept["vars"]) == left | made
    assert set(operators["vars"]) == made


@pytest.mark.parametrize("playbook", ["plan.yml", "verify.yml"])
def test_everything_that_is_built_is_foretold_and_verified(playbook: str) -> None:
    assert [row["role"] for row in rows(playbook)] == [row["role"] for row in SITE]


def test_a_rehearsal_runs_every_layer_twice() -> None:
    layers = [layer for layer in LAYERS if rows(layer)]
    rehearsed = [play["ansible.builtin.import_playbook"] for play in load("playbooks/rehearse.yml")]
    assert [layer for layer in rehearsed if layer in layers] == layers * 2


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_every_play_knows_its_cluster(playbook: str) -> None:
    for play in load(f"playbooks/{playbook}"):
        if "hosts" in play:
            assert play["connection"] == "local", play["name"]
            assert "vars/platform.yml" in play["vars_files"], play["name"]
            groups = play["module_defaults"]
            assert groups["group/groundwork.platform.platform"] == "{{ __platform_connection }}", play["name"]
            if "roles" in play:
                assert "__platform_set" in groups["group/groundwork.platform.sets"], play["name"]


def test_rights_are_listed_for_the_roles_as_they_are_by_default() -> None:
    """Variables of hosts show no role's defaults, so that the filter rights repeats one of them."""
    from ansible_collections.groundwork.platform.plugins.module_utils import site_objects, site_rights

    for role, (options, _) in site_objects.ROLES.items():
        assert defaults(role)[f"{role}_set_namespace"] == site_rights._HOME, role
        assert {f"{role}_{name}" for name in options.spec} <= set(defaults(role)), role


def test_the_group_sets_is_what_takes_the_options_of_a_set(monkeypatch: pytest.MonkeyPatch) -> None:
    from unit.test_contracts import MODULES, table_of

    found = [name for name in MODULES if "set_labels" in table_of(name, monkeypatch)]
    assert RUNTIME["action_groups"]["sets"] == found
