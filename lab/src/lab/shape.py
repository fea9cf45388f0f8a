"""A cluster's shape: `platform_node_pools` read from a file or an inventory, checked, and turned into Node objects."""

from __future__ import annotations

import ipaddress
import json
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from . import paths
from .errors import LabError

VARIABLE = "platform_node_pools"
DEFAULT = paths.SHAPES / "three-zones.yaml"
SIMULATED = (
    "lab.groundwork.platform/simulated"  # label: the simulated kubelet manages a node for as long as it is there
)
REQUIRED = {"name": str, "count": int, "zones": list, "capacity": dict}
OPTIONAL = {"instance_type": str, "labels": dict, "taints": list}
IGNORED = {"max_count": int, "spot": bool}  # what an autoscaler may add, and the price: not the lab's business
CAPACITY = {"cpu": "cpu", "memory": "memory", "pods": "pods", "disk": "ephemeral-storage", "gpu": "nvidia.com/gpu"}
DEFAULTS = {"pods": 110, "disk": "100Gi"}  # a kubelet's limit; a disk, for pods that ask for some
WORDS = {str: "text", int: "a whole number", bool: "true or false", list: "a list", dict: "a mapping"}
QUANTITY = r"\d+(\.\d+)?(m|[kMGTPE]i?|Ki)?"
EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
TAINT = {"key", "value", "effect"}

ADDRESSES = ipaddress.ip_network("198.18.0.0/15")  # RFC 2544: for benchmarks, routed nowhere

Pool = dict[str, Any]


def load(source: str | None) -> list[Pool]:
    """The pools of a shape file, of `inventories/<env>:<host>`, or of the lab's own example, checked."""
    source = source or str(DEFAULT)
    path, _, host = source.rpartition(":")
    of_inventory = path and not Path(source).exists()
    return check(_of_inventory(Path(path), host) if of_inventory else _of_file(Path(source)), source)


def _of_file(path: Path) -> Any:
    try:
        content = yaml.safe_load(path.read_text())
    except OSError as error:
        raise LabError(
            f"shape {path} cannot be read ({paths.why(error)}): give a YAML file or inventories/<env>:<host>"
        ) from None
    except yaml.YAMLError as error:
        raise LabError(f"shape {path} is no YAML: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict) or VARIABLE not in content:
        raise LabError(f"shape {path} has no {VARIABLE}: see {DEFAULT} for an example")
    unknown = sorted(set(content) - {VARIABLE})
    if unknown:
        raise LabError(f"shape {path} has the unknown field {unknown[0]}: a shape holds {VARIABLE} and nothing else")
    return content[VARIABLE]


def _of_inventory(path: Path, host: str) -> Any:
    found = variables(path, host)
    if VARIABLE not in found:
        raise LabError(f"host {host} of inventory {path} has no {VARIABLE}: set it in its group_vars")
    return found[VARIABLE]


@cache
def variables(path: Path, host: str) -> dict[str, Any]:
    """A host's variables as its inventory has them, templates not filled in."""
    if not path.exists():
        raise LabError(f"inventory {path} does not exist: give inventories/<env>:<host>")
    program = ansible_inventory()
    if not program:
        raise LabError("there is no ansible-inventory: start the lab with `uv run lab` in the checkout")
    command = [program, "--inventory", str(path), "--host", host]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise LabError(f"host {host} cannot be read from inventory {path}: {said.removeprefix('ERROR! ').strip('[] ')}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def ansible_inventory() -> str | None:
    """Ansible's program beside this Python's, else the one on PATH."""
    beside = Path(sys.executable).parent
    return shutil.which("ansible-inventory", path=os.pathsep.join((str(beside), os.environ.get("PATH", ""))))


def check(pools: Any, source: str) -> list[Pool]:
    """The pools as they are, or one sentence about the first thing wrong with them."""
    if not isinstance(pools, list) or not pools:
        raise LabError(f"shape {source}: {VARIABLE} must be a list of at least one pool")
    for position, pool in enumerate(pools, start=1):
        complaint = _complaint(pool)
        if complaint:
            name = pool.get("name", f"number {position}") if isinstance(pool, dict) else f"number {position}"
            raise LabError(f"shape {source}, pool {name}: {complaint}")
    names = [pool["name"] for pool in pools]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise LabError(f"shape {source}: two pools are called {twice}, give each a name of its own")
    if not any(pool["count"] for pool in pools):
        raise LabError(f"shape {source}: every pool's count is 0, a cluster needs at least one node")
    return pools


def _complaint(pool: Any) -> str | None:
    if not isinstance(pool, dict):
        return f"must be a mapping with {', '.join(REQUIRED)}"
    known = REQUIRED | OPTIONAL | IGNORED
    for field in pool:
        if field not in known:
            return f"unknown field {field} (known: {', '.join(known)})"
    for field in REQUIRED:
        if field not in pool:
            return f"{field} is missing"
    for field, value in pool.items():
        if not isinstance(value, known[field]) or (isinstance(value, bool) and known[field] is not bool):
            return f"{field} must be {WORDS[known[field]]}, not {value!r}"
    return _values(pool) or _capacity(pool["capacity"]) or _taints(pool.get("taints", []))


def _values(pool: Pool) -> str | None:
    if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,48}[a-z0-9])?", pool["name"]):
        return "name must be lower case letters, digits and dashes inside, at most 50 characters"
    if not 0 <= pool["count"] <= 1000:
        return f"count must be between 0 and 1000, not {pool['count']}"
    if not pool["zones"] or not all(isinstance(zone, str) and zone for zone in pool["zones"]):
        return f"zones must name at least one zone, not {pool['zones']!r}"
    for key, value in pool.get("labels", {}).items():
        if not isinstance(value, str):
            return f"label {key} must be a string, not {value!r}: quote it"
    return None


