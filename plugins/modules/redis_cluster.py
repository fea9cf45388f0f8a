#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keeps a Redis cluster of shards and all that belongs to it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: redis_cluster
short_description: Keep a Redis cluster of shards and all that belongs to it
version_added: 0.1.0
description:
  - Keeps a RedisCluster of the OT operator (C(redis.redis.opstreelabs.in/v1beta2)) as one set, with its settings as a
    ConfigMap, PodDisruptionBudgets, NetworkPolicies, a PodMonitor, alerting rules and dumps, and waits until it is
    ready.
  - For caches. Clients speak the cluster's protocol and have one database; what needs several keys at once, or a queue,
    is M(groundwork.platform.redis_replication).
  - The set is called C(redis-<name>); Services are C(<name>-leader) and C(<name>-follower).
  - Refused on the live cluster, unless named in O(confirm), are its deletion, smaller volumes, none at all, fewer
    shards or followers, and settings that keep nothing any more.
author: groundwork contributors (@groundwork-platform)
options:
  shards:
    description: How many masters the keys are spread over, three or more.
    type: int
    default: 3
  replicas:
    description: Servers of each shard, the master among them.
    type: int
    default: 2
  node_timeout:
    description: Milliseconds after which a silent server is held to be gone.
    type: int
    default: 5000
extends_documentation_fragment:
  - groundwork.platform.auth
  - groundwork.platform.set
  - groundwork.platform.data_system
  - groundwork.platform.redis
"""

EXAMPLES = r"""
- name: Keep a cache of three shards with a replica each, which forgets what was used least lately
  groundwork.platform.redis_cluster:
    name: cache
    namespace: data
    image: quay.io/opstree/redis:v7.0.15
    exporter_image: docker.io/oliver006/redis_exporter:v1.88.0
    maxmemory: 5gb
    maxmemory_policy: allkeys-lru
    storage: {size: 50Gi, class: fast-ssd}
    resources: {requests: {cpu: 1, memory: 8Gi}, limits: {memory: 8Gi}}
    network:
      clients: [{namespaces: [shop], pods: {app: api}}]
      scrapers: [{namespaces: [observability]}]
"""

RETURN = r"""
set:
  description: The set, as namespace/name.
  returned: success
  type: str
  sample: data/redis-cache
objects:
  description: Every object of the set, and every object that was pruned, as M(groundwork.platform.apply) returns them.
  returned: success, and failure once the set was compared
  type: list
  elements: dict
"""

from ansible_collections.groundwork.platform.plugins.module_utils import registry
from ansible_collections.groundwork.platform.plugins.module_utils.core import run
from ansible_collections.groundwork.platform.plugins.module_utils.systems.redis import cluster, options


def main() -> None:
    run.module(options.CLUSTER, cluster.cluster, registry)


if __name__ == "__main__":
    main()
