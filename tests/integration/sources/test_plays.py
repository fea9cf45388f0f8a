"""The modules in plays, in the worker and sent, with a canary in every place where a secret may stand."""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from support import playbook
from support.lab import LabCluster

CHARTS = Path(__file__).parent / "charts"
CANARY = "canary-6e21d4f0"
# A module with an environment of its own is sent; the interpreter is named because discovery may find another Python.
SENT = {"environment": {"SENT": "yes"}, "vars": {"ansible_python_interpreter": sys.executable}}


def tasks(kubeconfig: Path | str, namespace: str, chart: dict[str, str]) -> list[dict[str, Any]]:
    """A Secret and a chart, both with a canary, and what was registered of them."""
    where = {"kubeconfig": str(kubeconfig), "namespace": namespace}
    secret = {"name": "app", "keys": [{"name": "made"}], "values": {"given": CANARY}, **where}
    source = {**chart, "secret_values": {"password": CANARY}}
    operator = {"name": "op", "chart": source, "timeout": 60, **where}
    return [
        {"name": "A secret", "groundwork.platform.generated_secret": secret},
        {"name": "An operator", "groundwork.platform.operator_install": operator},
    ]


@pytest.fixture(params=[{}, SENT], ids=["in the worker", "sent"])
def how(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What makes the task run in the worker, or sends the module."""
    given: dict[str, Any] = request.param
    return given


@pytest.fixture
def chart(tmp_path: Path, program: str) -> dict[str, str]:
    """A chart with one Secret that takes a password, and the helm that renders it."""
    (tmp_path / "chart" / "templates").mkdir(parents=True)
    (tmp_path / "chart" / "Chart.yaml").write_text("apiVersion: v2\nname: small\nversion: 0.1.0\n")
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "small"}}
    text = json.dumps({**secret, "stringData": {"password": "{{ .Values.password }}"}})
    (tmp_path / "chart" / "templates" / "secret.yaml").write_text(text)
    return {"chart": str(tmp_path / "chart"), "helm": program}


def test_both_modules_keep_what_they_are_asked_for_and_no_output_shows_a_secret(
    cluster: LabCluster, namespace: str, chart: dict[str, str], tmp_path: Path, how: dict[str, Any]
) -> None:
    steps = [{**each, **how} for each in tasks(cluster.kubeconfig, namespace, chart)]
    checked = playbook.run(tmp_path, playbook.play(*steps), "-vvv", "--check", "--diff")
    first = playbook.run(tmp_path, playbook.play(*steps), "-vvv", "--diff")
    again = playbook.run(tmp_path, playbook.play(*steps), "-vvv", "--diff")
    assert "changed=2" in checked.stdout, checked.stdout + checked.stderr
    assert "would generate made; would set given" in checked.stdout
    assert "changed=2" in first.stdout, first.stdout + first.stderr
    assert "changed=0" in again.stdout, again.stdout + again.stderr
    data = cluster.get("secret", "-n", namespace, "app")["data"]
    assert base64.b64decode(data["given"]).decode() == CANARY
    made = base64.b64decode(data["made"]).decode()
    for run in (checked, first, again):
        for text in (CANARY, base64.b64encode(CANARY.encode()).decode(), made, data["made"]):
            assert text not in run.stdout + run.stderr


def test_what_fails_early_shows_no_secret_either(
    namespace: str, chart: dict[str, str], tmp_path: Path, how: dict[str, Any]
) -> None:
    steps = [{**each, **how, "ignore_errors": True} for each in tasks("/nowhere/kubeconfig", namespace, chart)]
    run = playbook.run(tmp_path, playbook.play(*steps), "-vvv")
    assert "ignored=2" in run.stdout, run.stdout + run.stderr
    assert "/nowhere/kubeconfig" in run.stdout
    assert CANARY not in run.stdout + run.stderr
    assert "Traceback" not in run.stdout + run.stderr


def test_bad_options_are_one_sentence(cluster: LabCluster, namespace: str, program: str, tmp_path: Path) -> None:
    where = {"kubeconfig": str(cluster.kubeconfig), "namespace": namespace, "name": "op"}
    wrong = [
        ({**where}, "chart, manifests, subscription"),
        ({**where, "chart": {"chart": "x"}, "manifests": [{"path": "y"}]}, "mutually exclusive"),
        ({**where, "chart": {"chart": "/nowhere", "helm": program}}, "there is no such folder or file"),
        ({**where, "chart": {"chart": "x", "repo": "https://example.com", "helm": program}}, "give its exact version"),
        ({**where, "manifests": [{"path": "/nowhere.yml"}]}, "cannot read /nowhere.yml: no such file or directory"),
        ({**where, "manifests": [{"url": "https://example.com/x.yml"}]}, "give its checksum"),
    ]
    steps = [{"groundwork.platform.operator_install": given, "ignore_errors": True} for given, _ in wrong]
    run = playbook.run(tmp_path, playbook.play(*steps))
    for _, says in wrong:
        assert says in run.stdout, run.stdout + run.stderr
    assert f"ignored={len(wrong)}" in run.stdout
    assert "Traceback" not in run.stdout + run.stderr
    assert "defect" not in run.stdout
