"""Command requests: what a cluster's audit log says that one client asked for, by what it could have changed."""

from __future__ import annotations

import argparse
import json
import re
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .arguments import cluster_name
from .cluster import Cluster, finished
from .errors import LabError
from .kubectl import kubectl

CHANGING = ("create", "update", "patch", "delete", "deletecollection")
# Reviews of rights and of oneself are created, and stored nowhere.
_REVIEW = re.compile(r"/apis/auth(orization|entication)\.k8s\.io/v1/self\w+reviews")
PATIENCE = 10.0  # seconds for the log to be written

Entry = dict[str, Any]


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds this module's subcommand."""
    requests = commands.add_parser("requests", help="count requests in the audit log, as JSON (needs `lab up --audit`)")
    cluster_name(requests)
    requests.add_argument("--since", type=int, default=0, metavar="POSITION", help="the `position` of an earlier count")
    requests.add_argument("--agent", default="groundwork.platform", help="a part of the client's user agent")
    requests.set_defaults(run=lambda o: print(json.dumps(count(finished(o.name), o.since, o.agent), indent=1)))


def count(cluster: Cluster, since: int, agent: str) -> dict[str, Any]:
    """Requests by kind: reads, dry_runs, leases, writes; the writes in words; the log's position now."""
    if not cluster.facts.get("asked", {}).get("audit"):
        raise LabError(f"{cluster.name} has no audit log: start it with `lab up {cluster.name} --audit`")
    entries, position = finished_since(cluster.audit_log, since, lambda path: kubectl(cluster, "get", "--raw", path))
    own = [entry for entry in entries if agent in entry.get("userAgent", "")]
    kinds = [kind_of(entry) for entry in own]
    return {
        **{f"{kind}s": kinds.count(kind) for kind in ("read", "dry_run", "lease", "write")},
        "written": [f"{e['verb']} {e['requestURI']}" for e, kind in zip(own, kinds, strict=True) if kind == "write"],
        "position": position,
    }


def finished_since(log: Path, position: int, ask: Callable[[str], object]) -> tuple[list[Entry], int]:
    """An audit log's entries from a position on, and its position now. `ask` gets a path from the API server.

    The log is written as a request ends, which may be after its client has its answer: a request of our own, seen in
    the log, closes it, and is left out. A long line shows in parts: a position within one leaves that entry out.
    """
    fence = f"/version?fence={uuid.uuid4()}"
    ask(fence)
    deadline, text = time.monotonic() + PATIENCE, b""
    with log.open("rb") as file:
        file.seek(max(position - 1, 0))
        while fence.encode() not in text or not text.endswith(b"\n"):
            if time.monotonic() > deadline:
                raise LabError(f"the API server answered, and {log} does not say so: see `lab status`")
            text += file.read()
        # what was before the position: a line's end, or with it a part of the line
        lines = text.splitlines()[1 if position else 0 :]
        entries = [entry for entry in map(json.loads, lines) if entry["requestURI"] != fence]
        return entries, file.tell()


def kind_of(entry: Entry) -> str:
    """What a request could have changed: read (nothing), dry_run, lease or write."""
    if entry["verb"] not in CHANGING or _REVIEW.match(entry["requestURI"]):
        return "read"
    if "dryRun=All" in entry["requestURI"]:
        return "dry_run"
    return "lease" if entry.get("objectRef", {}).get("resource") == "leases" else "write"
