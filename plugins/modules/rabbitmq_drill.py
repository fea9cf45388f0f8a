#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fails the node that leads a queue while a client publishes, and measures what it sees."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rabbitmq_drill
short_description: Fail the node that leads a queue while a client publishes, and measure
version_added: 0.1.0
description:
  - A pod publishes numbered messages to a quorum queue of its own, one at a time, and notes every one that is
    confirmed. The node that leads the queue is failed. When all nodes are back, the queue is read to its end.
  - RPO is the confirmed messages that are missing. RTO is the longest time without a confirm, as the client sees it.
  - Writes the evidence, a JSON record and a page with the timeline, and fails where O(profile) is not kept.
  - Refused on a cluster that is not whole, and on one that is no lab's unless O(confirm) holds the refusal's sentence.
  - The client uses the operator's own user. Its pod carries labels by which NetworkPolicies of the collection let it
    through.
author: groundwork contributors (@groundwork-platform)
options:
  fault:
    description:
      - V(pod) deletes the pod of the node that leads the queue, with one second of grace.
      - V(node) runs O(node_command).
    type: str
    choices: [pod, node]
    default: pod
  node_command:
    description: The command that fails the leader's node, as arguments, run where the task is; V({node}) is the node.
    type: list
    elements: str
    default: []
  interval:
    description: Seconds between a confirm and the next message.
    type: float
    default: 0.1
  notice:
    description: Seconds during which the operator may notice the fault. Of a lost node it is waited for as long as
      O(timeout).
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
- name: Kill the node that leads, and see that no confirmed message is lost
  groundwork.platform.rabbitmq_drill:
    name: events
    namespace: data
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
from ansible_collections.groundwork.platform.plugins.module_utils.procedures import rabbitmq_drill


def main() -> None:
    run.call(rabbitmq_drill.DRILL, rabbitmq_drill.drill, registry)


if __name__ == "__main__":
    main()
