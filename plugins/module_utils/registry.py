"""Gathers every row of data by kind: the one file that knows all systems, so that a sent module carries them all."""

from __future__ import annotations

from collections.abc import Mapping

from .core.footprint import Function
from .core.readiness.rule import Rule
from .core.sets.guards import Guard, HoldsData
from .rules import (
    airlock,
    ansible_operators,
    astra,
    atlas,
    aws_controllers,
    azure,
    backup_others,
    batch_queues,
    buckets,
    builtin,
    carvel,
    chaos,
    cluster_api,
    config_connector,
    confluent,
    contour,
    coralogix,
    crossplane,
    databases,
    datadog,
    delivery,
    elastic,
    flagger,
    flink,
    flux,
    gardener,
    gatekeeper,
    generic,
    gke,
    gloo,
    humio,
    iam_manager,
    karmada,
    karpenter,
    keptn,
    knative,
    koperator,
    kruise,
    kserve,
    kuadrant,
    kubeflow,
    kubevirt,
    kyverno,
    mariadb,
    messaging_others,
    networking_others,
    nmstate,
    numaproj,
    observability_others,
    olm,
    open_cluster_management,
    openfaas,
    openshift,
    percona,
    postgres_others,
    proclaim,
    promoter,
    pulumi,
    rancher,
    ray,
    sap_btp,
    secrets_operators,
    snapshots,
    solr,
    spark,
    storage_operators,
    threescale,
)
from .systems import (
    addons,
    autoscaling,
    backup,
    certificates,
    external_secrets,
    gitops,
    identity,
    mesh,
    monitoring,
    object_storage,
    storage,
)
from .systems.clickhouse import footprint as clickhouse_footprint
from .systems.clickhouse import rules as clickhouse
from .systems.kafka import footprint as kafka_footprint
from .systems.kafka import rules as kafka
from .systems.postgres import footprint as postgres_footprint
from .systems.postgres import rules as postgres
from .systems.rabbitmq import footprint as rabbitmq_footprint
from .systems.rabbitmq import rules as rabbitmq
from .systems.redis import footprint as redis_footprint
from .systems.redis import rules as redis


def _merged(*tables: Mapping[str, Rule]) -> dict[str, Rule]:
    """All rows; a kind with two rows is a mistake of ours, named at once."""
    rows: dict[str, Rule] = {}
    for table in tables:
        twice = rows.keys() & table.keys()
        if twice:
            raise ValueError(f"two readiness rows for {', '.join(sorted(twice))}")
        rows.update(table)
    return rows


RULES: dict[str, Rule] = _merged(
    airlock.RULES,
    ansible_operators.RULES,
    astra.RULES,
    atlas.RULES,
    aws_controllers.RULES,
    azure.RULES,
    backup_others.RULES,
    batch_queues.RULES,
    buckets.RULES,
    builtin.RULES,
    carvel.RULES,
    chaos.RULES,
    cluster_api.RULES,
    config_connector.RULES,
    confluent.RULES,
    contour.RULES,
    coralogix.RULES,
    crossplane.RULES,
    databases.RULES,
    datadog.RULES,
    delivery.RULES,
    elastic.RULES,
    flagger.RULES,
    flink.RULES,
    flux.RULES,
    gardener.RULES,
    gatekeeper.RULES,
    generic.RULES,
    gke.RULES,
    gloo.RULES,
    humio.RULES,
    iam_manager.RULES,
    karmada.RULES,
    karpenter.RULES,
    keptn.RULES,
    knative.RULES,
    koperator.RULES,
    kruise.RULES,
    kserve.RULES,
    kuadrant.RULES,
    kubeflow.RULES,
    kubevirt.RULES,
    kyverno.RULES,
    mariadb.RULES,
    messaging_others.RULES,
    networking_others.RULES,
    nmstate.RULES,
    numaproj.RULES,
    observability_others.RULES,
    olm.RULES,
    open_cluster_management.RULES,
    openfaas.RULES,
    openshift.RULES,
    percona.RULES,
    postgres_others.RULES,
    proclaim.RULES,
    promoter.RULES,
    pulumi.RULES,
    rancher.RULES,
    ray.RULES,
    sap_btp.RULES,
    secrets_operators.RULES,
    snapshots.RULES,
    solr.RULES,
    spark.RULES,
    storage_operators.RULES,
    threescale.RULES,
    autoscaling.RULES,
    backup.RULES,
    certificates.RULES,
    clickhouse.RULES,
    external_secrets.RULES,
    gitops.RULES,
    identity.RULES,
    kafka.RULES,
    mesh.RULES,
    monitoring.RULES,
    object_storage.RULES,
    postgres.RULES,
    rabbitmq.RULES,
    redis.RULES,
)

HOLDS_DATA: list[HoldsData] = [
    *addons.HOLDS_DATA,
    *certificates.HOLDS_DATA,
    *clickhouse.HOLDS_DATA,
    *kafka.HOLDS_DATA,
    *monitoring.HOLDS_DATA,
    *postgres.HOLDS_DATA,
    *rabbitmq.HOLDS_DATA,
    *redis.HOLDS_DATA,
    *storage.HOLDS_DATA,
]

GUARDS: list[Guard] = [*clickhouse.GUARDS, *kafka.GUARDS, *postgres.GUARDS, *rabbitmq.GUARDS, *redis.GUARDS]

# What operators create, by kind: `lab simulate` and rehearsals go by it.
FOOTPRINTS: dict[str, Function] = {
    **clickhouse_footprint.FOOTPRINTS,
    **external_secrets.FOOTPRINTS,
    **kafka_footprint.FOOTPRINTS,
    **postgres_footprint.FOOTPRINTS,
    **rabbitmq_footprint.FOOTPRINTS,
    **redis_footprint.FOOTPRINTS,
}
