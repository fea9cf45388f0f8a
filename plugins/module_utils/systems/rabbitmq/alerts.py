"""When somebody must look at a RabbitMQ cluster: its alerting rules, one row each. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core import alerts as core
from ...core.alerts import Alert, nearly_full
from ...core.api.objects import Object
from .options import SYSTEM

Row = Mapping[str, Any]

# Metrics of the plugin rabbitmq_prometheus, as RabbitMQ 3.10 and 4.2 have them (its metrics.md).
_ALERTS = (
    Alert(
        "RabbitmqNodesMissing",
        "count(count by (pod) (rabbitmq_build_info{{{pods}}})) < {replicas} or absent(rabbitmq_build_info{{{pods}}})",
        "2m",
        "critical",
        "fewer than {replicas} nodes answer",
    ),
    Alert(
        "RabbitmqNodesApart",
        "sum(max by (pod, peer) (erlang_vm_dist_node_state{{{pods}}} == bool 3)) < {links}",
        "1m",
        "critical",
        "nodes do not reach each other: a minority pauses, quorum queues without a majority stop",
        only="copies",
    ),
    Alert(
        "RabbitmqMemoryAlarm",
        "max(rabbitmq_alarms_memory_used_watermark{{{pods}}}) > 0",
        "1m",
        "critical",
        "a node is above its memory watermark: every publisher of the cluster is blocked",
    ),
    Alert(
        "RabbitmqDiskAlarm",
        "max(rabbitmq_alarms_free_disk_space_watermark{{{pods}}}) > 0",
        "1m",
        "critical",
        "a node is below its limit of free disk: every publisher of the cluster is blocked",
    ),
    Alert(
        "RabbitmqMemoryNearWatermark",
        "max(rabbitmq_process_resident_memory_bytes{{{pods}}} / rabbitmq_resident_memory_limit_bytes{{{pods}}}) > 0.8",
        "5m",
        "warning",
        "a node uses 80 % of its memory watermark",
    ),
    Alert(
        "RabbitmqDiskNearLimit",
        "min(rabbitmq_disk_space_available_bytes{{{pods}}} / rabbitmq_disk_space_available_limit_bytes{{{pods}}}) < 2",
        "5m",
        "warning",
        "a node has less free disk than twice its limit",
    ),
    Alert(
        "RabbitmqFilesNearLimit",
        "max(rabbitmq_process_open_fds{{{pods}}} / rabbitmq_process_max_fds{{{pods}}}) > 0.8",
        "5m",
        "warning",
        "a node has 80 % of its files and sockets open",
    ),
    Alert(
        "RabbitmqUnroutable",
        "sum(increase(rabbitmq_global_messages_unroutable_dropped_total{{{pods}}}[5m])) > 0",
        "1m",
        "warning",
        "messages were dropped since no queue is bound where they were published",
    ),
    Alert(
        "RabbitmqQueueLong",
        "max by (vhost, queue) (rabbitmq_detailed_queue_messages{{{pods}}}) > {max_messages}",
        "10m",
        "warning",
        "a queue holds more than {max_messages} messages",
    ),
    Alert(
        "RabbitmqQueueWithoutConsumer",
        "max by (vhost, queue) (rabbitmq_detailed_queue_messages_ready{{{pods}}}) > 0"
        " and max by (vhost, queue) (rabbitmq_detailed_queue_consumers{{{pods}}}) == 0",
        "15m",
        "warning",
        "messages have waited for 15 minutes in a queue that nobody reads",
    ),
    nearly_full("Rabbitmq"),
)


def alerts(row: Row) -> Object:
    """The PrometheusRule of a cluster, without what does not concern it."""
    place, count = f'namespace="{row["namespace"]}"', row["replicas"]
    known = {
        "pods": f'{place},pod=~"{row["name"]}-server-[0-9]+"',
        "claims": f'{place},persistentvolumeclaim=~"persistence-{row["name"]}-server-[0-9]+"',
        "replicas": count,
        "links": count * (count - 1),
    }
    return core.alerts(SYSTEM, _ALERTS, row, known=known, concerned={"copies": count > 1})
