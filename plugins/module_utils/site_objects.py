"""The objects that the roles make of a host's variables. Pure.

A role of the foundation keeps one set, whose options stand in variables of the same names. A data role keeps a set for
each row of a variable, the role's defaults under it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator, ModuleArgumentSpecValidator, ValidationResult

from .core.api.errors import PlatformError
from .core.api.objects import Object
from .core.sets.options import Options
from .systems import addons, certificates, storage, tenancy
from .systems.clickhouse import cluster as clickhouse
from .systems.clickhouse import options as clickhouse_options
from .systems.kafka import cluster as kafka
from .systems.kafka import options as kafka_options
from .systems.postgres import cluster as postgres
from .systems.postgres import options as postgres_options
from .systems.rabbitmq import cluster as rabbitmq
from .systems.rabbitmq import options as rabbitmq_options
from .systems.redis import cluster as redis
from .systems.redis import options as redis_options
from .systems.redis import replication as redis_replication

ROLES: dict[str, tuple[Options, Callable[..., list[Object]]]] = {
    "storage": (storage.OPTIONS, storage.storage),
    "addons": (addons.OPTIONS, addons.addons),
    "tenancy": (tenancy.OPTIONS, tenancy.tenancy),
    "certificates": (certificates.OPTIONS, certificates.certificates),
}
# Options of every set, which no system has of its own.
_OF_SETS = ("namespace", "wait", "timeout")


class Rows(NamedTuple):
    """module: what keeps a set for each row of `<module>s`, over `<module>_defaults`."""

    module: str
    options: Options
    render: Callable[..., list[Object]]

    @property
    def variable(self) -> str:
        """Where the rows stand."""
        return f"{self.module}s"

    @property
    def defaults(self) -> str:
        """What the role lays under each."""
        return f"{self.module}_defaults"

    def checked(self, row: Mapping[str, Any]) -> ValidationResult:
        """A row, its defaults filled in, as the module takes it: errors, or the options of its system."""
        return _row_validator(self.module).validate({key: value for key, value in row.items() if key not in _OF_SETS})

    def objects(self, row: Mapping[str, Any]) -> list[Object]:
        """What the module makes of a row. Raises PlatformError as it would."""
        checked = self.checked(row)
        if checked.error_messages:
            raise PlatformError(f"{self.module}: {checked.error_messages[0]}")
        given = {name: value for name, value in checked.validated_parameters.items() if value is not None}
        return self.render(**given, namespace=row["namespace"])


POSTGRES = Rows("postgres_cluster", postgres_options.CLUSTER, postgres.cluster)
CLICKHOUSE = Rows("clickhouse_cluster", clickhouse_options.CLUSTER, clickhouse.cluster)
KAFKA = Rows("kafka_cluster", kafka_options.CLUSTER, kafka.cluster)
RABBITMQ = Rows("rabbitmq_cluster", rabbitmq_options.CLUSTER, rabbitmq.cluster)
REDIS_CLUSTER = Rows("redis_cluster", redis_options.CLUSTER, redis.cluster)
REDIS_REPLICATION = Rows("redis_replication", redis_options.REPLICATION, redis_replication.replication)
DATA: dict[str, tuple[Rows, ...]] = {
    "postgres": (POSTGRES,),
    "clickhouse": (CLICKHOUSE,),
    "kafka": (KAFKA,),
    "rabbitmq": (RABBITMQ,),
    "redis": (REDIS_CLUSTER, REDIS_REPLICATION),
}


# Made once each: that takes longer than their use.
@cache
def _row_validator(module: str) -> ArgumentSpecValidator:
    table = next(rows.options for role in DATA.values() for rows in role if rows.module == module)
    return ArgumentSpecValidator(table.spec, **table.constraints())


@cache
def _validator(role: str, names: tuple[str, ...]) -> ModuleArgumentSpecValidator:
    spec = ROLES[role][0].spec
    return ModuleArgumentSpecValidator({name: spec[name] for name in names})


def options(role: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    """What the module of a role of the foundation makes of its variables, those left out aside.

    Raises PlatformError as the module would.
    """
    spec = ROLES[role][0].spec
    own = {name: variables[f"{role}_{name}"] for name in spec if f"{role}_{name}" in variables}
    checked = _validator(role, tuple(own)).validate(own)
    if checked.error_messages:
        raise PlatformError(f"{role}: {checked.error_messages[0]}")
    return {name: value for name, value in checked.validated_parameters.items() if value is not None}
