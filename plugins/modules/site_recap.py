#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Says what a playbook run did to the sets of a cluster."""

from __future__ import annotations

DOCUMENTATION = r"""
module: site_recap
short_description: Say what a playbook run did to the sets of a cluster
version_added: 0.1.0
description:
  - Sums up what the tasks of this run did to the cluster's sets since the last recap, in one line.
  - Only tasks that did their work on the machine of the playbook (C(connection=local)) are counted.
author: groundwork contributors (@groundwork-platform)
options:
  phase:
    description: What the part of the run that ends here is called.
    type: str
    default: site
attributes:
  check_mode:
    description: Changes nothing.
    support: full
  diff_mode:
    description: Nothing is changed.
    support: none
extends_documentation_fragment:
  - groundwork.platform.auth
"""

EXAMPLES = r"""
- name: Say what was done
  groundwork.platform.site_recap:
"""

RETURN = r"""
phase:
  description: The part's name.
  returned: success
  type: str
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
"""

from ansible_collections.groundwork.platform.plugins.module_utils.core import run
from ansible_collections.groundwork.platform.plugins.module_utils.evidence import recap


def main() -> None:
    run.call(recap.OPTIONS, recap.recap)


if __name__ == "__main__":
    main()
