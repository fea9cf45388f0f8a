"""What pods say of themselves to Prometheus, asked through the API server."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ..core.api.client import Class
from ..core.api.errors import PlatformError
from ..core.sets.context import Context

_LINE = re.compile(r"(?P<name>[a-zA-Z_:][\w:]*)(\{(?P<labels>.*)\})?\s+(?P<value>[-+]?\d[-+.\deE]*)(\s|$)")
_LABEL = re.compile(r'([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"')
_SECONDS = 5.0
_NO_PATIENCE = dict.fromkeys(Class, 0.0)


class Sample(NamedTuple):
    """One value of a metric."""

    name: str
    labels: Mapping[str, str]
    value: float


class Metrics(tuple[Sample, ...]):
    """What one instance says of itself; empty where it says nothing."""

    @classmethod
    def read(cls, text: str) -> Metrics:
        """From Prometheus' text format; comments, and what is no finite number, left out."""
        return cls(_samples(text))

    def one(self, name: str, /, **labels: str) -> float | None:
        """The first value of a metric with these labels."""
        return next(iter(self.all(name, **labels)), (None,))[0]

    def all(self, name: str, /, **labels: str) -> list[tuple[float, Mapping[str, str]]]:
        """Every value of a metric with these labels, each with all of its labels."""
        return [
            (each.value, each.labels) for each in self if each.name == name and labels.items() <= each.labels.items()
        ]


def whole(value: float | None) -> int | None:
    """A metric's value that counts something."""
    return None if value is None else int(value)


def _samples(text: str) -> Iterator[Sample]:
    for line in text.splitlines():
        match = None if line.startswith("#") else _LINE.match(line)
        if match:
            yield Sample(match["name"], dict(_LABEL.findall(match["labels"] or "")), float(match["value"]))


def ask(
    context: Context, namespace: str, pods: Sequence[str], port: int, scheme: str = "http"
) -> tuple[dict[str, Metrics], dict[str, str]]:
    """Every pod's metrics at once, by its name; and of those that said nothing why."""
    secure = "https:" if scheme == "https" else ""

    def one(pod: str) -> Any:
        path = f"/api/v1/namespaces/{namespace}/pods/{secure}{pod}:{port}/proxy/metrics"
        answer = context.client.request(
            "GET", path, accept="text/plain", about=f"metrics of {pod}", timeout=_SECONDS, patience=_NO_PATIENCE
        )
        return answer.data

    answers = dict(zip(pods, context.client.map(one, pods), strict=True))
    metrics = {pod: Metrics.read(told) if isinstance(told, str) else Metrics() for pod, told in answers.items()}
    return metrics, {pod: _why(told) for pod, told in answers.items() if not isinstance(told, str)}


def _why(answer: Any) -> str:
    return str(answer) if isinstance(answer, PlatformError) else "it answered with something else"
