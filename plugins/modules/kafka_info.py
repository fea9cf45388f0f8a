#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Says how a Kafka cluster is."""

from __future__ import annotations

DOCUMENTATION = r"""
module: kafka_info
short_description: Say how a Kafka cluster is
version_added: 0.1.0
description:
  - Says whether a Kafka cluster of Strimzi is ready, which of its topics, users, connectors and mirrors are not, and
    what a rebalance waits for, by what the operator writes into its resources.
  - Brokers are asked nothing. What only they know, RV(not_asked) names.
author: groundwork contributors (@groundwork-platform)
options:
  name:
    description: Name of the cluster.
    type: str
    required: true
  namespace:
    description: Its namespace.
    type: str
    required: true
attributes:
  check_mode:
    description: Asks, and changes nothing.
    support: full
  diff_mode:
    description: Nothing is changed.
    support: none
extends_documentation_fragment:
  - groundwork.platform.auth
"""

EXAMPLES = r"""
- name: Ask how the cluster is
  groundwork.platform.kafka_info:
    name: events
    namespace: data
  register: events

- name: All topics are as they were asked to be
  ansible.builtin.assert:
    that: events.topics | rejectattr('ready') | length == 0
"""

RETURN = r"""
ready:
  description: Whether the operator has done all that its resource asks for.
  returned: success
  type: bool
reason:
  description: Why not.
  returned: success
  type: str
warnings_of_operator:
  description: What the operator warns of.
  returned: success
  type: list
  elements: str
version:
  description: The version of Kafka that runs.
  returned: success
  type: str
metadata_version:
  description: The version of its metadata.
  returned: success
  type: str
cluster_id:
  description: Its ID, which its volumes are bound to.
  returned: success
  type: str
listeners:
  description: Where clients start - name, bootstrap.
  returned: success
  type: list
  elements: dict
pools:
  description: Its node pools - name, roles, wanted, nodes (their numbers).
  returned: success
  type: list
  elements: dict
nodes:
  description: Brokers and controllers that have a pod - name, ready, node.
  returned: success
  type: list
  elements: dict
topics:
  description: Its topics - name, ready, reason, partitions, replicas, moving (while copies are added or taken away).
  returned: success
  type: list
  elements: dict
users:
  description: Its users - name, ready, reason, authentication, secret (the name of their Secret).
  returned: success
  type: list
  elements: dict
rebalances:
  description: Its rebalances - name, state, proposal.
  returned: success
  type: list
  elements: dict
connect:
  description: Kafka Connect at it - name, ready, reason, connectors (name, state, tasks, failed).
  returned: success
  type: list
  elements: dict
mirrors:
  description: Mirrors into it - name, ready, reason, sources, connectors (name, state, tasks, failed).
  returned: success
  type: list
  elements: dict
not_asked:
  description: What is not in here, and who knows it.
  returned: success
  type: list
  elements: str
"""

from ansible_collections.groundwork.platform.plugins.module_utils.core import run, words
from ansible_collections.groundwork.platform.plugins.module_utils.procedures import kafka_info


def main() -> None:
    run.call(words.INFO, kafka_info.info)


if __name__ == "__main__":
    main()
