"""A Kafka cluster by Strimzi as one set: node pools, Kafka, users, topics, Connect, mirrors, policies, rules. Pure."""

from __future__ import annotations

from typing import Any

from ...core.api.objects import Object
from ...core.builders import build, merged, present, resources, texts
from ...core.network import same
from . import clients, connect, metrics, network, placing
from .alerts import alerts
from .limits import LIMITS
from .shape import API, CLUSTER, Row, copies, internal_factor, listeners, pools


def cluster(*, name: str, namespace: str, **row: Any) -> list[Object]:
    """The set of one cluster; `row` holds the other options of the module kafka_cluster, defaults filled in.

    PodDisruptionBudgets and the NetworkPolicies of listeners are the operator's. Raises PlatformError for what could
    not work.
    """
    row = {**row, "name": name, "namespace": namespace}
    LIMITS.check(row)
    return [
        *metrics.rules(row),
        *(_pool(row, pool) for pool in pools(row)),
        _kafka(row),
        *clients.users(row),
        *clients.topics(row),
        *connect.objects(row),
        *network.policies(row),
        *metrics.monitors(row),
        *([alerts(row)] if row["monitoring"]["enabled"] else []),
    ]


def _pool(row: Row, pool: Row) -> Object:
    """A node pool; its size and place count for each of its nodes."""
    labels = {**texts(row["labels"]), CLUSTER: row["name"]}
    pods = {CLUSTER: row["name"], "strimzi.io/pool-name": pool["name"]}
    kind = (pool.get("spread") or row["spread"]) if pool["replicas"] > 1 else "none"
    spec = present(
        replicas=pool["replicas"],
        roles=pool["roles"],
        storage={"type": "jbod", "volumes": _volumes(pool)},
        resources=resources(pool["resources"]) or resources(row["resources"]),
        jvmOptions=placing.jvm(pool),
        template=placing.template(row, pool["pool"], pods, kind),
    )
    return build(API, "KafkaNodePool", pool["name"], row["namespace"], labels=labels, spec=spec)


def _volumes(pool: Row) -> list[dict[str, Any]]:
    """The first volume holds the metadata log, too."""
    first = {"id": 0, **pool["storage"]}
    return [
        present(
            id=each["id"],
            type="persistent-claim",
            size=str(each["size"]),
            **{"class": each.get("class")},
            deleteClaim=pool["delete_claim"],
            kraftMetadata="shared" if each is first else None,
        )
        for each in (first, *pool["more_volumes"])
    ]


def _kafka(row: Row) -> Object:
    spec = present(
        kafka=present(
            version=row["version"],
            metadataVersion=row["metadata_version"],
            listeners=[_listener(row, each) for each in listeners(row)],
            authorization=present(type="simple", superUsers=row["super_users"]) if row["authorization"] else None,
            rack=present(topologyKey=row["rack"]),
            config=_config(row),
            metricsConfig=metrics.config(row),
        ),
        entityOperator={
            "topicOperator": present(resources=resources(row["topic_operator"]["resources"])),
            "userOperator": present(resources=resources(row["user_operator"]["resources"])),
            **_alone(row),
        },
        kafkaExporter=_exporter(row),
        cruiseControl=_cruise_control(row),
        maintenanceTimeWindows=row["maintenance"],
    )
    spec = merged(spec, row["extra_spec"])
    return build(API, "Kafka", row["name"], row["namespace"], labels=row["labels"], spec=spec)


def _listener(row: Row, listener: Row) -> dict[str, Any]:
    certificate = listener.get("certificate")
    chain = certificate and {
        "secretName": certificate["secret"],
        "certificate": certificate["certificate"],
        "key": certificate["key"],
    }
    return present(
        name=listener["name"],
        port=listener["port"],
        type=listener["type"],
        tls=listener["tls"],
        authentication={"type": listener["authentication"]},
        configuration=merged(present(brokerCertChainAndKey=chain), listener["configuration"]),
        networkPolicyPeers=_peers(row, listener),
    )


def _peers(row: Row, listener: Row) -> list[Row]:
    """Who may reach a listener, by the operator's own policy; without peers that would let everybody through."""
    if not row["network"]["enabled"]:
        return []
    return network.clients(row, listener) or same({CLUSTER: row["name"]})


def _config(row: Row) -> dict[str, Any]:
    """Copies that survive a broker, and no topic or leader that nobody asked for."""
    factor, insync = copies(row)
    internal = internal_factor(row)
    kept = {
        "default.replication.factor": factor,
        "min.insync.replicas": insync,
        "offsets.topic.replication.factor": internal,
        "transaction.state.log.replication.factor": internal,
        "transaction.state.log.min.isr": 2 if internal > 2 else 1,
        "auto.create.topics.enable": False,
        "unclean.leader.election.enable": False,
    }
    return {**kept, **row["config"]}


def _alone(row: Row) -> dict[str, Any]:
    """The template of what runs once, beside the brokers."""
    return present(template=placing.template(row, row["brokers"]["pool"], {}, "none"))


def _exporter(row: Row) -> dict[str, Any] | None:
    """Kafka Exporter: where a consumer group is, and how far behind (D0-09)."""
    exporter = row["exporter"]
    if not exporter["enabled"]:
        return None
    size = present(resources=resources(exporter["resources"]))
    return {"topicRegex": exporter["topics"], "groupRegex": exporter["consumer_groups"], **size, **_alone(row)}


def _cruise_control(row: Row) -> dict[str, Any] | None:
    control = row.get("cruise_control")
    if not control:
        return None
    capacity = control.get("network_capacity")
    return {
        **present(
            resources=resources(control["resources"]),
            brokerCapacity=present(inboundNetwork=capacity, outboundNetwork=capacity),
            autoRebalance=[{"mode": each} for each in control["auto_rebalance"]],
            config=control["config"],
        ),
        **_alone(row),
    }
