"""Real operators on one real node: RabbitMQ, backups and a restore to a second, Prometheus, Redis."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from support import postgres, rabbitmq
from support.lab import LabCluster, eventually, lab
from support.postgres import Postgres

pytestmark = pytest.mark.certify

STORE = "barman-cloud.cloudnative-pg.io"


@pytest.fixture(scope="module")
def cluster(real_cluster: Callable[..., Any]) -> Iterator[LabCluster]:
    with real_cluster("operators") as running:
        running.kubectl("create", "namespace", "demo")
        yield running


def test_rabbitmq_forms_a_cluster_of_three(cluster: LabCluster, told: Callable[[str], None]) -> None:
    lab("operator", "install", "rabbitmq", "--cluster", cluster.name)
    start = time.monotonic()
    cluster.apply(rabbitmq.manifest("events", "demo", 3))
    ready = ("--for=condition=AllReplicasReady", "--timeout=300s")
    cluster.kubectl("wait", "-n", "demo", "rabbitmqclusters/events", *ready)
    told(f"RabbitMQ: 3 nodes Ready after {time.monotonic() - start:.1f} s")
    command = ("exec", "-n", "demo", "events-server-0", "-c", "rabbitmq", "--", "rabbitmqctl", "cluster_status")
    status = json.loads(cluster.kubectl(*command, "--formatter=json"))
    assert len(status["running_nodes"]) == 3


def _with_store(cluster: LabCluster) -> dict[str, Any]:
    """The S3 server's keys and the place of backups, in namespace demo."""
    keys = cluster.get("secret", "-n", "s3", "s3-keys")["data"]
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s3-keys", "namespace": "demo"}, "data": keys}
    credentials = {
        "accessKeyId": {"name": "s3-keys", "key": "ACCESS_KEY_ID"},
        "secretAccessKey": {"name": "s3-keys", "key": "ACCESS_SECRET_KEY"},
    }
    configuration = {
        "destinationPath": "s3://backups/",
        "endpointURL": "http://s3.s3.svc:9000",
        "s3Credentials": credentials,
    }
    store = {
        "apiVersion": "barmancloud.cnpg.io/v1",
        "kind": "ObjectStore",
        "metadata": {"name": "store", "namespace": "demo"},
        "spec": {"configuration": configuration},
    }
    cluster.apply(secret, store)
    return {"plugins": [{"name": STORE, "isWALArchiver": True, "parameters": {"barmanObjectName": "store"}}]}


def test_a_backup_is_restored_to_a_second(cluster: LabCluster, told: Callable[[str], None]) -> None:
    lab("operator", "install", "barman-cloud", "--cluster", cluster.name)
    cluster.apply(postgres.manifest("main", "demo", 1, **_with_store(cluster)))
    database = Postgres(cluster, "main", "demo")
    database.healthy(180)
    database.sql("create table rows (at timestamptz default clock_timestamp()); insert into rows values (default)")
    start = time.monotonic()
    backup = {"cluster": {"name": "main"}, "method": "plugin", "pluginConfiguration": {"name": STORE}}
    metadata = {"name": "first", "namespace": "demo"}
    cluster.apply({"apiVersion": "postgresql.cnpg.io/v1", "kind": "Backup", "metadata": metadata, "spec": backup})
    completed = "--for=jsonpath={.status.phase}=completed"
    cluster.kubectl("wait", "-n", "demo", "backups.postgresql.cnpg.io/first", completed, "--timeout=110s")
    told(f"barman: base backup after {time.monotonic() - start:.1f} s")
    database.sql("insert into rows select clock_timestamp() from generate_series(1, 9)")
    moment = database.sql("select clock_timestamp()")
    database.sql("select pg_sleep(1); insert into rows select clock_timestamp() from generate_series(1, 5)")
    database.sql("select pg_switch_wal()")
    parameters = {"barmanObjectName": "store", "serverName": "main"}  # else the plugin looks for backups of `restored`
    source = {"name": "main", "plugin": {"name": STORE, "parameters": parameters}}
    recovery = {"recovery": {"source": "main", "recoveryTarget": {"targetTime": moment}}}
    start = time.monotonic()
    cluster.apply(postgres.manifest("restored", "demo", 1, bootstrap=recovery, externalClusters=[source]))
    restored = Postgres(cluster, "restored", "demo")
    restored.healthy(300)
    told(f"barman: restored to a second after {time.monotonic() - start:.1f} s")
    assert database.sql("select count(*) from rows") == "15"
    assert restored.sql("select count(*) from rows") == "10"


def test_prometheus_scrapes_postgres(cluster: LabCluster, told: Callable[[str], None]) -> None:
    lab("operator", "install", "prometheus", "--cluster", cluster.name)
    monitor = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PodMonitor",
        "metadata": {"name": "main", "namespace": "demo"},
        "spec": {
            "selector": {"matchLabels": {"cnpg.io/cluster": "main"}},
            "podMetricsEndpoints": [{"port": "metrics"}],
        },
    }
    start = time.monotonic()
    cluster.apply(monitor)
    eventually(lambda: '"cnpg_collector_up"' in _prometheus(cluster, "query?query=cnpg_collector_up"), 120)
    told(f"Prometheus: PostgreSQL's own exporter scraped {time.monotonic() - start:.1f} s after the PodMonitor")


def test_an_alert_reaches_alertmanager(cluster: LabCluster) -> None:
    alert = {"alert": "Always", "expr": "vector(1)", "labels": {"severity": "none"}}
    metadata = {"name": "always", "namespace": "demo"}
    spec = {"groups": [{"name": "always", "interval": "5s", "rules": [alert]}]}
    cluster.apply(
        {"apiVersion": "monitoring.coreos.com/v1", "kind": "PrometheusRule", "metadata": metadata, "spec": spec}
    )
    alerts = "/api/v1/namespaces/monitoring/services/alertmanager-operated:web/proxy/api/v2/alerts"
    eventually(lambda: '"Always"' in cluster.kubectl("get", "--raw", alerts, check=False), 180)


def _prometheus(cluster: LabCluster, query: str) -> str:
    """What Prometheus answers, or what the API server complains of."""
    path = f"/api/v1/namespaces/monitoring/services/prometheus-operated:web/proxy/api/v1/{query}"
    return cluster.kubectl("get", "--raw", path, check=False)


def test_redis_answers(cluster: LabCluster) -> None:
    lab("image", "load", "redis", "--cluster", cluster.name)
    cluster.kubectl("run", "redis", "-n", "demo", "--image=lab.local/redis:7", "--", "--save", "")
    cluster.kubectl("wait", "-n", "demo", "pod/redis", "--for=condition=Ready", "--timeout=60s")
    pong = ("exec", "-n", "demo", "redis", "--", "redis-cli", "ping")
    eventually(lambda: cluster.kubectl(*pong, check=False).strip() == "PONG")
