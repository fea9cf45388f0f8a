#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Makes a standby the primary of a PostgreSQL cluster."""

from __future__ import annotations

DOCUMENTATION = r"""
module: postgres_switchover
short_description: Make a standby the primary of a PostgreSQL cluster
version_added: 0.1.0
description:
  - Asks CloudNativePG for a switchover in its own way, through the status of the Cluster, and waits until the
    new primary is there and all instances follow it. Clients are cut off once; nothing that was committed is lost.
  - Refused on a cluster that is not healthy, and for an instance that is no healthy standby.
  - Needs the right to patch C(clusters/status) of C(postgresql.cnpg.io).
author: groundwork contributors (@groundwork-platform)
options:
  to:
    description: The instance that is to be primary; without it the first healthy standby, so that every run switches.
    type: str
extends_documentation_fragment:
  - groundwork.platform.auth
  - groundwork.platform.procedure
"""

EXAMPLES = r"""
- name: Move the primary away from a node that is to be drained
  groundwork.platform.postgres_switchover:
    name: shop
    namespace: data
    to: shop-2
"""

RETURN = r"""
steps:
  description: What was done, step by step, each with C(name), C(state) (V(done), V(would), V(unneeded), V(failed),
    V(undone)), C(told), C(started) (seconds since the epoch) and C(seconds).
  returned: always, once the options are understood
  type: list
  elements: dict
old_primary:
  description: The instance that was primary.
  returned: success
  type: str
  sample: shop-1
new_primary:
  description: The instance that is primary now.
  returned: success
  type: str
  sample: shop-2
"""

from ansible_collections.groundwork.platform.plugins.module_utils import registry
from ansible_collections.groundwork.platform.plugins.module_utils.core import run
from ansible_collections.groundwork.platform.plugins.module_utils.procedures import postgres


def main() -> None:
    run.call(postgres.SWITCHOVER, postgres.switchover, registry)


if __name__ == "__main__":
    main()
