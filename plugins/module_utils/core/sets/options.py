"""The option tables that modules share (connection, set) and the typed form of the set vocabulary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..api import cluster
from ..api.errors import PlatformError
from .applyset import SetName
from .ownership import Left, steps

Spec = dict[str, dict[str, Any]]

# Doc fragment groundwork.platform.auth.
AUTH: Spec = {
    "kubeconfig": {"type": "raw", "no_log": False},
    "context": {"type": "str"},
    "host": {"type": "str"},
    "api_key": {"type": "str", "no_log": True},
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "validate_certs": {"type": "bool", "aliases": ["verify_ssl"]},
    "ca_cert": {"type": "path", "aliases": ["ssl_ca_cert"]},
    "client_cert": {"type": "path", "aliases": ["cert_file"]},
    "client_key": {"type": "path", "no_log": False, "aliases": ["key_file"]},
    "proxy": {"type": "str"},
    "no_proxy": {"type": "str"},
    "proxy_headers": {
        "type": "dict",
        "options": {
            "proxy_basic_auth": {"type": "str", "no_log": True},
            "basic_auth": {"type": "str", "no_log": True},
            "user_agent": {"type": "str"},
        },
    },
    "impersonate_user": {"type": "str"},
    "impersonate_groups": {"type": "list", "elements": "str"},
    "require_context": {"type": "bool"},
    "cluster_uid": {"type": "str"},
    "lab": {"type": "str", "choices": list(cluster.LAB), "default": cluster.ALLOWED},
}

# Doc fragment groundwork.platform.set.
SET: Spec = {
    "set": {"type": "str"},
    "namespace": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "set_labels": {"type": "dict", "default": {}},
    "adopt": {"type": "str", "choices": ["never", "matching", "always"], "default": "never"},
    "adopt_from": {"type": "str", "choices": ["helm", "kubectl"]},
    "preflight": {"type": "str", "choices": ["server", "none"], "default": "server"},
    "prune": {"type": "str", "choices": ["after_ready", "after_apply", "never"], "default": "after_ready"},
    "take_from": {"type": "list", "elements": "str", "default": []},
    "leave_to": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {"kind": {"type": "str", "required": True}, "path": {"type": "str", "required": True}},
    },
    "replace": {"type": "str", "choices": ["never", "recreate", "orphan"], "default": "never"},
    "confirm": {"type": "list", "elements": "str", "default": []},
    "wait": {"type": "bool", "default": True},
    "timeout": {"type": "int", "default": 600},
    "retry_timeout": {"type": "int", "default": 120},
    "failure_grace": {"type": "int", "default": 60},
    "status_grace": {"type": "int", "default": 30},
    "settle": {"type": "int"},
}


@dataclass(frozen=True)
class Options:
    """A module's own options (an Ansible argument spec), with the constraints between them.

    set_name: the set's name where the task gives none, filled from the options ("postgres-{name}"); without it the
    option `set` is required.
    """

    spec: Spec
    set_name: str = ""
    mutually_exclusive: tuple[tuple[str, ...], ...] = ()
    required_one_of: tuple[tuple[str, ...], ...] = ()
    required_together: tuple[tuple[str, ...], ...] = ()
    required_if: tuple[tuple[Any, ...], ...] = ()
    required_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def constraints(self) -> dict[str, Any]:
        """The constraints as AnsibleModule and the in-process action take them."""
        return {
            "mutually_exclusive": [list(row) for row in self.mutually_exclusive],
            "required_one_of": [list(row) for row in self.required_one_of],
            "required_together": [list(row) for row in self.required_together],
            "required_if": [list(row) for row in self.required_if],
            "required_by": {key: list(row) for key, row in self.required_by.items()},
        }


@dataclass(frozen=True)
class SetOptions:
    """What a task says about its set, checked."""

    name: SetName
    state: str = "present"
    labels: Mapping[str, str] = field(default_factory=dict)
    adopt: str = "never"
    adopt_from: str | None = None
    preflight: str = "server"
    prune: str = "after_ready"
    take_from: tuple[str, ...] = ()
    leave_to: tuple[Left, ...] = ()
    replace: str = "never"
    confirm: tuple[str, ...] = ()
    wait: bool = True
    timeout: float = 600
    retry_timeout: float = 120
    failure_grace: float = 60
    status_grace: float = 30
    settle: float | None = None

    @property
    def prunes(self) -> str:
        """When pruning happens: a task that does not wait cannot prune after ready."""
        return "after_apply" if self.prune == "after_ready" and not self.wait else self.prune

    @classmethod
    def of(cls, params: Mapping[str, Any], set_name: str) -> SetOptions:
        """From a module's parameters. Raises PlatformError for a path that cannot be read."""
        left = tuple(Left(row["kind"], row["path"]) for row in params["leave_to"])
        for row in left:
            steps(row.path)
        return cls(
            name=_set_name(params, set_name),
            labels={str(key): str(value) for key, value in params["set_labels"].items()},
            leave_to=left,
            take_from=tuple(params["take_from"]),
            confirm=tuple(params["confirm"]),
            **{name: params[name] for name in _AS_THEY_ARE},
        )


_AS_THEY_ARE = (
    "state", "adopt", "adopt_from", "preflight", "prune", "replace", "wait", "timeout", "retry_timeout",
    "failure_grace", "status_grace", "settle",
)  # fmt: skip


def _set_name(params: Mapping[str, Any], pattern: str) -> SetName:
    name = params["set"] or (pattern.format(**params) if pattern else "")
    if not name:
        raise PlatformError("cannot apply: the option set is missing; name the set that these objects make up")
    label = all(c.islower() or c.isdigit() or c in "-." for c in name) and name.isascii()
    if not label or not (name[0].isalnum() and name[-1].isalnum()) or len(name) > 240:
        raise PlatformError(
            f"cannot use {name!r} as the name of a set: it becomes part of a Secret's name, so it may hold lower-case "
            "letters, digits, '-' and '.', and must start and end with a letter or digit"
        )
    return SetName(params["namespace"], name)
