"""Case files of renderers: options as a task gives them, and the objects, or the refusal, that must come of them."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator
from ansible_collections.groundwork.platform.plugins.module_utils.core import run
from ansible_collections.groundwork.platform.plugins.module_utils.core.sets.options import Options

MODULES = "ansible_collections.groundwork.platform.plugins.modules"
FOLDER = Path(__file__).parents[1] / "unit/systems/cases"


@dataclass(frozen=True)
class Case:
    """One file: `options`, and either `objects` or `refused` (a part of the sentence)."""

    path: Path

    def __str__(self) -> str:
        return f"{self.module}/{self.path.stem}"

    @property
    def module(self) -> str:
        return self.path.parent.name

    @property
    def content(self) -> dict[str, Any]:
        found: dict[str, Any] = yaml.safe_load(self.path.read_text())
        return found


CASES = [Case(path) for path in sorted(FOLDER.glob("*/*.yml"))]


def render(module: str, options: dict[str, Any]) -> list[dict[str, Any]]:
    """What the module's renderer makes of options, once Ansible has checked them and filled in the defaults."""
    table, renderer = _parts(module)
    own = {name: value for name, value in options.items() if name != "namespace"}  # an option of every set
    checked = ModuleArgumentSpecValidator(table.spec, **table.constraints()).validate(own)
    assert not checked.error_messages, checked.error_messages
    given = {name: value for name, value in checked.validated_parameters.items() if value is not None}
    return list(renderer(**given, **{name: options[name] for name in options.keys() - own.keys()}))


def set_name(module: str) -> str:
    """The pattern of the sets that a module keeps (`redis-{name}`); empty where it keeps none of its own."""
    return _parts(module)[0].set_name


def _parts(module: str) -> tuple[Options, Any]:
    """The option table and the renderer that a module hands to `run.module`."""
    handed: list[Any] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "module", lambda *parts: handed.extend(parts))
        importlib.import_module(f"{MODULES}.{module}").main()
    return handed[0], handed[1]
