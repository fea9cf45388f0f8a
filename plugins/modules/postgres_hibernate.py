#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Takes all pods of a PostgreSQL cluster away and keeps its volumes, or brings them back."""

from __future__ import annotations

DOCUMENTATION = r"""
module: postgres_hibernate
short_description: Take all pods of a PostgreSQL cluster away, and keep its volumes
version_added: 0.1.0
description:
  - Hibernates a CloudNativePG cluster. Its pods go, cleanly shut down, its volumes stay; and wakes it.
  - Nobody can use a cluster that hibernates.
author: groundwork contributors (@groundwork-platform)
options:
  state:
    description: Whether it is to rest.
    type: str
    choices: [hibernated, awake]
    default: hibernated
extends_documentation_fragment:
  - groundwork.platform.auth
  - groundwork.platform.procedure
"""

EXAMPLES = r"""
- name: Let the test database rest over the weekend
  groundwork.platform.postgres_hibernate:
    name: shop
    namespace: test
"""

RETURN = r"""
steps:
  description: What was done, step by step, each with C(name), C(state) (V(done), V(would), V(unneeded), V(failed),
    V(undone)), C(told), C(started) (seconds since the epoch) and C(seconds).
  returned: always, once the options are understood
  type: list
  elements: dict
"""

from ansible_collections.groundwork.platform.plugins.module_utils import registry
from ansible_collections.groundwork.platform.plugins.module_utils.core import run
from ansible_collections.groundwork.platform.plugins.module_utils.procedures import postgres


def main() -> None:
    run.call(postgres.HIBERNATE, postgres.hibernate, registry)


if __name__ == "__main__":
    main()
