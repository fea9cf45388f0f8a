#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Restores databases of a ClickHouse backup."""

from __future__ import annotations

DOCUMENTATION = r"""
module: clickhouse_restore
short_description: Restore databases of a ClickHouse backup
version_added: 0.1.0
description:
  - Restores databases on all servers of a cluster from its disk of backups, counts their rows, and asks what is to be
    asked. A database that has tables is refused; O(into) gives it another name.
  - For a table beside itself, the path of its engine in the Keeper must hold C({database}) or C({uuid}).
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
    description: The name of the backup.
    type: str
    required: true
  databases:
    description: What is restored.
    type: list
    elements: str
    required: true
  into:
    description: The name that a database gets, by its name in the backup.
    type: dict
    default: {}
  checks:
    description: What to ask afterwards.
    type: list
    elements: dict
    default: []
    suboptions:
      query:
        description: A question in SQL; the first value of its first row counts.
        type: str
        required: true
      expect:
        description: The answer. Without it anything will do but nothing, C(0), C(false) and an empty text.
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
- name: See what was there on Thursday
  groundwork.platform.clickhouse_restore:
    name: metrics
    namespace: data
    id: 20261119T020000Z
    databases: [metrics]
    into: {metrics: metrics_thursday}
    checks: [{query: select count() > 1000 from metrics_thursday.points_local, expect: "1"}]
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
databases:
  description: The names that the databases got.
  returned: success
  type: dict
rows:
  description: Rows by database, one copy counted.
  returned: once they were restored
  type: dict
status:
  description: What the server says of it.
  returned: once they were restored
  type: str
files:
  description: How many files were read.
  returned: once they were restored
  type: int
bytes:
  description: How many bytes the backup has.
  returned: once they were restored
  type: int
answers:
  description: Each C(query) with its C(answer), and what is C(wrong) with it.
  returned: success
  type: list
  elements: dict
"""

from ansible_collections.groundwork.platform.plugins.module_utils.core import run
from ansible_collections.groundwork.platform.plugins.module_utils.procedures import clickhouse_backup
from ansible_collections.groundwork.platform.plugins.module_utils.systems.clickhouse import options


def main() -> None:
    run.call(options.RESTORE, clickhouse_backup.restore)


if __name__ == "__main__":
    main()
