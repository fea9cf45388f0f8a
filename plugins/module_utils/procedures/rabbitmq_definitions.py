"""Takes the definitions of a RabbitMQ cluster out, into a file or Secret, and puts them back."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

from ..core.api.errors import PlatformError
from ..core.api.objects import Object, get
from ..core.sets.context import Context
from ..core.sets.options import Options
from ..core.words import WHICH
from . import rabbitmq_ctl as ctl
from . import reach
from .steps import Step, Unneeded, take

Result = dict[str, Any]

DEFINITIONS = Options(
    {
        **WHICH,
        "state": {"type": "str", "choices": ["exported", "restored"], "default": "exported"},
        "path": {"type": "path"},
        "secret": {"type": "str", "no_log": False},
        "passwords": {"type": "bool", "default": False, "no_log": False},
    },
    required_one_of=(("path", "secret"),),
    mutually_exclusive=(("path", "secret"),),
)
_KEY = "definitions.json"
_COUNTED = ("vhosts", "users", "permissions", "exchanges", "queues", "bindings", "policies", "parameters")
_OF_USERS = ("permissions", "topic_permissions")
# The operator's own user, which every cluster has under another name.
_OWN = "default_user_"
_LIMIT = 1 << 20  # bytes that a Secret may hold
_EXPORT = "rabbitmqctl -q export_definitions - --format=json"


def definitions(
    *,
    context: Context,
    namespace: str,
    name: str,
    state: str,
    timeout: int,
    passwords: bool,
    path: str | None = None,
    secret: str | None = None,
) -> Result:
    """Exports or restores; the result counts what there is, and never shows it."""
    place = _Place(context, namespace, path, secret)
    work = _Work(context, ctl.which(namespace, name), place, timeout, passwords)
    about = f"definitions {namespace}/{name}"
    steps = work.exporting() if state == "exported" else work.restoring()
    return {**take(context, about, steps).result(), "definitions": str(place), "counts": work.counts}


class _Place:
    """Where definitions are kept: a file of this machine, or a Secret of the cluster's namespace."""

    def __init__(self, context: Context, namespace: str, path: str | None, secret: str | None) -> None:
        self.context, self.secret = context, secret
        self.file = Path(path).expanduser().absolute() if path else Path()
        self.which: Object = reach.named("v1", "Secret", namespace, secret or "")

    def __str__(self) -> str:
        return f"Secret {self.which['metadata']['namespace']}/{self.secret}" if self.secret else str(self.file)

    def read(self) -> str | None:
        """What is kept there; None where there is nothing."""
        if self.secret:
            found = get(reach.read(self.context, self.which), "data", _KEY)
            return None if found is None else base64.b64decode(found).decode()
        try:
            return self.file.read_text()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise PlatformError(f"cannot read {self.file}: {error.strerror}") from error

    def write(self, text: str) -> None:
        """Keeps it, for the owner's eyes only."""
        if self.secret:
            self._keep(text)
            return
        try:
            descriptor = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w") as file:
                os.fchmod(file.fileno(), 0o600)
                file.write(text)
        except OSError as error:
            raise PlatformError(f"cannot write {self.file}: {error.strerror}. Give another path") from error

    def _keep(self, text: str) -> None:
        if len(text) > _LIMIT:
            raise PlatformError(f"{len(text)} bytes are more than a Secret holds; export to a file (path)")
        data = {_KEY: base64.b64encode(text.encode()).decode()}
        if reach.read(self.context, self.which) is None:
            reach.create(self.context, {**self.which, "type": "Opaque", "data": data})
        else:
            reach.patch(self.context, self.which, {"data": data})


