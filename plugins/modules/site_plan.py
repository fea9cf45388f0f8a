#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Shows on one page what a run would do to a cluster."""

from __future__ import annotations

DOCUMENTATION = r"""
module: site_plan
short_description: Show on one page what a run would do to a cluster
version_added: 0.1.0
description:
  - Turns what the roles foretold in check mode, since the last recap of this run, into one page, with every difference
    and how each object was judged. Secrets stay masked.
  - Names the sets on the cluster that nothing in the inventory names.
  - Fails, after the page is written, where a role was refused.
author: groundwork contributors (@groundwork-platform)
options:
  dest:
    description: Where the page goes, an HTML file on the machine of the playbook. Without it there is only text.
    type: path
  roles:
    description:
      - Roles whose task failed. One that foretold nothing is named, too, since it failed before it asked the cluster.
    type: list
    elements: str
    default: []
  labels:
    description:
      - The labels that the inventory gives its sets (O(groundwork.platform.apply#module:set_labels)). A set on the
        cluster is the inventory's when C(product) and C(environment) are the same, or missing on both sides.
    type: dict
    default: {}
  complete:
    description: Whether all roles ran. Where some were left out by tags, orphaned sets are not looked for.
    type: bool
    default: true
attributes:
  check_mode:
    description: Writes the page in check mode, too, and changes nothing else.
    support: full
  diff_mode:
    description: Nothing is changed.
    support: none
extends_documentation_fragment:
  - groundwork.platform.auth
"""

EXAMPLES = r"""
- name: Show what a run would do
  groundwork.platform.site_plan:
    roles: [storage, tenancy]
    labels: {product: shop, environment: production}
    dest: plan.html
"""

RETURN = r"""
tasks:
  description: What each task that keeps sets did, or would do.
  returned: success
  type: list
  elements: dict
  contains:
    sets:
      description: The sets, as namespace/name.
      type: list
      elements: str
    role:
      description: The task's role.
      type: str
    seconds:
      description: How long it took.
      type: float
    actions:
      description: How many objects were, or would be, created, changed and so on.
      type: dict
    judged:
      description: In check mode, how many of those that differ were judged by server, structure or nobody.
      type: dict
    failure:
      description: Why the task failed.
      type: str
objects:
  description: Every object of every set, as M(groundwork.platform.apply) returns them.
  returned: success
  type: list
  elements: dict
orphaned:
  description: Sets that nothing in the inventory names, each with C(set) and how many C(objects) it holds.
  returned: success
  type: list
  elements: dict
page:
  description: The page's path, empty where there is none.
  returned: always
  type: str
"""

from ansible_collections.groundwork.platform.plugins.module_utils.core import run
from ansible_collections.groundwork.platform.plugins.module_utils.evidence import plan


def main() -> None:
    run.call(plan.OPTIONS, plan.plan)


if __name__ == "__main__":
    main()
