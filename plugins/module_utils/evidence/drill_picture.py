"""Lays out the timeline of a drill: steps as bars, below them the commits that a client saw, and its gaps. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .pictures import WIDTH, Row, Shape

_LEFT, _RIGHT, _LINE, _BINS, _WORDS = 250, 60, 20, 200, 30
_COLOURS = {"done": "#3b76d4", "failed": "#c23b3b", "undone": "#b97709", "unneeded": "#9aa5b1"}
_STEPS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600)


def picture(steps: list[Row], acks: list[float], errors: list[tuple[float, str]], measured: Mapping[str, Any]) -> Shape:
    """Everything over seconds since the first step. Where a client's clock is another's, its lane is off by as much."""
    taken = [each for each in steps if each["state"] != "would"]
    moments = [*(each["started"] for each in taken), *(each["started"] + each["seconds"] for each in taken), *acks]
    if not moments:
        return {"width": WIDTH, "height": 0, "bars": [], "ticks": [], "commits": [], "gaps": [], "errors": []}
    begin, end = min(moments), max(moments)
    scale = (WIDTH - _LEFT - _RIGHT) / max(0.1, end - begin)

    def at(moment: float) -> float:
        return _LEFT + (moment - begin) * scale

    top = 14 + len(taken) * _LINE
    tick = next((each for each in _STEPS if (end - begin) / each <= 12), _STEPS[-1])
    fault = measured.get("fault_at")
    return {
        "width": WIDTH,
        "height": top + 100,
        "top": top,
        "bars": [_bar(each, index, at, scale) for index, each in enumerate(taken)],
        "commits": _density(acks, begin, end, at),
        "gaps": [_gap(at(each["begin"]), each["seconds"], scale) for each in measured.get("gaps", [])],
        "errors": [{"x": at(moment), "told": words} for moment, words in errors[:500]],
        "fault": at(fault) if fault else None,
        "ticks": [{"x": at(begin + each), "told": f"{each} s"} for each in range(0, int(end - begin) + 1, tick)],
    }


def _bar(step: Row, index: int, at: Any, scale: float) -> Shape:
    return {
        "x": at(step["started"]),
        "w": max(2.0, step["seconds"] * scale),
        "y": 8 + index * _LINE,
        "name": step["name"],
        "told": f"{step['seconds']:.1f} s",
        "colour": _COLOURS.get(step["state"], "#3b76d4"),
    }


def _gap(x: float, seconds: float, scale: float) -> Shape:
    """A gap tells its length where there is room for the words."""
    width = max(2.0, seconds * scale)
    return {"x": x, "w": width, "told": f"{seconds:.1f} s" if width >= _WORDS else ""}


def _density(acks: list[float], begin: float, end: float, at: Any) -> list[Shape]:
    """Commits by slices of time, as bars of up to 40 units."""
    width = max(0.1, end - begin) / _BINS
    counts: dict[int, int] = {}
    for moment in acks:
        index = min(_BINS - 1, int((moment - begin) / width))
        counts[index] = counts.get(index, 0) + 1
    most = max(counts.values(), default=1)
    return [
        {"x": at(begin + index * width), "w": (at(begin + width) - at(begin)) * 0.9, "h": 40 * count / most}
        for index, count in sorted(counts.items())
    ]