class _Work:
    def __init__(self, context: Context, which: Object, place: _Place, timeout: float, passwords: bool) -> None:
        self.context, self.which = context, which
        self.namespace, self.name = which["metadata"]["namespace"], which["metadata"]["name"]
        self.place, self.timeout, self.passwords = place, timeout, passwords
        self.live: Result = {}
        self.wanted: Result = {}
        self.counts: dict[str, int] = {}

    def exporting(self) -> list[Step]:
        """The steps of an export."""
        return [
            Step("Read the definitions", self._read),
            Step("Keep them", self._keep, f"write them to {self.place}"),
        ]

    def restoring(self) -> list[Step]:
        """The steps of a restore."""
        return [
            Step("Read what is kept", self._load),
            Step("Read what is there", self._compare),
            Step("Import them", self._put, f"import {self.place}: what is there under the same name is replaced"),
            Step("Look whether they are there", self._verify, "read the definitions again"),
        ]

    def _exported(self) -> Result:
        """What the cluster has, less what is the operator's own."""
        reach.sure(self.context, self.which)
        said = json.loads(ctl.run(self.context, self.namespace, self.name, _EXPORT, timeout=self.timeout))
        return _without_own(said)

    def _read(self) -> str:
        self.live = self._exported() if self.passwords else _without_passwords(self._exported())
        self.counts = _counts(self.live)
        return _told(self.counts) + ("" if self.passwords else ", without passwords")

    def _keep(self) -> str:
        text = json.dumps(self.live, indent=1, sort_keys=True) + "\n"
        if self.place.read() == text:
            raise Unneeded(f"{self.place} has them already")
        self.place.write(text)
        return f"{self.place}, {len(text)} bytes"

    def _load(self) -> str:
        text = self.place.read()
        if text is None:
            raise PlatformError(f"{self.place} holds no definitions; export them first")
        try:
            self.wanted = json.loads(text)
            self.counts = _counts(self.wanted)
        except (ValueError, AttributeError, TypeError) as error:
            raise PlatformError(f"{self.place} holds no definitions: {error}") from error
        return _told(self.counts)

    def _compare(self) -> str:
        self.live = self._exported()
        self.wanted, left = _importable(self.wanted, self.live)
        if not _missing(self.wanted, self.live):
            raise Unneeded("all of it is there")
        return f"{_told(_counts(self.live))}; {left}"

    def _put(self) -> str:
        text = json.dumps(self.wanted)
        size = len(text.encode())
        # As a file: 4.0 before 4.0.6 never ends where it reads them from its input (rabbitmq-server, issue 13157).
        script = f"rabbitmqctl -q import_definitions --format=json <(head -c {size})"
        ctl.run(self.context, self.namespace, self.name, script, stdin=text, timeout=self.timeout)
        return f"{size} bytes"

    def _verify(self) -> str:
        missing = _missing(self.wanted, self._exported())
        if missing:
            raise PlatformError(f"after the import {len(missing)} are missing or otherwise: {', '.join(missing[:5])}")
        return _told(_counts(self.wanted))


def _without_own(said: Result) -> Result:
    """Every list in the order of its content, without the operator's user and the name of the cluster."""
    found = {key: sorted(value, key=_text) if isinstance(value, list) else value for key, value in said.items()}
    found["users"] = [each for each in found.get("users", []) if not str(each["name"]).startswith(_OWN)]
    for part in _OF_USERS:
        found[part] = [each for each in found.get(part, []) if not str(each["user"]).startswith(_OWN)]
    found["global_parameters"] = [each for each in found.get("global_parameters", []) if each["name"] != "cluster_name"]
    return {key: value for key, value in found.items() if isinstance(value, list)}


def _without_passwords(said: Result) -> Result:
    users = [{key: value for key, value in each.items() if key != "password_hash"} for each in said["users"]]
    # A shovel's or a federation's addresses hold passwords.
    return {**said, "users": users, "parameters": []}


def _importable(wanted: Result, live: Result) -> tuple[Result, str]:
    """What can be imported: users whose password is known, rights of users that then are there. And what is left."""
    users = [each for each in wanted.get("users", []) if each.get("password_hash")]
    known = {str(each["name"]) for each in (*users, *live.get("users", []))}
    kept = {part: [each for each in wanted.get(part, []) if each["user"] in known] for part in _OF_USERS}
    unknown = {str(each["name"]) for each in wanted.get("users", [])} - known
    left = f"without {', '.join(sorted(unknown))}, whose passwords are not kept" if unknown else "all of it can be"
    return {**wanted, "users": users, **kept}, left


def _missing(wanted: Result, live: Result) -> list[str]:
    """What is not there as it is wanted, in words."""
    return [
        f"{part[:-1]} {each.get('name') or each.get('user') or each.get('source')}"
        for part, rows in wanted.items()
        for each in (rows if isinstance(rows, list) else [])
        if each not in live.get(part, [])
    ]


def _counts(said: Result) -> dict[str, int]:
    return {part: len(said[part]) for part in _COUNTED if said.get(part)}


def _told(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {part}" for part, count in counts.items()) or "nothing"


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
