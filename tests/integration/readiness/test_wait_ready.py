"""The module wait_ready in ansible-playbook: progress while it waits, the cause in the end, on a real API server."""

from __future__ import annotations

from pathlib import Path

from support.lab import LabCluster
from support.playbook import play, run


def test_a_play_shows_what_it_waits_for_and_why(cluster: LabCluster, namespace: str, tmp_path: Path) -> None:
    needs = {"name": "app", "image": "example.com/app:1", "resources": {"requests": {"memory": "900Ti"}}}
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": namespace},
        "spec": {
            "selector": {"matchLabels": {"app": "web"}},
            "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [needs]}},
        },
    }
    cluster.apply(deployment)
    pods = ("pods", f"--namespace={namespace}", "--selector=app=web", "--timeout=60s")
    for what in ("create", "condition=PodScheduled=false"):
        cluster.kubectl("wait", *pods, f"--for={what}")
    wanted = {"api_version": "apps/v1", "kind": "Deployment", "namespace": namespace, "name": "web"}
    options = {"kubeconfig": str(cluster.kubeconfig), "objects": [wanted], "timeout": 5}
    done = run(tmp_path, play({"name": "Wait", "groundwork.platform.wait_ready": options}))
    print(done.stdout, done.stderr)
    assert done.returncode != 0
    lines = [line for line in done.stdout.splitlines() if "cluster/wait  +" in line]
    assert 1 <= len(lines) <= 4, "only what changed"
    assert "Deployment web" in lines[-1]
    assert "unschedulable" in lines[-1]
    said = " ".join((done.stdout + done.stderr).split())
    assert f"apps/Deployment {namespace}/web is not ready after 5 s: 0 of 1 available; pod web-" in said
    assert "Traceback" not in said
