"""Documents the options that both shapes of Redis have; the table is systems/redis/options.py."""

from __future__ import annotations


class ModuleDocFragment:
    """Images, password, memory, persistence, volume, exporter, dumps, thresholds."""

    DOCUMENTATION = r"""
options:
  name:
    description: Its name, from which those of its Services and pods are made.
    type: str
    required: true
  image:
    description: Image of the servers. The operator needs its own (C(quay.io/opstree/redis)), whose start script reads
      what the operator tells it.
    type: str
    required: true
  password_secret:
    description: Secret with the password of the user C(default), for clients, replicas and the exporter;
      C(<name>-auth) where none is given. It must be there.
    type: str
  password_key:
    description: Its key.
    type: str
    default: password
  acl_secret:
    description: Secret whose C(user.acl) names the users (C(ACL SAVE) format; passwords may be hashes). It must name
      C(default) with the password too, since the server then reads no other.
    type: str
  maxmemory:
    description: What its keys may take, in Redis' units (C(6gb)). Memory requested and limited is 1.4 times that or
      more, the two equal.
    type: str
    required: true
  maxmemory_policy:
    description: What is evicted once that is full. It holds for a server, not for a database of it; sessions, caches
      and limits are instances of their own.
    type: str
    choices:
      [noeviction, allkeys-lru, allkeys-lfu, allkeys-random, volatile-lru, volatile-lfu, volatile-random, volatile-ttl]
    default: noeviction
  persistence:
    description: What is written to the volume; nothing without O(storage). It is turned off only by O(confirm).
    type: dict
    suboptions:
      aof:
        description: Whether every write is appended to a file.
        type: bool
        default: true
      fsync:
        description: How often that file is made safe; with V(everysec) a second of writes may be lost with a node.
        type: str
        choices: [everysec, always, 'no']
        default: everysec
      save:
        description: When a dump is written, C(<seconds> <changes>) each.
        type: list
        elements: str
        default: [900 1, 300 10, 60 10000]
  parameters:
    description: Further directives of redis.conf; a list for one that stands several times. A change restarts the
      servers one after the other.
    type: dict
    default: {}
  storage:
    description: The volume of each server; without it keys are in memory alone. It grows only, and stays when the
      resource is deleted.
    type: dict
    suboptions:
      size:
        description: Its size.
        type: str
        required: true
      class:
        description: Its StorageClass; the cluster's default where none is given.
        type: str
  exporter_image:
    description: Image of redis_exporter, a container in each server's pod; without it no metrics and no alerts.
    type: str
  exporter_resources:
    description: Resources of it.
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
  service_account:
    description: ServiceAccount of its pods and of the job that takes dumps.
    type: str
  user_id:
    description: The user that the image runs as; 1000 with the operator's images, 999 with those of Debian and Redis.
    type: int
  backup:
    description: Dumps (RDB) in a bucket, one of each shard, by a CronJob.
    type: dict
    suboptions:
      bucket:
        description: The bucket.
        type: str
        required: true
      prefix:
        description: Where in it; below it C(<name>/<moment>/<shard>.rdb).
        type: str
        default: ''
      schedule:
        description: When, five fields.
        type: str
        default: 0 * * * *
      keep:
        description: How long (C(7d), C(36h)); older dumps are deleted.
        type: str
        default: 7d
      endpoint:
        description: URL of an S3 server other than AWS.
        type: str
      region:
        description: Its region.
        type: str
      credentials:
        description: Keys of the bucket; without them O(service_account) has the right.
        type: dict
        suboptions:
          secret:
            description: The Secret.
            type: str
            required: true
          access_key:
            description: Its key with the access key.
            type: str
            default: ACCESS_KEY_ID
          secret_key:
            description: Its key with the secret key.
            type: str
            default: ACCESS_SECRET_KEY
      cidrs:
        description: Addresses of the bucket, for the NetworkPolicy.
        type: list
        elements: str
        default: [0.0.0.0/0]
      ports:
        description: Ports there.
        type: list
        elements: str
        default: ["443"]
      job_resources:
        description: Resources of the job's containers.
        type: dict
        suboptions: *resources
  backup_image:
    description: An image with the AWS CLI and GNU date, for O(backup).
    type: str
  monitoring:
    description: PodMonitor and alerting rules.
    type: dict
    suboptions:
      enabled:
        description: Whether they are made, with O(exporter_image).
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
      memory_warning:
        description: Percent of C(maxmemory) in use.
        type: int
        default: 85
      memory_critical:
        description: The same, critical.
        type: int
        default: 95
      evictions:
        description: Evicted keys a second, where O(maxmemory_policy) evicts.
        type: int
        default: 100
      hits_warning:
        description: Percent of reads that find their key, for caches; no alert without.
        type: int
      hits_critical:
        description: The same, critical.
        type: int
      max_lag:
        description: Seconds since a replica answered its master.
        type: int
        default: 30
"""
