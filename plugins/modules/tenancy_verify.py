#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Checks that the API server refuses what the rules of namespaces rule out."""

from __future__ import annotations

DOCUMENTATION = r"""
module: tenancy_verify
short_description: Check that namespaces refuse what their rules rule out
version_added: 0.1.0
description:
  - Asks the API server for a privileged pod in every namespace that enforces a Pod Security Standard, and for more than
    each quota holds of cpu, memory, storage and extended resources. All of it must be refused, and for that reason.
  - Nothing is stored, since every request is a dry run. It fails naming the rules that do not hold.
author: groundwork contributors (@groundwork-platform)
attributes:
  check_mode:
    description: The same, since nothing is ever changed.
    support: full
  diff_mode:
    description: Nothing is changed.
    support: none
seealso:
  - module: groundwork.platform.tenancy
extends_documentation_fragment:
  - groundwork.platform.auth
  - groundwork.platform.namespaces
"""

EXAMPLES = r"""
- name: Check that the quota and the Pod Security of a namespace are in force
  groundwork.platform.tenancy_verify:
    namespaces:
      - {name: shop, team: sales, quotas: [{name: compute, hard: {requests.cpu: 20}}]}
"""

RETURN = r"""
refusals:
  description: One entry for each rule.
  returned: always
  type: list
  elements: dict
  contains:
    rule:
      description: The rule, in words.
      type: str
      sample: quota shop/compute caps requests.cpu at 20
    holds:
      description: Whether the server refused for this rule.
      type: bool
    message:
      description: The server's words.
      type: str
"""

from ansible_collections.groundwork.platform.plugins.module_utils import registry
from ansible_collections.groundwork.platform.plugins.module_utils.core import refusals, run
from ansible_collections.groundwork.platform.plugins.module_utils.systems import tenancy


def main() -> None:
    run.call(tenancy.VERIFY, refusals.verified(tenancy.forbidden), registry)


if __name__ == "__main__":
    main()
