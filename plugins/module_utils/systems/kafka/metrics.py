"""How the metrics of a Kafka cluster are told and read: reporter or JMX exporter, PodMonitors. Pure."""

from __future__ import annotations

from typing import Any

import yaml

from ...core import alerts as core
from ...core.api.objects import Object
from ...core.builders import build
from .options import SYSTEM
from .shape import CLUSTER, Row, workers

_KEY = "kafka-metrics-config.yml"
# Beans as names that are those of Strimzi's own reporter, so that one table of alerts serves both. The first that
# fits counts; of connectors' beans the attribute stands last.
_RULES: dict[str, Any] = {
    "lowercaseOutputName": True,
    "lowercaseOutputLabelNames": True,
    "rules": [
        {
            "pattern": r"kafka\.(\w+)<type=([^,]+), name=([^,]+PerSec)(?:, topic=([^,]+))?><>Count",
            "name": "kafka_$1_$2_$3_total",
            "type": "COUNTER",
            "labels": {"topic": "$4"},
        },
        {"pattern": r"kafka\.(\w+)<type=([^,]+), name=([^,]+)><>Value", "name": "kafka_$1_$2_$3", "type": "GAUGE"},
        {
            "pattern": r"kafka\.connect<type=connect-worker-metrics, connector=([^>]+)><>connector-(\w+)-task-count",
            "name": "kafka_connect_connect_worker_metrics_connector_$2_task_count",
            "type": "GAUGE",
            "labels": {"connector": "$1"},
        },
        {
            "pattern": r"kafka.connect.mirror<type=(\w+),.+topic=(.+), partition=(.+)><>replication-latency-ms-(.+)",
            "name": "kafka_connect_mirror_$1_replication_latency_ms_$4",
            "type": "GAUGE",
            "labels": {"topic": "$2", "partition": "$3"},
        },
    ],
}


def config(row: Row) -> dict[str, Any] | None:
    """`metricsConfig` of Kafka and of what runs Connect."""
    if not row["monitoring"]["enabled"]:
        return None
    if row["metrics"] == "reporter":
        return {"type": "strimziMetricsReporter"}
    where = {"configMapKeyRef": {"name": f"{row['name']}-metrics", "key": _KEY}}
    return {"type": "jmxPrometheusExporter", "valueFrom": where}


def rules(row: Row) -> list[Object]:
    """What the JMX exporter makes of beans (D0-37)."""
    if row["metrics"] != "jmx" or not row["monitoring"]["enabled"]:
        return []
    data = {_KEY: yaml.safe_dump(_RULES, sort_keys=False)}
    return [build("v1", "ConfigMap", f"{row['name']}-metrics", row["namespace"], data=data)]


def monitors(row: Row) -> list[Object]:
    """A PodMonitor of Kafka with its exporter, and one for each Connect and mirror."""
    if not row["monitoring"]["enabled"]:
        return []
    names = {"": row["name"], **{worker["name"]: worker["name"] for _, worker in workers(row)}}
    return core.monitors(SYSTEM, row, {part: {CLUSTER: name} for part, name in names.items()}, "tcp-prometheus")
