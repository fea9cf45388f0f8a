"""The module apply in ansible-playbook: in the worker and sent, with files and templates, secrets kept, interrupted."""

from __future__ import annotations

import base64
import contextlib
import signal
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path
from typing import Any

import psutil
import pytest
from lab.control import wait_for_end
from support.playbook import ROOT, command, environment, play, run, write
from support.space import Space

CANARY = f"canary-{uuid.uuid4().hex}"  # found in the process list, it is ours and nobody else's
CODED = base64.b64encode(CANARY.encode()).decode().rstrip("=")[:-2]
# A module with an environment of its own is sent; the interpreter is named because discovery may find another Python.
SENT = {"environment": {"SENT": "yes"}, "vars": {"ansible_python_interpreter": sys.executable}}


class Processes:
    """Looks at the arguments of every process on this machine, over and over, for texts that must not be there."""

    def __init__(self, *texts: str) -> None:
        self._texts, self._done = texts, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.seen, self.showing = 0, set[str]()

    def __enter__(self) -> Processes:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._done.wait(0.05):
            self.seen += 1
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                with contextlib.suppress(OSError):
                    shown = path.read_text(errors="replace").replace("\0", " ")
                    self.showing |= {shown[:200] for text in self._texts if text in shown}


def test_a_text_in_a_process_is_found() -> None:
    with Processes(CANARY) as processes:
        subprocess.run([sys.executable, "-c", "import time; time.sleep(1)", CANARY], check=True)
    assert processes.showing


def apply(space: Space, *objects: Any, **options: Any) -> dict[str, Any]:
    given = {"kubeconfig": str(space.cluster.kubeconfig), "set": "test", "namespace": space.name, "objects": objects}
    return {"name": "Keep the set", "groundwork.platform.apply": given | options}


