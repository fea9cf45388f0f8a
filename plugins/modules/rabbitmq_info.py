#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Says how a RabbitMQ cluster is."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rabbitmq_info
short_description: Say how a RabbitMQ cluster is
version_added: 0.1.0
description:
  - Says which nodes run, what is alarmed, where the leaders and members of queues are, and how many messages wait.
  - Reads the operator's resource, and asks C(rabbitmqctl) in the pod of a node that is ready, which takes the right to
    C(create) the pods' subresource C(exec). What cannot be known is null, and RV(unknown) says why.
author: groundwork contributors (@groundwork-platform)
options:
  name:
    description: The cluster's name.
    type: str
    required: true
  namespace:
    description: The cluster's namespace.
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
  groundwork.platform.rabbitmq_info:
    name: events
    namespace: data
  register: events

- name: Every queue bears the loss of a node, and nobody is blocked
  ansible.builtin.assert:
    that: events.healthy
    fail_msg: "{{ events.wrong | join('; ') }}"
"""

RETURN = r"""
healthy:
  description: Whether nothing is wrong.
  returned: success
  type: bool
wrong:
  description: What is wrong, a sentence each - nodes that do not run, alarms, partitions, members that are offline
    or were never there.
  returned: success
  type: list
  elements: str
ready:
  description: Whether the operator calls all nodes ready.
  returned: success
  type: bool
reason:
  description: What the operator says where it does not succeed.
  returned: success
  type: str
nodes:
  description: Each node that has a pod - name, node, ready, running, version.
  returned: success
  type: list
  elements: dict
alarms:
  description: What publishers are blocked for - node, resource.
  returned: success
  type: list
  elements: dict
partitions:
  description: Nodes that do not see each other, by node.
  returned: success
  type: dict
queues:
  description: Each queue - vhost, name, type, leader, members, online, messages, consumers, state. Of a classic queue
    leader, members and online are null.
  returned: success
  type: list
  elements: dict
messages:
  description: How many messages wait in all queues.
  returned: success
  type: int
unknown:
  description: Why nodes told nothing.
  returned: success
  type: str
"""

from ansible_collections.groundwork.platform.plugins.module_utils.core import run, words
from ansible_collections.groundwork.platform.plugins.module_utils.procedures import rabbitmq_info


def main() -> None:
    run.call(words.INFO, rabbitmq_info.info)


if __name__ == "__main__":
    main()
