#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Scales or upgrades a running PostgreSQL cluster under write load, and measures what a client sees."""

from __future__ import annotations

DOCUMENTATION = r"""
module: postgres_change
short_description: Scale or upgrade a running PostgreSQL cluster under write load, and measure
version_added: 0.1.0
description:
  - Brings a cluster to what O(cluster) says, while a pod writes numbered rows through its Service. It applies the set
    that M(groundwork.platform.postgres_cluster) keeps, so the inventory stays the truth.
  - Refused before anything is written - a cluster that is not whole, a change that O(change) does not name, whatever
    the set's guards or the server refuse, a major upgrade without a base backup.
  - A major version, fewer instances below a quorum and smaller volumes need the sentence of the refusal in O(confirm),
    or are refused for good.
  - Writes the evidence, a JSON record and a page with the timeline, and fails where O(profile) is not kept.
author: groundwork contributors (@groundwork-platform)
options:
  change:
    description:
      - V(scale) changes instances, volumes, resources and PostgreSQL's settings.
      - V(upgrade) changes the image, within a major version or to another one.
    type: str
    choices: [scale, upgrade]
    required: true
  cluster:
    description: What the cluster is to be, as M(groundwork.platform.postgres_cluster) takes it.
    type: dict
    required: true
  labels:
    description: Labels of the set.
    type: dict
    default: {}
  through:
    description: The Service that the writer uses, such as a Pooler's; without it the cluster's C(-rw).
    type: str
  interval:
    description: Seconds between a commit and the next statement.
    type: float
    default: 0.1
  confirm:
    description: Sentences of refusals.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - groundwork.platform.auth
  - groundwork.platform.procedure
  - groundwork.platform.evidence
"""

EXAMPLES = r"""
- name: Five instances, and see that clients notice nothing
  groundwork.platform.postgres_change:
    change: scale
    name: shop
    namespace: data
    cluster: "{{ postgres_cluster_defaults | combine(shop, {'instances': 5}) }}"
    profile: {rpo: 0s, rto: 5s}
    dest: evidence
"""

RETURN = r"""
steps:
  description: What was done, step by step, each with C(name), C(state) (V(done), V(would), V(unneeded), V(failed),
    V(undone)), C(told), C(started) (seconds since the epoch) and C(seconds).
  returned: always, once the options are understood
  type: list
  elements: dict
measured:
  description: The figures, among them C(rpo_commits), C(rpo_seconds), C(rto_seconds), C(gaps), C(failed_over).
  returned: once the set was applied
  type: dict
verdict:
  description: C(passed), and what was C(wrong).
  returned: once the set was applied
  type: dict
evidence:
  description: The path of the JSON record.
  returned: once the set was applied
  type: str
page:
  description: The path of the page.
  returned: once the set was applied
  type: str
"""

from ansible_collections.groundwork.platform.plugins.module_utils import registry
from ansible_collections.groundwork.platform.plugins.module_utils.core import run
from ansible_collections.groundwork.platform.plugins.module_utils.procedures import postgres_change


def main() -> None:
    run.call(postgres_change.CHANGE, postgres_change.change, registry)


if __name__ == "__main__":
    main()
