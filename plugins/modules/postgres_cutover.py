#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Moves clients from one PostgreSQL cluster to another by their poolers."""

from __future__ import annotations

DOCUMENTATION = r"""
module: postgres_cutover
short_description: Move clients to another PostgreSQL cluster by their poolers
version_added: 0.1.0
description:
  - Makes the poolers of O(source) anew for the cluster O(name). A pooler's Service keeps its name, so clients go on
    when they have connected again. Their sessions end once.
  - Asks O(checks) through every pooler. Where one fails, all poolers are moved back. Once all are answered, clients
    write to the new cluster, and that is the point of no return.
  - The inventory has to follow. A later run of M(groundwork.platform.postgres_cluster) for O(source) finds its pooler
    with another cluster and refuses that.
author: groundwork contributors (@groundwork-platform)
options:
  name:
    description: The cluster that is to serve the clients.
    type: str
    required: true
  source:
    description: The cluster that serves them now. It is left as it is.
    type: str
    required: true
  poolers:
    description: The Poolers to move.
    type: list
    elements: str
    required: true
  checks:
    description: What the new cluster must answer through each pooler.
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
  dest:
    description: The folder for the evidence, where the task runs; without it none is written.
    type: path
    required: false
extends_documentation_fragment:
  - groundwork.platform.auth
  - groundwork.platform.procedure
  - groundwork.platform.evidence
"""

EXAMPLES = r"""
- name: Let the restored cluster serve
  groundwork.platform.postgres_cutover:
    name: shop-thursday
    source: shop
    namespace: data
    poolers: [shop-pooler-api]
"""

RETURN = r"""
steps:
  description: What was done, step by step, each with C(name), C(state) (V(done), V(would), V(unneeded), V(failed),
    V(undone)), C(told), C(started) (seconds since the epoch) and C(seconds).
  returned: always, once the options are understood
  type: list
  elements: dict
verdict:
  description: C(passed), and what was C(wrong).
  returned: where evidence is written
  type: dict
evidence:
  description: The path of the JSON record.
  returned: where evidence is written
  type: str
page:
  description: The path of the page.
  returned: where evidence is written
  type: str
"""

from ansible_collections.groundwork.platform.plugins.module_utils import registry
from ansible_collections.groundwork.platform.plugins.module_utils.core import run
from ansible_collections.groundwork.platform.plugins.module_utils.procedures import postgres_cutover


def main() -> None:
    run.call(postgres_cutover.CUTOVER, postgres_cutover.cutover, registry)


if __name__ == "__main__":
    main()
