#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Stops PostgreSQL in instances of a cluster whose pods stay, or lets it start again."""

from __future__ import annotations

DOCUMENTATION = r"""
module: postgres_fence
short_description: Stop PostgreSQL in instances of a cluster, and keep their pods
version_added: 0.1.0
description:
  - Fences instances of a CloudNativePG cluster. PostgreSQL stops in them; pods and volumes stay for whoever wants to
    look at them, until they are released.
  - A fenced primary is not replaced. Writes stop until it is released, and the step that reads the cluster says so.
author: groundwork contributors (@groundwork-platform)
options:
  instances:
    description: The instances, V(*) for all.
    type: list
    elements: str
    required: true
  state:
    description: Whether PostgreSQL is to be stopped in them.
    type: str
    choices: [fenced, released]
    default: fenced
extends_documentation_fragment:
  - groundwork.platform.auth
  - groundwork.platform.procedure
"""

EXAMPLES = r"""
- name: Stop a standby whose data looks wrong
  groundwork.platform.postgres_fence:
    name: shop
    namespace: data
    instances: [shop-3]

- name: Let everything run again
  groundwork.platform.postgres_fence:
    name: shop
    namespace: data
    instances: ["*"]
    state: released
"""

RETURN = r"""
steps:
  description: What was done, step by step, each with C(name), C(state) (V(done), V(would), V(unneeded), V(failed),
    V(undone)), C(told), C(started) (seconds since the epoch) and C(seconds).
  returned: always, once the options are understood
  type: list
  elements: dict
fenced:
  description: The instances that are fenced now, V(*) for all.
  returned: success
  type: list
  elements: str
"""

from ansible_collections.groundwork.platform.plugins.module_utils import registry
from ansible_collections.groundwork.platform.plugins.module_utils.core import run
from ansible_collections.groundwork.platform.plugins.module_utils.procedures import postgres


def main() -> None:
    run.call(postgres.FENCE, postgres.fence, registry)


if __name__ == "__main__":
    main()
