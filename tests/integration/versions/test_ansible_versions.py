"""The example play on every ansible-core that the collection supports, each in an environment of its own."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from support.lab import LabCluster
from support.playbook import ROOT, environment, write

VERSIONS = ("2.17", "2.18", "2.19")
NEEDS = ("kubernetes>=34,<38", "jmespath", "PyYAML")


def ansible(version: str, folder: Path, *commands: str, **more: str) -> str:
    """The output of shell commands in an environment with this ansible-core; all must end well."""
    uv = shutil.which("uv")
    assert uv, "uv is not in the PATH"
    cache = subprocess.run([uv, "cache", "dir"], capture_output=True, text=True, check=True).stdout.strip()
    packages = [f"--with={each}" for each in (f"ansible-core=={version}.*", *NEEDS)]
    done = subprocess.run(
        [uv, "run", "--isolated", "--no-project", "--python=3.11", *packages, "bash", "-ec", "\n".join(commands)],
        cwd=ROOT, env=environment(folder, UV_CACHE_DIR=cache, **more),
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert not done.returncode, done.stdout[-3000:] + done.stderr[-3000:]
    assert "Traceback" not in done.stdout + done.stderr
    return done.stdout


def sent(folder: Path) -> Path:
    """A play whose module is sent, for it has an environment of its own."""
    options = {
        "set": "sent",
        "namespace": "shop",
        "objects": ["apiVersion: v1\nkind: ConfigMap\nmetadata: {name: sent}\n"],
    }
    task = {"groundwork.platform.apply": options, "environment": {"SENT": "yes"}}
    interpreter = {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    return write(folder, [{"hosts": "localhost", "gather_facts": False, "vars": interpreter, "tasks": [task]}])


@pytest.mark.parametrize("version", VERSIONS)
def test_the_example_play(cluster: LabCluster, tmp_path: Path, version: str) -> None:
    play = "ansible-playbook examples/apply.yml"
    said = ansible(
        version, tmp_path, "ansible --version", f"{play} --check --diff", f"{play} --diff", play,
        f"ansible-playbook {sent(tmp_path)}", KUBECONFIG=str(cluster.kubeconfig),
    )  # fmt: skip
    assert f"[core {version}." in said
    recaps = [line for line in said.splitlines() if "failed=" in line]
    assert ["changed=0" in recap for recap in recaps] == [False, False, True, False], recaps
    cluster.kubectl("delete", "namespace", "shop")
