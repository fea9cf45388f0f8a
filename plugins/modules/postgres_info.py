#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Says how a PostgreSQL cluster is."""

from __future__ import annotations

DOCUMENTATION = r"""
module: postgres_info
short_description: Say how a PostgreSQL cluster is
version_added: 0.1.0
description:
  - Says who is primary, how far replicas are behind, whether WAL reaches the archive, what can be restored, and how
    full a cluster of CloudNativePG is.
  - Reads the operator's resources, and the metrics of each instance through the API server, which takes the right to
    C(get) the pods' subresource C(proxy). What cannot be known is null, and RV(unknown) says why.
author: groundwork contributors (@groundwork-platform)
options:
  name:
    description: Name of the cluster.
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
  groundwork.platform.postgres_info:
    name: shop
    namespace: data
  register: shop

- name: Nobody is more than five seconds behind
  ansible.builtin.assert:
    that: shop.instances | rejectattr('lag_seconds', 'none') | map(attribute='lag_seconds') | max < 5
"""

RETURN = r"""
phase:
  description: The operator's word for its state.
  returned: success
  type: str
  sample: Cluster in healthy state
reason:
  description: What the operator says to it.
  returned: success
  type: str
healthy:
  description: Whether all instances are ready and the primary is the one that is to be it.
  returned: success
  type: bool
primary:
  description: The instance that is primary.
  returned: success
  type: str
timeline:
  description: The timeline; each failover begins one.
  returned: success
  type: int
image:
  description: The server's image.
  returned: success
  type: str
fenced:
  description: Fenced instances, C(*) for all.
  returned: success
  type: list
  elements: str
instances:
  description: Each instance that has a pod - name, role, ready, node, lag_seconds and receiving (of replicas),
    wal_bytes.
  returned: success
  type: list
  elements: dict
synchronous:
  description: Standbys that commits wait for - durability, expected, observed, and which ones count for a failover;
    null where commits wait for none.
  returned: success
  type: dict
archive:
  description: The WAL archive - working, reason, waiting_segments, seconds_since_last; null where there is none.
  returned: success
  type: dict
backup:
  description: Backups - object_store, server_name, last, last_failed, restorable_since, next; null where there are
    none.
  returned: success
  type: dict
databases:
  description: Bytes by database; null where the primary does not tell.
  returned: success
  type: dict
connections:
  description: Connections to the primary, used and max; null where it does not tell.
  returned: success
  type: dict
poolers:
  description: Its poolers - name, type, phase, instances, wanted.
  returned: success
  type: list
  elements: dict
unknown:
  description: Why an instance told nothing, by instance.
  returned: success
  type: dict
"""

from ansible_collections.groundwork.platform.plugins.module_utils.core import run, words
from ansible_collections.groundwork.platform.plugins.module_utils.procedures import postgres_info


def main() -> None:
    run.call(words.INFO, postgres_info.info)


if __name__ == "__main__":
    main()
