#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fails the primary of a PostgreSQL cluster under write load, and measures what a client sees."""

from __future__ import annotations

DOCUMENTATION = r"""
module: postgres_drill
short_description: Fail the primary of a PostgreSQL cluster under write load, and measure
version_added: 0.1.0
description:
  - A pod writes numbered rows through the cluster's Service, a commit each, into its own table. A fault is made. When
    all instances are back, what was acknowledged is compared with what is there.
  - RPO is the acknowledged commits that are missing. RTO is the longest time without a commit, as the client sees it.
  - Writes the evidence, a JSON record and a page with the timeline, and fails where O(profile) is not kept.
  - Refused on a cluster that is not whole, and on one that is no lab's unless O(confirm) holds the refusal's sentence.
  - The writer uses the cluster's own application Secret. Its pod carries the label C(cnpg.io/cluster), by which
    NetworkPolicies of the collection let it through.
author: groundwork contributors (@groundwork-platform)
options:
  fault:
    description:
      - V(process) kills the primary's postmaster (SIGKILL), from an ephemeral container that stays listed in the pod.
      - V(pod) deletes the primary's pod with one second of grace.
      - V(node) runs O(node_command).
      - V(switchover) asks for a planned switchover, for comparison.
    type: str
    choices: [process, pod, node, switchover]
    default: pod
  node_command:
    description: The command that fails the primary's node, as arguments, run where the task is; V({node}) is the node.
    type: list
    elements: str
    default: []
  through:
    description: The Service that the writer uses, such as a Pooler's; without it the cluster's C(-rw).
    type: str
  interval:
    description: Seconds between a commit and the next statement.
    type: float
    default: 0.1
  notice:
    description: Seconds during which the operator may notice the fault; then it is taken for mended in place. Of a
      lost node it is waited for as long as O(timeout).
    type: int
    default: 30
  confirm:
    description: The sentence of the refusal on a cluster that is no lab's.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - groundwork.platform.auth
  - groundwork.platform.procedure
  - groundwork.platform.evidence
"""

EXAMPLES = r"""
- name: Kill the primary's pod, and see that nothing is lost and clients write again within half a minute
  groundwork.platform.postgres_drill:
    name: shop
    namespace: data
    fault: pod
    profile: {rpo: 0s, rto: 30s}
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
  returned: once the fault was made
  type: dict
verdict:
  description: C(passed), and what was C(wrong).
  returned: once the fault was made
  type: dict
evidence:
  description: The path of the JSON record.
  returned: once the fault was made
  type: str
page:
  description: The path of the page.
  returned: once the fault was made
  type: str
"""

from ansible_collections.groundwork.platform.plugins.module_utils import registry
from ansible_collections.groundwork.platform.plugins.module_utils.core import run
from ansible_collections.groundwork.platform.plugins.module_utils.procedures import postgres_drill


def main() -> None:
    run.call(postgres_drill.DRILL, postgres_drill.drill, registry)


if __name__ == "__main__":
    main()
