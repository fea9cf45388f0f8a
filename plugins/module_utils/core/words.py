"""Rows of option tables that several systems share; doc fragment groundwork.platform.data_system has their words."""

from __future__ import annotations

from typing import Any

from .placement import SPREADS
from .sets.options import Options, Spec

Row = dict[str, Any]

NAME: Row = {"type": "str", "required": True}
TEXT: Row = {"type": "str"}
LIST: Row = {"type": "list", "elements": "str", "default": []}
DICT: Row = {"type": "dict", "default": {}}
SECRET: Row = {"type": "str", "no_log": False}  # the name of a Secret, which is none


def rows(options: Spec, **constraints: Any) -> Row:
    """A list of mappings, empty by default."""
    return {"type": "list", "elements": "dict", "default": [], "options": options, **constraints}


def section(options: Spec, **constraints: Any) -> Row:
    """A mapping whose defaults hold also where it is left out."""
    return {"type": "dict", "apply_defaults": True, "options": options, **constraints}


def choice(default: str, *others: str) -> Row:
    """One of several words, the first by default."""
    return {"type": "str", "choices": [default, *others], "default": default}


# Which of the clusters that a system runs in this Kubernetes cluster, and how long a procedure on it may take.
INFO = Options({"name": NAME, "namespace": NAME})
WHICH: Spec = {**INFO.spec, "timeout": {"type": "int", "default": 600}}

VOLUME: Row = {"type": "dict", "options": {"size": NAME, "class": TEXT}}
RESOURCES: Row = section({"requests": DICT, "limits": DICT})
PEERS: Row = rows({"namespaces": {**LIST, "required": True, "default": None}, "pods": DICT})


def credentials(**more: Row) -> Row:
    """Where the keys of an object store stand: a Secret and its keys."""
    own: Spec = {
        "secret": {**NAME, "no_log": False},
        "access_key": {"type": "str", "default": "ACCESS_KEY_ID", "no_log": False},
        "secret_key": {"type": "str", "default": "ACCESS_SECRET_KEY", "no_log": False},
    }
    return {"type": "dict", "options": {**own, **more}}


def monitoring(**more: Row) -> Row:
    """PodMonitors and alerting rules, with a system's own thresholds."""
    own: Spec = {"enabled": {"type": "bool", "default": True}, "interval": {"type": "str", "default": "30s"}}
    return section({**own, "labels": DICT, **more})


def network(**more: Row) -> Row:
    """NetworkPolicies, with what a system's pods need besides."""
    own: Spec = {"enabled": {"type": "bool", "default": True}, "operator_namespace": TEXT}
    return section({**own, "clients": PEERS, "scrapers": PEERS, **more})


DATA_SYSTEM: Spec = {
    "pull_secrets": {**LIST, "no_log": False},
    "pool": LIST,
    "node_pools": {"type": "list", "elements": "dict", "default": []},
    "spread": {"type": "str", "choices": list(SPREADS), "default": "zone"},
    "priority_class": TEXT,
    "resources": RESOURCES,
    "monitoring": monitoring(),
    "network": network(),
    "labels": DICT,
    "extra_spec": DICT,
}
