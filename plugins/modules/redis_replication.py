#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keeps a Redis master with replicas and sentinels, and all that belongs to it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: redis_replication
short_description: Keep a Redis master with replicas and sentinels
version_added: 0.1.0
description:
  - Keeps one Redis master, its replicas and the sentinels that choose its successor as one set, with settings as a
    ConfigMap, PodDisruptionBudgets, NetworkPolicies, a PodMonitor, alerting rules and dumps, and waits until it is
    ready.
  - For sessions, limits and streams - one for each policy of eviction.
  - The set is called C(redis-<name>). Clients ask the sentinels (C(<name>-s-hl), port 26379, group C(mymaster)) who
    leads. Sentinels have no password; O(network) keeps others away from them.
  - Replication is asynchronous - what a master acknowledged and no replica had is lost with it.
    O(min_replicas_to_write) bounds that by time; a client that waits for a replica (C(WAIT)) knows what one has.
  - Refused on the live deployment, unless named in O(confirm), are its deletion, smaller volumes, none at all, no
    replica, no majority of sentinels, and settings that keep nothing any more.
author: groundwork contributors (@groundwork-platform)
options:
  backend:
    description:
      - Who runs it. V(operator) is a RedisReplication of the OT operator (C(redis.redis.opstreelabs.in/v1beta2)).
      - V(statefulset) needs no operator and takes any image of Redis 7 with a shell. Its servers ask the sentinels who
        leads before they start, and the sentinels keep that on volumes. Names, labels and clients are the same.
      - One is not turned into the other in place.
    type: str
    choices: [operator, statefulset]
    default: operator
  replicas:
    description: How many servers, the master among them.
    type: int
    default: 3
  min_replicas_to_write:
    description: The master refuses writes while fewer replicas than that answer; 0 for never.
    type: int
    default: 0
  min_replicas_max_lag:
    description: Seconds within which they must have answered.
    type: int
    default: 10
  sentinel_image:
    description: Image of the sentinels with O(backend=operator), which needs one of its own
      (C(quay.io/opstree/redis-sentinel)). Those of V(statefulset) run O(image).
    type: str
  sentinel:
    description: The sentinels.
    type: dict
    suboptions:
      replicas:
        description: How many, an odd number.
        type: int
        default: 3
      quorum:
        description: They agree by majority, always; told to the checks of inventories.
        type: bool
        default: true
      down_after:
        description: Milliseconds after which a silent master is held to be gone.
        type: int
        default: 5000
      failover_timeout:
        description: Milliseconds for one attempt.
        type: int
        default: 10000
      parallel_syncs:
        description: How many replicas turn to the new master at once.
        type: int
        default: 1
      resources:
        description: Resources of each.
        type: dict
        suboptions:
          requests:
            description: Requests.
            type: dict
            default: {}
          limits:
            description: Limits.
            type: dict
            default: {}
      storage:
        description: With backend V(statefulset), the volume on which each keeps who leads.
        type: dict
        suboptions:
          size:
            description: Its size.
            type: str
            default: 1Gi
          class:
            description: Its StorageClass; the cluster's default where none is given.
            type: str
extends_documentation_fragment:
  - groundwork.platform.auth
  - groundwork.platform.set
  - groundwork.platform.data_system
  - groundwork.platform.redis
"""

EXAMPLES = r"""
- name: Keep a store of limits that forgets none, and takes no write that no replica has within ten seconds
  groundwork.platform.redis_replication:
    name: limits
    namespace: data
    image: quay.io/opstree/redis:v7.0.15
    sentinel_image: quay.io/opstree/redis-sentinel:v7.0.15
    maxmemory: 1gb
    min_replicas_to_write: 1
    storage: {size: 10Gi, class: fast-ssd}
    resources: {requests: {cpu: 200m, memory: 1536Mi}, limits: {memory: 1536Mi}}

- name: The same without an operator, with the project's own image
  groundwork.platform.redis_replication:
    name: limits
    namespace: data
    backend: statefulset
    image: docker.io/library/redis:7.4
    maxmemory: 1gb
    storage: {size: 10Gi, class: fast-ssd}
    resources: {requests: {cpu: 200m, memory: 1536Mi}, limits: {memory: 1536Mi}}
"""

RETURN = r"""
set:
  description: The set, as namespace/name.
  returned: success
  type: str
  sample: data/redis-limits
objects:
  description: Every object of the set, and every object that was pruned, as M(groundwork.platform.apply) returns them.
  returned: success, and failure once the set was compared
  type: list
  elements: dict
"""

from ansible_collections.groundwork.platform.plugins.module_utils import registry
from ansible_collections.groundwork.platform.plugins.module_utils.core import run
from ansible_collections.groundwork.platform.plugins.module_utils.systems.redis import options, replication


def main() -> None:
    run.module(options.REPLICATION, replication.replication, registry)


if __name__ == "__main__":
    main()
