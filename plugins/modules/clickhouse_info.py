#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Says how a ClickHouse cluster is."""

from __future__ import annotations

DOCUMENTATION = r"""
module: clickhouse_info
short_description: Say how a ClickHouse cluster is
version_added: 0.1.0
description:
  - Says what the operator has done, and of every server how far its replicas are behind, how many parts are in a
    partition and how full its disks are.
  - Servers are asked by the client in their own pods, which takes the right to C(create) C(pods/exec) and no password.
  - What cannot be known is null, and RV(unknown) says why.
author: groundwork contributors (@groundwork-platform)
options:
  name:
    description: Name of the installation.
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
  groundwork.platform.clickhouse_info:
    name: metrics
    namespace: data
  register: metrics

- name: No replica is read-only
  ansible.builtin.assert:
    that: metrics.hosts | rejectattr('read_only_tables', 'none') | map(attribute='read_only_tables') | sum == 0
"""

RETURN = r"""
status:
  description: The operator's word for the installation.
  returned: success
  type: str
  sample: Completed
error:
  description: What the operator could not do.
  returned: success
  type: str
task_done:
  description: Whether it has done what is asked for now, and not what was asked for before.
  returned: success
  type: bool
keeper:
  description: The same of the Keeper - status, error, task_done; null where there is none.
  returned: success
  type: dict
shards:
  description: Shards that have a pod.
  returned: success
  type: int
hosts:
  description: Each server's pod - pod, shard, replica, node, ready, version, uptime_seconds, bytes,
    parts_in_a_partition, replicated_tables, read_only_tables, delay_seconds, queue, and disks with the bytes that are
    C(free) and in C(total).
  returned: success
  type: list
  elements: dict
unknown:
  description: Why a server told nothing, by pod.
  returned: success
  type: dict
"""

from ansible_collections.groundwork.platform.plugins.module_utils.core import run, words
from ansible_collections.groundwork.platform.plugins.module_utils.procedures import clickhouse_info


def main() -> None:
    run.call(words.INFO, clickhouse_info.info)


if __name__ == "__main__":
    main()
