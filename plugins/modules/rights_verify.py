#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Checks that the user may do on a cluster what a run is going to do."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rights_verify
short_description: Check that a user may do what a run needs
version_added: 0.1.0
description:
  - Asks the API server whether the user of the connection may do all of O(rights), and fails with one sentence that
    names everything that is missing. It asks for reviews alone, which store nothing.
  - The filter P(groundwork.platform.rights#filter) lists what the roles of a site need.
author: groundwork contributors (@groundwork-platform)
options:
  rights:
    description: What must be allowed.
    type: list
    elements: dict
    required: true
    suboptions:
      group:
        description: The API group, empty for the core group.
        type: str
        default: ''
      resource:
        description: The resource, V(*) for all; a subresource as in V(deployments/scale).
        type: str
        required: true
      namespace:
        description: The namespace, which need not be there yet; empty for the cluster.
        type: str
        default: ''
      verb:
        description: The verb.
        type: str
        required: true
      name:
        description: The name of the one object; empty for all.
        type: str
        default: ''
attributes:
  check_mode:
    description: Asks, and changes nothing.
    support: full
  diff_mode:
    description: Nothing is changed.
    support: none
extends_documentation_fragment:
  - groundwork.platform.auth
"""

EXAMPLES = r"""
- name: Refuse a user who may not do what the run does
  groundwork.platform.rights_verify:
    rights: "{{ hostvars[inventory_hostname] | groundwork.platform.rights }}"
"""

RETURN = r"""
asked:
  description: How many rights were looked at.
  returned: success, and failure once the server was asked
  type: int
missing:
  description: Those that the user does not have.
  returned: success, and failure once the server was asked
  type: list
  elements: dict
"""

from ansible_collections.groundwork.platform.plugins.module_utils.core import rights, run


def main() -> None:
    run.call(rights.OPTIONS, rights.verify)


if __name__ == "__main__":
    main()
