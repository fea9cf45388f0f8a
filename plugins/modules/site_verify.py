#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Checks that a cluster is as the inventory has it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: site_verify
short_description: Check that a cluster is as the inventory has it
version_added: 0.1.0
description:
  - Judges what the roles found in check mode since the last recap of this run. Nothing may differ, everything must be
    ready, and no set may be orphaned. It fails naming all that is wrong.
  - Sets whose tasks do not wait (O(groundwork.platform.apply#module:wait)) are compared, and not waited for.
author: groundwork contributors (@groundwork-platform)
options:
  timeout:
    description: Seconds for everything to become ready.
    type: int
    default: 600
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
    description: Judges readiness once, and does not wait.
    support: full
  diff_mode:
    description: Nothing is changed.
    support: none
extends_documentation_fragment:
  - groundwork.platform.auth
"""

EXAMPLES = r"""
- name: Check that the cluster is as the inventory has it
  groundwork.platform.site_verify:
    labels: {product: shop, environment: production}
"""

RETURN = r"""
sets:
  description: The sets that were compared.
  returned: success
  type: list
  elements: str
objects:
  description: The readiness of every object, as M(groundwork.platform.wait_ready) returns it.
  returned: success
  type: list
  elements: dict
"""

from ansible_collections.groundwork.platform.plugins.module_utils import registry
from ansible_collections.groundwork.platform.plugins.module_utils.core import run
from ansible_collections.groundwork.platform.plugins.module_utils.evidence import verify


def main() -> None:
    run.call(verify.OPTIONS, verify.verify, registry)


if __name__ == "__main__":
    main()
