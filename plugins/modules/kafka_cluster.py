#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keeps a Kafka cluster and all that belongs to it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: kafka_cluster
short_description: Keep a Kafka cluster and all that belongs to it
version_added: 0.1.0
description:
  - Keeps a Kafka cluster of Strimzi (C(kafka.strimzi.io/v1), KRaft) as one set, with its node pools, users and their
    rights, topics, Kafka Connect and connectors, mirrors of other clusters, NetworkPolicies, PodMonitors and alerting
    rules, and waits until all of it is ready.
  - The set is called C(kafka-<name>). The operator itself keeps the PodDisruptionBudgets and the NetworkPolicies of
    what reaches the pods; metrics it opens to everybody.
  - Refused on the live cluster, unless named in O(confirm), are the deletion of a cluster, a node pool or a topic,
    fewer brokers, any other number of controllers, smaller or other volumes, another number of partitions or replicas
    of a topic, another metadata version or an older Kafka, authorization switched off, and a mirror that starts again
    after it was stopped.
author: groundwork contributors (@groundwork-platform)
options:
  name:
    description: Name of the cluster; clients start at C(<name>-kafka-bootstrap).
    type: str
    required: true
  version:
    description: Version of Kafka, one that the installed operator supports.
    type: str
    required: true
  metadata_version:
    description: Version of its metadata, such as V(4.3-IV0). It changes only by O(confirm), since no older Kafka can
      run after it was raised.
    type: str
    required: true
  brokers:
    description: The pool of brokers. Without O(controllers) its nodes are controllers as well.
    type: dict
    required: true
    suboptions: &pool
      name:
        description: Its name, which is part of its pods' names; V(broker) or V(controller) where none is given. Two
          clusters in one namespace need different ones.
        type: str
      <<: &nodes
        replicas:
          description: How many nodes.
          type: int
          default: 3
        pool:
          description: Node pools that they may run on; those of the cluster where none is given.
          type: list
          elements: str
          default: []
        spread:
          description: How they are spread; as the cluster where it is not given.
          type: str
          choices: [host, zone, none]
        quorum:
          description: Whether more than half of them must outlive a failure. Every message then has to be on more than
            half of its topic's copies, and where the node pools' zones are known, on enough of them without any one
            zone.
          type: bool
          default: false
        storage:
          description: The first volume of each node, which holds the metadata log, too.
          type: dict
          required: true
          suboptions:
            size:
              description: Its size. It can grow only.
              type: str
              required: true
            class:
              description: Its StorageClass; the cluster's default where none is given.
              type: str
        more_volumes:
          description: Further volumes of each node (JBOD).
          type: list
          elements: dict
          default: []
          suboptions:
            id:
              description: Its number, which stays its own; the first volume's is 0.
              type: int
              required: true
            size:
              description: Its size. It can grow only.
              type: str
              required: true
            class:
              description: Its StorageClass; the cluster's default where none is given.
              type: str
        delete_claim:
          description: Whether volumes are deleted with the cluster or the node.
          type: bool
          default: false
        resources:
          description: Resources of each node; O(resources) where none are given. Half of the memory that is requested
            may be heap.
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
        heap:
          description: Size of the heap, such as V(8192m); the operator's choice where none is given.
          type: str
        gc_logging:
          description: Whether collections of the heap are logged.
          type: bool
          default: true
  controllers:
    description: A pool of controllers of their own, an odd number. The quorum cannot be changed later.
    type: dict
    suboptions: *pool
  more_pools:
    description: Further pools, such as one with other volumes that brokers are to move to.
    type: list
    elements: dict
    default: []
    suboptions:
      <<: *nodes
      name:
        description: Its name, which is part of its pods' names.
        type: str
        required: true
      roles:
        description: What its nodes are.
        type: list
        elements: str
        choices: [broker, controller]
        default: []
  rack:
    description: Label of nodes that says what fails together; copies of a partition are spread over it. None where it
      is empty.
    type: str
    default: topology.kubernetes.io/zone
  listeners:
    description: Where clients connect. Where none is given, one inside of the cluster, C(tls) on port 9093, with
      certificates on both sides. There is none without authentication.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Its name, up to 11 small letters and digits.
        type: str
        required: true
      port:
        description: Its port, 9092 or higher.
        type: int
        required: true
      type:
        description: How it is reached.
        type: str
        choices: [internal, cluster-ip, loadbalancer, nodeport, tlsroute]
        default: internal
      tls:
        description: Whether it is encrypted.
        type: bool
        default: true
      authentication:
        description: How clients say who they are, by certificate or by password.
        type: str
        choices: [tls, scram-sha-512]
        default: tls
      certificate:
        description: A certificate of its own, instead of one by the cluster's CA.
        type: dict
        suboptions:
          secret:
            description: The Secret.
            type: str
            required: true
          certificate:
            description: Its key of the certificate.
            type: str
            default: tls.crt
          key:
            description: Its key of the private key.
            type: str
            default: tls.key
      cidrs:
        description: Networks that may reach it, besides O(network.clients).
        type: list
        elements: str
        default: []
      configuration:
        description: Laid on the listener's C(configuration), for what has no option here.
        type: dict
        default: {}
  authorization:
    description: Whether users may do only what their ACLs allow.
    type: bool
    default: true
  super_users:
    description: Users that may do everything, such as V(CN=admin).
    type: list
    elements: str
    default: []
  config:
    description: Configuration of brokers and controllers. Where it does not say otherwise, topics have three copies
      and are written to two of them (fewer where there are fewer brokers), are not made by asking for them, and get no
      leader that misses messages.
    type: dict
    default: {}
  topic_operator:
    description: What keeps topics.
    type: dict
    suboptions: &single
      replicas:
        description: It runs once; inventories' sums read this.
        type: int
        choices: [1]
        default: 1
      resources:
        description: Its resources.
        type: dict
        suboptions: *resources
  user_operator:
    description: What keeps users.
    type: dict
    suboptions: *single
  exporter:
    description: Kafka Exporter, which says how far behind consumer groups are.
    type: dict
    suboptions:
      <<: *single
      enabled:
        description: Whether there is one.
        type: bool
        default: true
      topics:
        description: Which topics, as a regular expression.
        type: str
        default: .*
      consumer_groups:
        description: Which consumer groups, as a regular expression.
        type: str
        default: .*
  cruise_control:
    description: Cruise Control, which moves partitions (M(groundwork.platform.kafka_rebalance)) and changes how many
      copies a topic has; none where this is not given.
    type: dict
    suboptions:
      <<: *single
      network_capacity:
        description: What a broker's network carries each way, such as V(100MiB/s).
        type: str
      auto_rebalance:
        description: When it moves partitions without being asked to.
        type: list
        elements: str
        choices: [add-brokers, remove-brokers]
        default: []
      config:
        description: Its configuration.
        type: dict
        default: {}
  users:
    description: Users. Each gets a Secret of its name with its certificate or password.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Its name.
        type: str
        required: true
      authentication:
        description: How it says who it is; a listener must take that.
        type: str
        choices: [tls, scram-sha-512]
        default: tls
      produces: &produces
        description: Topics that it writes; V(orders-*) are all that begin like that.
        type: list
        elements: str
        default: []
      consumes: &consumes
        description: Topics that it reads.
        type: list
        elements: str
        default: []
      groups: &groups
        description: Consumer groups that it joins.
        type: list
        elements: str
        default: []
      transactions:
        description: Transactional IDs that it uses.
        type: list
        elements: str
        default: []
      acls: &acls
        description: Further rights.
        type: list
        elements: dict
        default: []
        suboptions:
          type:
            description: On what.
            type: str
            choices: [topic, group, cluster, transactionalId]
            default: topic
          name:
            description: Its name; V(orders-*) are all that begin like that, V(*) all.
            type: str
          operations:
            description: What it may do, such as V(Read).
            type: list
            elements: str
            required: true
          host:
            description: From where.
            type: str
            default: "*"
          rule:
            description: Whether it may, or may not.
            type: str
            choices: [allow, deny]
            default: allow
      password_secret:
        description: Secret of its password; the operator makes one where none is given.
        type: dict
        suboptions:
          secret:
            description: The Secret.
            type: str
            required: true
          key:
            description: Its key.
            type: str
            default: password
      producer_byte_rate:
        description: Bytes a second that it may write to each broker.
        type: int
      consumer_byte_rate:
        description: Bytes a second that it may read from each broker.
        type: int
      request_percentage:
        description: Part of a broker's time that it may take, in percent of one thread.
        type: int
      secret_labels:
        description: Labels of its Secret, for one those that let it be copied to where it is needed.
        type: dict
        default: {}
      secret_annotations:
        description: Annotations of its Secret.
        type: dict
        default: {}
  topics:
    description: Topics.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Its name.
        type: str
        required: true
      topic:
        description: Its name in Kafka, where Kubernetes does not take it as a name.
        type: str
      partitions:
        description: How many partitions. It changes only by O(confirm), since there can never be fewer again.
        type: int
        required: true
      replicas:
        description: How many copies; the cluster's default where none is given. It changes only by O(confirm), and by
          Cruise Control.
        type: int
      min_insync:
        description: On how many copies a message must be to count as written; the cluster's default, or more than half
          where O(topics[].replicas) differs from it.
        type: int
      retention:
        description: For how long messages are kept, such as V(7d).
        type: str
      segment:
        description: After how long a file is closed, and can be deleted; such as V(1h).
        type: str
      compression:
        description: Its compression.
        type: str
      cleanup:
        description: Whether old messages are deleted, or all but the last of a key.
        type: str
        choices: [delete, compact, "compact,delete"]
        default: delete
      rate:
        description: Bytes a second that are written to it, such as V(5Mi). Where it is given, what is kept must fit the
          brokers' volumes.
        type: str
      config:
        description: Further configuration.
        type: dict
        default: {}
  connect:
    description: Kafka Connect, with a user of its own name.
    type: dict
    suboptions:
      name:
        description: Its name.
        type: str
        required: true
      replicas:
        description: How many workers.
        type: int
        default: 3
      pool:
        description: Node pools that they may run on; those of the cluster where none is given.
        type: list
        elements: str
        default: []
      group:
        description: Their group; their topics are C(<group>-configs), C(<group>-offsets) and C(<group>-status).
        type: str
        default: connect-cluster
      image:
        description: An image with connectors in it.
        type: str
      build:
        description: An image that the operator builds (C(spec.build)).
        type: dict
        default: {}
      plugins:
        description: Connectors out of images, mounted into the operator's image; takes image volumes.
        type: list
        elements: dict
        default: []
        suboptions:
          name:
            description: The plugin's name.
            type: str
            required: true
          image:
            description: The image.
            type: str
            required: true
      resources:
        description: Resources of each worker.
        type: dict
        suboptions: *resources
      heap:
        description: Size of the heap, such as V(2g); the operator's choice where none is given.
        type: str
      config:
        description: Configuration of the workers.
        type: dict
        default: {}
      produces: *produces
      consumes: *consumes
      groups: *groups
      acls: *acls
      connectors:
        description: Connectors.
        type: list
        elements: dict
        default: []
        suboptions:
          name:
            description: Its name.
            type: str
            required: true
          class:
            description: Its class.
            type: str
            required: true
          tasks:
            description: How many tasks it may have.
            type: int
            default: 1
          state: &state
            description: Whether it runs.
            type: str
            choices: [running, paused, stopped]
            default: running
          config:
            description: Its configuration. Secrets stand in it as references, such as C(${secrets:data/shop:password}).
            type: dict
            default: {}
  mirrors:
    description: Mirrors of other clusters into this one (MirrorMaker 2), each with a user of its own name. Topics keep
      their names, and consumer groups their places.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Its name.
        type: str
        required: true
      replicas:
        description: How many workers.
        type: int
        default: 3
      pool:
        description: Node pools that they may run on; those of the cluster where none is given.
        type: list
        elements: str
        default: []
      source:
        description: The cluster that is mirrored. Nothing is written to it.
        type: dict
        required: true
        suboptions:
          alias:
            description: What it is called here.
            type: str
            default: source
          bootstrap:
            description: Where clients of it start, host and port.
            type: str
            required: true
          ca_secret:
            description: Secret with the certificates of its CA.
            type: str
            required: true
          authentication:
            description: How the mirror says who it is.
            type: str
            choices: [tls, scram-sha-512]
            default: tls
          user:
            description: The name of its user, for a password; the Secret's name where none is given.
            type: str
          user_secret:
            description: Secret of its user, as the source's operator makes it, copied to here.
            type: str
            required: true
          namespaces:
            description: Namespaces that it is in, for NetworkPolicies.
            type: list
            elements: str
            default: []
          cidrs:
            description: Networks that it is in, for NetworkPolicies.
            type: list
            elements: str
            default: []
          config:
            description: Configuration of its clients.
            type: dict
            default: {}
      alias:
        description: What this cluster is called.
        type: str
        default: target
      topics:
        description: Which topics, as a regular expression.
        type: str
        default: .*
      topics_exclude:
        description: Which not. What Kafka and Connect keep for themselves would overwrite the target's own.
        type: str
        default: "__.*,.*[-.]internal,connect-cluster-.*"
      consumer_groups:
        description: Whose places are kept, as a regular expression.
        type: str
        default: .*
      consumer_groups_exclude:
        description: Whose not.
        type: str
      tasks:
        description: How many tasks copy.
        type: int
        default: 4
      state:
        description: Whether messages are copied. Once stopped, it goes on only by O(confirm).
        type: str
        choices: [running, paused, stopped]
        default: running
      checkpoints: *state
      resources:
        description: Resources of each worker.
        type: dict
        suboptions: *resources
      heap:
        description: Size of the heap; the operator's choice where none is given.
        type: str
      config:
        description: Further configuration of its connectors.
        type: dict
        default: {}
  metrics:
    description: Who tells metrics, Strimzi's reporter or the JMX exporter; the names that alerts ask for are the same.
    type: str
    choices: [reporter, jmx]
    default: reporter
  maintenance:
    description: When certificates may be renewed, as Quartz cron expressions.
    type: list
    elements: str
    default: []
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
        description: Messages that a consumer group may be behind.
        type: int
        default: 10000
      max_mirror_latency:
        description: Seconds that a mirror may be behind.
        type: int
        default: 60
  network:
    description: Who reaches whom. Listeners are opened to O(network.clients), Connect and mirrors of the set, and
      nobody else, in the operator's own policies. Pods of the set reach each other, DNS and the addresses below.
    type: dict
    suboptions:
      enabled:
        description: Whether it is so; otherwise the operator opens listeners to everybody.
        type: bool
        default: true
      clients:
        description: Who connects.
        type: list
        elements: dict
        default: []
        suboptions:
          namespaces:
            description: Their namespaces.
            type: list
            elements: str
            required: true
          pods:
            description: Their labels; all pods where none is given.
            type: dict
            default: {}
      cidrs:
        description: Addresses of the API server, which brokers and operators ask.
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
- name: Keep a Kafka cluster that loses no message with a broker or a zone
  groundwork.platform.kafka_cluster:
    name: events
    namespace: data
    version: 4.3.1
    metadata_version: 4.3-IV0
    brokers:
      replicas: 3
      quorum: true
      storage: {size: 500Gi, class: fast-ssd}
      resources: {requests: {cpu: 2, memory: 16Gi}, limits: {memory: 16Gi}}
      heap: 6g
    controllers:
      storage: {size: 20Gi, class: fast-ssd}
      resources: {requests: {cpu: 500m, memory: 2Gi}, limits: {memory: 2Gi}}
    cruise_control: {}
    topics:
      - {name: orders, partitions: 12, retention: 7d, rate: 2Mi}
    users:
      - {name: shop, produces: [orders]}
      - {name: billing, consumes: [orders], groups: [billing]}
    network:
      clients: [{namespaces: [shop, billing]}]

- name: Mirror it into another cluster, to fail over to
  groundwork.platform.kafka_cluster:
    name: events
    namespace: data
    version: 4.3.1
    metadata_version: 4.3-IV0
    brokers:
      storage: {size: 500Gi, class: fast-ssd}
    mirrors:
      - name: events-mirror
        source:
          bootstrap: events.east.example.com:9094
          ca_secret: events-east-ca
          user_secret: events-east-mirror
          cidrs: [10.20.0.0/16]
"""

RETURN = r"""
set:
  description: The set, as namespace/name.
  returned: success
  type: str
  sample: data/kafka-events
objects:
  description: Every object of the set, and every object that was pruned, as M(groundwork.platform.apply) returns them.
  returned: success, and failure once the set was compared
  type: list
  elements: dict
"""

from ansible_collections.groundwork.platform.plugins.module_utils import registry
from ansible_collections.groundwork.platform.plugins.module_utils.core import run
from ansible_collections.groundwork.platform.plugins.module_utils.systems.kafka import cluster, options


def main() -> None:
    run.module(options.CLUSTER, cluster.cluster, registry)


if __name__ == "__main__":
    main()
