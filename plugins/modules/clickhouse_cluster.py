#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keeps a ClickHouse cluster and all that belongs to it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: clickhouse_cluster
short_description: Keep a ClickHouse cluster and all that belongs to it
version_added: 0.1.0
description:
  - Keeps a ClickHouse cluster of Altinity's operator (C(clickhouse.altinity.com/v1)) as one set, with its ClickHouse
    Keeper, users, profiles, quotas, disks and storage policies, NetworkPolicies, PodMonitors, alerting rules and
    scheduled backups, and waits until the operator says that it has done exactly this.
  - The set is called C(clickhouse-<name>), the Keeper C(<name>-keeper). The operator keeps the PodDisruptionBudgets.
  - Passwords are read from Secrets by the operator; another password in a Secret takes another O(revision).
  - Refused on the live cluster, unless named in O(confirm), are the deletion of a cluster or its Keeper, fewer shards
    or replicas, another O(cluster), smaller volumes or fewer of them, and a Keeper whose rest is no majority.
author: groundwork contributors (@groundwork-platform)
options:
  name:
    description: Name of the installation; the Service is C(clickhouse-<name>).
    type: str
    required: true
  cluster:
    description: Name of the cluster in ClickHouse, 15 characters at most; C({cluster}) in SQL.
    type: str
    default: main
  image:
    description: Image of the server.
    type: str
    required: true
  shards:
    description: How many parts the rows are in. A further one starts empty.
    type: int
    default: 1
  replicas:
    description: How many copies each shard has.
    type: int
    default: 2
  storage:
    description: The volume of each server, the disk C(default).
    type: dict
    required: true
    suboptions: &volume
      size:
        description: Its size. It can grow only.
        type: str
        required: true
      class:
        description: Its StorageClass; the cluster's default where none is given.
        type: str
  log_storage:
    description: A volume of its own for logs.
    type: dict
    suboptions: *volume
  volumes:
    description: Further volumes of each server, each a disk of its name.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Its name.
        type: str
        required: true
      size:
        description: Its size. It can grow only.
        type: str
        required: true
      class:
        description: Its StorageClass.
        type: str
  object_disks:
    description: Disks in S3, each a folder of this cluster's own.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Its name.
        type: str
        required: true
      bucket: &bucket
        description: Bucket in S3.
        type: str
        required: true
      prefix: &prefix
        description: Folder in the bucket.
        type: str
        default: ""
      endpoint: &endpoint
        description: URL of an S3 server that is not Amazon's.
        type: str
      region: &region
        description: The bucket's region.
        type: str
      credentials: &credentials
        description: Keys of S3 from a Secret; the pods' own identity where this is not given.
        type: dict
        suboptions:
          secret:
            description: The Secret.
            type: str
            required: true
          access_key:
            description: Its key of the access key.
            type: str
            default: ACCESS_KEY_ID
          secret_key:
            description: Its key of the secret key.
            type: str
            default: ACCESS_SECRET_KEY
      cache:
        description: Size of a local cache before it.
        type: str
  policies:
    description: Storage policies over disks, the warmest volume first.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Its name, as C(SETTINGS storage_policy) of a table has it.
        type: str
        required: true
      volumes:
        description: Its volumes in their order.
        type: list
        elements: dict
        default: []
        suboptions:
          name:
            description: Its name, as C(TTL ... TO VOLUME) has it.
            type: str
            required: true
          disks:
            description: Its disks - C(default), names of O(volumes) and of O(object_disks).
            type: list
            elements: str
            required: true
          max_part_size:
            description: Bytes of the largest part that it takes.
            type: str
      move_factor:
        description: How much of a volume must be free before parts move on.
        type: float
  keeper:
    description: The ClickHouse Keeper of this cluster.
    type: dict
    suboptions:
      replicas:
        description: How many, an odd number.
        type: int
        default: 3
      quorum:
        description: Whether it must outlive one of them.
        type: bool
        default: true
      image:
        description: Its image; the server's with C(clickhouse-keeper) in its name where none is given.
        type: str
      pool:
        description: Its node pools; those of the servers where none is given.
        type: list
        elements: str
        default: []
      spread:
        description: As O(spread).
        type: str
        choices: [host, zone, none]
        default: zone
      storage:
        description: Its volume.
        type: dict
        suboptions:
          size:
            description: Its size. It can grow only.
            type: str
            default: 10Gi
          class:
            description: Its StorageClass.
            type: str
      resources: &resources
        description: Its resources.
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
      settings:
        description: Further settings.
        type: dict
        default: {}
      extra_spec:
        description: Laid on the spec of its resource last.
        type: dict
        default: {}
  users:
    description: Users, beside the operator's own.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Its name.
        type: str
        required: true
      password_secret:
        description: Secret with its password.
        type: str
        required: true
      password_form:
        description: What the Secret holds - a hash, or the password in clear.
        type: str
        choices: [password_sha256_hex, password_double_sha1_hex, password]
        default: password_sha256_hex
      password_key:
        description: The Secret's key; called as O(users[].password_form) where none is given.
        type: str
      profile:
        description: One of O(profiles).
        type: str
      quota:
        description: One of O(quotas).
        type: str
      networks:
        description: Networks that it may come from; only the cluster's own pods where none is given.
        type: list
        elements: str
        default: []
      databases:
        description: The databases that it sees; all where none is given.
        type: list
        elements: str
        default: []
      grants:
        description: C(GRANT) statements that are all it may do.
        type: list
        elements: str
        default: []
      access_management:
        description: Whether it may make users in SQL.
        type: bool
        default: false
  profiles:
    description: Settings by profile; C(default) is everybody's.
    type: dict
    default: {}
  quotas:
    description: Limits by quota, such as C(duration), C(queries), C(errors). A quota holds for users that name it, so
      none is called C(default).
    type: dict
    default: {}
  settings:
    description: Further settings of the server, as mappings or as paths with slashes. A value may come from a Secret
      (C(valueFrom.secretKeyRef)).
    type: dict
    default: {}
  revision:
    description: Any text. Another one has the operator go over the cluster again, without which it sees no other
      password.
    type: str
    default: ""
  retention:
    description: For how long rows are kept, such as V(90d). Tables say it themselves (C(TTL)); here it is held against
      the volumes.
    type: str
  daily_growth:
    description: By how much the whole cluster grows in a day on disk, one copy counted. With O(retention) it must fit.
    type: str
  backup:
    description: Where backups go; the disk C(backups). None where this is not given.
    type: dict
    suboptions:
      bucket: *bucket
      prefix: *prefix
      endpoint: *endpoint
      region: *region
      credentials: *credentials
      schedule:
        description: When, as five fields of cron in UTC. Without it backups are made only when asked for.
        type: str
      user:
        description: The user who asks for them.
        type: str
      password_secret:
        description: Secret with its password in clear.
        type: str
      password_key:
        description: The Secret's key.
        type: str
        default: password
      keep:
        description: How long they are to be kept. ClickHouse deletes none, so nothing is made of this here; the
          lifecycle of the bucket must say it.
        type: str
      databases:
        description: What is backed up; everything where none is given.
        type: list
        elements: str
        default: []
      resources: *resources
  service_account:
    description: ServiceAccount of the pods, for object storage by their own identity.
    type: str
  monitoring:
    description: PodMonitors and alerting rules.
    type: dict
    suboptions:
      enabled:
        description: Whether they are made.
        type: bool
        default: true
      interval:
        description: How often metrics are read.
        type: str
        default: 30s
      labels:
        description: Labels that Prometheus selects monitors and rules by.
        type: dict
        default: {}
      max_delay:
        description: Seconds that a replica may be behind.
        type: int
        default: 300
      max_parts:
        description: Parts that a partition may have.
        type: int
        default: 1000
      max_backup_age:
        description: Seconds since the last backup.
        type: int
        default: 129600
  network:
    description: NetworkPolicies. Servers reach each other, their Keeper, DNS and O(network.cidrs); they are reached by
      the operator, by O(network.clients) and by O(network.scrapers).
    type: dict
    suboptions:
      enabled:
        description: Whether they are made.
        type: bool
        default: true
      operator_namespace:
        description: Namespace of the operator; the one that its role puts it in where none is given.
        type: str
      clients:
        description: Who connects to it.
        type: list
        elements: dict
        default: []
        suboptions: &peer
          namespaces:
            description: Their namespaces.
            type: list
            elements: str
            required: true
          pods:
            description: Their labels; all pods where none is given.
            type: dict
            default: {}
      scrapers:
        description: Who reads metrics.
        type: list
        elements: dict
        default: []
        suboptions: *peer
      cidrs:
        description: Networks outside that the servers reach, such as object storage.
        type: list
        elements: str
        default: [0.0.0.0/0]
      ports:
        description: On which ports.
        type: list
        elements: str
        default: ["443"]
