"""The evidence of a drill: one JSON record of what was done, measured and promised, and a page that shows it."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..core.api.errors import PlatformError
from ..core.sets.values import duration
from . import drill_picture, pages

Record = dict[str, Any]

_ROOT = Path(__file__).parents[3]
_RUN = (".yml", ".yaml", ".py")
_FIGURES = {"rpo": "rpo_seconds", "rto": "rto_seconds"}


def record(*, began: datetime, wrong: list[str], **known: Any) -> Record:
    """The whole record. known: what, cluster, host, options, before, steps, measured, profile, remarks.

    wrong: why the drill failed, a sentence each; none where it passed.
    """
    return {
        **known,
        "verdict": {"passed": not wrong, "against": "profile" if known.get("profile") else "nothing", "wrong": wrong},
        "began": began.isoformat(),
        "ended": datetime.now(UTC).isoformat(),
        "machine": machine(),
        "revision": revision(),
        "command": command(),
    }


def worse(measured: Mapping[str, Any], profile: Mapping[str, Any]) -> list[str]:
    """In what the measurement is worse than the profile, a sentence each; what could not be measured is worse."""
    found = []
    for key, figure in _FIGURES.items():
        got, limit = measured.get(figure), profile.get(key)
        if got is None:
            found.append(f"{key.upper()} could not be measured")
        elif limit is not None and got > seconds(limit):
            found.append(f"{key.upper()} {got:.3g} s is worse than the profile's {limit}")
    return found


def seconds(text: str) -> float:
    """`30s`, `15m`, `1h` in seconds. Raises PlatformError."""
    found = duration(str(text))
    if found is None:
        raise PlatformError(f"{text!r} in the recovery profile is no duration: write it as 30s, 15m or 1h")
    return float(found)


def told(given: Record) -> str:
    """The record in one sentence."""
    measured, verdict = given["measured"], given["verdict"]
    rpo = f"{measured['rpo_commits']} commits" if "rpo_commits" in measured else _seconds(measured.get("rpo_seconds"))
    figures = f"RPO {rpo}, RTO {_seconds(measured.get('rto_seconds'))}"
    return f"{'passed' if verdict['passed'] else 'FAILED'}: {figures}"


def _seconds(found: float | None) -> str:
    return "unknown" if found is None else f"{found:.1f} s"


def keep(given: Record, dest: str, *, acks: Iterable[float] = (), errors: Iterable[tuple[float, str]] = ()) -> Record:
    """Writes the record and its page into the folder; their paths. acks, errors: moments for the picture."""
    name = f"{datetime.fromisoformat(given['began']):%Y%m%dT%H%M%SZ}-{given['cluster'].replace('/', '-')}"
    stem = Path(dest).expanduser().absolute() / f"{name}-{given['options'].get('fault') or given['options']['kind']}"
    picture = drill_picture.picture(given["steps"], list(acks), list(errors), given["measured"])
    page = pages.write(f"{stem}.html", "drill.html.j2", record=given, told=told(given), picture=picture)
    file = Path(f"{stem}.json")
    try:
        file.write_text(json.dumps(given, indent=2, sort_keys=True) + "\n")
    except OSError as error:
        raise PlatformError(f"cannot write {file}: {error.strerror}. Give another dest") from error
    return {"evidence": str(file), "page": page}


def machine() -> Record:
    """The machine that runs the drill, and how busy it is: every time measured there is an upper bound."""
    one, five, fifteen = os.getloadavg()
    return {
        "system": f"{platform.system()} {platform.release().partition('-')[0]}",
        "architecture": platform.machine(),
        "cpus": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "load": [round(each, 1) for each in (one, five, fifteen)],
    }


def revision() -> str:
    """The commit of the checkout, or the version of the installed collection."""
    manifest = _ROOT / "MANIFEST.json"
    if manifest.is_file():
        return str(json.loads(manifest.read_text())["collection_info"]["version"])
    git = ["git", "-C", str(_ROOT.resolve()), "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    try:
        return subprocess.run(git, capture_output=True, text=True, check=True, timeout=10).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return "unknown"


def command() -> str:
    """The program and the files it runs. Other arguments may hold secrets, so the record's options stand for them."""
    files = [Path(each).name for each in sys.argv[1:] if Path(each).suffix in _RUN and each[0] not in "-@"]
    return " ".join([Path(sys.argv[0]).name, *files])
