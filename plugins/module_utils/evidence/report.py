"""Puts on one page what a rehearsal showed: what runs where, what was applied, how long it took, what fits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..core.sets.context import Context
from ..core.sets.options import Options
from . import cluster, facts, notes, outline, pages, pictures
from .wheel import wheel

_ROWS = {"type": "list", "elements": "dict", "default": []}
OPTIONS = Options(
    {
        "dest": {"type": "path", "required": True},
        "pools": _ROWS,
        "endpoints": _ROWS,
        "flows": _ROWS,
        "simulated": {"type": "list", "elements": "str", "default": []},
        "requests": {"type": "dict", "default": {}},
        "trials": _ROWS,
    }
)


def report(
    *,
    context: Context,
    dest: str,
    pools: list[dict[str, Any]],
    endpoints: list[dict[str, Any]],
    flows: list[dict[str, Any]],
    simulated: list[str],
    requests: dict[str, Any],
    trials: list[dict[str, Any]],
) -> dict[str, Any]:
    """Writes the page; its path. pools, endpoints and flows as the inventory has them.

    requests: what the audit log counted in the second run (`lab requests`). trials: what was tried on the cluster, each
    a mapping of name, told (a sentence) and passed.
    """
    found = facts.read(context, [str(pool["name"]) for pool in pools])
    done = {name: outline.tasks(rows) for name, rows in notes.phases(context.host).items() if rows and name}
    phases = {name: [task for task in tasks if task.rows or task.failure] for name, tasks in done.items()}
    palette = pictures.colours(map(pictures.group, found["pods"]))
    roles = pictures.colours(task.role or task.name for tasks in phases.values() for task in tasks)
    path = pages.write(
        dest,
        "report.html.j2",
        host=context.host,
        cluster=cluster.info(context=context),
        ground=pictures.ground(found["nodes"], found["pods"], palette),
        legend=pictures.legend(found["pods"], palette),
        lost=[pod for pod in found["pods"] if not pod["node"]],
        fit=pictures.fit(found["nodes"], found["pods"]),
        quotas=pictures.quotas(found["quotas"]),
        claims=_claims(found["claims"]),
        timeline=pictures.timeline({name: list(map(_bar, tasks)) for name, tasks in phases.items()}, roles),
        wheel=wheel(endpoints, flows),
        flows=len(flows),
        phases={name: _summary(tasks) for name, tasks in phases.items()},
        foretold=_foretold(phases),
        sets=_sets(phases),
        numbers=_numbers(found),
        simulated=simulated,
        requests=requests,
        trials=trials,
    )
    context.say(f"report  the page: {path}")
    return {"changed": False, "page": path}


def _numbers(found: Mapping[str, list[dict[str, Any]]]) -> dict[str, int]:
    return {
        "nodes": len(found["nodes"]),
        "zones": len({node["zone"] for node in found["nodes"]}),
        "pods": len(found["pods"]),
        "ready": sum(pod["ready"] for pod in found["pods"]),
    }


def _claims(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """By storage class: how many claims, how many bound, how much together."""
    rows = list(rows)
    return [
        {
            "class": name,
            "claims": len(own),
            "bound": sum(row["bound"] for row in own),
            "size": pictures.told(sum((row["size"] for row in own), facts.number(0)), "storage"),
        }
        for name in sorted({row["class"] for row in rows})
        for own in [[row for row in rows if row["class"] == name]]
    ]


def _bar(task: outline.Task) -> dict[str, Any]:
    return {"name": task.name, "role": task.role or task.name, "started": task.started, "seconds": task.seconds}


def _summary(tasks: Iterable[outline.Task]) -> dict[str, Any]:
    tasks = list(tasks)
    rows = [row for task in tasks for row in task.rows]
    return {
        "told": outline.words(outline.counts(rows)),
        "objects": len(rows),
        "changed": sum(row["action"] != "unchanged" for row in rows),
        "seconds": round(sum(task.seconds for task in tasks), 1),
        "check": all(task.check for task in tasks),
    }


def _foretold(phases: Mapping[str, list[outline.Task]]) -> dict[str, int] | None:
    """How many objects the plan foretold, and with how many the first run then did something else."""
    if "plan" not in phases or "first run" not in phases:
        return None
    plan, first = (_actions(phases[name]) for name in ("plan", "first run"))
    return {"objects": len(plan), "other": sum(plan.get(key) != first.get(key) for key in {*plan, *first})}


def _actions(tasks: Iterable[outline.Task]) -> dict[tuple[str, str], str]:
    return {(task.name, outline.label(row)): row["action"] for task in tasks for row in task.rows}


def _sets(phases: Mapping[str, list[outline.Task]]) -> list[dict[str, Any]]:
    """Each set of the first run: its kinds with their numbers, how many are ready, what the second run did, seconds."""
    again = {task.name: task for task in phases.get("second run", [])}
    return [
        {
            "name": task.name,
            "role": task.role,
            "kinds": outline.counts(task.rows, "kind"),
            "objects": len(task.rows),
            "ready": sum(row["ready"] is True for row in task.rows),
            "seconds": round(task.seconds, 1),
            "again": outline.words(outline.counts(again[task.name].rows)) if task.name in again else "",
            "again_seconds": round(again[task.name].seconds, 2) if task.name in again else None,
        }
        for task in phases.get("first run", [])
    ]
