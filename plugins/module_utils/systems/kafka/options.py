"""The option table of a Kafka cluster: one row an option, documented in the module kafka_cluster."""

from __future__ import annotations

from ...core.names import System
from ...core.sets.options import Options, Spec
from ...core.words import (
    DATA_SYSTEM,
    DICT,
    LIST,
    NAME,
    PEERS,
    RESOURCES,
    TEXT,
    VOLUME,
    Row,
    choice,
    monitoring,
    rows,
    section,
)

SYSTEM = System("kafka", "Kafka")

_ON: Row = {"type": "bool", "default": True}
_INT: Row = {"type": "int"}
_ONE: Row = {"type": "int", "choices": [1], "default": 1}
_STATE = choice("running", "paused", "stopped")
_SECRET_NAME: Row = {**NAME, "no_log": False}

_POOL: Spec = {
    "name": TEXT,
    "replicas": {"type": "int", "default": 3},
    "pool": LIST,
    "spread": {"type": "str", "choices": ["host", "zone", "none"]},
    "quorum": {"type": "bool", "default": False},
    "storage": {**VOLUME, "required": True},
    "more_volumes": rows({"id": {"type": "int", "required": True}, "size": NAME, "class": TEXT}),
    "delete_claim": {"type": "bool", "default": False},
    "resources": RESOURCES,
    "heap": TEXT,
    "gc_logging": _ON,
}

_LISTENER: Spec = {
    "name": NAME,
    "port": {"type": "int", "required": True},
    "type": choice("internal", "cluster-ip", "loadbalancer", "nodeport", "tlsroute"),
    "tls": _ON,
    "authentication": choice("tls", "scram-sha-512"),
    "certificate": {
        "type": "dict",
        "options": {
            "secret": _SECRET_NAME,
            "certificate": {"type": "str", "default": "tls.crt"},
            "key": {"type": "str", "default": "tls.key", "no_log": False},
        },
    },
    "cidrs": LIST,
    "configuration": DICT,
}

_OPERATOR: Row = section({"replicas": _ONE, "resources": RESOURCES})

_ACL: Spec = {
    "type": choice("topic", "group", "cluster", "transactionalId"),
    "name": TEXT,
    "operations": {"type": "list", "elements": "str", "required": True},
    "host": {"type": "str", "default": "*"},
    "rule": choice("allow", "deny"),
}

_RIGHTS: Spec = {"produces": LIST, "consumes": LIST, "groups": LIST, "acls": rows(_ACL)}

_USER: Spec = {
    **_RIGHTS,
    "name": NAME,
    "authentication": choice("tls", "scram-sha-512"),
    "transactions": LIST,
    "password_secret": {
        "type": "dict",
        "options": {"secret": _SECRET_NAME, "key": {"type": "str", "default": "password", "no_log": False}},
    },
    "producer_byte_rate": _INT,
    "consumer_byte_rate": _INT,
    "request_percentage": _INT,
    "secret_labels": {**DICT, "no_log": False},
    "secret_annotations": {**DICT, "no_log": False},
}

_TOPIC: Spec = {
    "name": NAME,
    "topic": TEXT,
    "partitions": {"type": "int", "required": True},
    "replicas": _INT,
    "min_insync": _INT,
    "retention": TEXT,
    "segment": TEXT,
    "compression": TEXT,
    "cleanup": choice("delete", "compact", "compact,delete"),
    "rate": TEXT,
    "config": DICT,
}

_CONNECTOR: Spec = {
    "name": NAME,
    "class": NAME,
    "tasks": {"type": "int", "default": 1},
    "state": _STATE,
    "config": DICT,
}

_CONNECT: Spec = {
    **_RIGHTS,
    "name": NAME,
    "replicas": {"type": "int", "default": 3},
    "pool": LIST,
    "group": {"type": "str", "default": "connect-cluster"},
    "image": TEXT,
    "build": DICT,
    "plugins": rows({"name": NAME, "image": NAME}),
    "resources": RESOURCES,
    "heap": TEXT,
    "config": DICT,
    "connectors": rows(_CONNECTOR),
}

_SOURCE: Spec = {
    "alias": {"type": "str", "default": "source"},
    "bootstrap": NAME,
    "ca_secret": _SECRET_NAME,
    "authentication": choice("tls", "scram-sha-512"),
    "user": TEXT,
    "user_secret": _SECRET_NAME,
    "namespaces": LIST,
    "cidrs": LIST,
    "config": DICT,
}

_MIRROR: Spec = {
    "name": NAME,
    "replicas": {"type": "int", "default": 3},
    "pool": LIST,
    "source": {"type": "dict", "required": True, "options": _SOURCE},
    "alias": {"type": "str", "default": "target"},
    "topics": {"type": "str", "default": ".*"},
    "topics_exclude": {"type": "str", "default": r"__.*,.*[-.]internal,connect-cluster-.*"},
    "consumer_groups": {"type": "str", "default": ".*"},
    "consumer_groups_exclude": TEXT,
    "tasks": {"type": "int", "default": 4},
    "state": _STATE,
    "checkpoints": _STATE,
    "resources": RESOURCES,
    "heap": TEXT,
    "config": DICT,
}

_CRUISE_CONTROL: Spec = {
    "replicas": _ONE,
    "resources": RESOURCES,
    "network_capacity": TEXT,
    "auto_rebalance": {"type": "list", "elements": "str", "choices": ["add-brokers", "remove-brokers"], "default": []},
    "config": DICT,
}

CLUSTER = Options(
    {
        **DATA_SYSTEM,
        "name": NAME,
        "version": NAME,
        "metadata_version": NAME,
        "brokers": {"type": "dict", "required": True, "options": _POOL},
        "controllers": {"type": "dict", "options": _POOL},
        "more_pools": rows({**_POOL, "name": NAME, "roles": {**LIST, "choices": ["broker", "controller"]}}),
        "rack": {"type": "str", "default": "topology.kubernetes.io/zone"},
        "listeners": rows(_LISTENER),
        "authorization": _ON,
        "super_users": LIST,
        "config": DICT,
        "topic_operator": _OPERATOR,
        "user_operator": _OPERATOR,
        "exporter": section(
            {
                "enabled": _ON,
                "replicas": _ONE,
                "topics": {"type": "str", "default": ".*"},
                "consumer_groups": {"type": "str", "default": ".*"},
                "resources": RESOURCES,
            }
        ),
        "cruise_control": {"type": "dict", "options": _CRUISE_CONTROL},
        "users": rows(_USER),
        "topics": rows(_TOPIC),
        "connect": {"type": "dict", "options": _CONNECT},
        "mirrors": rows(_MIRROR),
        "metrics": choice("reporter", "jmx"),
        "maintenance": LIST,
        "monitoring": monitoring(
            max_lag={"type": "int", "default": 10000}, max_mirror_latency={"type": "int", "default": 60}
        ),
        "network": section(
            {
                "enabled": _ON,
                "clients": PEERS,
                "cidrs": {**LIST, "default": ["0.0.0.0/0"]},
                "ports": {**LIST, "default": ["443", "6443"]},
            }
        ),
    },
    set_name=SYSTEM.set_name,
)