def _capacity(capacity: dict[str, Any]) -> str | None:
    for field in ("cpu", "memory"):
        if field not in capacity:
            return f"capacity.{field} is missing"
    for field, value in capacity.items():
        if field not in CAPACITY:
            return f"unknown field capacity.{field} (known: {', '.join(CAPACITY)})"
        if isinstance(value, bool) or not re.fullmatch(QUANTITY, str(value)):
            return f"capacity.{field} must be a quantity such as 4, 500m or 16Gi, not {value!r}"
    return None


def _taints(taints: list[Any]) -> str | None:
    for taint in taints:
        if not isinstance(taint, dict) or not {"key", "effect"} <= set(taint) <= TAINT:
            return f"a taint is a mapping of key, effect and, if any, value, not {taint!r}"
        if taint["effect"] not in EFFECTS:
            return f"a taint's effect is one of {', '.join(EFFECTS)}, not {taint['effect']!r}"
    return None


def nodes(pools: list[Pool], version: str) -> list[dict[str, Any]]:
    """Node objects in the order of the pools, spread over each pool's zones in turn."""
    places = [(pool, index) for pool in pools for index in range(pool["count"])]
    return [_node(pool, index, number, version) for number, (pool, index) in enumerate(places)]


def _node(pool: Pool, index: int, number: int, version: str) -> dict[str, Any]:
    name, zone = f"{pool['name']}-{index}", pool["zones"][index % len(pool["zones"])]
    labels = {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "topology.kubernetes.io/zone": zone,
        SIMULATED: "true",
    }
    if "instance_type" in pool:
        labels["node.kubernetes.io/instance-type"] = pool["instance_type"]
    region = re.fullmatch(r"([a-z]+(?:-[a-z]+)+-?\d+)-?[a-z]", zone)  # us-west-2a, europe-west1-b
    if region:
        labels["topology.kubernetes.io/region"] = region[1]
    capacity = {CAPACITY[field]: str(value) for field, value in (DEFAULTS | pool["capacity"]).items()}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels | pool.get("labels", {})},
        "spec": {
            "taints": pool.get("taints", []),
            "podCIDR": f"10.{128 + number // 256}.{number % 256}.0/24",  # beside the Services' range
        },
        "status": {
            "capacity": capacity,
            "allocatable": capacity,
            "addresses": [
                {"type": "InternalIP", "address": str(ADDRESSES[number + 1])},
                {"type": "Hostname", "address": name},
            ],
            "nodeInfo": _node_info(version),
        },
    }


def _node_info(version: str) -> dict[str, str]:
    """All fields are required; only what a workload may ask for is given a real value."""
    simulated = ("machineID", "systemUUID", "bootID", "kernelVersion", "osImage", "containerRuntimeVersion")
    real = {"operatingSystem": "linux", "architecture": "amd64", "kubeletVersion": version, "kubeProxyVersion": version}
    return dict.fromkeys(simulated, "simulated") | real
