"""The process of the simulated operators: follows definitions, resources, pods and claims of one lab cluster."""

from __future__ import annotations

import argparse
import os
import signal
from collections.abc import Callable
from typing import Any

from . import kinds
from .actor import Actor, World
from .balancers import Balancers
from .engine import Client, Connection, Discovery, Resource, get
from .follow import DELETED, Follow
from .loop import Loop, say
from .marks import EVERY
from .volumes import Volumes

_DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
Object = dict[str, Any]


class Theatre:
    """All actors of a cluster."""

    def __init__(self, client: Client, pace: float) -> None:
        self._client = client
        self._loop = Loop(client.stopping)
        self._discovery = Discovery(client)
        self._world = World(client, self._discovery, self._loop, pace)
        self._actors: dict[str, Actor] = {}
        self._followed: dict[str, Follow] = {}
        self._volumes = Volumes(client, self._loop)

    def play(self, begun: Callable[[], None]) -> None:
        """Until the client is stopped. `begun` is called when everything is followed."""
        self._follow("/api/v1/pods", self._pod, label_selector=EVERY)
        self._volumes.start()
        self._follow("/api/v1/persistentvolumeclaims", self._claim)
        self._follow("/api/v1/services", Balancers(self._client).take)
        self._look()
        self._follow(_DEFINITIONS, self._definition, metadata_only=True)
        self._loop.soon(begun)
        self._loop.run()

    def _follow(self, path: str, take: Callable[[str, Object], None], **options: Any) -> Follow:
        loop = self._loop
        return Follow(self._client, path, lambda event, obj: loop.soon(lambda: take(event, obj)), **options)

    def _look(self) -> None:
        """Follows every kind of ours that the server serves already."""
        self._discovery.refresh()
        served = {f"{each.group}/{each.kind}": each for each in self._discovery.resources()}
        for key in kinds.every():
            if key in served:
                self._begin(key, served[key])

    def _definition(self, event: str, crd: Object) -> None:
        """A definition came, was changed or is gone; what was there at the beginning has been looked at."""
        key = f"{get(crd, 'spec', 'group')}/{get(crd, 'spec', 'names', 'kind')}"
        if event == DELETED and key in self._followed:
            self._followed.pop(key).stop()
        elif event != DELETED and key in kinds.every() and key not in self._followed and _is_established(crd):
            self._discovery.learn([crd])
            self._begin(key, self._discovery.find(*key.split("/")))

    def _begin(self, key: str, resource: Resource) -> None:
        kind = kinds.every()[key]
        say(f"{key}: {kind.words}")
        self._followed[key] = self._follow(self._discovery.path(resource), self._of(kind, resource))

    def _of(self, kind: kinds.Kind, resource: Resource) -> Callable[[str, Object], None]:
        def take(event: str, obj: Object) -> None:
            uid = obj["metadata"]["uid"]
            if event == DELETED:
                if uid in self._actors:
                    self._actors.pop(uid).end()
                return
            if uid not in self._actors:
                self._actors[uid] = Actor(self._world, kind, resource, obj)
            self._actors[uid].take(obj)

        return take

    def _pod(self, event: str, pod: Object) -> None:
        owner = self._world.pods.take(event, pod)
        if owner in self._actors:
            self._actors[owner].pods_changed()

    def _claim(self, event: str, claim: Object) -> None:
        owner = self._world.claims.take(event, claim)
        self._volumes.take(event, claim)
        if event == DELETED and owner in self._actors:
            self._actors[owner].pods_changed()


def _is_established(crd: Object) -> bool:
    conditions = get(crd, "status", "conditions") or []
    return any(each["type"] == "Established" and each["status"] == "True" for each in conditions)


def main() -> None:
    """Runs until it is told to end."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kubeconfig", required=True)
    parser.add_argument("--speed", type=float, required=True)
    parser.add_argument("--begun", type=int, required=True, help="a file descriptor that is told when all is followed")
    options = parser.parse_args()
    with Client(Connection(kubeconfig=options.kubeconfig)) as client:
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
        say(f"simulated operators, {options.speed:g} recorded seconds a second")

        def begun() -> None:
            os.write(options.begun, b"begun\n")
            os.close(options.begun)

        Theatre(client, options.speed).play(begun)


if __name__ == "__main__":
    main()
