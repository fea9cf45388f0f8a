#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Restores a PostgreSQL cluster into a new one: to a time, an LSN, a restore point, or all there is."""

from __future__ import annotations

DOCUMENTATION = r"""
module: postgres_restore
short_description: Restore a PostgreSQL cluster into a new one
version_added: 0.1.0
description:
  - Makes a new cluster of the archive of another one, with the image, sizes and settings of that, and waits until it
    is healthy. It is kept as the set C(postgres-NAME), so that an inventory can take it over later.
  - Never in place. What cannot be restored is refused before anything is made - a time in the future, one before the
    recovery window, one without a zone.
  - The new cluster archives under its own name; the source and its archive are only read.
  - Where the source itself is gone, M(groundwork.platform.postgres_cluster) restores by its option
    O(groundwork.platform.postgres_cluster#module:recovery).
author: groundwork contributors (@groundwork-platform)
options:
  name:
    description: The new cluster's name.
    type: str
    required: true
  source:
    description: The cluster whose archive is restored.
    type: str
    required: true
  namespace:
    description: The namespace of both.
    type: str
    required: true
  time:
    description: The moment to restore to, with its zone, such as V(2026-11-19T14:30:00Z). Later commits are left out.
      PostgreSQL takes it for reached only where something later was archived; else use O(latest).
    type: str
  restore_point:
    description: A name that C(pg_create_restore_point) was given; O(backup_id) must be of a backup before it.
    type: str
  lsn:
    description: The last position in the WAL to restore, such as V(0/5000060).
    type: str
  latest:
    description: Restore all that was archived.
    type: bool
  backup_id:
    description: The base backup to begin with; else the operator chooses.
    type: str
  instances:
    description: How many instances the new cluster has; else as many as the source. One has no synchronous standby.
    type: int
  owner_secret:
    description:
      - The Secret with the name and password of the database's owner. The source's, C(SOURCE-app), lets clients go on
        with the password that they have; it goes when the source is deleted.
      - Without it the operator makes up a password and keeps it in C(NAME-app).
    type: str
  archive:
    description: Whether the new cluster archives its own WAL. Not for one that is thrown away.
    type: bool
    default: true
  labels:
    description: Labels of the set.
    type: dict
    default: {}
  extra_spec:
    description: Merged over the new Cluster's C(spec).
    type: dict
    default: {}
  dest:
    description: The folder for the evidence, where the task runs; without it none is written.
    type: path
    required: false
extends_documentation_fragment:
  - groundwork.platform.auth
  - groundwork.platform.procedure
  - groundwork.platform.evidence
"""

EXAMPLES = r"""
- name: Bring back Thursday afternoon, beside the running cluster
  groundwork.platform.postgres_restore:
    name: shop-thursday
    source: shop
    namespace: data
    time: "2026-11-19T14:30:00Z"
"""

RETURN = r"""
steps:
  description: What was done, step by step, each with C(name), C(state) (V(done), V(would), V(unneeded), V(failed),
    V(undone)), C(told), C(started) (seconds since the epoch) and C(seconds).
  returned: always, once the options are understood
  type: list
  elements: dict
cluster:
  description: The new cluster's name.
  returned: success
  type: str
source:
  description: The cluster whose archive was restored.
  returned: success
  type: str
target:
  description: The operator's recovery target; empty for the latest state.
  returned: success
  type: dict
measured:
  description: The figures, among them C(restore_seconds).
  returned: where evidence is written
  type: dict
verdict:
  description: C(passed), and what was C(wrong).
  returned: where evidence is written
  type: dict
evidence:
  description: The path of the JSON record.
  returned: where evidence is written
  type: str
page:
  description: The path of the page.
  returned: where evidence is written
  type: str
"""

from ansible_collections.groundwork.platform.plugins.module_utils import registry
from ansible_collections.groundwork.platform.plugins.module_utils.core import run
from ansible_collections.groundwork.platform.plugins.module_utils.procedures import postgres_restore


def main() -> None:
    run.call(postgres_restore.RESTORE, postgres_restore.restore, registry)


if __name__ == "__main__":
    main()
