#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Restores a dump of Redis, into a new deployment or in place of what one holds."""

from __future__ import annotations

DOCUMENTATION = r"""
module: redis_restore
short_description: Restore a dump of Redis
version_added: 0.1.0
description:
  - Fetches a dump that the backup of a deployment brought to its bucket, checks it, asks it, and lets a deployment take
    over all of it. Where there is no deployment O(name) yet, it is made as M(groundwork.platform.redis_replication)
    would make it. Where there is one, its keys are replaced, which takes the refusal's sentence in O(confirm).
  - A dump that is not there, corrupt, empty, older than asked for or larger than C(maxmemory) is refused, and so is one
    that gives other answers, before anything is changed.
  - A pod loads the dump, and the deployment's master follows it as a replica does, then leads again. No file is laid on
    a volume, since a server that keeps an append-only file would not read it; its own files are written anew, which is
    waited for. The dumps of a cluster's shards become one deployment.
  - RPO is the time between the dump and O(lost_at), RTO the time until clients can write. Writes the evidence, a JSON
    record and a page, and fails where O(profile) is not kept.
  - Into backend C(statefulset) alone. Servers are asked by the redis-cli in their own pods, which takes the right to
    C(create) C(pods/exec), and no password.
author: groundwork contributors (@groundwork-platform)
options:
  name:
    description: The deployment that is to hold what the dump holds.
    type: str
    required: true
  deployment:
    description:
      - What O(name) is or is to be, as M(groundwork.platform.redis_replication) takes it, C(name) and C(namespace) left
        out. C(backup) and C(backup_image) say where dumps are and what fetches them.
    type: dict
    required: true
  labels:
    description: More labels for every object of the set, where it is made.
    type: dict
    default: {}
  source:
    description: The deployment whose dumps these are; that of O(name) without it. It need not be there any more.
    type: str
  dump:
    description: The dump, by the name of its folder, such as V(20261119T140000Z). The last one without it.
    type: str
  before:
    description: The last dump up to this time is taken, such as V(2026-11-19T14:30:00Z).
    type: str
  max_age:
    description: What is older than this, such as V(90m), is refused.
    type: str
  lost_at:
    description: When the data were lost, with a time zone; now, without it. What was written since the dump is gone.
    type: str
  checks:
    description: What to ask, of the dump first, then of the restored deployment before clients can write.
    type: list
    elements: dict
    default: []
    suboptions:
      ask:
        description: A command of Redis, such as V(LLEN jobs), quoted as in a shell.
        type: str
        required: true
      db:
        description: The number of the database.
        type: int
        default: 0
      expect:
        description: The answer. Without it anything will do but V(0) and an empty text.
        type: str
  confirm:
    description: The sentence of the refusal where O(name) is there already.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - groundwork.platform.auth
  - groundwork.platform.procedure
  - groundwork.platform.evidence
"""

EXAMPLES = r"""
- name: See what was there at half past two
  groundwork.platform.redis_restore:
    name: limits-thursday
    source: limits
    namespace: data
    deployment: "{{ redis_replication_defaults | combine(redis_replications[0], {'password_secret': 'limits-auth'}) }}"
    before: "2026-11-19T14:30:00Z"
    max_age: 90m
    checks: [{ask: DBSIZE}, {ask: LLEN jobs, expect: "42"}]
    profile: {rto: 5m}
    dest: evidence
"""

RETURN = r"""
steps:
  description: What was done, step by step, each with C(name), C(state) (V(done), V(would), V(unneeded), V(failed),
    V(undone)), C(told), C(started) (seconds since the epoch) and C(seconds).
  returned: always, once the options are understood
  type: list
  elements: dict
source:
  description: The deployment whose dump it is.
  returned: success
  type: str
dump:
  description: Its C(name), C(bytes), C(files) (one a shard), C(keys), of which C(expired) have ended; C(databases), the
    keys by database that are served, and C(restored), the same of the deployment.
  returned: success
  type: dict
answers:
  description: Each C(ask) with its C(db), its C(answer), and what is C(wrong) with it.
  returned: success
  type: list
  elements: dict
measured:
  description: The figures C(rpo_seconds), C(rto_seconds), C(restore_seconds).
  returned: once the deployment was touched
  type: dict
verdict:
  description: C(passed), and what was C(wrong).
  returned: once the deployment was touched
  type: dict
evidence:
  description: The path of the JSON record.
  returned: once the deployment was touched
  type: str
page:
  description: The path of the page.
  returned: once the deployment was touched
  type: str
"""

from ansible_collections.groundwork.platform.plugins.module_utils import registry
from ansible_collections.groundwork.platform.plugins.module_utils.core import run
from ansible_collections.groundwork.platform.plugins.module_utils.procedures import redis_restore


def main() -> None:
    run.call(redis_restore.RESTORE, redis_restore.restore, registry)


if __name__ == "__main__":
    main()
