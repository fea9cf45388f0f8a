"""Lays out who talks to whom: endpoints on a circle, grouped by namespace, an arrow for every flow. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from .pictures import WIDTH, colours

Shape = dict[str, Any]
_OUTSIDE = "outside of the cluster"
_PULL = 0.22  # how far a curve stays away from the centre


class Circle(NamedTuple):
    """Where the endpoints stand; one of `steps` equal parts each."""

    x: float
    y: float
    radius: float
    steps: int

    def angle(self, step: float) -> float:
        """Radians; the first step is at the top."""
        return 2 * math.pi * step / self.steps - math.pi / 2

    def point(self, step: float, beyond: float = 0) -> tuple[float, float]:
        """A point on the circle, or so far outside of it."""
        angle, radius = self.angle(step), self.radius + beyond
        return self.x + radius * math.cos(angle), self.y + radius * math.sin(angle)


def wheel(endpoints: Iterable[Mapping[str, Any]], flows: Iterable[Mapping[str, Any]]) -> Shape:
    """places, arcs (a namespace each) and edges; endpoints and flows as the role tenancy has them."""
    names = _grouped(endpoints)
    groups = list(dict.fromkeys(group for _, group in names))
    palette = colours(groups)
    circle = Circle(WIDTH / 2, 330, 250, len(names) + len(groups))  # a gap after each group
    places: dict[str, Shape] = {}
    arcs, step = [], 0
    for group in groups:
        inside = [name for name, own in names if own == group]
        for offset, name in enumerate(inside):
            places[name] = _place(name, circle, step + offset) | {"colour": palette[group]}
        arcs.append({"name": group, "path": _arc(circle, step, step + len(inside) - 1), "colour": palette[group]})
        step += len(inside) + 1
    edges = [
        _edge(places[a], places[b], circle, flow.get("ports"))
        for flow in flows
        for a in _names(flow["from"])
        for b in _names(flow["to"])
        if a in places and b in places and a != b
    ]
    return {"width": WIDTH, "height": 660, "places": list(places.values()), "arcs": arcs, "edges": edges}


def _grouped(endpoints: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """(endpoint, group) in the order of groups; what is outside of the cluster last."""
    found = [(str(each["name"]), " ".join(_names(each.get("namespaces") or [])) or _OUTSIDE) for each in endpoints]
    return sorted(found, key=lambda row: (row[1] == _OUTSIDE, row[1], row[0]))


def _names(value: Any) -> list[str]:
    return [str(value)] if isinstance(value, str) else [str(each) for each in value]


def _place(name: str, circle: Circle, step: int) -> Shape:
    """A dot, and its name written outwards, never upside down."""
    (x, y), (tx, ty), angle = circle.point(step), circle.point(step, 20), circle.angle(step)
    right = math.cos(angle) >= 0
    turn = math.degrees(angle) + (0 if right else 180)
    return {"name": name, "x": x, "y": y, "tx": tx, "ty": ty, "turn": turn, "anchor": "start" if right else "end"}


def _arc(circle: Circle, first: int, last: int) -> str:
    begin, end = circle.point(first - 0.35, 9), circle.point(last + 0.35, 9)
    large = int(circle.angle(last + 0.35) - circle.angle(first - 0.35) > math.pi)
    radius = circle.radius + 9
    return f"M{begin[0]:.1f},{begin[1]:.1f} A{radius},{radius} 0 {large} 1 {end[0]:.1f},{end[1]:.1f}"


def _edge(a: Shape, b: Shape, circle: Circle, ports: Any) -> Shape:
    """A curve that bends towards the centre, in the colour of where it begins."""
    x = circle.x + ((a["x"] + b["x"]) / 2 - circle.x) * _PULL
    y = circle.y + ((a["y"] + b["y"]) / 2 - circle.y) * _PULL
    told = f": {', '.join(map(str, ports))}" if ports else ""
    return {
        "path": f"M{a['x']:.1f},{a['y']:.1f} Q{x:.1f},{y:.1f} {b['x']:.1f},{b['y']:.1f}",
        "colour": a["colour"],
        "title": f"{a['name']} to {b['name']}{told}",
    }
