"""Reads an inventory as Ansible does: every host's variables, rendered."""

from __future__ import annotations

import copy
from functools import cache
from pathlib import Path
from typing import Any

from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible.vars.manager import VariableManager

INVENTORIES = Path(__file__).parents[2] / "inventories"
ENVIRONMENTS = ("production", "staging", "development")
# Ansible's own, of which nothing is an inventory's.
_MAGIC = {"groups", "hostvars", "vars", "omit", "group_names", "playbook_dir", "inventory_dir", "inventory_file"}


def variables(environment: str) -> dict[str, dict[str, Any]]:
    """Variables by host of the group platform; a copy, to be broken at will."""
    return copy.deepcopy(_variables(environment))


@cache
def _variables(environment: str) -> dict[str, dict[str, Any]]:
    loader = DataLoader()
    inventory = InventoryManager(loader=loader, sources=[str(INVENTORIES / environment)])
    manager = VariableManager(loader=loader, inventory=inventory)
    found = {}
    for host in inventory.get_hosts("platform"):
        raw = manager.get_vars(host=host)
        templar = Templar(loader=loader, variables=raw)
        found[host.name] = {
            name: _plain(templar.template(value))
            for name, value in raw.items()
            if name not in _MAGIC and not name.startswith(("ansible_", "inventory_"))
        }
    return found


def _plain(value: Any) -> Any:
    """Without what Ansible keeps beside a value."""
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return str(value) if isinstance(value, str) else value
