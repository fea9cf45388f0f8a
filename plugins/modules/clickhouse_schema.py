#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Takes the steps of a ClickHouse cluster's schema, each once."""

from __future__ import annotations

DOCUMENTATION = r"""
module: clickhouse_schema
short_description: Take the steps of a ClickHouse cluster's schema, each once
version_added: 0.1.0
description:
  - Takes DDL in its order, once for all servers (C(ON CLUSTER)), and records every step with a hash of its text. A
    second run takes nothing.
  - Every statement is read by a server before the first one is taken, in check mode too. Refused by name are a step
    that was taken with another text or in another place, one that changes a single server, one that cannot be taken
    twice (C(IF NOT EXISTS)), and a table whose engine is not replicated.
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
  database:
    description: Where steps are recorded, in the table C(schema_steps), which every server has.
    type: str
    default: groundwork
  steps:
    description: The steps in their order. What was taken is never changed; what is new comes last.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Its name.
        type: str
        required: true
      sql:
        description: One statement.
        type: str
        required: true
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
- name: Keep the schema of metrics
  groundwork.platform.clickhouse_schema:
    name: metrics
    namespace: data
    steps:
      - name: database
        sql: CREATE DATABASE IF NOT EXISTS metrics ON CLUSTER '{cluster}'
      - name: local table
        sql: >-
          CREATE TABLE IF NOT EXISTS metrics.points_local ON CLUSTER '{cluster}'
          (id UUID, value Float64, at DateTime64(3))
          ENGINE = ReplicatedMergeTree('/clickhouse/{cluster}/tables/{shard}/{database}/{table}', '{replica}')
          PARTITION BY toYYYYMM(at) ORDER BY (id, at) TTL toDateTime(at) + INTERVAL 90 DAY
      - name: table of all shards
        sql: >-
          CREATE TABLE IF NOT EXISTS metrics.points ON CLUSTER '{cluster}' AS metrics.points_local
          ENGINE = Distributed('{cluster}', metrics, points_local, cityHash64(id))
"""

RETURN = r"""
steps:
  description: What was done, step by step, each with C(name), C(state) (V(done), V(would), V(failed)), C(told),
    C(started) (seconds since the epoch) and C(seconds).
  returned: always, once the cluster was asked
  type: list
  elements: dict
pending:
  description: Names of the steps that were not recorded before.
  returned: success
  type: list
  elements: str
"""

from ansible_collections.groundwork.platform.plugins.module_utils.core import run
from ansible_collections.groundwork.platform.plugins.module_utils.procedures import clickhouse_schema
from ansible_collections.groundwork.platform.plugins.module_utils.systems.clickhouse import options


def main() -> None:
    run.call(options.SCHEMA, clickhouse_schema.schema)


if __name__ == "__main__":
    main()
