#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keeps a PostgreSQL cluster and all that belongs to it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: postgres_cluster
short_description: Keep a PostgreSQL cluster and all that belongs to it
version_added: 0.1.0
description:
  - Keeps a PostgreSQL cluster of CloudNativePG (C(postgresql.cnpg.io/v1)) as one set, with its image catalog, backups
    by the Barman Cloud plugin, poolers with their PodDisruptionBudgets, databases, roles, NetworkPolicies, PodMonitors
    and alerting rules, and waits until all of it is ready.
  - The set is called C(postgres-<name>). The operator keeps the PodDisruptionBudgets of the instances.
  - Refused on the live cluster, unless named in O(confirm), are the deletion of a cluster, smaller volumes, the removal
    of the WAL volume, fewer instances than a quorum, another major version, and a new cluster over the archive of a
    former one.
author: groundwork contributors (@groundwork-platform)
options:
  name:
    description: Name of the cluster; Services are C(<name>-rw), C(<name>-ro) and C(<name>-r).
    type: str
    required: true
  backend:
    description:
      - Who runs the server. With V(external) somebody else does (Aurora, RDS), and kept are only Services of the same
        names, PgBouncers, databases and roles (made by a Job of SQL, never dropped), NetworkPolicies, and an exporter
        with two alerts. Copies, volumes, backups and versions are then its owner's; O(parameters) only says its
        C(max_connections).
    type: str
    choices: [cnpg, external]
    default: cnpg
  endpoint:
    description: The server of backend V(external).
    type: dict
    suboptions:
      host:
        description: Its DNS name.
        type: str
        required: true
      reader:
        description: The DNS name of its replicas; its own where none is given.
        type: str
      port:
        description: Its port.
        type: int
        default: 5432
      cidrs:
        description: The networks that it is in, for NetworkPolicies.
        type: list
        elements: str
        required: true
      sslmode:
        description: How its certificate is verified.
        type: str
        choices: [verify-full, verify-ca, require]
        default: verify-full
      ca:
        description: The CA of its certificate.
        type: dict
        suboptions:
          secret:
            description: The Secret.
            type: str
            required: true
          key:
            description: Its key.
            type: str
            default: ca.crt
      users_secret:
        description: Secret whose C(userlist.txt) PgBouncer knows users by.
        type: str
      admin_secret:
        description: Secret (C(username), C(password)) of who may create databases and roles, and of the exporter.
        type: str
      client_image:
        description: An image with C(psql), version 14 or later.
        type: str
      exporter_image:
        description: Image of postgres_exporter; no exporter and no alerts without it.
        type: str
  instances:
    description: How many servers, one of them the primary.
    type: int
    default: 3
  major:
    description: Major version of the server; needed where there are several images, or a catalog. It changes only by
      O(confirm), since all instances stop meanwhile and older backups cannot be continued.
    type: int
  images:
    description: Image by major version, kept as the cluster's own ImageCatalog.
    type: dict
    default: {}
  catalog:
    description: A catalog that is there, instead of O(images).
    type: dict
    suboptions:
      name:
        description: Its name.
        type: str
        required: true
      kind:
        description: Its kind.
        type: str
        choices: [ImageCatalog, ClusterImageCatalog]
        default: ImageCatalog
  pooler_image:
    description: Image of PgBouncer; the operator's where none is given.
    type: str
  storage:
    description: The volume of each instance; needed with backend V(cnpg).
    type: dict
    suboptions: &volume
      size:
        description: Its size. It can grow only.
        type: str
        required: true
      class:
        description: Its StorageClass; the cluster's default where none is given.
        type: str
  wal_storage:
    description: A volume of its own for the WAL. It cannot be taken away again.
    type: dict
    suboptions: *volume
  resources:
    description: Resources of each instance. C(shared_buffers) may be half of the memory that is requested.
    type: dict
    suboptions: &resources
      requests:
        description: Requests.
        type: dict
        default: {}
      limits:
        description: Limits.
        type: dict
        default: {}
  parameters:
    description: Parameters of the server; C(archive_timeout) is C(60s) where it is not given.
    type: dict
    default: {}
  preload_libraries:
    description: Further C(shared_preload_libraries).
    type: list
    elements: str
    default: []
  pg_hba:
    description: Further lines of C(pg_hba.conf).
    type: list
    elements: str
    default: []
  quorum:
    description: Whether a commit waits for any O(synchronous_replicas) of the standbys.
    type: bool
    default: false
  durability:
    description:
      - What happens when too few standbys are there. With V(required) writes wait, and a primary is replaced only by a
        standby that surely has every commit. With V(preferred) writes go on without one, and can be lost.
    type: str
    choices: [required, preferred]
    default: required
  synchronous_replicas:
    description: How many standbys a commit waits for.
    type: int
    default: 1
  update_strategy:
    description: Whether the primary is updated without being asked for.
    type: str
    choices: [unsupervised, supervised]
    default: unsupervised
  update_method:
    description: How the primary is updated, by a switchover to a standby or by a restart in place.
    type: str
    choices: [switchover, restart]
    default: switchover
  primary_lease:
    description:
      - For how many seconds a primary that vanished without a word is still taken for one; a clean end needs no such
        wait. Without it the operator's 15. A killed primary is replaced by so much sooner as this is shorter.
      - The shorter, the less time has a primary that is cut off, but runs, to be ended by its own liveness probe before
        another leads. With O(durability=required) it acknowledges nothing meanwhile.
    type: int
  reserved_connections:
    description: Connections that poolers leave to administrators, replication and metrics.
    type: int
    default: 20
  database:
    description: The first database.
    type: str
    default: app
  owner:
    description: Its owner; the database's name where none is given.
    type: str
  owner_secret:
    description: Secret (C(kubernetes.io/basic-auth)) of the owner; without one the operator makes C(<name>-app).
    type: str
  extensions:
    description: Extensions of the first database.
    type: list
    elements: dict
    default: []
    suboptions: &extension
      name:
        description: Its name.
        type: str
        required: true
      version:
        description: Its version; the server's default where none is given.
        type: str
      schema:
        description: The schema that it is put in.
        type: str
  databases:
    description: Further databases. One that is no longer listed stays unless it was to be deleted.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Its name.
        type: str
        required: true
      owner:
        description: The role that owns it.
        type: str
        required: true
      extensions:
        description: Its extensions.
        type: list
        elements: dict
        default: []
        suboptions: *extension
      schemas:
        description: Its schemas, which belong to its owner.
        type: list
        elements: str
        default: []
      reclaim:
        description: Whether it is dropped when it is no longer listed; then it needs O(confirm).
        type: str
        choices: [retain, delete]
        default: retain
  roles:
    description: Roles besides the owner. What they may do comes from the roles that they are members of; grants on
      single objects are the application's migrations' matter.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Its name.
        type: str
        required: true
      login:
        description: Whether it may log in.
        type: bool
        default: true
      member_of:
        description: Roles that it is a member of, like V(pg_read_all_data) or the owner of a database.
        type: list
        elements: str
        default: []
      password_secret:
        description: Secret (C(kubernetes.io/basic-auth)) of its password, such as
          M(groundwork.platform.generated_secret) makes.
        type: str
      connection_limit:
        description: How many connections it may have; any number with V(-1).
        type: int
        default: -1
      create_database:
        description: Whether it may create databases.
        type: bool
        default: false
      create_role:
        description: Whether it may create roles.
        type: bool
        default: false
      replication:
        description: Whether it may replicate.
        type: bool
        default: false
      reclaim:
        description: Whether it is dropped when it is no longer listed.
        type: str
        choices: [retain, delete]
        default: retain
  poolers:
    description: PgBouncers, one for each consumer. The Service of one is C(<cluster>-pooler-<name>).
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Its name.
        type: str
        required: true
      type:
        description: Where it connects to - the primary, the replicas, or any instance.
        type: str
        choices: [rw, ro, r]
        default: rw
      instances:
        description: How many.
        type: int
        default: 2
      pool:
        description: Node pools that it may run on; those of the instances where none is given.
        type: list
        elements: str
        default: []
      mode:
        description: For how long a client keeps a connection.
        type: str
        choices: [transaction, session]
        default: transaction
      max_client_connections:
        description: Connections of clients to each of its instances.
        type: int
        default: 1000
      default_pool_size:
        description: Connections to the server for each database and user.
        type: int
        default: 20
      max_db_connections:
        description: Connections to the server for each database, of each of its instances. All poolers together stay
          below C(max_connections) less O(reserved_connections).
        type: int
        required: true
      parameters:
        description: Further parameters of PgBouncer. Where they are not given, C(max_prepared_statements) is C(200) and
          C(server_login_retry) C(1), so that clients are not turned away for 15 seconds after a failover.
        type: dict
        default: {}
      resources:
        description: Its resources.
        type: dict
        suboptions: *resources
  backup:
    description: Backups and WAL archive; none where this is not given.
    type: dict
    suboptions:
      bucket:
        description: Bucket in S3.
        type: str
      prefix:
        description: Folder in the bucket.
        type: str
        default: ""
      destination:
        description: The whole address, for other kinds of storage; with O(backup.configuration).
        type: str
      schedule:
        description: When, as six fields with the seconds first. With five the operator would read minutes as seconds.
        type: str
        default: "0 0 */6 * * *"
      keep:
        description: For how long any point in time can be restored.
        type: str
        default: 30d
      tiers:
        description: How long copies of backups are to be kept elsewhere, by tier. The operator knows one window only
          (O(backup.keep)), so nothing is made of this here; the inventory's cross-checks hold it against the bucket's
          lifecycle.
        type: dict
        default: {}
      server_name:
        description: Folder of this cluster below the destination; its name where none is given.
        type: str
      credentials:
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
          region:
            description: Its key of the region.
            type: str
      endpoint:
        description: URL of an S3 server that is not Amazon's.
        type: str
      endpoint_ca:
        description: CA of the endpoint.
        type: dict
        suboptions:
          secret:
            description: The Secret.
            type: str
            required: true
          key:
            description: Its key.
            type: str
            default: ca.crt
      compression:
        description: Compression of base backups and WAL.
        type: str
        choices: [gzip, bzip2, lz4, snappy, none]
        default: gzip
      wal_parallel:
        description: How many WAL segments are archived at a time.
        type: int
        default: 4
      target:
        description: The instance that a backup is taken of.
        type: str
        choices: [primary, prefer-standby]
        default: prefer-standby
      immediate:
        description: Whether the first backup is made at once.
        type: bool
        default: true
      sidecar_resources:
        description: Resources of the plugin's container in each instance.
        type: dict
        suboptions: *resources
      configuration:
        description: Laid on the ObjectStore's C(spec.configuration), for what has no option here.
        type: dict
        default: {}
  recovery:
    description: Make the cluster from an archive instead of empty; counts when it is made, never later. The latest
      state, or one target.
    type: dict
    suboptions:
      server_name:
        description: Folder of the cluster that is restored.
        type: str
        required: true
      object_store:
        description: ObjectStore that has it; this cluster's own where none is given.
        type: str
      time:
        description: A time with its zone.
        type: str
      name:
        description: A named restore point.
        type: str
      lsn:
        description: A position in the WAL.
        type: str
      immediate:
        description: The end of the backup.
        type: bool
      backup_id:
        description: The backup to start from; needed with a name or the end of a backup.
        type: str
  service_account_annotations:
    description: Annotations of the instances' ServiceAccount, for one the cloud's role that may write to the bucket.
    type: dict
    default: {}
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
      max_lag:
        description: Seconds that a replica may be behind.
        type: int
        default: 30
      max_archive_age:
        description: Seconds that WAL may wait for the archive.
        type: int
        default: 300
      max_backup_age:
        description: Seconds after which the last backup is too old.
        type: int
        default: 43200
  network:
    description: NetworkPolicies. Instances reach each other, DNS, and the addresses below; the operator,
      O(network.clients) and O(network.scrapers) reach them, and nobody else.
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
        description: Who connects to poolers and instances.
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
        description: Addresses of the API server and of the backups' storage.
        type: list
        elements: str
        default: [0.0.0.0/0]
      ports:
        description: Ports there.
        type: list
        elements: str
        default: ["443", "6443"]
