"""Chooses free ports on loopback that no other cluster of this user has been promised."""

from __future__ import annotations

import itertools
import json
import socket
import zlib
from collections.abc import Iterator

from . import paths
from .cluster import Cluster
from .errors import LabError
from .locks import lock

FILE = "ports.json"
RANGE = range(20000, 32768)  # below what Linux gives to outgoing connections
API_SERVER = "kubeApiserverPort"
NAMES = (
    API_SERVER,
    "etcdPort",
    "etcdPeerPort",
    "kubeControllerManagerPort",
    "kubeSchedulerPort",
    "kwokControllerPort",
)


def choose(cluster: Cluster, wanted: int) -> dict[str, int]:
    """A port for each of kwokctl's options, kept in the cluster's folder; `wanted` for the API server unless 0.

    Left to kwokctl, two clusters that start at the same time are given the same ones.
    """
    with lock("ports.lock", "chooses ports"):
        taken = set(_promised()) | {wanted}
        free = (port for port in _in_order() if port not in taken and not complaint(port))
        ports = dict(zip(NAMES, free, strict=False))
        if len(ports) < len(NAMES):
            raise LabError(
                f"fewer than {len(NAMES)} ports of {RANGE.start} to {RANGE.stop - 1} are free: end something"
            )
        if wanted:
            ports[API_SERVER] = wanted
        (cluster.folder / FILE).write_text(json.dumps(ports, indent=1))
    return ports


def _in_order() -> Iterator[int]:
    """The range from a place of this state folder's own: labs of other users, or with other folders, choose too."""
    first = zlib.crc32(bytes(paths.state())) % len(RANGE)
    return itertools.chain(RANGE[first:], RANGE[:first])


def complaint(port: int) -> str:
    """Why a port cannot be listened on, empty when it can."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            return error.strerror or str(error)
    return ""


def _promised() -> Iterator[int]:
    for path in paths.state().glob(f"*/{FILE}"):
        try:
            yield from json.loads(path.read_text()).values()
        except (OSError, ValueError):  # its cluster is just being ended
            continue
