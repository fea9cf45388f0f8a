"""Writes the overlay that makes a rehearsal on lab clusters of an inventory's run: `ansible-playbook -e @overlay.yml`.

It changes where the inventory's hosts are and where operators come from, and nothing of what is asked for.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import yaml

from . import progress, shape
from .cluster import Cluster, finished
from .errors import LabError
from .kubectl import get

FOUNDATION = ("storage", "addons", "certificates")
HEAD = """\
# Rehearsal of {hosts} on lab clusters: `ansible-playbook playbooks/site.yml {inventories} -e @this-file`.
# Simulated: nodes; whatever cloud the inventory names; every operator (its definitions come from the lab).
"""

Values = dict[str, Any]


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds this module's subcommand."""
    overlay = commands.add_parser("overlay", help="print the path of the overlay of clusters with an inventory's shape")
    overlay.add_argument("names", metavar="NAME", nargs="+", help="clusters that `lab up --shape INVENTORY:HOST` made")
    overlay.set_defaults(run=lambda options: print(several([finished(name) for name in options.names])))


def path(cluster: Cluster) -> Path:
    """Where a cluster's own overlay is."""
    return cluster.folder / "overlay.yml"


def write(cluster: Cluster, source: str) -> None:
    """The overlay of a cluster whose shape is that of `inventories/<env>:<host>`; nothing for a shape file."""
    inventory, _, host = source.rpartition(":")
    if not inventory or Path(source).exists():
        return
    (home,) = get(cluster, "namespace", "kube-system")
    values = {
        "platform_kubeconfig": str(cluster.kubeconfig),
        "platform_context": f"lab-{cluster.name}",
        "platform_cluster_uid": home["metadata"]["uid"],
    }
    roles = sorted({*FOUNDATION, *_roles(shape.variables(Path(inventory), host))})
    _save(path(cluster), {host: inventory}, {**values, **{f"{role}_operators": [] for role in roles}})
    (cluster.folder / "host.json").write_text(json.dumps({"host": host, "inventory": inventory}))
    progress.say(f"the overlay of {host}: {path(cluster)}")


def several(clusters: list[Cluster]) -> Path:
    """One overlay for the hosts of several clusters, beside the first one's own; for one cluster its own."""
    hosts = [_host(cluster) for cluster in clusters]
    if len(clusters) == 1:
        return path(clusters[0])
    read: list[Values] = [yaml.safe_load(path(cluster).read_text()) for cluster in clusters]
    together: Values = {}
    for name in {name: None for values in read for name in values}:
        found = {host["host"]: values[name] for host, values in zip(hosts, read, strict=True) if name in values}
        same = len({json.dumps(value) for value in found.values()}) == 1
        together[name] = next(iter(found.values())) if same else f"{{{{ {json.dumps(found)}[inventory_hostname] }}}}"
    target = clusters[0].folder / f"overlay-{'-'.join(cluster.name for cluster in clusters[1:])}.yml"
    _save(target, {host["host"]: host["inventory"] for host in hosts}, together)
    return target


def _roles(variables: Values) -> set[str]:
    """The roles that the host's inventory can switch off."""
    return {name.removesuffix("_enabled") for name in variables if name.endswith("_enabled")}


def _host(cluster: Cluster) -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads((cluster.folder / "host.json").read_text())
    except OSError:
        raise LabError(
            f"{cluster.name} has no inventory's shape: `lab up {cluster.name} --shape inventories/<env>:<host>`"
        ) from None
    return found


def _save(target: Path, hosts: dict[str, str], values: Values) -> None:
    inventories = " ".join(f"-i {each}" for each in dict.fromkeys(hosts.values()))
    head = HEAD.format(hosts=", ".join(hosts), inventories=f"{inventories} --limit {','.join(hosts)}")
    text = yaml.safe_dump({"platform_rehearsal": True, **values}, sort_keys=False, width=1000)
    target.write_text(head + text)
