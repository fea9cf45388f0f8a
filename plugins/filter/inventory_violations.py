# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Names everything in an inventory that contradicts something else, before anything is touched."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils.inventory_checks import violations
from ..module_utils.inventory_demands import concerns

DOCUMENTATION = r"""
name: inventory_violations
short_description: What in an inventory contradicts something else
version_added: 0.1.0
description:
  - Holds the parts of an inventory against each other, of each cluster and between clusters. Nothing is asked of a
    cluster, and variables of other roles are not looked at.
  - Compared are networks, quotas and limits with what autoscalers may make of everything in the namespace, node pools
    with what is to run on them, replicas with hosts and zones, connections of poolers, backups with the expiry of their
    buckets, and every name of a namespace, pool, class, issuer or bucket with what there is.
  - What an inventory describes is counted whether its role is enabled or not.
author: groundwork contributors (@groundwork-platform)
positional: _input, hosts
options:
  _input:
    description: The variables of hosts, by host, such as C(hostvars).
    type: dict
    required: true
  hosts:
    description:
      - The hosts to look at, such as C(ansible_play_hosts_all); all where there are none. Of other hosts nothing counts
        but that they have networks and clusters of their own.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Refuse an inventory that contradicts itself
  ansible.builtin.assert:
    that: inventory_complaints == []
    fail_msg: "{{ inventory_complaints | join('\n') }}"
    quiet: true
  vars:
    inventory_complaints: "{{ hostvars | groundwork.platform.inventory_violations(ansible_play_hosts_all) }}"
  run_once: true
"""

RETURN = r"""
_value:
  description: A sentence for each violation, with host, path, arithmetic and requirement; none where all fits.
  type: list
  elements: str
"""


# What a host must not have in common with hosts that are not looked at. Not their cluster: an overlay for one host may
# say nothing of it.
SHARED = ("platform_networks",)


def inventory_violations(variables: Any, hosts: Iterable[str] = ()) -> list[str]:
    """The violations as sentences; AnsibleFilterError for what is no mapping of hosts."""
    if not isinstance(variables, Mapping):
        raise AnsibleFilterError(f"inventory_violations takes variables by host, not {type(variables).__name__}")
    unknown = [host for host in hosts if host not in variables]
    if unknown:
        raise AnsibleFilterError(f"inventory_violations was given the host {unknown[0]}, which has no variables")
    judged = list(hosts) or list(variables)
    return violations({str(host): _own(variables[host], host in judged) for host in variables}, judged)


def _own(variables: Mapping[str, Any], judged: bool) -> dict[str, Any]:
    """Only what is compared is read: each variable is rendered when it is, and secrets are none of this filter's."""
    wanted = concerns(variables) if judged else SHARED
    return {name: _plain(variables[name]) for name in list(variables) if name.startswith(wanted)}


def _plain(value: Any) -> Any:
    """Rendered once: checks copy and walk what is otherwise a template at every step."""
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, list | tuple) else value


class FilterModule:
    """Makes the filter known to Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters by name."""
        return {"inventory_violations": inventory_violations}
