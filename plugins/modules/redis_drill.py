#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fails the master of a Redis replication under write load, and measures what a client sees."""

from __future__ import annotations

DOCUMENTATION = r"""
module: redis_drill
short_description: Fail the master of a Redis replication under write load, and measure
version_added: 0.1.0
description:
  - A pod asks the sentinels who leads and pushes a number there, a command each, into a list of its own. A fault is
    made. When all servers are back, what was acknowledged is compared with what is there.
  - RPO is the acknowledged numbers that are missing. Redis' replication is asynchronous, so some may be; how many is
    what a drill finds out. RTO is the longest time without an acknowledged write, as the client sees it.
  - Writes the evidence, a JSON record and a page with the timeline, and fails where O(profile) is not kept.
  - For what M(groundwork.platform.redis_replication) keeps, by either backend. Refused where it is not whole, and on a
    cluster that is no lab's unless O(confirm) holds the refusal's sentence.
author: groundwork contributors (@groundwork-platform)
options:
  fault:
    description:
      - V(pod) deletes the master's pod without grace, so that no hook hands over.
      - V(drain) deletes it with its grace, as a drained node's pods go.
      - V(process) kills the server (SIGKILL), which is started again in place; V(freeze) stops it (SIGSTOP) for a
        while, so that another leads and the old one comes back. Both with backend C(statefulset) only, from an
        ephemeral container that stays listed in the pod.
      - V(node) runs O(node_command).
    type: str
    choices: [process, freeze, pod, drain, node]
    default: pod
  freeze:
    description: Seconds for which V(freeze) stops the server.
    type: int
    default: 20
  wait:
    description: How many replicas must have a write before the client takes it for acknowledged (C(WAIT), one second).
    type: int
    default: 0
  node_command:
    description: The command that fails the master's node, as arguments, run where the task is; V({node}) is the node.
    type: list
    elements: str
    default: []
  interval:
    description: Seconds between a write and the next one.
    type: float
    default: 0.1
  notice:
    description: Seconds during which the client may notice the fault; then it is taken for mended in place.
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
- name: Freeze the master, and see what a client that waits for one replica loses
  groundwork.platform.redis_drill:
    name: limits
    namespace: data
    fault: freeze
    wait: 1
    profile: {rpo: 1s, rto: 15s}
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
from ansible_collections.groundwork.platform.plugins.module_utils.procedures import redis_drill


def main() -> None:
    run.call(redis_drill.DRILL, redis_drill.drill, registry)


if __name__ == "__main__":
    main()
