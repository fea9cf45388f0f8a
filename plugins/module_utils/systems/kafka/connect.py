"""What runs Kafka Connect beside a Kafka cluster: KafkaConnect with its connectors, KafkaMirrorMaker2. Pure."""

from __future__ import annotations

from typing import Any

from ...core.api.objects import Object
from ...core.builders import build, present, resources, texts
from . import metrics, placing
from .shape import API, CLUSTER, Row, bootstrap, inside, internal_factor

_CONNECT_USES_RESOURCES = {"strimzi.io/use-connector-resources": "true"}
# Topics keep their names, so that clients find them after a failover (D0-36); the source is only read.
_MIRRORS = {
    "replication.policy.class": "org.apache.kafka.connect.mirror.IdentityReplicationPolicy",
    "offset-syncs.topic.location": "target",
}


def objects(row: Row) -> list[Object]:
    """KafkaConnect and its connectors, and a KafkaMirrorMaker2 for each mirror into this cluster."""
    connect = row.get("connect")
    mirrors = [_mirror(row, each) for each in row["mirrors"]]
    if not connect:
        return mirrors
    return [_connect(row, connect), *(_connector(row, connect, each) for each in connect["connectors"]), *mirrors]


def _connect(row: Row, connect: Row) -> Object:
    group = connect["group"]
    spec = present(
        version=row["version"],
        replicas=connect["replicas"],
        image=connect.get("image"),
        bootstrapServers=bootstrap(row),
        groupId=group,
        configStorageTopic=f"{group}-configs",
        offsetStorageTopic=f"{group}-offsets",
        statusStorageTopic=f"{group}-status",
        **_client(row, connect["name"]),
        config={**_storage(row), **connect["config"]},
        build=connect["build"],
        plugins=[
            {"name": each["name"], "artifacts": [{"type": "image", "reference": each["image"]}]}
            for each in connect["plugins"]
        ],
        **_workers(row, "KafkaConnect", connect),
    )
    return build(
        API,
        "KafkaConnect",
        connect["name"],
        row["namespace"],
        labels=row["labels"],
        annotations=_CONNECT_USES_RESOURCES,
        spec=spec,
    )


def _connector(row: Row, connect: Row, connector: Row) -> Object:
    spec = {
        "class": connector["class"],
        "tasksMax": connector["tasks"],
        "state": connector["state"],
        "autoRestart": {"enabled": True},
        **present(config=connector["config"]),
    }
    labels = {**texts(row["labels"]), CLUSTER: connect["name"]}
    return build(API, "KafkaConnector", connector["name"], row["namespace"], labels=labels, spec=spec)


def _mirror(row: Row, mirror: Row) -> Object:
    name, factor = mirror["name"], internal_factor(row)
    # Topics that begin with __ are mirrored by no one.
    target = {
        "alias": mirror["alias"],
        "bootstrapServers": bootstrap(row),
        "groupId": name,
        "configStorageTopic": f"__{name}-configs",
        "offsetStorageTopic": f"__{name}-offsets",
        "statusStorageTopic": f"__{name}-status",
        **_client(row, name),
        "config": _storage(row),
    }
    copied = {**_MIRRORS, "replication.factor": factor, "sync.topic.acls.enabled": False}
    checked = {**_MIRRORS, "checkpoints.topic.replication.factor": factor, "sync.group.offsets.enabled": True}
    spec = {
        "version": row["version"],
        "replicas": mirror["replicas"],
        "target": target,
        "mirrors": [
            present(
                source=_source(mirror["source"]),
                sourceConnector=_half(
                    mirror,
                    mirror["state"],
                    {**copied, "offset-syncs.topic.replication.factor": factor},
                    mirror["tasks"],
                ),
                checkpointConnector=_half(mirror, mirror["checkpoints"], checked),
                topicsPattern=mirror["topics"],
                topicsExcludePattern=mirror["topics_exclude"],
                groupsPattern=mirror["consumer_groups"],
                groupsExcludePattern=mirror.get("consumer_groups_exclude"),
            )
        ],
        **_workers(row, "KafkaMirrorMaker2", mirror),
    }
    return build(API, "KafkaMirrorMaker2", name, row["namespace"], labels=row["labels"], spec=spec)


def _half(mirror: Row, state: str, config: Row, tasks: int | None = None) -> dict[str, Any]:
    """One of a mirror's connectors."""
    return present(tasksMax=tasks, state=state, autoRestart={"enabled": True}, config={**config, **mirror["config"]})


def _source(source: Row) -> dict[str, Any]:
    user = source.get("user") or source["user_secret"]
    return {
        "alias": source["alias"],
        "bootstrapServers": source["bootstrap"],
        "tls": _trust(source["ca_secret"]),
        "authentication": _credentials(source["authentication"], user, source["user_secret"]),
        **present(config=source["config"]),
    }


def _client(row: Row, user: str) -> dict[str, Any]:
    """How a worker meets its own cluster: trusting its CA, as its own user (D0-33)."""
    tls = {"tls": _trust(f"{row['name']}-cluster-ca-cert")} if inside(row)["tls"] else {}
    return {**tls, "authentication": _credentials(inside(row)["authentication"], user, user)}


def _trust(secret: str) -> dict[str, Any]:
    """All certificates of a Secret: during a change of the CA there are two."""
    return {"trustedCertificates": [{"secretName": secret, "pattern": "*.crt"}]}


def _credentials(how: str, user: str, secret: str) -> dict[str, Any]:
    if how == "tls":
        return {
            "type": how,
            "certificateAndKey": {"secretName": secret, "certificate": "user.crt", "key": "user.key"},
        }
    return {"type": how, "username": user, "passwordSecret": {"secretName": secret, "password": "password"}}


def _storage(row: Row) -> dict[str, int]:
    return {f"{topic}.storage.replication.factor": internal_factor(row) for topic in ("config", "offset", "status")}


def _workers(row: Row, kind: str, worker: Row) -> dict[str, Any]:
    """Size and place of workers."""
    pods = {CLUSTER: worker["name"], "strimzi.io/kind": kind}
    apart = row["spread"] if worker["replicas"] > 1 else "none"
    return present(
        resources=resources(worker["resources"]),
        jvmOptions=placing.jvm(worker),
        metricsConfig=metrics.config(row),
        template=placing.template(row, worker["pool"], pods, apart),
    )
