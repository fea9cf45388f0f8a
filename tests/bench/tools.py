"""The tools that are compared: for each scenario the commands that a user of the tool would run."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lab import build

HERE = Path(__file__).parent
SCENARIOS = ("first", "unchanged", "check", "changed", "prune")  # in this order, each on the state of the one before
PARENTS = "parents.bench.example.com"  # only a parent in no namespace may have members in several
Command = list[str]


@dataclass(frozen=True)
class Job:
    """What a tool is to do: the wanted objects, those that go (prune), and where."""

    scenario: str
    kubeconfig: Path
    wanted: Path
    gone: Path
    prefix: str

    @property
    def check(self) -> bool:
        return self.scenario == "check"

    @property
    def prune(self) -> bool:
        return self.scenario == "prune"


@dataclass(frozen=True)
class Tool:
    """commands: what to run, one after the other. most: with more objects than that it runs on a part, extrapolated."""

    name: str
    commands: Callable[[Job], list[Command]]
    scenarios: tuple[str, ...] = SCENARIOS
    most: int = 1_000_000


def _playbook(name: str, job: Job, **variables: str) -> Command:
    given = {"kubeconfig": str(job.kubeconfig), "file": str(job.wanted), "prefix": job.prefix} | variables
    return [
        str(Path(sys.executable).with_name("ansible-playbook")),
        str(HERE / "playbooks" / f"{name}.yml"),
        *(part for key, value in given.items() for part in ("-e", f"{key}={value}")),
        *(["--check"] if job.check else []),
    ]


def _ours(preflight: str) -> Callable[[Job], list[Command]]:
    return lambda job: [_playbook("ours", job, preflight=preflight)]


def _core(name: str) -> Callable[[Job], list[Command]]:
    def commands(job: Job) -> list[Command]:
        gone = [_playbook(name, job, file=str(job.gone), state="absent")] if job.prune else []
        return [_playbook(name, job), *gone]

    return commands


def _kubectl(job: Job, *arguments: str) -> Command:
    return [str(build.program("kubectl")), f"--kubeconfig={job.kubeconfig}", *arguments]


def _kubectl_apply(job: Job) -> list[Command]:
    dry = ["--dry-run=server"] if job.check else []
    apply = _kubectl(job, "apply", "--server-side", "--force-conflicts", f"--filename={job.wanted}", *dry)
    gone = [_kubectl(job, "delete", "--wait=false", f"--filename={job.gone}")] if job.prune else []
    return [apply, *gone]


def _kubectl_applyset(job: Job) -> list[Command]:
    dry = ["--dry-run=server"] if job.check else []
    options = ["--server-side", "--force-conflicts", "--prune", f"--applyset={PARENTS}/{job.prefix}"]
    return [_kubectl(job, "apply", *options, f"--filename={job.wanted}", *dry)]


def _raw(job: Job) -> list[Command]:
    run = [sys.executable, str(HERE / "raw.py"), str(job.kubeconfig)]
    gone = [[*run, str(job.gone), "delete"]] if job.prune else []
    return [[*run, str(job.wanted), "check" if job.check else "apply"], *gone]


TOOLS = {
    tool.name: tool
    for tool in (
        Tool("empty play", lambda job: [_playbook("empty", job)], ("unchanged",)),
        Tool("raw, 16 connections", _raw),
        Tool("ours", _ours("server")),
        Tool("ours, preflight none", _ours("none"), ("first", "changed")),
        Tool("kubectl", _kubectl_apply),
        Tool("kubectl --applyset", _kubectl_applyset),
        Tool("kubernetes.core, one task", _core("core_task")),
        Tool("kubernetes.core, a loop", _core("core_loop"), most=20),
    )
}
