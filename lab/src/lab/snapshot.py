"""Commands: snapshot save, snapshot restore. etcd's own snapshots by etcd's own tools."""

from __future__ import annotations

import argparse
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import yaml

from . import build, control, paths, progress
from .arguments import cluster_option
from .cluster import Cluster, finished
from .errors import LabError
from .real import controlplane


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds this module's subcommands."""
    snapshot = commands.add_parser("snapshot", help="save or restore all of a cluster's objects")
    actions = snapshot.add_subparsers(required=True, metavar="save|restore")
    for name, run in (("save", _save), ("restore", _restore)):
        action = actions.add_parser(name)
        action.add_argument("file", metavar="FILE", type=Path)
        cluster_option(action)
        action.set_defaults(run=run)


def _save(options: argparse.Namespace) -> None:
    cluster, file = finished(options.cluster), options.file.absolute()
    if file.exists():
        raise LabError(f"{file} exists: remove it or name another file")
    if not file.parent.is_dir():
        raise LabError(f"{file.parent} does not exist: make it or name another file")
    endpoint = f"--endpoints=http://127.0.0.1:{_port(cluster)}"
    command = ("etcdctl", endpoint, "--command-timeout=60s", "snapshot", "save", str(file))
    _run(*command, what=f"save {file}", within=controlplane.within(cluster))
    file.chmod(0o600)  # Secrets are in it
    progress.say(f"{cluster.name} saved to {file}")


def _restore(options: argparse.Namespace) -> None:
    cluster, file = finished(options.cluster), options.file.absolute()
    if not file.is_file():
        raise LabError(f"{file} does not exist: make it with `lab snapshot save`")
    fresh, data = cluster.workdir / "etcd.restored", cluster.workdir / "etcd"
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        _run("etcdutl", "snapshot", "restore", str(file), f"--data-dir={fresh}", what=f"restore {file}")
        control.stop(cluster)  # only now, when the snapshot has proved whole
        shutil.rmtree(data)
        fresh.rename(data)
    except OSError as error:
        raise LabError(f"{cluster.folder} cannot be written ({paths.why(error)}): free it") from None
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    control.restart(cluster)
    control.mark(
        cluster, "real" if cluster.facts["asked"].get("nodes") else "rehearse"
    )  # the snapshot may be another cluster's
    progress.say(f"{cluster.name} restored from {file}")


def _port(cluster: Cluster) -> int:
    """etcd's port as kwokctl chose it."""
    documents = yaml.safe_load_all((cluster.workdir / "kwok.yaml").read_text())
    return int(next(each["options"]["etcdPort"] for each in documents if each["kind"] == "KwokctlConfiguration"))


def _run(program: str, *arguments: str, what: str, within: Sequence[str] = ()) -> None:
    command = [*within, str(build.program(program)), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()
        raise LabError(f"{program} could not {what}: {said[-1]}")