@pytest.fixture(params=["in the worker", "sent"])
def how(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What makes the task run here, or sends the module."""
    return {} if request.param == "in the worker" else SENT


def test_a_playbook_creates_checks_changes_and_prunes(space: Space, tmp_path: Path, how: dict[str, Any]) -> None:
    first = play(apply(space, space.config("a"), space.config("b")) | how)
    done = run(tmp_path, first)
    assert "changed=1" in done.stdout, done.stdout + done.stderr
    with space.cluster.record(user_agent="groundwork.platform") as requests:
        assert "changed=0" in run(tmp_path, first).stdout
    assert not requests.changing
    second = play(apply(space, space.config("a", key="new")) | how)
    checked = run(tmp_path, second, "--check", "--diff").stdout
    assert "-  key: value" in checked
    assert "+  key: new" in checked
    assert "(deleted)" in checked
    assert space.there("configmap") == ["a", "b"]
    assert "changed=1" in run(tmp_path, second).stdout
    assert space.there("configmap") == ["a"]


def test_the_worker_shows_lines_and_a_sent_module_does_not(space: Space, tmp_path: Path) -> None:
    task = apply(space, space.config("a"))
    assert "cluster/test  1 objects: 1 created" in run(tmp_path, play(task)).stdout
    task = apply(space, space.config("b"), set="other") | SENT
    said = run(tmp_path, play(task)).stdout
    assert "changed=1" in said
    assert "objects: 1 created" not in said


def test_files_folders_and_templates(space: Space, tmp_path: Path, how: dict[str, Any]) -> None:
    (tmp_path / "files" / "more").mkdir(parents=True)
    (tmp_path / "templates").mkdir()
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: NAME}\n"
    (tmp_path / "files" / "one.yml").write_text(text.replace("NAME", "one"))
    both = text.replace("NAME", "two") + "---\n" + text.replace("NAME", "three")
    (tmp_path / "files" / "more" / "two.yaml").write_text(both)
    (tmp_path / "templates" / "four.yml.j2").write_text(text.replace("NAME", "{{ which }}"))
    task = apply(space, text.replace("NAME", "five"), files=["one.yml", "more"], templates=["four.yml.j2"]) | how
    done = run(tmp_path, play(task, which="four"))
    assert "changed=1" in done.stdout, done.stdout
    assert space.there("configmap") == ["five", "four", "one", "three", "two"]
    with space.cluster.record(user_agent="groundwork.platform") as requests:
        assert "changed=0" in run(tmp_path, play(task, which="four")).stdout
    assert not requests.changing


def test_an_error_names_file_and_line(space: Space, tmp_path: Path, how: dict[str, Any]) -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: NAME}\nwrong: field\n"
    for folder, file, name in (("files", "one.yml", "one"), ("templates", "two.yml.j2", "{{ which }}")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / file).write_text("# a comment\n" + text.replace("NAME", name))
    task = apply(space, text.replace("NAME", "three"), files=["one.yml"], templates=["two.yml.j2"]) | how
    said = "".join(run(tmp_path, play(task, which="two")).stdout.split())
    for place in ("files/one.yml:2)", "two.yml.j2:2)", "objects[1]:1)"):
        assert place in said, said


def test_a_duplicate_key_is_refused_with_file_and_line(space: Space, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    lines = ["apiVersion: v1", "kind: ConfigMap", "metadata: {name: a}", "data:", "  a: '1'", "  a: '2'"]
    (tmp_path / "files" / "bad.yml").write_text("\n".join(lines))
    with space.cluster.record(user_agent="groundwork.platform") as requests:
        said = run(tmp_path, play(apply(space, files=["bad.yml"]))).stdout
    assert "bad.yml:6" in said
    assert "data.a" in said
    assert "Traceback" not in said
    assert not requests.changing


@pytest.mark.parametrize("kind", ["changed", "invalid", "conflict", "text"])
def test_a_secrets_value_is_found_nowhere(space: Space, tmp_path: Path, how: dict[str, Any], kind: str) -> None:
    given = "{{ canary }}"  # what a task itself says is written down by callbacks unless it has no_log
    secret = space.object("v1", "Secret", "login", stringData={"password": given})
    objects: list[Any] = [secret]
    if kind == "invalid":
        secret["stringData"] = {"not a key!": given}
        secret["immutable"] = given
    if kind == "conflict":
        space.kubectl("create", "secret", "generic", "login", f"--from-literal=password={CANARY}-old")
    if kind == "text":
        objects = [
            f"apiVersion: v1\nkind: Secret\nmetadata: {{name: login}}\nstringData: {{password: '{given}', other: 3}}\n"
        ]
    kept = {"ANSIBLE_LOG_PATH": str(tmp_path / "log"), "JUNIT_OUTPUT_DIR": str(tmp_path / "junit")}
    with Processes(CANARY, CODED) as processes:
        done = run(
            tmp_path, play(apply(space, *objects, adopt="always") | how, canary=CANARY), "-vvv", "--diff",
            ANSIBLE_CALLBACKS_ENABLED="ansible.builtin.junit", **kept,
        )  # fmt: skip
    said = done.stdout + done.stderr
    assert "Keep the set" in said
    assert "Traceback" not in said
    written = {str(path): path.read_text(errors="replace") for path in tmp_path.rglob("*") if path.is_file()}
    del written[str(tmp_path / "playbook.yml")]  # ours; what is in it must not come back
    assert {"log", "junit"} <= {path.removeprefix(f"{tmp_path}/").partition("/")[0] for path in written}
    for place, text in {"what was said": said, **written}.items():
        found = [line for line in text.splitlines() if CANARY in line or CODED in line]
        assert not found, (place, found[:3])
    assert processes.seen > 5, "nobody looked"
    assert not processes.showing


def started(folder: Path, task: dict[str, Any]) -> subprocess.Popen[str]:
    """A playbook that runs beside the test."""
    folder.mkdir(exist_ok=True)
    return subprocess.Popen(
        command(write(folder, play(task))), cwd=ROOT, env=environment(folder), stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def test_two_runs_at_once_do_not_interleave(space: Space, tmp_path: Path) -> None:
    """Both want other objects in the same set; whatever happens, one whole set is what is there afterwards."""
    whole = {name: sorted(f"{name}-{number}" for number in range(10)) for name in ("first", "second")}
    space.keep(space.config("first-0"), space.config("second-0"))
    runs = [started(tmp_path / name, apply(space, *map(space.config, names))) for name, names in whole.items()]
    said = [run.communicate(timeout=120)[0] for run in runs]
    failed = [" ".join(text.split()) for text, run in zip(said, runs, strict=True) if run.returncode]
    assert len(failed) < 2, failed
    for text in failed:  # joined, because results are printed in lines of 80 characters
        assert "another run holds its Lease" in text, text[-2000:]
    assert space.there("configmap") in whole.values()
    assert space.there("lease") == []


def interrupted(space: Space, folder: Path, number: int, total: int) -> str:
    """The output of a playbook that got a signal in the middle of its writes; nothing of it runs any more."""
    task = apply(space, *(space.config(f"c{each:04}", text="x" * 500) for each in range(total)), preflight="none")
    process = started(folder, task)
    deadline = time.monotonic() + 60
    while len(space.there("configmap")) < 20:
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline, "it never began to write"
    workers = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(number)
    said = process.communicate(timeout=30)[0]
    for (
        worker
    ) in workers:  # of SIGTERM the main process dies before they have ended, and they hold no output of its own
        wait_for_end(worker)
    return said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_says_what_it_did_and_the_next_goes_on(space: Space, tmp_path: Path, number: int) -> None:
    total = 1500
    said = interrupted(space, tmp_path, number, total)
    written = len(space.there("configmap"))
    assert 20 <= written < total, "it was not interrupted in the middle"
    assert space.there("lease") == []
    assert "Traceback" not in said
    task = apply(space, *(space.config(f"c{each:04}", text="x" * 500) for each in range(total)))
    again = run(tmp_path, play(task)).stdout
    # Ansible's main process survives SIGINT and prints it; of SIGTERM it dies at once, and the next run prints it.
    seen = said if number == signal.SIGINT else again
    assert f"interrupted: set {space.name}/test: " in seen
    assert f"of {total} objects were written" in seen
    assert len(space.there("configmap")) == total
    with space.cluster.record(user_agent="groundwork.platform") as requests:
        assert "changed=0" in run(tmp_path, play(task)).stdout
    assert not requests.changing


def test_a_task_out_of_time_gives_the_lease_back(space: Space, tmp_path: Path) -> None:
    """Ansible's own keyword `timeout` ends the task from inside, wherever it is."""
    never = space.object("v1", "PersistentVolumeClaim", "never", spec={
        "accessModes": ["ReadWriteOnce"], "storageClassName": "none", "resources": {"requests": {"storage": "1Gi"}},
    })  # fmt: skip
    said = run(tmp_path, play(apply(space, never) | {"timeout": 5})).stdout
    assert "5 second" in said, said
    assert f"interrupted: set {space.name}/test: 1 of 1 objects were written" in said
    assert space.there("persistentvolumeclaim") == ["never"]
    assert space.there("lease") == []


def test_the_main_process_loads_the_client_library(space: Space, tmp_path: Path) -> None:
    """What the main process has loaded before it forks no task has to load again."""
    done = run(tmp_path, play(apply(space, space.config("a"))), PYTHONPROFILEIMPORTTIME="1")
    loaded = [line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")]
    assert loaded.count("kubernetes") == 1
    assert loaded.count("ansible_collections.groundwork.platform.plugins.module_utils.core.sets.engine") == 1
