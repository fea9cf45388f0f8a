"""What an object goes through, made comparable: a recording or a live watch as its distinct states, names left out."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from lab.cluster import Cluster

from lab import watch

Object = dict[str, Any]
State = tuple[Any, ...]


class Seen(list[Object]):
    """Every version of an object that was seen, and a way to wait for more."""

    def __init__(self) -> None:
        super().__init__()
        self.news = threading.Condition()

    def until(self, enough: Callable[[Seen], bool], seconds: float = 60) -> bool:
        """Waits until it is enough; whether it is."""
        with self.news:
            return self.news.wait_for(lambda: enough(self), seconds)


@contextlib.contextmanager
def watched(cluster: str, kind: str, namespace: str, name: str) -> Iterator[Seen]:
    """Every version of an object while the block runs; the watch stands when the block begins."""
    seen = Seen()
    complete = threading.Event()
    with watch.Watch(Cluster(cluster), kind, namespace, name) as watching:

        def read() -> None:
            for event, found in watching:
                if event == watch.COMPLETE:
                    complete.set()
                elif event != "DELETED":
                    with seen.news:
                        seen.append(found)
                        seen.news.notify_all()

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        assert complete.wait(timeout=30), "the watch does not begin"
        yield seen
        watching.stop()
        reader.join(timeout=10)


def postgres(objects: Iterable[Object]) -> list[State]:
    """A CNPG Cluster: phase, reason, instances, how many are ready, who leads, conditions."""
    return _distinct(
        (
            status.get("phase"),
            _named(status.get("phaseReason"), obj),
            status.get("instances"),
            status.get("readyInstances"),
            _named(status.get("currentPrimary"), obj),
            *_conditions(status),
        )
        for obj in objects
        if (status := obj.get("status"))
    )


def rabbitmq(objects: Iterable[Object]) -> list[State]:
    """A RabbitmqCluster: its conditions, and whether its status speaks of its generation."""
    return _distinct(
        (status.get("observedGeneration") == obj["metadata"]["generation"], *_conditions(status))
        for obj in objects
        if (status := obj.get("status"))
    )


def by_condition(objects: Iterable[Object]) -> dict[str, list[str]]:
    """The states of each condition of a status, one after the other: `False NotAllPodsReady`."""
    found: dict[str, list[str]] = {}
    for obj in objects:
        for kind, status, reason in _conditions(obj.get("status") or {}):
            word = f"{status} {reason}"
            states = found.setdefault(kind, [])
            if states[-1:] != [word]:
                states.append(word)
    return found


def ended(objects: Sequence[Object], wanted: Mapping[str, str]) -> bool:
    """Whether the conditions are as wanted now, after they were not, or are of another spec than before."""
    states = [{kind: status for kind, status, _ in _conditions(obj.get("status") or {})} for obj in objects]
    reached = [wanted.items() <= each.items() for each in states]
    return bool(reached) and reached[-1] and not all(reached)


def _conditions(status: Object) -> list[tuple[str, str, str]]:
    found = status.get("conditions") or []
    return sorted((each["type"], each["status"], each.get("reason", "")) for each in found)


def _named(text: str | None, obj: Object) -> str | None:
    return re.sub(rf"\b{re.escape(obj['metadata']['name'])}\b", "main", text) if text else text


def _distinct(states: Iterable[State]) -> list[State]:
    found: list[State] = []
    for state in states:
        if found[-1:] != [state]:
            found.append(state)
    return found


def phases(objects: Iterable[Object]) -> list[str]:
    """The phases of a status in the order in which each first appears."""
    return list(dict.fromkeys(phase for obj in objects if (phase := (obj.get("status") or {}).get("phase"))))
