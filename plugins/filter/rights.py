# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What whoever runs a site's roles must be allowed to do on the cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils.core.api.errors import PlatformError
from ..module_utils.core.rights import cluster_role
from ..module_utils.site_rights import ALL, rights

DOCUMENTATION = r"""
name: rights
short_description: What whoever runs a site's roles must be allowed to do
version_added: 0.1.0
description:
  - Lists what must be allowed to keep what the roles make of a host's variables. Of the foundation, which is
    V(storage), V(addons), V(tenancy) and V(certificates), exactly the objects count; of a data system all kinds that
    its sets may hold, in the namespaces of what the variables list.
  - Operators are not counted, since their charts grant rights, which only an administrator may do.
author: groundwork contributors (@groundwork-platform)
positional: _input, roles
options:
  _input:
    description: The variables of a host, such as C(hostvars[inventory_hostname]).
    type: dict
    required: true
  roles:
    description: The roles; all where there are none.
    type: list
    elements: str
    default: []
  runbooks:
    description: Whether to list what the roles' runbooks need, too.
    type: bool
    default: false
  manifest:
    description: The name of a ClusterRole that is returned instead, as an object.
    type: str
    default: ''
"""

EXAMPLES = r"""
- name: Refuse a user who may not do what the run does
  groundwork.platform.rights_verify:
    rights: "{{ hostvars[inventory_hostname] | groundwork.platform.rights }}"

- name: Write the ClusterRole for whoever runs the site
  ansible.builtin.copy:
    content: "{{ hostvars[inventory_hostname] | groundwork.platform.rights(manifest='site') | to_nice_yaml }}"
    dest: rights.yml
    mode: "0644"
"""

RETURN = r"""
_value:
  description: The rights, as M(groundwork.platform.rights_verify) takes them; with O(manifest) a ClusterRole.
  type: raw
"""


def listed(
    variables: Any, roles: Iterable[str] = (), manifest: str = "", *, runbooks: bool = False
) -> list[dict[str, str]] | dict[str, Any]:
    """The rights, or the ClusterRole that holds them; AnsibleFilterError for variables that the roles would refuse."""
    if not isinstance(variables, Mapping):
        raise AnsibleFilterError(f"rights takes the variables of a host, not {type(variables).__name__}")
    own = {name: variables[name] for name in list(variables) if name.startswith(tuple(f"{role}_" for role in ALL))}
    try:
        found = rights(own, roles, runbooks=runbooks)
    except PlatformError as error:
        raise AnsibleFilterError(str(error)) from error
    return cluster_role(manifest, found) if manifest else [right._asdict() for right in sorted(found)]


class FilterModule:
    """Makes the filter known to Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters by name."""
        return {"rights": listed}
