#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Moves the partitions of a Kafka cluster: proposes, lets it be done, stops."""

from __future__ import annotations

DOCUMENTATION = r"""
module: kafka_rebalance
short_description: Propose, approve or stop moving the partitions of a Kafka cluster
version_added: 0.1.0
description:
  - Asks Cruise Control, through Strimzi's KafkaRebalance, what it would move, lets it be done, or stops it. Nothing
    moves before a proposal was approved, and without one there is nothing to approve.
  - Refused where the cluster has no Cruise Control or is not ready. A proposal is asked anew by every run that asks for
    one.
author: groundwork contributors (@groundwork-platform)
options:
  rebalance:
    description: Name of the KafkaRebalance; C(<name>-rebalance) where none is given.
    type: str
  state:
    description: What is to come of it. With V(approved) the run waits until all is moved, and does nothing where it is.
    type: str
    choices: [proposed, approved, stopped]
    default: proposed
  mode:
    description: What a proposal is asked for - a better spread over all brokers, onto new brokers, off brokers that are
      to go, or off volumes that are to go.
    type: str
    choices: [full, add-brokers, remove-brokers, remove-disks]
    default: full
  brokers:
    description: The brokers of V(add-brokers) and V(remove-brokers), by number.
    type: list
    elements: int
  volumes:
    description: The volumes of V(remove-disks).
    type: list
    elements: dict
    suboptions:
      broker:
        description: The broker, by number.
        type: int
        required: true
      volumes:
        description: Its volumes, by number.
        type: list
        elements: int
        required: true
  goals:
    description: Goals of Cruise Control; its own where none are given.
    type: list
    elements: str
    default: []
  between_disks:
    description: Whether to spread over the disks of each broker instead of over brokers.
    type: bool
    default: false
extends_documentation_fragment:
  - groundwork.platform.auth
  - groundwork.platform.procedure
"""

EXAMPLES = r"""
- name: Ask what must move before broker 4 can go
  groundwork.platform.kafka_rebalance:
    name: events
    namespace: data
    mode: remove-brokers
    brokers: [4]

- name: Let it be moved
  groundwork.platform.kafka_rebalance:
    name: events
    namespace: data
    state: approved
    timeout: 14400
"""

RETURN = r"""
steps:
  description: What was done, step by step, each with C(name), C(state) (V(done), V(would), V(unneeded), V(failed),
    V(undone)), C(told), C(started) (seconds since the epoch) and C(seconds).
  returned: always, once the options are understood
  type: list
  elements: dict
state:
  description: What the KafkaRebalance is at, in the operator's word.
  returned: success
  type: str
  sample: ProposalReady
proposal:
  description: What it would move or has moved - replicas, leaders, between_disks, megabytes, score_before, score_after.
  returned: success
  type: dict
"""

from ansible_collections.groundwork.platform.plugins.module_utils import registry
from ansible_collections.groundwork.platform.plugins.module_utils.core import run
from ansible_collections.groundwork.platform.plugins.module_utils.procedures import kafka_rebalance


def main() -> None:
    run.call(kafka_rebalance.REBALANCE, kafka_rebalance.rebalance, registry)


if __name__ == "__main__":
    main()
