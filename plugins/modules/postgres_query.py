#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Asks a PostgreSQL cluster questions, and fails where an answer is not the expected one."""

from __future__ import annotations

DOCUMENTATION = r"""
module: postgres_query
short_description: Ask a PostgreSQL cluster questions, and judge the answers
version_added: 0.1.0
description:
  - A pod asks as the cluster's own application, each question in a session that cannot write, through the Service that
    clients use. The answers stand in the result and in the log of the play.
  - The pod uses the cluster's application Secret, and is deleted.
author: groundwork contributors (@groundwork-platform)
options:
  checks:
    description: What to ask.
    type: list
    elements: dict
    required: true
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
  through:
    description: The Service to ask through, such as a Pooler's; without it the cluster's C(-rw).
    type: str
extends_documentation_fragment:
  - groundwork.platform.auth
  - groundwork.platform.procedure
"""

EXAMPLES = r"""
- name: See that the restored cluster has the orders of Thursday
  groundwork.platform.postgres_query:
    name: shop-thursday
    namespace: data
    checks:
      - query: select count(*) > 1000 from orders
        expect: t
      - query: select max(created)::date from orders
"""

RETURN = r"""
steps:
  description: What was done, step by step, each with C(name), C(state) (V(done), V(would), V(unneeded), V(failed),
    V(undone)), C(told), C(started) (seconds since the epoch) and C(seconds).
  returned: always, once the options are understood
  type: list
  elements: dict
answers:
  description: Each C(query), what it was to C(expect), its C(answer), and in C(wrong) the sentence about a wrong one.
  returned: once the questions were asked
  type: list
  elements: dict
"""

from ansible_collections.groundwork.platform.plugins.module_utils import registry
from ansible_collections.groundwork.platform.plugins.module_utils.core import run
from ansible_collections.groundwork.platform.plugins.module_utils.procedures import postgres_validate


def main() -> None:
    run.call(postgres_validate.QUERY, postgres_validate.query, registry)


if __name__ == "__main__":
    main()
