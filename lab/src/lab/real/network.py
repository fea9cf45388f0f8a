"""The network namespaces of a cluster: a hub with a bridge, a namespace a node, one cable to the machine.

Nothing is forwarded between the cable and the bridge, and no namespace has a way out, so that no pod's or Service's
address is ever seen on an interface of the machine.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from pathlib import Path

from ..errors import LabError
from . import plan as plans
from .plan import Plan, RealNode
from .run import rows, run

FOLDER = Path("/run/netns")
INHERITED = Path("/proc/sys/net/bridge/bridge-nf-call-iptables")


def make_hub(plan: Plan) -> None:
    """The hub with its bridge, and the cable to the machine."""
    run("ip", "netns", "add", plan.hub)
    _ip(plan.hub, "link", "set", "lo", "up")
    _sysctl(plan.hub, "net.ipv4.ip_forward=0")  # a namespace inherits the machine's
    _ip(plan.hub, "link", "add", "bridge", "type", "bridge")
    _ip(plan.hub, "address", "add", f"{plans.BRIDGE}/24", "dev", "bridge")
    _ip(plan.hub, "link", "set", "bridge", "up")
    machine, hub = _free_link(plan)
    run("ip", "link", "add", plan.link, "type", "veth", "peer", "name", "machine", "netns", plan.hub)
    run("ip", "address", "add", f"{machine}/30", "dev", plan.link)
    run("ip", "link", "set", plan.link, "up")
    _ip(plan.hub, "address", "add", f"{hub}/30", "dev", "machine")
    _ip(plan.hub, "link", "set", "machine", "up")


def address(plan: Plan) -> str:
    """Where the machine reaches the hub."""
    for row in rows("ip", "-json", "-netns", plan.hub, "address", "show", "dev", "machine"):
        for each in row.get("addr_info", []):
            if each["family"] == "inet":
                return str(each["local"])
    raise LabError(f"{plan.cluster.name} has lost its network: `lab down {plan.cluster.name}`, then up again")


def make_node(node: RealNode, count: int) -> None:
    """A node's namespace on the hub's bridge, with ways to the pods of the other nodes and to nowhere else."""
    hub = node.plan.hub
    run("ip", "netns", "add", node.namespace)
    run("ip", "link", "add", "eth0", "netns", node.namespace, "type", "veth", "peer", "name", node.port, "netns", hub)
    _ip(hub, "link", "set", node.port, "master", "bridge", "up")
    _ip(node.namespace, "link", "set", "lo", "up")
    _ip(node.namespace, "address", "add", f"{node.address}/24", "dev", "eth0")
    _ip(node.namespace, "link", "set", "eth0", "up")
    _ip(node.namespace, "route", "add", plans.SERVICES, "dev", "eth0", "src", node.address)
    _sysctl(node.namespace, "net.ipv4.ip_forward=1")
    if INHERITED.exists():  # else the answer of a pod on the same bridge does not come from the Service's address
        _sysctl(node.namespace, "net.bridge.bridge-nf-call-iptables=1")
    _ip(hub, "route", "replace", node.pods, "via", node.address)
    for other in node.plan.nodes(count):
        if other.number != node.number:
            _ip(node.namespace, "route", "add", other.pods, "via", other.address)


def cut(node: RealNode) -> None:
    """Pulls a node's cable: from here on nothing it says is heard, as when a machine loses power."""
    with contextlib.suppress(LabError):
        _ip(node.plan.hub, "link", "delete", node.port)


def remove(namespace: str) -> None:
    """Removes a namespace; its links go with it."""
    run("ip", "netns", "delete", namespace)


def remove_link(plan: Plan) -> None:
    """Removes the cable to the machine, at once and not when the kernel gets to it."""
    if any(row["ifname"] == plan.link for row in rows("ip", "-json", "link", "show")):
        run("ip", "link", "delete", plan.link)


def namespaces(plan: Plan) -> list[str]:
    """Those of a cluster that there are."""
    if not FOLDER.is_dir():
        return []
    return sorted(path.name for path in FOLDER.iterdir() if path.name.startswith(plan.prefix))


def within(namespace: str) -> list[str]:
    """How to start a program there. Not `ip netns exec`: that mounts another /sys, without cgroups."""
    return ["nsenter", f"--net={FOLDER / namespace}", "--"]


def processes(names: list[str]) -> list[int]:
    """The processes whose network namespace is one of these."""
    wanted = {_identity(FOLDER / name) for name in names}
    return [
        int(each) for each in os.listdir("/proc") if each.isdecimal() and _identity(f"/proc/{each}/ns/net") in wanted
    ]


def listening(namespace: str) -> dict[int, list[str]]:
    """Process -> the addresses it accepts TCP connections on in a namespace, `127.0.0.1:2379`; `*` is every address."""
    found: dict[int, list[str]] = {}
    for line in run(
        *within(namespace), "ss", "--no-header", "--tcp", "--listening", "--numeric", "--processes"
    ).splitlines():
        for pid in re.findall(r"pid=(\d+)", line):
            found.setdefault(int(pid), []).append(line.split()[3])
    return {pid: sorted(addresses) for pid, addresses in found.items()}


def _identity(path: str | Path) -> tuple[int, int] | str:
    try:
        found = os.stat(path)
    except OSError:
        return f"{path} is gone"
    return found.st_dev, found.st_ino


def _free_link(plan: Plan) -> tuple[str, str]:
    taken = json.dumps(rows("ip", "-json", "address", "show"))
    for offset in range(plans.LINKS.num_addresses // 4):
        pair = plans.link_addresses(plan.first_link_range + offset)
        if f'"{pair[0]}"' not in taken:
            return pair
    raise LabError(f"every address of {plans.LINKS} is taken on this machine: end some clusters")


def _ip(namespace: str, *arguments: str) -> None:
    run("ip", "-netns", namespace, *arguments)


def _sysctl(namespace: str, setting: str) -> None:
    run(*within(namespace), "sysctl", "--quiet", "--write", setting)
