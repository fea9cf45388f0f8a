"""Writes docs/roles/<role>.md from a role's argument specs: `python -m support.role_docs` in the folder tests."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
ROLES = sorted(path.parent.parent.name for path in (ROOT / "roles").glob("*/meta/argument_specs.yml"))


def load(path: str) -> Any:
    """A YAML file of the checkout; an empty mapping where there is none."""
    file = ROOT / path
    return yaml.safe_load(file.read_text()) if file.is_file() else {}


def spec(role: str) -> dict[str, Any]:
    found: dict[str, Any] = load(f"roles/{role}/meta/argument_specs.yml")["argument_specs"]["main"]
    return found


def defaults(role: str) -> dict[str, Any]:
    found: dict[str, Any] = load(f"roles/{role}/defaults/main.yml")
    return found


def page(role: str) -> str:
    """The role's page."""
    about = spec(role)
    rows = [_row(name, option, defaults(role).get(name)) for name, option in about["options"].items()]
    return "\n".join(
        [
            "<!-- Written from the role's argument specs by tests/support/role_docs.py; a test compares. -->",
            f"# {role}",
            "",
            *map(_plain, about["description"]),
            "",
            "| variable | type | default | |",
            "|---|---|---|---|",
            *rows,
            "",
            f"Words and examples: [inventories](../inventories.md#{role}). What an option's items hold: "
            f"`ansible-doc groundwork.platform.{_module(role)}`.",
            "",
        ]
    )


def _module(role: str) -> str:
    """The module that keeps what the role is about."""
    return role if (ROOT / f"plugins/modules/{role}.py").is_file() else f"{role}_cluster"


def _row(name: str, option: dict[str, Any], default: Any) -> str:
    kind = f"list of {option['elements']}" if option["type"] == "list" else option["type"]
    description = option["description"] if isinstance(option["description"], list) else [option["description"]]
    return f"| `{name}` | {kind} | {_shown(default)} | {_plain(' '.join(description))} |"


def _shown(value: Any) -> str:
    text = "" if value is None else yaml.safe_dump(value, default_flow_style=True, width=10_000).strip()
    text = text.removesuffix("...").strip()
    return "below `vars`" if "{{" in text else "as in `defaults`" if len(text) > 40 else f"`{text}`"


def _plain(text: str) -> str:
    """Semantic markup as Markdown: `O(groundwork.platform.storage#module:classes)` becomes the option's name."""
    text = re.sub(r"O\((?:ignore:|[^()]*#module:)([^()]*)\)", r"`\1`", text)
    return re.sub(r"P\(([^()#]*)#module\)", r"`\1`", text)


if __name__ == "__main__":
    for each in ROLES:
        target = ROOT / "docs/roles" / f"{each}.md"
        target.parent.mkdir(exist_ok=True)
        target.write_text(page(each))