extends_documentation_fragment:
  - groundwork.platform.auth
  - groundwork.platform.set
  - groundwork.platform.data_system
"""

EXAMPLES = r"""
- name: Three shards of two copies, a user that only reads
  groundwork.platform.clickhouse_cluster:
    name: metrics
    namespace: data
    image: clickhouse/clickhouse-server:26.3
    shards: 3
    storage: {size: 1Ti, class: fast-ssd}
    resources: {requests: {cpu: 4, memory: 16Gi}, limits: {memory: 32Gi}}
    users:
      - {name: admin, password_secret: clickhouse-admin, networks: [10.0.0.0/8], access_management: true}
      - name: reporting
        password_secret: clickhouse-reporting
        profile: readonly
        quota: reporting
        networks: [10.0.0.0/8]
    profiles: {readonly: {readonly: 1}}
    quotas: {reporting: {duration: 3600, queries: 1000}}
    backup:
      bucket: shop-backups
      prefix: clickhouse/
      schedule: "0 2 * * *"
      user: admin
      password_secret: clickhouse-admin
    network: {clients: [{namespaces: [shop], pods: {app: api}}]}

- name: Old rows on object storage
  groundwork.platform.clickhouse_cluster:
    name: metrics
    namespace: data
    image: clickhouse/clickhouse-server:26.3
    storage: {size: 200Gi}
    object_disks: [{name: cold, bucket: shop-cold, cache: 50Gi, credentials: {secret: cold-s3}}]
    policies: [{name: tiered, volumes: [{name: hot, disks: [default]}, {name: cold, disks: [cold]}], move_factor: 0.2}]
"""

RETURN = r"""
set:
  description: The set, as namespace/name.
  returned: success
  type: str
  sample: data/postgres-shop
objects:
  description: Every object of the set, and every object that was pruned, as M(groundwork.platform.apply) returns them.
  returned: success, and failure once the set was compared
  type: list
  elements: dict
"""

from ansible_collections.groundwork.platform.plugins.module_utils import registry
from ansible_collections.groundwork.platform.plugins.module_utils.core import run
from ansible_collections.groundwork.platform.plugins.module_utils.systems.clickhouse import cluster, options


def main() -> None:
    run.module(options.CLUSTER, cluster.cluster, registry)


if __name__ == "__main__":
    main()
