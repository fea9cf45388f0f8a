"""Lays out the pictures of a report: where every box, bar and line goes, for templates that draw them. Pure.

All coordinates are SVG user units; widths are those of the page's pictures.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

Row = dict[str, Any]
Shape = dict[str, Any]

WIDTH = 1120
COLOURS = (
    "#3b76d4", "#e08a2c", "#2f9e73", "#b4579b", "#7a68c8", "#c9503f", "#3aa3b8", "#8f9b2f", "#d06a8c", "#5c7f9e",
    "#9a7448", "#4f9a4a", "#a05fd0", "#cf7d53",
)  # fmt: skip
GREY = "#9aa5b1"
_POD, _GAP, _CARD, _LEFT = 15, 3, 150, 130


def colours(names: Iterable[str]) -> dict[str, str]:
    """A colour for each name, the same on every picture of a page."""
    return {name: COLOURS[index % len(COLOURS)] for index, name in enumerate(sorted(set(names)))}


def ground(nodes: list[Row], pods: list[Row], palette: Mapping[str, str]) -> Shape:
    """Zones side by side, pools below each other, nodes as cards, a square for every pod."""
    zones, pools = _ordered(nodes, "zone"), _ordered(nodes, "pool")
    width = (WIDTH - _LEFT) / max(1, len(zones))
    across = max(1, int((width - 12) // (_CARD + 8)))
    on = {node["name"]: [pod for pod in pods if pod["node"] == node["name"]] for node in nodes}
    cards: list[Shape] = []
    rows: list[Shape] = []
    top = 34.0
    for pool in pools:
        deepest = 0.0
        for column, zone in enumerate(zones):
            inside = [node for node in nodes if node["pool"] == pool and node["zone"] == zone]
            y = top + 10
            for begin in range(0, len(inside), across):
                line = [
                    _card(node, on[node["name"]], _LEFT + column * width + 8 + index * (_CARD + 8), y, palette)
                    for index, node in enumerate(inside[begin : begin + across])
                ]
                cards += line
                y += max(card["h"] for card in line) + 8
            deepest = max(deepest, y - top)
        members = [node for node in nodes if node["pool"] == pool]
        rows.append({"y": top, "h": deepest + 4, "name": pool, "nodes": len(members), "type": members[0]["type"]})
        top += deepest + 8
    columns = [{"x": _LEFT + index * width, "w": width, "name": zone or "no zone"} for index, zone in enumerate(zones)]
    return {"width": WIDTH, "height": top + 4, "rows": rows, "columns": columns, "cards": cards}


def _card(node: Row, pods: list[Row], x: float, y: float, palette: Mapping[str, str]) -> Shape:
    per_line = int((_CARD - 16 + _GAP) // (_POD + _GAP))
    squares = [
        {
            "x": x + 8 + index % per_line * (_POD + _GAP),
            "y": y + 24 + index // per_line * (_POD + _GAP),
            "size": _POD,
            "colour": palette.get(group(pod), GREY),
            "ready": pod["ready"],
            "title": f"{pod['namespace']}/{pod['name']}",
        }
        for index, pod in enumerate(sorted(pods, key=lambda each: (each["app"], each["name"])))
    ]
    lines = max(1, math.ceil(len(pods) / per_line))
    bars = [
        {
            "label": key,
            "share": _share(sum((pod[key] for pod in pods), Decimal(0)), node[key]),
            "y": y + 30 + lines * 18 + at,
        }
        for at, key in ((0, "cpu"), (9, "memory"))
    ]
    return {
        "x": x, "y": y, "w": _CARD, "h": 24 + lines * 18 + 26, "name": node["name"], "ready": node["ready"],
        "pods": squares, "bars": bars,
    }  # fmt: skip


def _share(used: Decimal, whole: Decimal) -> float:
    return float(used / whole) if whole else 0.0


def _ordered(rows: Iterable[Row], key: str) -> list[str]:
    return sorted({row[key] for row in rows})


def group(pod: Row) -> str:
    """What a pod is coloured by: the role that it stands for, else its namespace."""
    return str(pod["role"] or pod["namespace"])


def legend(pods: list[Row], palette: Mapping[str, str]) -> list[Row]:
    """A row for every group of pods: its colour, whether they are placeholders, and how many there are of each app."""
    rows = []
    for name in sorted({group(pod) for pod in pods}):
        own = [pod for pod in pods if group(pod) == name]
        apps = Counter(pod["app"] for pod in own)
        rows.append(
            {
                "name": name,
                "colour": palette.get(name, GREY),
                "placeholder": bool(own[0]["role"]),
                "pods": len(own),
                "ready": sum(pod["ready"] for pod in own),
                "apps": [f"{number} {app}" for app, number in sorted(apps.items())],
            }
        )
    return rows


def fit(nodes: list[Row], pods: list[Row]) -> list[Row]:
    """What is asked for of each pool, as shares of what its nodes have."""
    pool_of = {node["name"]: node["pool"] for node in nodes}
    rows = []
    for pool in _ordered(nodes, "pool"):
        members = [node for node in nodes if node["pool"] == pool]
        inside = [pod for pod in pods if pool_of.get(pod["node"]) == pool]
        asked = {key: sum((pod[key] for pod in inside), Decimal(0)) for key in ("cpu", "memory")}
        have = {key: sum((node[key] for node in members), Decimal(0)) for key in ("cpu", "memory")}
        rows.append(
            {
                "pool": pool,
                "nodes": len(members),
                "pods": len(inside),
                "bars": [
                    {"label": key, "share": _share(asked[key], have[key]), "told": _of(asked[key], have[key], key)}
                    for key in ("cpu", "memory")
                ],
            }
        )  # fmt: skip
    return rows


def told(amount: Decimal, resource: str) -> str:
    """A number as people read it: bytes in Gi or Ti, the rest with one digit."""
    if "memory" in resource or "storage" in resource:
        gibi = amount / 2**30
        return f"{float(gibi / 1024):.1f} Ti" if gibi >= 1024 else f"{float(gibi):.0f} Gi"
    return f"{float(amount):.1f}".removesuffix(".0")


def _of(part: Decimal, whole: Decimal, resource: str) -> str:
    return f"{told(part, resource)} of {told(whole, resource)}"


def quotas(rows: list[Row]) -> list[Row]:
    """A bar for everything that a quota counts."""
    return [
        {
            "namespace": row["namespace"],
            "name": row["name"],
            "bars": [
                {
                    "label": each["resource"],
                    "share": _share(each["used"], each["hard"]),
                    "told": _of(each["used"], each["hard"], each["resource"]),
                }
                for each in row["resources"]
            ],
        }
        for row in sorted(rows, key=lambda each: (each["namespace"], each["name"]))
    ]


def timeline(phases: Mapping[str, list[Row]], palette: Mapping[str, str]) -> Shape:
    """Bars over the seconds since the first task, a line for each task that kept sets, phase below phase."""
    everything = [task for tasks in phases.values() for task in tasks]
    if not everything:
        return {"width": WIDTH, "height": 0, "phases": [], "ticks": []}
    begin = min(task["started"] for task in everything)
    end = max(task["started"] + task["seconds"] for task in everything)
    scale = (WIDTH - 330) / max(1.0, end - begin)
    y, found = 8.0, []
    for name, tasks in phases.items():
        bars = []
        for index, task in enumerate(tasks):
            bars.append(
                {
                    "x": 250 + (task["started"] - begin) * scale,
                    "w": max(2.0, task["seconds"] * scale),
                    "y": y + 22 + index * 19,
                    "name": task["name"],
                    "told": f"{task['seconds']:.1f} s",
                    "colour": palette.get(task["role"], GREY),
                }
            )
        found.append({"name": name, "y": y, "bars": bars, "told": f"{sum(task['seconds'] for task in tasks):.1f} s"})
        y += 30 + len(tasks) * 19
    step = next(each for each in (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 3600) if (end - begin) / each <= 12)
    ticks = [{"x": 250 + at * scale, "told": f"{at} s"} for at in range(0, int(end - begin) + 1, step)]
    return {"width": WIDTH, "height": y + 18, "phases": found, "ticks": ticks}
