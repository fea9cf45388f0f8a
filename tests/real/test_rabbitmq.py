"""RabbitMQ by its two real operators: our whole set is ready, definitions come back, a lost leader loses nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support import rabbitmq
from support.lab import LabCluster, lab
from support.module import module
from support.task import Result

pytestmark = pytest.mark.certify

EVENTS: dict[str, Any] = {
    "image": rabbitmq.IMAGE,
    "spread": "none",
    "storage": {"size": "1Gi"},
    "resources": {"requests": {"cpu": "50m", "memory": "512Mi"}, "limits": {"memory": "512Mi"}},
    "termination_grace": 60,
    "vhosts": [{"name": "shop"}],
    "exchanges": [{"name": "work", "type": "topic"}],
    "queues": [{"name": "tasks"}],
    "bindings": [{"exchange": "work", "queue": "tasks", "routing_key": "task.#"}],
    "policies": [{"name": "bounded", "pattern": "^tasks$", "definition": {"max-length": 100000}}],
    "users": [{"name": "worker", "namespace": "shop", "permissions": [{"configure": "", "write": "^work$"}]}],
    "monitoring": {"enabled": False},
    "timeout": 1200,
}


@pytest.fixture(scope="module")
def cluster(real_cluster: Callable[..., Any]) -> Iterator[LabCluster]:
    with real_cluster("rabbitmq") as running:
        lab("operator", "install", "rabbitmq-topology", "--cluster", running.name)
        for namespace in ("demo", "shop"):
            running.kubectl("create", "namespace", namespace)
        secret = {"labels": {"rabbitmq.com/topology-operator": "true"}, "values": {"username": "worker"}}
        done(running, "generated_secret", name="events-worker", namespace="shop", keys=[{"name": "password"}], **secret)
        done(running, "rabbitmq_cluster", **EVENTS)
        yield running


def done(cluster: LabCluster, name: str, /, **options: Any) -> Result:
    result = module(cluster, name, **{"name": "events", "namespace": "demo", **options})
    assert not result.failed, result.msg
    return result


def test_a_second_run_changes_nothing(cluster: LabCluster) -> None:
    """The operator has written its resources back by now, with what it keeps of a spec."""
    assert set(done(cluster, "rabbitmq_cluster", **EVENTS).actions.values()) == {"unchanged"}


def test_every_queue_bears_the_loss_of_a_node(cluster: LabCluster) -> None:
    found = done(cluster, "rabbitmq_info")
    assert found["healthy"], found["wrong"]
    assert [len(each["members"]) for each in found["queues"] if each["name"] == "tasks"] == [3]


def test_definitions_come_back(cluster: LabCluster, tmp_path: Path) -> None:
    file = tmp_path / "events.json"
    done(cluster, "rabbitmq_definitions", path=str(file))
    inside = ("exec", "-n", "demo", "events-server-0", "-c", "rabbitmq", "--", "rabbitmqctl")
    cluster.kubectl(*inside, "delete_vhost", "shop")
    restored = done(cluster, "rabbitmq_definitions", path=str(file), state="restored")
    assert restored["changed"]
    assert "shop" in cluster.kubectl(*inside, "-q", "list_vhosts")
    assert not done(cluster, "rabbitmq_definitions", path=str(file), state="restored")["changed"]


def test_a_lost_leader_loses_no_confirmed_message(
    cluster: LabCluster, evidence: str, told: Callable[[str], None]
) -> None:
    result = done(cluster, "rabbitmq_drill", fault="pod", dest=evidence, profile={"rpo": "0s"}, timeout=900)
    found = result["measured"]
    assert found["rpo_commits"] == 0
    assert found["acknowledged"] > 0
    told(f"RabbitMQ: {found['acknowledged']} messages confirmed, none lost; {found['rto_seconds']} s without a confirm")
