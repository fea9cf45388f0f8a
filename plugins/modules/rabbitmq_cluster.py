#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keeps a RabbitMQ cluster and all that is declared in it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rabbitmq_cluster
short_description: Keep a RabbitMQ cluster and all that is declared in it
version_added: 0.1.0
description:
  - Keeps a RabbitmqCluster of the cluster operator (C(rabbitmq.com/v1beta1)) as one set, with vhosts, users,
    permissions, exchanges, queues, bindings, policies and shovels by the messaging topology operator, a
    PodDisruptionBudget, NetworkPolicies, a PodMonitor and alerting rules, and waits until all of it is ready.
  - The set is called C(rabbitmq-<name>).
  - Refused on the live cluster, unless named in O(confirm), are the deletion of a cluster, of a queue or vhost that is
    not retained, smaller volumes, fewer nodes, and another type or other arguments of a queue.
author: groundwork contributors (@groundwork-platform)
options:
  name:
    description: Name of the cluster, and of the Service that clients connect to.
    type: str
    required: true
  replicas:
    description: How many nodes, an odd number. It never becomes smaller.
    type: int
    default: 3
  image:
    description:
      - The server's image; the operator's where none is given.
      - With a tag before 4.2.4 the cluster is annotated for the operator's older startup probe, the one such a server
        answers.
    type: str
  storage:
    description: The volume of each node.
    type: dict
    required: true
    suboptions:
      size:
        description: Its size; it can grow.
        type: str
        required: true
      class:
        description: Its StorageClass; the cluster's default where none is given.
        type: str
  quorum:
    description: Whether O(queues) that name no type are quorum queues; so are those that clients declare in O(vhosts).
    type: bool
    default: true
  memory_watermark:
    description:
      - Share of a node's memory, from 0.1 to 0.8, above which publishers are blocked.
      - The operator counts it from C(limits.memory) less a fifth, at most 2 GiB.
    type: float
    default: 0.6
  disk_free_limit:
    description: Publishers are blocked below it. As much as C(limits.memory) where none is given.
    type: str
  plugins:
    description: Plugins besides the operator's own (management, Prometheus, discovery) and that of O(shovels).
    type: list
    elements: str
    default: []
  config:
    description:
      - Keys and values of C(rabbitmq.conf). A change restarts the nodes, one by one.
      - An empty value takes away what is there by default, such as
        C(quorum_queue.continuous_membership_reconciliation.enabled), which RabbitMQ before 3.13 does not know.
    type: dict
    default: {}
  tls:
    description: Encrypted connections, management and metrics.
    type: dict
    suboptions:
      secret:
        description: Secret with C(tls.crt), C(tls.key) and C(ca.crt), such as that of a Certificate, for
          C(<name>.<namespace>.svc).
        type: str
        required: true
      ca_secret:
        description: Secret with the C(ca.crt) that clients' certificates are held against; they then need one.
        type: str
      only:
        description: Whether nobody can connect without.
        type: bool
        default: true
  termination_grace:
    description: Seconds that a node may wait until quorum queues can do without it; a week, as the operator's.
    type: int
    default: 604800
  vhosts:
    description: Virtual hosts besides C(/), which is always there.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Its name.
        type: str
        required: true
      default_queue_type:
        description: What queues are that clients declare without a type; by O(quorum) where none is given.
        type: str
        choices: [quorum, classic, stream]
      max_connections:
        description: How many connections it takes.
        type: int
      max_queues:
        description: How many queues it takes.
        type: int
      reclaim:
        description: Whether it stays in RabbitMQ when it is no longer listed here.
        type: str
        choices: [retain, delete]
        default: retain
  users:
    description: Users, each with a Secret, which clients take the connection from.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Its name.
        type: str
        required: true
      namespace:
        description: Namespace of its Secret and resources, such as the client's; the cluster's where none is given.
        type: str
      secret:
        description:
          - Secret with C(username) and C(password), and with the label C(rabbitmq.com/topology-operator=true), without
            which the operator does not see it. A new password in it is set.
          - The default is C(<cluster>-<name>), which the role P(groundwork.platform.rabbitmq#role) makes.
        type: str
      tags:
        description: Rights in the management API, such as V(monitoring) and V(administrator).
        type: list
        elements: str
        default: []
      max_connections:
        description: How many connections it may open.
        type: int
      max_channels:
        description: How many channels it may open.
        type: int
      permissions:
        description: What it may do, by vhost. Regular expressions on queues and exchanges; an empty one is nothing.
        type: list
        elements: dict
        default: []
        suboptions:
          vhost:
            description: The vhost.
            type: str
            default: /
          configure:
            description: What it may declare and delete.
            type: str
            default: ".*"
          write:
            description: What it may publish to.
            type: str
            default: ".*"
          read:
            description: What it may consume.
            type: str
            default: ".*"
      topic_permissions:
        description: What it may do with routing keys of a topic exchange.
        type: list
        elements: dict
        default: []
        suboptions:
          vhost:
            description: The vhost.
            type: str
            default: /
          exchange:
            description: The exchange.
            type: str
            required: true
          write:
            description: Routing keys that it may publish.
            type: str
            default: ".*"
          read:
            description: Routing keys that it may bind.
            type: str
            default: ".*"
  exchanges:
    description: Exchanges.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Its name.
        type: str
        required: true
      vhost:
        description: Its vhost.
        type: str
        default: /
      type:
        description: Its type, such as V(direct), V(topic), V(fanout) and V(headers).
        type: str
        default: direct
      durable:
        description: Whether it outlives a restart.
        type: bool
        default: true
      auto_delete:
        description: Whether it goes with its last binding.
        type: bool
        default: false
      arguments:
        description: Its arguments.
        type: dict
        default: {}
  queues:
    description: Queues. Type, durability and arguments are for life; policies are for what may change.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Its name.
        type: str
        required: true
      vhost:
        description: Its vhost.
        type: str
        default: /
      type:
        description: Its type; by O(quorum) where none is given.
        type: str
        choices: [quorum, classic, stream]
      durable:
        description: Whether it outlives a restart; a quorum queue always does.
        type: bool
        default: true
      auto_delete:
        description: Whether it goes with its last consumer; a quorum queue never does.
        type: bool
        default: false
      arguments:
        description: Its arguments.
        type: dict
        default: {}
      reclaim:
        description: Whether it stays in RabbitMQ when it is no longer listed here.
        type: str
        choices: [retain, delete]
        default: retain
  bindings:
    description: Bindings of an exchange to a queue or to another exchange.
    type: list
    elements: dict
    default: []
    suboptions:
      exchange:
        description: The exchange that messages come from.
        type: str
        required: true
      vhost:
        description: Its vhost.
        type: str
        default: /
      queue:
        description: The queue that they go to.
        type: str
      to_exchange:
        description: Or the exchange that they go to.
        type: str
      routing_key:
        description: The routing key.
        type: str
        default: ""
      arguments:
        description: Its arguments.
        type: dict
        default: {}
  policies:
    description: Policies.
    type: list
    elements: dict
    default: []
    suboptions: &policy
      name:
        description: Its name.
        type: str
        required: true
      vhost:
        description: Its vhost.
        type: str
        default: /
      pattern:
        description: A regular expression on names.
        type: str
        required: true
      apply_to:
        description: What it applies to.
        type: str
        choices: [all, exchanges, queues, classic_queues, quorum_queues, streams]
        default: all
      priority:
        description: Of several that fit, the one with the greatest priority applies.
        type: int
        default: 0
      definition:
        description: What it sets.
        type: dict
        required: true
  operator_policies:
    description: Policies that nobody with rights in the vhost can override.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Its name.
        type: str
        required: true
      vhost:
        description: Its vhost.
        type: str
        default: /
      pattern:
        description: A regular expression on names.
        type: str
        required: true
      apply_to:
        description: What it applies to.
        type: str
        choices: [queues, classic_queues, quorum_queues, streams]
        default: queues
      priority:
        description: Of several that fit, the one with the greatest priority applies.
        type: int
        default: 0
      definition:
        description: What it sets.
        type: dict
        required: true
  shovels:
    description: Shovels, which move messages from a queue or exchange to another, of any broker.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Its name.
        type: str
        required: true
      vhost:
        description: The vhost that it runs in.
        type: str
        default: /
      uri_secret:
        description: Secret with C(srcUri) and C(destUri), and the label C(rabbitmq.com/topology-operator=true).
        type: str
        required: true
      source_queue:
        description: The queue that it reads.
        type: str
      source_exchange:
        description: Or the exchange that it binds a queue of its own to.
        type: str
      source_key:
        description: By this routing key.
        type: str
      destination_queue:
        description: The queue that it writes to.
        type: str
      destination_exchange:
        description: Or the exchange that it publishes to.
        type: str
      destination_key:
        description: With this routing key; with the message's own where none is given.
        type: str
      ack_mode:
        description: When a message counts as moved.
        type: str
        choices: [on-confirm, on-publish, no-ack]
        default: on-confirm
      prefetch:
        description: How many messages are under way at once.
        type: int
        default: 1000
      reconnect_delay:
        description: Seconds until it tries again.
        type: int
        default: 5
      delete_after:
        description: V(never), V(queue-length) (what was there at its start), or a number of messages.
        type: str
  monitoring:
    description: A PodMonitor, for the whole and queue by queue, and alerting rules.
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
      max_messages:
        description: How many messages a queue may hold for ten minutes.
        type: int
        default: 10000
  network:
    description: NetworkPolicies. Nodes reach each other, DNS, and the addresses below; the operators,
      O(network.clients) and O(network.scrapers) reach them, and nobody else.
    type: dict
    suboptions:
      enabled:
        description: Whether they are made.
        type: bool
        default: true
      operator_namespace:
        description: Namespace of the operators; the one that their role puts them in where none is given.
        type: str
      clients:
        description: Who connects to it, by every protocol that is listened on.
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
        description: Networks that nodes may reach, for discovery by the API server and for shovels.
        type: list
        elements: str
        default: [0.0.0.0/0]
      ports:
        description: On these ports.
        type: list
        elements: str
        default: ["443", "6443"]
attributes:
  check_mode:
    description: Says what it would do, as the API server judges it.
    support: full
  diff_mode:
    description: Shows what changes, without what is secret.
    support: full
  idempotent:
    description: A second run writes nothing.
    support: full
seealso:
  - module: groundwork.platform.generated_secret
  - module: groundwork.platform.rabbitmq_info
extends_documentation_fragment:
  - groundwork.platform.auth
  - groundwork.platform.set
  - groundwork.platform.data_system
"""

EXAMPLES = r"""
- name: Keep a cluster of three with a quorum queue, and a user whose Secret is beside the client
  groundwork.platform.rabbitmq_cluster:
    name: events
    namespace: data
    storage: {size: 20Gi, class: fast-ssd}
    resources: {requests: {cpu: 500m, memory: 2Gi}, limits: {cpu: 1, memory: 2Gi}}
    tls: {secret: events-tls}
    queues: [{name: tasks}]
    exchanges: [{name: work, type: topic}]
    bindings: [{exchange: work, queue: tasks, routing_key: "task.#"}]
    policies:
      - {name: bounded, pattern: ^tasks$, apply_to: quorum_queues, definition: {max-length: 100000, delivery-limit: 20}}
    users:
      - {name: worker, namespace: shop, permissions: [{configure: "", read: ^tasks$, write: ^work$}]}
    network:
      clients: [{namespaces: [shop], pods: {app: worker}}]
      scrapers: [{namespaces: [observability]}]
"""

RETURN = r"""
set:
  description: The set, as namespace/name.
  returned: success
  type: str
  sample: data/rabbitmq-events
objects:
  description: Every object of the set, and every object that was pruned, as M(groundwork.platform.apply) returns them.
  returned: success, and failure once the set was compared
  type: list
  elements: dict
"""

from ansible_collections.groundwork.platform.plugins.module_utils import registry
from ansible_collections.groundwork.platform.plugins.module_utils.core import run
from ansible_collections.groundwork.platform.plugins.module_utils.systems.rabbitmq import cluster, options


def main() -> None:
    run.module(options.CLUSTER, cluster.cluster, registry)


if __name__ == "__main__":
    main()
