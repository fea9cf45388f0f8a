"""The recipes under lab/traces: what is done to real objects while they are recorded."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from . import progress, traces
from .cluster import Cluster
from .errors import LabError
from .kubectl import kubectl
from .operators.install import install
from .real import profile
from .recording import Recording, lookup, record
from .tools import tool_of

NAMESPACE = "traced"
FIELDS = {
    "software": str,  # the program of the lab whose version is recorded
    "operators": list,  # installed first
    "images": list,  # loaded first
    "namespace": str,  # one that the operators bring; else the recipe gets one of its own
    "steps": list,
}
STEP = {
    "record": str,  # KIND/NAME; without it the step only does something
    "as": str,  # the trace's title
    "apply": list,  # objects
    "patch": dict,  # a merge patch of what is recorded
    "kubectl": str,  # arguments; {status.currentPrimary} is filled in from what is recorded
    "until": list,
    "seen": list,
    "quiet": int,
    "seconds": int,
}
PLACEHOLDER = re.compile(r"\{([\w.]+)\}")

Object = dict[str, Any]


@dataclass(frozen=True)
class Recipe:
    """Steps that are taken one after the other on a cluster with real nodes."""

    name: str
    software: str
    steps: list[Object]
    operators: list[str] = field(default_factory=list)
    images: list[str] = field(default_factory=list)
    namespace: str = ""


def every() -> list[str]:
    """The names of all recipes."""
    return sorted(path.stem for path in traces.FOLDER.glob("*.yml"))


def load(name: str) -> Recipe:
    """A recipe by name, or one sentence about what is wrong with it."""
    path = traces.FOLDER / f"{name}.yml"
    try:
        content = yaml.safe_load(path.read_text())
    except FileNotFoundError:
        raise LabError(f"there is no recipe of traces {name}: choose one of {', '.join(every())}") from None
    except yaml.YAMLError as error:
        raise LabError(f"{path} is no YAML: {' '.join(str(error).split())}") from None
    _check(content, FIELDS, str(path))
    for number, step in enumerate(content["steps"], 1):
        _check(step, STEP, f"{path}: step {number}")
        if ("record" in step) != ("as" in step):
            raise LabError(f"{path}: step {number} needs both record and as, or neither")
    return Recipe(name, **content)


def _check(content: Any, known: Mapping[str, type], where: str) -> None:
    if not isinstance(content, dict):
        raise LabError(f"{where} is a mapping")
    for key, value in content.items():
        if key not in known:
            raise LabError(f"{where} has the unknown field {key} (known: {', '.join(known)})")
        if not isinstance(value, known[key]):
            raise LabError(f"{where}: {key} is no {known[key].__name__}: {value!r}")


def run(cluster: Cluster, recipe: Recipe) -> None:
    """Takes every step; what is recorded replaces what was recorded before."""
    namespace = recipe.namespace or f"{NAMESPACE}-{recipe.name}"
    install(cluster, recipe.operators)
    if recipe.images:
        profile.load_images(cluster, recipe.images)
    if not recipe.namespace:
        kubectl(cluster, "create", "namespace", namespace)
    try:
        for step in recipe.steps:
            _take(cluster, recipe, step, namespace)
    finally:
        if not recipe.namespace:
            kubectl(cluster, "delete", "namespace", namespace, timeout=300)


def _take(cluster: Cluster, recipe: Recipe, step: Object, namespace: str) -> None:
    if "record" not in step:
        _cause(cluster, step, namespace)({})
        return
    kind, name = step["record"].split("/")
    asked = {key: step[key] for key in ("until", "seen", "quiet", "seconds") if key in step}
    with progress.step(f"{recipe.name}: {kind} {step['as']}"):
        changes = record(cluster, Recording(kind, name, namespace, **asked), _cause(cluster, step, namespace))
    tool = tool_of(recipe.software)
    path = traces.write(
        changes,
        title=step["as"],
        cause=words(step),
        software=f"{tool.source} {tool.version}",
        kubernetes=cluster.facts["version"],
        command=f"lab trace run {recipe.name}",
    )
    progress.say(f"{len(changes)} changes in {changes[-1][0]:.1f} s: {path}")


def _cause(cluster: Cluster, step: Object, namespace: str) -> Callable[[Object], None]:
    def act(found: Object) -> None:
        where = f"--namespace={namespace}"
        if "apply" in step:
            text = json.dumps({"apiVersion": "v1", "kind": "List", "items": step["apply"]})
            kubectl(cluster, "apply", "--server-side", "--force-conflicts", where, "--filename=-", stdin=text)
        if "patch" in step:
            patch = json.dumps(step["patch"])
            kubectl(cluster, "patch", *step["record"].split("/"), where, "--type=merge", f"--patch={patch}")
        if "kubectl" in step:
            filled = PLACEHOLDER.sub(lambda match: str(lookup(found, match[1])), step["kubectl"])
            kubectl(cluster, *shlex.split(filled), where, timeout=300)

    return act


def words(step: Object) -> str:
    """What a step does, in a line."""
    said = [f"apply {', '.join(each['kind'] for each in step['apply'])}"] if "apply" in step else []
    said += [f"patch {json.dumps(step['patch'])}"] if "patch" in step else []
    said += [f"kubectl {step['kubectl']}"] if "kubectl" in step else []
    return ", ".join(said) or "nothing"
