#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Takes a base backup of a PostgreSQL cluster and waits until it can be restored from."""

from __future__ import annotations

DOCUMENTATION = r"""
module: postgres_backup
short_description: Take a base backup of a PostgreSQL cluster
version_added: 0.1.0
description:
  - Takes a base backup by the Barman Cloud plugin, and returns when it is complete, the WAL of the cluster is archived,
    and the object store offers the backup for a restore.
  - That it can be restored in fact is shown by a restore alone, which the playbook C(validate_backups) makes.
author: groundwork contributors (@groundwork-platform)
options:
  backup_name:
    description: The Backup's name; without it the cluster's name and the time. One that is there is left as it is.
    type: str
extends_documentation_fragment:
  - groundwork.platform.auth
  - groundwork.platform.procedure
"""

EXAMPLES = r"""
- name: Back up before a release
  groundwork.platform.postgres_backup:
    name: shop
    namespace: data
"""

RETURN = r"""
steps:
  description: What was done, step by step, each with C(name), C(state) (V(done), V(would), V(unneeded), V(failed),
    V(undone)), C(told), C(started) (seconds since the epoch) and C(seconds).
  returned: always, once the options are understood
  type: list
  elements: dict
backup:
  description: The Backup's name.
  returned: success
  type: str
  sample: shop-20261119143000
backup_id:
  description: The backup's name in the object store, for O(groundwork.platform.postgres_restore#module:backup_id).
  returned: success
  type: str
  sample: 20261119T143000
recovery_window:
  description: C(first), the oldest moment that can be restored, and C(last_backup), when the newest backup ended.
  returned: success
  type: dict
"""

from ansible_collections.groundwork.platform.plugins.module_utils import registry
from ansible_collections.groundwork.platform.plugins.module_utils.core import run
from ansible_collections.groundwork.platform.plugins.module_utils.procedures import postgres


def main() -> None:
    run.call(postgres.BACKUP, postgres.backup, registry)


if __name__ == "__main__":
    main()
