#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Says how a Redis deployment is."""

from __future__ import annotations

DOCUMENTATION = r"""
module: redis_info
short_description: Say how a Redis deployment is
version_added: 0.1.0
description:
  - Says who leads, how far replicas are behind, how full servers are, what they evict and what is on their volumes, for
    what M(groundwork.platform.redis_cluster) and M(groundwork.platform.redis_replication) keep, by either backend.
  - Reads StatefulSets and pods, and the exporter of each server through the API server, which takes the right to C(get)
    the pods' subresource C(proxy). What cannot be known is null, and RV(unknown) says why.
author: groundwork contributors (@groundwork-platform)
options:
  name:
    description: Name of the deployment.
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
- name: Ask how the limits are
  groundwork.platform.redis_info:
    name: limits
    namespace: data
  register: limits

- name: One server leads, and all others follow it
  ansible.builtin.assert:
    that:
      - limits.masters | length == 1
      - limits.servers | selectattr('role', 'eq', 'replica') | selectattr('linked') | length == 2
"""

RETURN = r"""
shape:
  description: V(cluster) or V(replication).
  returned: success
  type: str
ready:
  description: Whether all its pods are.
  returned: success
  type: bool
reason:
  description: Why not.
  returned: success
  type: str
masters:
  description: The pods that lead, one in a replication, one a shard in a cluster.
  returned: success
  type: list
  elements: str
servers:
  description: Each server with C(name), C(role), C(version), C(ready), C(node), C(linked) (a replica to its master),
    C(replicas) (a master's), C(offset), C(behind_bytes), C(memory), C(keys), C(hits_percent), C(kept).
  returned: success
  type: list
  elements: dict
sentinels:
  description: How many are C(ready), how many C(wanted), and the C(group) that clients ask for.
  returned: success
  type: dict
cluster:
  description: Of a cluster, whether it is C(ok), and how many slots (C(slots_ok)) have a master.
  returned: success
  type: dict
unknown:
  description: By server, why its exporter said nothing.
  returned: success
  type: dict
"""

from ansible_collections.groundwork.platform.plugins.module_utils import registry
from ansible_collections.groundwork.platform.plugins.module_utils.core import run, words
from ansible_collections.groundwork.platform.plugins.module_utils.procedures import redis_info


def main() -> None:
    run.call(words.INFO, redis_info.info, registry)


if __name__ == "__main__":
    main()
