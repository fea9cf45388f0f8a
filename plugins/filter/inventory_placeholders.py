# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Makes pods that stand for what an inventory asks for and leaves out, for a rehearsal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils.core.api.errors import PlatformError
from ..module_utils.inventory_demands import concerns
from ..module_utils.inventory_placeholders import placeholders

DOCUMENTATION = r"""
name: inventory_placeholders
short_description: Pods that stand for what an inventory asks for and leaves out
version_added: 0.1.0
description:
  - For everything that has C(resources) in the variables of roles that are switched off, a workload with as many pods
    of that size, on the same pools, spread alike, with the same claims. They run nothing - a rehearsal applies them, so
    that the real scheduler, quotas and limits judge whether all of it fits.
author: groundwork contributors (@groundwork-platform)
positional: _input, host
options:
  _input:
    description: The variables of one host, such as C(hostvars[inventory_hostname]).
    type: dict
    required: true
  host:
    description: The host's name.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Stand in for the systems that are left out
  groundwork.platform.apply:
    set: "placeholders-{{ item.role }}"
    namespace: kube-system
    objects: "{{ item.objects }}"
  loop: "{{ hostvars[inventory_hostname] | groundwork.platform.inventory_placeholders }}"
"""

RETURN = r"""
_value:
  description:
    - By role, in the order of the layers, C(role) and C(objects), which are StatefulSets and Deployments with the label
      C(groundwork.platform/placeholder).
  type: list
  elements: dict
"""


def inventory_placeholders(variables: Any, host: str = "") -> list[dict[str, Any]]:
    """The workloads by role; AnsibleFilterError for variables that cannot be read."""
    if not isinstance(variables, Mapping):
        raise AnsibleFilterError(f"inventory_placeholders takes a host's variables, not {type(variables).__name__}")
    read = {name: variables[name] for name in list(variables) if name.startswith(concerns(variables))}
    try:
        return placeholders(host, read)
    except PlatformError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """Makes the filter known to Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters by name."""
        return {"inventory_placeholders": inventory_placeholders}
