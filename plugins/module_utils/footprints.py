"""Gathers what operators create, by kind: the lab's simulated operators and rehearsals go by it, no module does."""

from __future__ import annotations

from .core.footprint import Function
from .systems import external_secrets
from .systems.clickhouse import footprint as clickhouse
from .systems.kafka import footprint as kafka
from .systems.postgres import footprint as postgres
from .systems.rabbitmq import footprint as rabbitmq
from .systems.redis import footprint as redis

FOOTPRINTS: dict[str, Function] = {
    **clickhouse.FOOTPRINTS,
    **external_secrets.FOOTPRINTS,
    **kafka.FOOTPRINTS,
    **postgres.FOOTPRINTS,
    **rabbitmq.FOOTPRINTS,
    **redis.FOOTPRINTS,
}
