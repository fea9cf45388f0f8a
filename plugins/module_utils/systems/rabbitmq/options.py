"""The option table of a RabbitMQ cluster: one row an option, documented in the module rabbitmq_cluster."""

from __future__ import annotations

from ...core.names import System
from ...core.sets.options import Options, Spec
from ...core.words import DATA_SYSTEM, DICT, LIST, NAME, SECRET, TEXT, VOLUME, choice, monitoring, network, rows

SYSTEM = System("rabbitmq", "RabbitMQ")

_RETAIN = choice("retain", "delete")
_VHOST = {"type": "str", "default": "/"}
_NUMBER = {"type": "int"}
_REGEX = {"type": "str", "default": ".*"}
_YES = {"type": "bool", "default": True}
_NO = {"type": "bool", "default": False}
_QUEUES = ("queues", "classic_queues", "quorum_queues", "streams")

_USER: Spec = {
    "name": NAME,
    "namespace": TEXT,
    "secret": SECRET,
    "tags": LIST,
    "max_connections": _NUMBER,
    "max_channels": _NUMBER,
    "permissions": rows({"vhost": _VHOST, "configure": _REGEX, "write": _REGEX, "read": _REGEX}),
    "topic_permissions": rows({"vhost": _VHOST, "exchange": NAME, "write": _REGEX, "read": _REGEX}),
}
_POLICY: Spec = {
    "name": NAME,
    "vhost": _VHOST,
    "pattern": NAME,
    "priority": {"type": "int", "default": 0},
    "definition": {"type": "dict", "required": True},
}
_SHOVEL: Spec = {
    "name": NAME,
    "vhost": _VHOST,
    "uri_secret": {**NAME, "no_log": False},
    "source_queue": TEXT,
    "source_exchange": TEXT,
    "source_key": {**TEXT, "no_log": False},
    "destination_queue": TEXT,
    "destination_exchange": TEXT,
    "destination_key": {**TEXT, "no_log": False},
    "ack_mode": choice("on-confirm", "on-publish", "no-ack"),
    "prefetch": {"type": "int", "default": 1000},
    "reconnect_delay": {"type": "int", "default": 5},
    "delete_after": TEXT,
}
_ONE_END = [("source_queue", "source_exchange"), ("destination_queue", "destination_exchange")]

CLUSTER = Options(
    {
        **DATA_SYSTEM,
        "name": NAME,
        "replicas": {"type": "int", "default": 3},
        "image": TEXT,
        "storage": {**VOLUME, "required": True},
        "quorum": _YES,
        "memory_watermark": {"type": "float", "default": 0.6},
        "disk_free_limit": TEXT,
        "plugins": LIST,
        "config": DICT,
        "tls": {
            "type": "dict",
            "options": {"secret": {**NAME, "no_log": False}, "ca_secret": SECRET, "only": _YES},
        },
        "termination_grace": {"type": "int", "default": 604800},
        "vhosts": rows(
            {
                "name": NAME,
                "default_queue_type": {"type": "str", "choices": ["quorum", "classic", "stream"]},
                "max_connections": _NUMBER,
                "max_queues": _NUMBER,
                "reclaim": _RETAIN,
            }
        ),
        "users": rows(_USER),
        "exchanges": rows(
            {
                "name": NAME,
                "vhost": _VHOST,
                "type": {"type": "str", "default": "direct"},
                "durable": _YES,
                "auto_delete": _NO,
                "arguments": DICT,
            }
        ),
        "queues": rows(
            {
                "name": NAME,
                "vhost": _VHOST,
                "type": {"type": "str", "choices": ["quorum", "classic", "stream"]},
                "durable": _YES,
                "auto_delete": _NO,
                "arguments": DICT,
                "reclaim": _RETAIN,
            }
        ),
        "bindings": rows(
            {
                "exchange": NAME,
                "vhost": _VHOST,
                "queue": TEXT,
                "to_exchange": TEXT,
                "routing_key": {"type": "str", "default": "", "no_log": False},
                "arguments": DICT,
            },
            required_one_of=[("queue", "to_exchange")],
            mutually_exclusive=[("queue", "to_exchange")],
        ),
        "policies": rows({**_POLICY, "apply_to": choice("all", "exchanges", *_QUEUES)}),
        "operator_policies": rows({**_POLICY, "apply_to": choice(*_QUEUES)}),
        "shovels": rows(_SHOVEL, required_one_of=_ONE_END, mutually_exclusive=_ONE_END),
        "monitoring": monitoring(max_messages={"type": "int", "default": 10000}),
        "network": network(cidrs={**LIST, "default": ["0.0.0.0/0"]}, ports={**LIST, "default": ["443", "6443"]}),
    },
    set_name=SYSTEM.set_name,
)
