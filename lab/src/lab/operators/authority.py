"""The process of the simulated cert-manager: watches its objects and signs with real keys, `python -m ... FOLDER`."""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from pathlib import Path
from typing import Any

from .. import background, watch
from ..cluster import Cluster
from ..errors import LabError
from ..kubectl import kubectl
from . import certmanager, signing
from .certmanager import World
from .signing import Pair

NAME = "cert-manager"
MODULE = "lab.operators.authority"
MANAGER = "groundwork-lab-cert-manager"
KINDS = ("certificates.cert-manager.io", "issuers.cert-manager.io", "clusterissuers.cert-manager.io", "secrets")

Object = dict[str, Any]
Event = tuple[str, Object] | None  # None: a watch has ended


def start(cluster: Cluster) -> None:
    """Starts the process; nothing happens when it runs. `lab down` ends it."""
    if NAME in cluster.helpers():
        return
    command = [sys.executable, "-m", MODULE, f"{cluster.folder}/"]
    background.start(command, cluster.folder / f"{NAME}.log", os.environ)


def run(cluster: Cluster) -> None:
    """Does what cert-manager would until a watch ends."""
    world = World(_authority(cluster))
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    for kind in KINDS:
        threading.Thread(target=_watch, args=(cluster, kind, events), daemon=True).start()
    whole = 0
    while event := events.get():
        whole += event[0] == watch.COMPLETE
        _note(world, *event)
        if whole == len(KINDS) and events.empty():
            _act(cluster, world)


def _watch(cluster: Cluster, kind: str, events: queue.SimpleQueue[Event]) -> None:
    try:
        with watch.Watch(cluster, kind) as watching:
            for event in watching:
                events.put(event)
    finally:
        events.put(None)


def _note(world: World, event: str, found: Object) -> None:
    if event == watch.COMPLETE:
        return
    metadata = found["metadata"]
    place = (metadata.get("namespace", ""), metadata["name"])
    if found["kind"] == "Secret":
        _put(world.secrets, place, event, found)
    elif found["kind"] == "Certificate":
        _put(world.certificates, place, event, found)
    else:
        _put(world.issuers, (found["kind"], *place), event, found)


def _put(kept: dict[Any, Object], place: Any, event: str, found: Object) -> None:
    if event == "DELETED":
        kept.pop(place, None)
    else:
        kept[place] = found


def _act(cluster: Cluster, world: World) -> None:
    """What was written comes back as events, and is acted on again, until nothing is left to do."""
    _apply(cluster, certmanager.statuses(world), "--subresource=status", "--validate=ignore")  # no spec in it
    signed = certmanager.secrets(world)
    _apply(cluster, signed)
    for secret in signed:  # before its event: nothing is signed twice
        _note(world, "ADDED", secret)


def _apply(cluster: Cluster, objects: list[Object], *options: str) -> None:
    if not objects:
        return
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
    common = ("--server-side", "--force-conflicts", f"--field-manager={MANAGER}", "--filename=-")
    try:
        kubectl(cluster, "apply", *common, *options, stdin=text)
    except LabError as error:  # deleted meanwhile: its event says so
        print(error, file=sys.stderr, flush=True)


def _authority(cluster: Cluster) -> Pair:
    """The lab's CA of this cluster, made when missing: what ACME, Vault and Venafi would sign, it signs."""
    path = cluster.folder / f"{NAME}.pem"
    if path.exists():
        text = path.read_bytes()
        return signing.load(text, text)
    made = signing.sign({"commonName": f"lab {cluster.name} CA", "isCA": True, "privateKey": {"algorithm": "ECDSA"}})
    path.touch(mode=0o600)
    path.write_bytes(made.pem + signing.key_pem(made.key))
    return made


if __name__ == "__main__":
    run(Cluster(Path(sys.argv[1]).name))
