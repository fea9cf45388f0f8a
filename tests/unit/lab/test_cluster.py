"""Names, folders, settings: what the lab decides before anything starts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil
import pytest
import yaml
from lab.errors import LabError

from lab import build, cli, cluster, config, control, kwokctl, paths


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(build, "program", lambda name: Path("/bin") / name)


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["lab", *arguments])
    return cli.main()


@pytest.mark.parametrize("name", ["", "Lab", "a/b", "../a", "-a", "a-", "a.b", "a" * 41])
def test_a_name_that_cannot_be_a_folder_and_a_context_is_refused(name: str) -> None:
    with pytest.raises(LabError, match="cannot name a cluster"):
        cluster.Cluster(name)


def test_a_relative_xdg_folder_is_ignored_as_its_specification_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "cache")
    assert paths.cache() == Path.home() / ".cache" / "groundwork"


@pytest.mark.parametrize(
    "command", [["kubeconfig", "none"], ["status", "none"], ["fail", "zone", "a", "--cluster", "none"]]
)
def test_a_cluster_that_does_not_exist_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    assert run(monkeypatch, *command) == 1
    assert capsys.readouterr().err == (
        "lab: there is no lab cluster none (there are: none): start it with `lab up none`\n"
    )


def test_a_strange_folder_among_the_clusters_is_none_and_half_a_cluster_is_called_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("Not a cluster", "half"):
        (tmp_path / "state" / "groundwork" / "lab" / name).mkdir(parents=True)
    (tmp_path / "state" / "groundwork" / "lab" / "half" / "facts.json").write_text('{"asked":')
    assert run(monkeypatch, "list") == 0
    assert capsys.readouterr().out.split("\t")[:2] == ["half", "broken"]
    assert run(monkeypatch, "fail", "node", "a", "--cluster=half") == 1
    assert capsys.readouterr().err == "lab: half was never finished: `lab up half` starts it anew\n"


def test_down_of_a_cluster_that_does_not_exist_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, "down", "none") == 0


def test_a_folder_in_the_way_of_the_cache_is_named_with_the_variable_that_moves_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(LabError, match=r"cannot be written .* set XDG_CACHE_HOME to another folder"):
        paths.make_cache("tools")


def settings(fast: bool = False) -> dict[str, object]:
    return next(yaml.safe_load_all(config.kwokctl(fast=fast, ports={}, audit_policy="")))


def test_every_component_binds_to_loopback_and_judges_strictly() -> None:
    options = settings()["options"]
    assert isinstance(options, dict)
    assert options["bindAddress"] == "127.0.0.1"
    assert options["kubeAuthorization"] is True
    assert options["kubeAdmission"] is True
    assert options["heartbeatFactor"] == 1


def test_nothing_is_left_for_kwokctl_to_download() -> None:
    options = settings()["options"]
    assert isinstance(options, dict)
    programs = {key for key in options if key.endswith("Binary")}
    assert programs == {
        "etcdBinary",
        "kubeApiserverBinary",
        "kubeControllerManagerBinary",
        "kubeSchedulerBinary",
        "kubectlBinary",
        "kwokControllerBinary",
    }
    assert all(str(options[key]).startswith("/") for key in programs)


def test_fast_timers_are_shorter_than_productions_in_everything() -> None:
    fast, production = config.timers(True), config.timers(False)
    assert fast.pop("eviction_rate") > production.pop("eviction_rate")
    assert all(fast[name] < production[name] for name in production)


@pytest.mark.parametrize("fast", [True, False])
def test_a_healthy_node_renews_its_lease_at_least_three_times_before_it_is_missed(fast: bool) -> None:
    seconds = config.timers(fast)
    assert seconds["grace_seconds"] >= 3 * seconds["lease_seconds"] / 4


@pytest.mark.parametrize(
    ("component", "line", "words"),
    [
        (
            "etcd",
            '{"level":"fatal","ts":"1","msg":"discovery failed","error":"listen tcp: in use"}',
            "discovery failed: listen tcp: in use",
        ),
        (
            "kwok-controller",
            '{"level":"ERROR","msg":"Execute exit","err":"no nodes are managed"}',
            "Execute exit: no nodes are managed",
        ),
        ("kube-apiserver", "E1121 run.go:72] command failed", "E1121 run.go:72] command failed"),
    ],
)
def test_a_component_that_ended_is_blamed_in_its_own_words(component: str, line: str, words: str) -> None:
    path = kwokctl.log(cluster.Cluster("blamed"), component)
    path.parent.mkdir(parents=True)
    path.write_text(f"earlier\n{line}\n")
    with pytest.raises(LabError) as refused:
        kwokctl.check_alive(cluster.Cluster("blamed"))
    assert str(refused.value) == f"blamed did not start: {component} ended with: {words}"


def test_what_starts_while_the_rest_is_killed_is_killed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a kwokctl that an interrupted `up` left does: it starts components until it is killed itself."""
    hurt, started = cluster.Cluster("hurt"), list[subprocess.Popen[bytes]]()
    look = cluster.Cluster.everything

    def start(name: str) -> None:
        code = ["-c", "import sys; print(flush=True); sys.stdin.read()", f"{hurt.workdir}/"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        started.append(subprocess.Popen([name, *code], executable=sys.executable, **pipes))  # type: ignore[call-overload]
        assert started[-1].stdout
        started[-1].stdout.readline()  # it runs, under its own name

    def looked(self: cluster.Cluster) -> list[psutil.Process]:
        found = look(self)
        if len(started) == 1:
            start("etcd")
        return found

    monkeypatch.setattr(cluster.Cluster, "everything", looked)
    start("kwokctl")
    control.stop(hurt)
    assert [process.wait(10) for process in started] == [-9, -9]
