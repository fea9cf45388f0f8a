#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Backs up a ClickHouse cluster."""

from __future__ import annotations

DOCUMENTATION = r"""
module: clickhouse_backup
short_description: Back up a ClickHouse cluster
version_added: 0.1.0
description:
  - Has all servers of a cluster write one backup together, to the disk C(backups) that C(backup.bucket) of
    M(groundwork.platform.clickhouse_cluster) gives them.
  - Servers are asked by the client in their own pods, which takes the right to C(create) C(pods/exec) and no password.
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
  timeout:
    description: Seconds that one statement may take.
    type: int
    default: 600
  id:
    description: The name of the backup; the server's time where none is given. One that is there is never written over.
    type: str
  databases:
    description: What is backed up; everything where none is given.
    type: list
    elements: str
    default: []
  base:
    description: Another backup; only what it has not is written, and it must be kept as long as this one.
    type: str
attributes:
  check_mode:
    description: Reads and refuses as a run would, and says what each step would do.
    support: full
  diff_mode:
    description: No difference is shown.
    support: none
extends_documentation_fragment:
  - groundwork.platform.auth
"""

EXAMPLES = r"""
- name: Back up before the schema changes
  groundwork.platform.clickhouse_backup:
    name: metrics
    namespace: data
    databases: [metrics]
    timeout: 7200
  register: before
"""

RETURN = r"""
steps:
  description: What was done, step by step, each with C(name), C(state) (V(done), V(would), V(failed)), C(told),
    C(started) (seconds since the epoch) and C(seconds).
  returned: always, once the cluster was asked
  type: list
  elements: dict
id:
  description: The name of the backup.
  returned: success
  type: str
status:
  description: What the server says of it.
  returned: once it is there
  type: str
files:
  description: How many files it has.
  returned: once it is there
  type: int
bytes:
  description: How many bytes it has.
  returned: once it is there
  type: int
"""

from ansible_collections.groundwork.platform.plugins.module_utils.core import run
from ansible_collections.groundwork.platform.plugins.module_utils.procedures import clickhouse_backup
from ansible_collections.groundwork.platform.plugins.module_utils.systems.clickhouse import options


def main() -> None:
    run.call(options.BACKUP, clickhouse_backup.backup)


if __name__ == "__main__":
    main()
