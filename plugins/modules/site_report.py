#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Puts on one page what a rehearsal showed."""

from __future__ import annotations

DOCUMENTATION = r"""
module: site_report
short_description: Put on one page what a rehearsal showed
version_added: 0.1.0
description:
  - Writes one HTML file that needs nothing but itself, in pictures - pods over nodes and zones, sets and readiness,
    timings, quotas and fit, who talks to whom. What was done is taken from this run's phases
    (M(groundwork.platform.site_recap), M(groundwork.platform.site_plan)), what is there from the cluster.
author: groundwork contributors (@groundwork-platform)
options:
  dest:
    description: Where the page goes, on the machine of the playbook.
    type: path
    required: true
  pools:
    description: The node pools, as the inventory has them.
    type: list
    elements: dict
    default: []
  endpoints:
    description: Who listens where, as O(groundwork.platform.tenancy#module:endpoints).
    type: list
    elements: dict
    default: []
  flows:
    description: Who talks to whom, as O(groundwork.platform.tenancy#module:flows).
    type: list
    elements: dict
    default: []
  simulated:
    description: What was not real, a sentence each. The page says so above all else.
    type: list
    elements: str
    default: []
  requests:
    description: What the audit log counted during the phase C(second run), as C(lab requests) prints it.
    type: dict
    default: {}
  trials:
    description: What was tried on the cluster, each with C(name), C(told), a sentence, and C(passed).
    type: list
    elements: dict
    default: []
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
- name: Write the page of a rehearsal
  groundwork.platform.site_report:
    dest: rehearsal.html
    simulated: [Nodes are simulated; no container runs.]
"""

RETURN = r"""
page:
  description: The page's path.
  returned: success
  type: str
"""

from ansible_collections.groundwork.platform.plugins.module_utils.core import run
from ansible_collections.groundwork.platform.plugins.module_utils.evidence import report


def main() -> None:
    run.call(report.OPTIONS, report.report)


if __name__ == "__main__":
    main()
