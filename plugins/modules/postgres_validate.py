#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Proves a PostgreSQL backup by a restore to a cluster that is thrown away again."""

from __future__ import annotations

DOCUMENTATION = r"""
module: postgres_validate
short_description: Prove a PostgreSQL backup by a restore
version_added: 0.1.0
description:
  - Restores the archive of a cluster to a new one with one instance and no archive, asks it O(checks), destroys it, and
    writes the evidence.
  - Fails loudly where the restore does not come up, an answer is wrong, or it took longer than O(profile) allows; the
    throw-away cluster is destroyed then, too.
author: groundwork contributors (@groundwork-platform)
options:
  time:
    description: The moment to restore to, with its zone; without it the latest state.
    type: str
  backup_id:
    description: The base backup to begin with; else the newest.
    type: str
  checks:
    description: What the restored cluster must answer; without any, that it answers at all.
    type: list
    elements: dict
    default: []
    suboptions:
      query:
        description: A statement in SQL that gives one value or a few.
        type: str
        required: true
      expect:
        description:
          - The answer as C(psql -At) prints it, lines joined by C( | ).
          - Without it any answer will do that is not empty, V(f), V(false) or V(0).
        type: str
extends_documentation_fragment:
  - groundwork.platform.auth
  - groundwork.platform.procedure
  - groundwork.platform.evidence
"""

EXAMPLES = r"""
- name: Prove last night's backup
  groundwork.platform.postgres_validate:
    name: shop
    namespace: data
    checks: [{query: "select count(*) > 0 from orders"}]
    profile: {rto: 15m}
    dest: evidence
"""

RETURN = r"""
steps:
  description: What was done, step by step, each with C(name), C(state) (V(done), V(would), V(unneeded), V(failed),
    V(undone)), C(told), C(started) (seconds since the epoch) and C(seconds).
  returned: always, once the options are understood
  type: list
  elements: dict
answers:
  description: Each C(query) with its C(answer), and what is C(wrong) with it.
  returned: once the questions were asked
  type: list
  elements: dict
verdict:
  description: C(passed), and what was C(wrong).
  returned: once something was restored
  type: dict
evidence:
  description: The path of the JSON record.
  returned: once something was restored
  type: str
page:
  description: The path of the page.
  returned: once something was restored
  type: str
"""

from ansible_collections.groundwork.platform.plugins.module_utils import registry
from ansible_collections.groundwork.platform.plugins.module_utils.core import run
from ansible_collections.groundwork.platform.plugins.module_utils.procedures import postgres_validate


def main() -> None:
    run.call(postgres_validate.VALIDATE, postgres_validate.validate, registry)


if __name__ == "__main__":
    main()
