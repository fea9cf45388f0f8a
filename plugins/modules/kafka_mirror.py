#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Stops a mirror of a Kafka cluster for a failover, or lets it run again."""

from __future__ import annotations

DOCUMENTATION = r"""
module: kafka_mirror
short_description: Stop a mirror of a Kafka cluster for a failover, or let it run again
version_added: 0.1.0
description:
  - Stops, pauses or starts what copies messages and places of consumer groups from one Kafka cluster into another
    (Strimzi's KafkaMirrorMaker2), and waits until the operator says that its connectors have followed. Clients may be
    moved to the target once it is stopped.
  - Refused where the target is not ready, since clients could not be moved to it. Starting one that was stopped needs a
    sentence in O(confirm); what the source has now would be mixed into what clients have written to the target since.
  - How far a mirror is behind is told by its own metrics, and asked by nothing here.
author: groundwork contributors (@groundwork-platform)
options:
  name:
    description: Name of the KafkaMirrorMaker2.
    type: str
    required: true
  namespace:
    description: Its namespace.
    type: str
    required: true
  source:
    description: The source that is meant, by its alias; all where none is given.
    type: str
  state:
    description: What is to come of it.
    type: str
    choices: [stopped, paused, running]
    default: stopped
  confirm:
    description: The sentence that a refusal asks for.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - groundwork.platform.auth
  - groundwork.platform.procedure
"""

EXAMPLES = r"""
- name: The source is lost; what it sends now must not come any more
  groundwork.platform.kafka_mirror:
    name: events-mirror
    namespace: data
  register: mirror

- name: Say where clients start now
  ansible.builtin.debug:
    msg: "{{ mirror.bootstrap }}"
"""

RETURN = r"""
steps:
  description: What was done, step by step, each with C(name), C(state) (V(done), V(would), V(unneeded), V(failed),
    V(undone)), C(told), C(started) (seconds since the epoch) and C(seconds).
  returned: always, once the options are understood
  type: list
  elements: dict
connectors:
  description: Its connectors as the operator last told them - name, state, tasks, failed.
  returned: success
  type: list
  elements: dict
bootstrap:
  description: Where clients of the target start, by listener.
  returned: success
  type: list
  elements: str
"""

from ansible_collections.groundwork.platform.plugins.module_utils import registry
from ansible_collections.groundwork.platform.plugins.module_utils.core import run
from ansible_collections.groundwork.platform.plugins.module_utils.procedures import kafka_mirror


def main() -> None:
    run.call(kafka_mirror.MIRROR, kafka_mirror.mirror, registry)


if __name__ == "__main__":
    main()
