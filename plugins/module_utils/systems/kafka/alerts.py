"""When somebody must look at a Kafka cluster: its alerting rules, one row each. Pure."""

from __future__ import annotations

from ...core import alerts as core
from ...core.alerts import Alert, nearly_full
from ...core.api.objects import Object
from .options import SYSTEM
from .shape import Row, count, pools, workers

# Beans of Kafka (docs/ops.html#monitoring of Kafka) as Strimzi's metrics reporter names them; Kafka Exporter's own.
_ALERTS = (
    Alert(
        "KafkaNodesMissing",
        "count(up{{{pods}}} == 1) < {nodes} or absent(up{{{pods}}})",
        "5m",
        "warning",
        "fewer than {nodes} brokers and controllers answer",
    ),
    Alert(
        "KafkaNoController",
        "sum(kafka_controller_kafkacontroller_activecontrollercount{{{pods}}}) != 1",
        "1m",
        "critical",
        "there is not exactly one active controller: no topic, leader or right can change",
    ),
    Alert(
        "KafkaPartitionsOffline",
        "max(kafka_controller_kafkacontroller_offlinepartitionscount{{{pods}}}) > 0",
        "1m",
        "critical",
        "partitions have no leader: nobody can read or write them",
    ),
    Alert(
        "KafkaUnderMinInsync",
        "sum(kafka_server_replicamanager_underminisrpartitioncount{{{pods}}}) > 0",
        "1m",
        "critical",
        "partitions have fewer copies in sync than a write needs: producers that wait for all are refused",
    ),
    Alert(
        "KafkaUnderReplicated",
        "sum(kafka_server_replicamanager_underreplicatedpartitions{{{pods}}}) > 0",
        "10m",
        "warning",
        "copies of partitions have been behind for 10 minutes",
        only="copies",
    ),
    Alert(
        "KafkaUncleanElection",
        "sum(increase(kafka_controller_controllerstats_uncleanleaderelectionspersec_total{{{pods}}}[10m])) > 0",
        "0m",
        "critical",
        "a copy that was behind became leader: messages are lost",
    ),
    Alert(
        "KafkaDiskOffline",
        "sum(kafka_log_logmanager_offlinelogdirectorycount{{{pods}}}) > 0",
        "1m",
        "critical",
        "a broker has given up a disk",
    ),
    nearly_full("Kafka", then="; a broker stops when it is full"),
    Alert(
        "KafkaConsumerLag",
        "sum by (consumergroup, topic) (kafka_consumergroup_lag{{{exporter}}}) > {max_lag}",
        "10m",
        "warning",
        "a consumer group has been more than {max_lag} messages behind for 10 minutes",
        only="exporter",
    ),
    Alert(
        "KafkaConnectorTaskFailed",
        "sum(kafka_connect_connect_worker_metrics_connector_failed_task_count{{{workers}}}) > 0",
        "5m",
        "warning",
        "tasks of connectors have failed, and were not brought back in 5 minutes",
        only="workers",
    ),
    Alert(
        "KafkaMirrorBehind",
        "max(kafka_connect_mirror_mirrorsourceconnector_replication_latency_ms_avg{{{mirrors}}})"
        " > {max_mirror_latency} * 1000",
        "5m",
        "critical",
        "the mirror is more than {max_mirror_latency} s behind its source: a failover now would lose that",
        only="mirrors",
    ),
)


def alerts(row: Row) -> Object:
    """The PrometheusRule of a cluster, without what does not concern it."""
    place, name = f'namespace="{row["namespace"]}"', row["name"]
    names = "|".join(pool["name"] for pool in pools(row))
    running = [worker["name"] for _, worker in workers(row)]
    known = {
        "pods": f'{place},pod=~"{name}-({names})-[0-9]+"',
        "claims": f'{place},persistentvolumeclaim=~"data-[0-9]+-{name}-({names})-[0-9]+"',
        "exporter": f'{place},pod=~"{name}-kafka-exporter-.+"',
        "workers": f'{place},pod=~"({"|".join(running)})-(connect|mirrormaker2)-[0-9]+"',
        "mirrors": f'{place},pod=~"({"|".join(each["name"] for each in row["mirrors"])})-mirrormaker2-[0-9]+"',
        "nodes": sum(pool["replicas"] for pool in pools(row)),
    }
    concerned = {
        "copies": count(row, "broker") > 1,
        "exporter": row["exporter"]["enabled"],
        "workers": bool(running),
        "mirrors": bool(row["mirrors"]),
    }
    return core.alerts(SYSTEM, _ALERTS, row, known=known, concerned=concerned)
