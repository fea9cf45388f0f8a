"""What must agree though it stands in several files: a module's options, documentation, action plugin and group."""

from __future__ import annotations

import importlib
import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.platform.plugins.module_utils.core import run

ROOT = Path(__file__).parents[2]
PLUGINS = "ansible_collections.groundwork.platform.plugins"
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
RUNTIME = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())
COMPARED = ("type", "elements", "required", "choices", "default", "aliases")


class Captured(Exception):
    """Carries the option table that a module hands to its front."""


def table_of(module: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The option table a module really runs with."""

    def front(spec: dict[str, Any], constraints: Any) -> Any:
        raise Captured(spec)

    monkeypatch.setattr(run, "front", front)
    with pytest.raises(Captured) as caught:
        importlib.import_module(f"{PLUGINS}.modules.{module}").main()
    return caught.value.args[0]


def documentation_of(module: str) -> dict[str, Any]:
    """The module's documentation with its fragments' options, the module's own last."""
    own = yaml.safe_load(importlib.import_module(f"{PLUGINS}.modules.{module}").DOCUMENTATION)
    options: dict[str, Any] = {}
    for fragment in own.get("extends_documentation_fragment", []):
        name = fragment.removeprefix("groundwork.platform.")
        loaded = importlib.import_module(f"{PLUGINS}.doc_fragments.{name}").ModuleDocFragment
        options |= yaml.safe_load(loaded.DOCUMENTATION).get("options", {})
    return options | own.get("options", {})


def normal(options: dict[str, Any], below: str) -> dict[str, Any]:
    """Options reduced to what documentation and table both say."""
    return {
        name: {
            **{key: option[key] for key in COMPARED if option.get(key) not in (None, False, [], {})},
            **({"below": normal(option[below], below)} if option.get(below) else {}),
        }
        for name, option in options.items()
    }


@pytest.mark.parametrize("module", MODULES)
def test_the_option_table_is_the_documentation(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert normal(table_of(module, monkeypatch), "options") == normal(documentation_of(module), "suboptions")


@pytest.mark.parametrize("module", MODULES)
def test_a_module_has_examples_and_return_values(module: str) -> None:
    loaded = importlib.import_module(f"{PLUGINS}.modules.{module}")
    assert yaml.safe_load(loaded.EXAMPLES), f"{module} has no examples"
    assert yaml.safe_load(loaded.RETURN), f"{module} does not say what it returns"


@pytest.mark.parametrize("module", MODULES)
def test_a_module_has_its_action_plugin(module: str) -> None:
    action = ROOT / "plugins" / "action" / f"{module}.py"
    assert action.is_file(), f"plugins/action/{module}.py is missing"
    assert f"from ..modules import {module}  #" in action.read_text(), (
        f"plugins/action/{module}.py does not load its module: every task of it would do so again"
    )


def test_the_action_group_lists_every_module() -> None:
    assert RUNTIME["action_groups"]["platform"] == MODULES


@pytest.mark.parametrize("path", sorted((ROOT / "plugins/module_utils/systems").iterdir()), ids=lambda path: path.stem)
def test_the_rows_of_every_system_are_registered(path: Path) -> None:
    files = [path] if path.suffix == ".py" else sorted(path.glob("*.py"))
    table = r"^(RULES|HOLDS_DATA|GUARDS|NEEDS)\b"
    tables = {match[1] for file in files for match in re.finditer(table, file.read_text(), re.M)}
    registry = (ROOT / "plugins/module_utils/registry.py").read_text()
    assert not tables or re.search(rf"\b{path.stem}\b", registry), (
        f"registry.py does not know {sorted(tables)} of {path.stem}"
    )


def test_the_footprints_of_every_system_are_gathered() -> None:
    systems = ROOT / "plugins/module_utils/systems"
    own = {path for path in systems.rglob("*.py") if re.search(r"^FOOTPRINTS\b", path.read_text(), re.M)}
    named = {path.parent.name if path.stem == "footprint" else path.stem for path in own}
    gathered = (ROOT / "plugins/module_utils/footprints.py").read_text()
    assert named, "no system has footprints"
    assert named == set(re.findall(r"\*\*(\w+)\.FOOTPRINTS", gathered))


@pytest.mark.parametrize("module", sorted(set(RUNTIME["action_groups"]["sets"]) - {"apply", "operator_install"}))
def test_a_module_that_keeps_a_set_has_cases(module: str) -> None:
    assert list((ROOT / f"tests/unit/systems/cases/{module}").glob("*.yml")), (
        f"tests/unit/systems/cases/{module} is empty"
    )


def test_every_action_plugin_belongs_to_a_module() -> None:
    assert {path.stem for path in (ROOT / "plugins" / "action").glob("*.py")} == set(MODULES)