extends_documentation_fragment:
  - groundwork.platform.auth
  - groundwork.platform.set
  - groundwork.platform.data_system
"""

EXAMPLES = r"""
- name: Keep a PostgreSQL cluster that loses no commit, with backups every six hours
  groundwork.platform.postgres_cluster:
    name: shop
    namespace: data
    images: {18: "ghcr.io/cloudnative-pg/postgresql:18.6-standard-trixie"}
    quorum: true
    storage: {size: 100Gi, class: fast-ssd}
    wal_storage: {size: 20Gi, class: fast-ssd}
    resources: {requests: {cpu: 2, memory: 8Gi}, limits: {memory: 8Gi}}
    parameters: {shared_buffers: 2GB, max_connections: 200}
    database: shop
    extensions: [{name: pg_trgm}]
    roles:
      - {name: reporting, member_of: [pg_read_all_data], password_secret: shop-reporting}
    poolers:
      - {name: api, type: rw, max_db_connections: 50}
    backup: {bucket: company-backups, prefix: postgres/, keep: 30d}
    network:
      clients: [{namespaces: [shop], pods: {app: api}}]
      scrapers: [{namespaces: [observability]}]

- name: Restore it beside the first one, as it was on a Thursday afternoon
  groundwork.platform.postgres_cluster:
    name: shop-restored
    namespace: data
    images: {18: "ghcr.io/cloudnative-pg/postgresql:18.6-standard-trixie"}
    storage: {size: 100Gi, class: fast-ssd}
    database: shop
    recovery: {server_name: shop, object_store: shop, time: "2026-11-19T14:30:00Z"}
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
from ansible_collections.groundwork.platform.plugins.module_utils.systems.postgres import cluster, options


def main() -> None:
    run.module(options.CLUSTER, cluster.cluster, registry)


if __name__ == "__main__":
    main()
