"""The option tables of the modules that bring objects in: `generated_secret` and `operator_install`."""

from __future__ import annotations

from ..core.options import Options
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
