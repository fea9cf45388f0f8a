"""The option tables of the modules that bring objects in: `generated_secret` and `operator_install`."""

from __future__ import annotations

from ..core.sets.options import SET, Options, Spec
from .generated_secrets import KINDS

GENERATED_SECRET = Options(
    {
        "name": {"type": "str", "required": True},
        "namespace": {"type": "str", "required": True},
        "keys": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "no_log": False,
            "options": {
                "name": {"type": "str", "required": True},
                "length": {"type": "int", "default": 32},
                "kind": {"type": "str", "choices": list(KINDS), "default": "alphanumeric"},
            },
        },
        "values": {"type": "dict", "default": {}, "no_log": True},
        "type": {"type": "str", "default": "Opaque"},
        "labels": {"type": "dict", "default": {}},
        "annotations": {"type": "dict", "default": {}},
    }
)

_PATCHES: Spec = {
    "target": {
        "type": "dict",
        "required": True,
        "options": {name: {"type": "str"} for name in ("group", "kind", "namespace", "name")},
    },
    "merge": {"type": "dict"},
    "json": {
        "type": "list",
        "elements": "dict",
        "options": {
            "op": {"type": "str", "required": True, "choices": ["add", "remove", "replace", "test"]},
            "path": {"type": "str", "required": True},
            "value": {"type": "raw"},
        },
    },
}

_SOURCES = ("chart", "manifests", "subscription")

OPERATOR_INSTALL = Options(
    {
        **SET,
        "name": {"type": "str", "required": True},
        "version": {"type": "str"},
        "chart": {
            "type": "dict",
            "options": {
                "chart": {"type": "str", "required": True},
                "release": {"type": "str"},
                "version": {"type": "str"},
                "repo": {"type": "str"},
                "checksum": {"type": "str"},
                "values": {"type": "dict"},
                "secret_values": {"type": "dict", "no_log": True},
                "username": {"type": "str"},
                "password": {"type": "str", "no_log": True},
                "helm": {"type": "path"},
            },
        },
        "manifests": {
            "type": "list",
            "elements": "dict",
            "options": {"path": {"type": "path"}, "url": {"type": "str"}, "checksum": {"type": "str"}},
            "required_one_of": [["path", "url"]],
            "mutually_exclusive": [["path", "url"]],
        },
        "subscription": {
            "type": "dict",
            "options": {
                "package": {"type": "str", "required": True},
                "csv": {"type": "str", "required": True},
                "channel": {"type": "str", "required": True},
                "source": {"type": "str", "default": "operatorhubio-catalog"},
                "source_namespace": {"type": "str", "default": "olm"},
                "also": {"type": "list", "elements": "str", "default": []},
                "target_namespaces": {"type": "list", "elements": "str", "default": []},
                "config": {"type": "dict"},
            },
        },
        "patches": {"type": "list", "elements": "dict", "default": [], "options": _PATCHES},
        "create_namespace": {"type": "bool", "default": False},
        "remove_crds": {"type": "bool", "default": False},
    },
    set_name="{name}",
    mutually_exclusive=(_SOURCES,),
    required_if=(("state", "present", _SOURCES, True),),
)
