"""What is declared in a RabbitMQ cluster: vhosts, users, rights, exchanges, queues, policies, shovels. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ...core.api.objects import Object
from ...core.builders import build, present

Row = Mapping[str, Any]

API = "rabbitmq.com/v1beta1"
# The operator writes its resources back (with a finalizer) without what is false or empty, where its own types say so
# (omitempty): a value that it would drop is left out here, or it were missing on the next run.
_OTHER = re.compile(r"[^a-z0-9]+")


def objects(row: Row) -> list[Object]:
    """One resource of the topology operator for each thing that is declared."""
    return [
        *(_vhost(row, each) for each in row["vhosts"]),
        *(found for each in row["users"] for found in _user(row, each)),
        *(_exchange(row, each) for each in row["exchanges"]),
        *(_queue(row, each) for each in row["queues"]),
        *(_binding(row, each) for each in row["bindings"]),
        *(_policy(row, "Policy", each) for each in row["policies"]),
        *(_policy(row, "OperatorPolicy", each) for each in row["operator_policies"]),
        *(_shovel(row, each) for each in row["shovels"]),
    ]


def allowed(row: Row) -> dict[str, str]:
    """The annotation of a cluster by which users of other namespaces may name it."""
    others = sorted({str(each["namespace"]) for each in row["users"] if each.get("namespace")} - {row["namespace"]})
    return {"rabbitmq.com/topology-allowed-namespaces": ",".join(others)} if others else {}


def secret(row: Row, user: Row) -> str:
    """The Secret of a user's name and password; the role rabbitmq makes one of this name where none is given."""
    return str(user.get("secret") or f"{row['name']}-{user['name']}")


def queue_type(row: Row, queue: Row) -> str:
    """What a queue is declared as, for its whole life."""
    return str(queue.get("type") or ("quorum" if row["quorum"] else "classic"))


def _of(row: Row, kind: str, parts: tuple[str, ...], namespace: str | None = None, **spec: Any) -> Object:
    """A resource named `<cluster>-<part>-<part>`; the vhost `/` has no part."""
    namespace = namespace or row["namespace"]
    elsewhere = row["namespace"] if namespace != row["namespace"] else None
    name = "-".join(filter(None, (_OTHER.sub("-", part.lower()).strip("-") for part in (row["name"], *parts))))
    reference = present(name=row["name"], namespace=elsewhere)
    return build(API, kind, name, namespace, spec={**spec, "rabbitmqClusterReference": reference})


def _vhost(row: Row, vhost: Row) -> Object:
    limits = present(connections=vhost.get("max_connections"), queues=vhost.get("max_queues"))
    default = vhost.get("default_queue_type") or ("quorum" if row["quorum"] else "classic")
    spec = present(name=vhost["name"], defaultQueueType=default, limits=limits, deletionPolicy=vhost["reclaim"])
    return _of(row, "Vhost", (vhost["name"] if vhost["name"] != "/" else "default",), **spec)


def _user(row: Row, user: Row) -> Iterator[Object]:
    """A user whose name and password are those of a Secret beside it, and its rights."""
    who, where = user["name"], user.get("namespace")
    limits = present(connections=user.get("max_connections"), channels=user.get("max_channels"))
    credentials = {"name": secret(row, user)}
    spec = present(tags=user["tags"], importCredentialsSecret=credentials, limits=limits)
    found = _of(row, "User", (who,), where, **spec)
    yield found
    by = {"userReference": {"name": found["metadata"]["name"]}}
    for each in user["permissions"]:
        rights = present(**{key: each[key] for key in ("configure", "write", "read")})
        yield _of(row, "Permission", (who, each["vhost"]), where, vhost=each["vhost"], permissions=rights, **by)
    for each in user["topic_permissions"]:
        rights = present(**{key: each[key] for key in ("exchange", "write", "read")})
        parts = (who, each["vhost"], each["exchange"])
        yield _of(row, "TopicPermission", parts, where, vhost=each["vhost"], permissions=rights, **by)


def _exchange(row: Row, exchange: Row) -> Object:
    spec = present(
        name=exchange["name"],
        vhost=exchange["vhost"],
        type=exchange["type"],
        durable=exchange["durable"] or None,
        autoDelete=exchange["auto_delete"] or None,
        arguments=exchange["arguments"],
    )
    return _of(row, "Exchange", (exchange["vhost"], exchange["name"]), **spec)


def _queue(row: Row, queue: Row) -> Object:
    spec = present(
        name=queue["name"],
        vhost=queue["vhost"],
        type=queue_type(row, queue),
        durable=queue["durable"],
        autoDelete=queue["auto_delete"] or None,
        arguments=queue["arguments"],
        deletionPolicy=queue["reclaim"],
    )
    return _of(row, "Queue", (queue["vhost"], queue["name"]), **spec)


def _binding(row: Row, binding: Row) -> Object:
    kind = "queue" if binding.get("queue") else "exchange"
    target = binding.get("queue") or binding["to_exchange"]
    spec = present(
        vhost=binding["vhost"],
        source=binding["exchange"],
        destination=target,
        destinationType=kind,
        routingKey=binding["routing_key"],
        arguments=binding["arguments"],
    )
    return _of(row, "Binding", (binding["vhost"], binding["exchange"], target, binding["routing_key"]), **spec)


def _policy(row: Row, kind: str, policy: Row) -> Object:
    spec = {
        "name": policy["name"],
        "vhost": policy["vhost"],
        "pattern": policy["pattern"],
        "applyTo": policy["apply_to"],
        "priority": policy["priority"],
        "definition": policy["definition"],
    }
    return _of(row, kind, (policy["vhost"], policy["name"]), **spec)


def _shovel(row: Row, shovel: Row) -> Object:
    spec = present(
        name=shovel["name"],
        vhost=shovel["vhost"],
        uriSecret={"name": shovel["uri_secret"]},
        srcQueue=shovel.get("source_queue"),
        srcExchange=shovel.get("source_exchange"),
        srcExchangeKey=shovel.get("source_key"),
        destQueue=shovel.get("destination_queue"),
        destExchange=shovel.get("destination_exchange"),
        destExchangeKey=shovel.get("destination_key"),
        ackMode=shovel["ack_mode"],
        srcPrefetchCount=shovel["prefetch"],
        reconnectDelay=shovel["reconnect_delay"],
        srcDeleteAfter=shovel.get("delete_after"),
    )
    return _of(row, "Shovel", (shovel["vhost"], shovel["name"]), **spec)
