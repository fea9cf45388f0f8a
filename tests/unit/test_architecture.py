"""The structure's rules that a test can hold: which way imports point, how small things stay (docs/architecture.md)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PLUGINS = ROOT / "plugins"
UTILS = "ansible_collections.groundwork.platform.plugins."

# Who may import whom inside plugins/: a folder's files import only from the folders named for it.
CORE = {"module_utils/core/api", "module_utils/core/readiness", "module_utils/core/sets", "module_utils/core"}
MAY_IMPORT = {
    "module_utils/core/api": {"module_utils/core/api"},
    "module_utils/core/readiness": {"module_utils/core/api", "module_utils/core/readiness"},
    "module_utils/core/sets": CORE - {"module_utils/core"},
    "module_utils/core": CORE,
    "module_utils/rules": CORE,
    "module_utils/systems": CORE,
    "module_utils/sources": {*CORE, "module_utils/sources"},
    "module_utils/evidence": {*CORE, "module_utils/evidence"},
    "module_utils/procedures": {*CORE, "module_utils/systems", "module_utils/evidence", "module_utils/procedures"},
    "module_utils": {*CORE, "module_utils/rules", "module_utils/systems", "module_utils"},
    "plugin_utils": {*CORE, "module_utils/evidence", "plugin_utils"},
    "action": {"plugin_utils", "modules"},
    "filter": {*CORE, "module_utils/systems", "module_utils/evidence", "module_utils"},
    "modules": {
        *CORE,
        "module_utils/systems",
        "module_utils/sources",
        "module_utils/evidence",
        "module_utils/procedures",
        "module_utils",
    },
    "doc_fragments": set(),
}
# A technology of more than one file has a folder of its own, whose files may import each other.
TECHNOLOGIES = {f"module_utils/systems/{path.name}" for path in (PLUGINS / "module_utils/systems").glob("[a-z]*/")}
MAY_IMPORT = {
    **{
        folder: targets | TECHNOLOGIES if "module_utils/systems" in targets else targets
        for folder, targets in MAY_IMPORT.items()
    },
    **{folder: {*CORE, folder} for folder in TECHNOLOGIES},
}
MODULE_CODE_LINES = 15
SOURCES = sorted(PLUGINS.rglob("*.py"))
MODULES = sorted((PLUGINS / "modules").glob("*.py"))
ACTIONS = sorted((PLUGINS / "action").glob("*.py"))
ROLES = sorted((ROOT / "roles").glob("*/tasks/*.yml"))
LOGIC_IN_ROLES = {"ansible.builtin.set_fact", "ansible.builtin.command", "ansible.builtin.shell", "until", "retries"}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imported_files(path: Path) -> set[str]:
    """The files of plugins/ that one file imports, as folder names relative to plugins/."""
    found: set[str] = set()
    package = path.parent.relative_to(PLUGINS).parts
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            if node.level:
                base = ("plugins", *package)[: len(package) + 2 - node.level]
                target = ".".join((*base, *([node.module] if node.module else [])))
            elif node.module and node.module.startswith(UTILS):
                target = node.module.removeprefix("ansible_collections.groundwork.platform.")
            else:
                continue
            found.update(_folder(f"{target}.{alias.name}") for alias in node.names)
    return found


def _folder(dotted: str) -> str:
    """plugins.module_utils.core.api.client.Client -> module_utils/core/api, the folder of the name's file."""
    parts = dotted.split(".")[1:]
    for end in range(len(parts), 0, -1):
        if (PLUGINS / Path(*parts[:end])).with_suffix(".py").exists():
            return "/".join(parts[: end - 1])
    return "/".join(parts[:-1])


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_imports_point_one_way(path: Path) -> None:
    folder = "/".join(path.parent.relative_to(PLUGINS).parts)
    assert imported_files(path) <= MAY_IMPORT[folder], f"{name(path)} imports from where its folder may not"


@pytest.mark.parametrize("path", [p for p in SOURCES if p.parent.name not in ("modules", "action")], ids=name)
def test_a_file_opens_with_its_one_duty(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text()))
    assert docstring, f"{name(path)} does not say in its first line what it is for"
    assert docstring.splitlines()[0].endswith((".", ":")), f"the first line of {name(path)} is not a sentence"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_is_documentation_and_one_call(path: Path) -> None:
    tree = ast.parse(path.read_text())
    documentation = {"DOCUMENTATION", "EXAMPLES", "RETURN"}
    code = [
        node
        for node in tree.body
        if not (isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in documentation)
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    ]
    lines = sum((node.end_lineno or node.lineno) - node.lineno + 1 for node in code)
    assert lines <= MODULE_CODE_LINES, f"{name(path)} has {lines} lines of code: move logic to a system or core"


@pytest.mark.parametrize("path", ACTIONS, ids=name)
def test_an_action_is_two_imports(path: Path) -> None:
    body = [
        n
        for n in ast.parse(path.read_text()).body
        if not (isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant))
    ]
    lines = [node for node in body if getattr(node, "module", "") != "__future__"]
    assert [type(line) for line in lines] == [ast.ImportFrom] * 2, (
        f"{name(path)} does more than load its module and name the one action"
    )


@pytest.mark.parametrize("path", ROLES, ids=name)
def test_a_role_has_no_logic(path: Path) -> None:
    for task in yaml.safe_load(path.read_text()) or []:
        assert not LOGIC_IN_ROLES & set(task), f"{name(path)}: {task.get('name')} holds logic; it belongs into a module"


def test_there_is_something_to_hold() -> None:
    assert SOURCES, "no plugin was found: the rules above checked nothing"
