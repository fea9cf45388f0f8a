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
KINDS = {
    "certificates.cert-manager.io": "Certificate",
    "issuers.cert-manager.io": "Issuer",
    "clusterissuers.cert-manager.io": "ClusterIssuer",
    "secrets": "Secret",
}

Object = dict[str, Any]
Events = queue.SimpleQueue[tuple[str, str, Object]]  # type of event, one of KINDS, object
BEGIN = "BEGIN"  # the event before all objects of a kind come, at first and when the API server has ended a watch
AWAY = 1.0  # seconds before an API server that went away is asked again


def start(cluster: Cluster) -> None:
    """Starts the process; nothing happens when it runs. `lab down` ends it."""
    if NAME in cluster.helpers():
        return
    command = [sys.executable, "-m", MODULE, f"{cluster.folder}/"]
    background.start(command, cluster.folder / f"{NAME}.log", os.environ)


def run(cluster: Cluster) -> None:
    """Does what cert-manager would until the cluster is gone; nothing while it does not know all there is."""
    world = World(_authority(cluster))
    events: Events = queue.SimpleQueue()
    for kind in KINDS:
        threading.Thread(target=_follow, args=(cluster, kind, events), daemon=True).start()
    whole: set[str] = set()
    while cluster.exists():
        event, kind, found = events.get()
        if event == BEGIN:
            whole.discard(kind)
            _forget(world, kind)
        elif event == watch.COMPLETE:
            whole.add(kind)
        else:
            _note(world, event, found)
        if whole == set(KINDS) and events.empty():
            _act(cluster, world)


def _follow(cluster: Cluster, kind: str, events: Events) -> None:
    """A watch ends after an hour at most, and with its API server: then there is another one."""
    away = threading.Event()
    while cluster.exists():
        try:
            with watch.Watch(cluster, kind) as watching:
                events.put((BEGIN, kind, {}))
                for event, found in watching:
                    events.put((event, kind, found))
        except LabError as error:
            print(error, file=sys.stderr, flush=True)
        away.wait(AWAY)


def _forget(world: World, kind: str) -> None:
    """What is still there comes again."""
    every: tuple[dict[Any, Object], ...] = (world.certificates, world.issuers, world.secrets)
    for kept in every:
        for place in [place for place, found in kept.items() if found["kind"] == KINDS[kind]]:
            del kept[place]


def _note(world: World, event: str, found: Object) -> None:
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
