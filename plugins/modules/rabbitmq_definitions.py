#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Takes the definitions of a RabbitMQ cluster out, or puts them back."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rabbitmq_definitions
short_description: Export or restore the definitions of a RabbitMQ cluster
version_added: 0.1.0
description:
  - Definitions are vhosts, users, permissions, exchanges, queues, bindings, policies and parameters, and no messages.
  - Exported they are a file of JSON, as RabbitMQ imports it too, or a Secret. The operator's own user is left out,
    since every cluster has another one. Unless O(passwords) is set, hashes of passwords are left out, and parameters
    too, which hold the addresses of shovels.
  - Restored they are added to what is there; what is there under the same name is replaced, nothing is deleted. Users
    whose hash is not kept, and rights of users that are not there, are left out, and told.
  - Works by C(rabbitmqctl) in the pod of a node that is ready, which takes the right to C(create) the pods' subresource
    C(exec). Nothing of the content stands in results, in arguments or in the audit log.
author: groundwork contributors (@groundwork-platform)
options:
  state:
    description: Whether they are taken out or put back.
    type: str
    choices: [exported, restored]
    default: exported
  path:
    description: The file, where the task runs; only its owner can read it.
    type: path
  secret:
    description: Or the Secret in the cluster's namespace, key C(definitions.json).
    type: str
  passwords:
    description: Whether hashes of passwords and parameters are exported, too.
    type: bool
    default: false
extends_documentation_fragment:
  - groundwork.platform.auth
  - groundwork.platform.procedure
"""

EXAMPLES = r"""
- name: Keep a month's definitions
  groundwork.platform.rabbitmq_definitions:
    name: events
    namespace: data
    path: backups/events.json

- name: Put them into a new cluster
  groundwork.platform.rabbitmq_definitions:
    name: events-2
    namespace: data
    state: restored
    path: backups/events.json
"""

RETURN = r"""
steps:
  description: What was done, step by step, each with C(name), C(state) (V(done), V(would), V(unneeded), V(failed),
    V(undone)), C(told), C(started) (seconds since the epoch) and C(seconds).
  returned: always, once the options are understood
  type: list
  elements: dict
definitions:
  description: Where they are.
  returned: success
  type: str
counts:
  description: How many there are, by kind.
  returned: success
  type: dict
  sample: {vhosts: 1, queues: 4}
"""

from ansible_collections.groundwork.platform.plugins.module_utils.core import run
from ansible_collections.groundwork.platform.plugins.module_utils.procedures import rabbitmq_definitions


def main() -> None:
    run.call(rabbitmq_definitions.DEFINITIONS, rabbitmq_definitions.definitions)


if __name__ == "__main__":
    main()
