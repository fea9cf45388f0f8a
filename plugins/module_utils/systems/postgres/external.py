"""A PostgreSQL server that somebody else runs (Aurora, RDS): what the cluster keeps around it, as one set. Pure.

Kept are the Services of its name, PgBouncers, databases and roles by a Job of SQL, NetworkPolicies, an exporter with
its rules. The server itself, its copies and backups are its owner's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ...core import alerts as core
from ...core.alerts import Alert
from ...core.api.objects import Object
from ...core.builders import (
    addresses,
    build,
    confined,
    disruption_budget,
    environment,
    network_policy,
    port,
    present,
    pull_secrets,
    resources,
    texts,
)
from ...core.network import DNS, opened, peers
from ...core.placement import template
from ...core.sets.values import digest_of
from .options import POOLER_PARAMETERS, SYSTEM
from .sql import script

Row = Mapping[str, Any]

_PORT = 5432
_ALERTS = (
    Alert("PostgresDown", "max(pg_up{{{pods}}}) < 1", "1m", "critical", "no answer"),
    Alert(
        "PostgresConnectionsNearLimit",
        "sum(pg_stat_database_numbackends{{{pods}}}) / max(pg_settings_max_connections{{{pods}}}) > 0.85",
        "5m",
        "warning",
        "85 % of max_connections",
    ),
)
_EXPORTER_PORT = 9187
_CONFIG, _USERS, _CA = "/etc/pooler", "/etc/pooler-users", "/etc/server-ca"
_SAFE = confined(
    readOnlyRootFilesystem=True,
    runAsNonRoot=True,
    runAsUser=65534,  # images name their users by name, which the kubelet cannot judge
    seccompProfile={"type": "RuntimeDefault"},
)


def objects(row: Row) -> list[Object]:
    """The set of one server."""
    poolers = [each for pooler in row["poolers"] for each in _pooler(row, pooler)]
    return [*_services(row), *poolers, *_sql(row), *_exporter(row), *_policies(row)]


def _mark(row: Row, component: str, instance: str = "") -> dict[str, str]:
    name = instance or f"{row['name']}-{component}"
    return {
        "app.kubernetes.io/name": component,
        "app.kubernetes.io/instance": name,
        "app.kubernetes.io/part-of": f"postgres-{row['name']}",
    }


def _services(row: Row) -> list[Object]:
    """The names that a cluster of our own would have, so that a consumer does not see the difference."""
    given = row["endpoint"]
    hosts = {"rw": given["host"], "ro": given.get("reader") or given["host"]}
    return [
        build(
            "v1",
            "Service",
            f"{row['name']}-{kind}",
            row["namespace"],
            spec={"type": "ExternalName", "externalName": host},
        )
        for kind, host in hosts.items()
    ]


def _pooler(row: Row, pooler: Row) -> list[Object]:
    name, namespace = f"{row['name']}-pooler-{pooler['name']}", row["namespace"]
    labels, text = _mark(row, "pgbouncer", name), _ini(row, pooler)
    kind = row["spread"] if pooler["instances"] > 1 else "none"
    container = {
        "name": "pgbouncer",
        "image": row["pooler_image"],
        "command": ["pgbouncer", f"{_CONFIG}/pgbouncer.ini"],
        "ports": [{"name": "pgbouncer", "containerPort": _PORT}],
        "readinessProbe": {"tcpSocket": {"port": "pgbouncer"}, "periodSeconds": 5},
        "livenessProbe": {"tcpSocket": {"port": "pgbouncer"}, "periodSeconds": 10, "initialDelaySeconds": 15},
        "securityContext": _SAFE,
        "volumeMounts": _mounts({"config": _CONFIG, "users": _USERS, **_ca(row, _CA)}),
        **present(resources=resources(pooler["resources"])),
    }
    volumes = [
        {"name": "config", "configMap": {"name": name}},
        {"name": "users", "secret": {"secretName": row["endpoint"]["users_secret"]}},
        *_ca_volume(row),
    ]
    pod = {**_pod(row, [container], volumes), **template(row, pooler["pool"], labels, kind, f"pooler {name}")}
    service = {"selector": labels, "ports": [{"name": "postgres", "port": _PORT, "targetPort": "pgbouncer"}]}
    found = [
        build("v1", "ConfigMap", name, namespace, labels=labels, data={"pgbouncer.ini": text}),
        _deployment(row, name, labels, pod, replicas=pooler["instances"], config=digest_of(text)),
        build("v1", "Service", name, namespace, labels=labels, spec=service),
    ]
    if pooler["instances"] > 1:
        budget = SYSTEM.beside(row, f"pooler-{pooler['name']}")
        found.append(disruption_budget(name=budget, namespace=namespace, pods=labels, max_unavailable=1))
    return found


def _ini(row: Row, pooler: Row) -> str:
    given = row["endpoint"]
    host = (given.get("reader") or given["host"]) if pooler["type"] == "ro" else given["host"]
    settings = {
        "listen_addr": "*",
        "listen_port": _PORT,
        "unix_socket_dir": "",
        "auth_type": "scram-sha-256",
        "auth_file": f"{_USERS}/userlist.txt",
        "pool_mode": pooler["mode"],
        "max_client_conn": pooler["max_client_connections"],
        "default_pool_size": pooler["default_pool_size"],
        "max_db_connections": pooler["max_db_connections"],
        **POOLER_PARAMETERS,
        "ignore_startup_parameters": "extra_float_digits,options",
        "server_tls_sslmode": given["sslmode"],
        **({"server_tls_ca_file": f"{_CA}/{given['ca']['key']}"} if given.get("ca") else {}),
        **pooler["parameters"],
    }
    lines = [f"{key} = {value}".rstrip() for key, value in texts(settings).items()]
    return "\n".join(["[databases]", f"* = host={host} port={given['port']}", "", "[pgbouncer]", *lines, ""])


def _sql(row: Row) -> list[Object]:
    """Databases and roles: a Job that is named after its SQL, so that another SQL is another Job."""
    text = script(row)
    if not text:
        return []
    name, labels, given = f"{row['name']}-sql-{_short(text)}", _mark(row, "sql"), row["endpoint"]
    passwords = {
        f"PASSWORD_{index}": (role["password_secret"], "password")
        for index, role in enumerate(row["roles"])
        if role.get("password_secret")
    }
    container = {
        "name": "psql",
        "image": row["endpoint"]["client_image"],
        "command": ["psql", "--no-psqlrc", "--quiet", "--dbname=postgres", "--file=/sql/script.sql"],
        "env": [*_connection(given), *_ca_environment(row), *environment({}, **passwords)],
        "securityContext": _SAFE,
        "volumeMounts": _mounts({"sql": "/sql", **_ca(row, _CA)}),
    }
    volumes = [{"name": "sql", "configMap": {"name": name}}, *_ca_volume(row)]
    pod = {"metadata": {"labels": labels}, "spec": _pod(row, [container], volumes, restartPolicy="Never")}
    return [
        build("v1", "ConfigMap", name, row["namespace"], labels=labels, data={"script.sql": text}),
        build("batch/v1", "Job", name, row["namespace"], labels=labels, spec={"backoffLimit": 4, "template": pod}),
    ]


def _short(text: str) -> str:
    """A digest that may end a name."""
    return "".join(letter for letter in digest_of(text).lower() if letter.isalnum())[:10]


def _connection(given: Row) -> list[dict[str, Any]]:
    """The administrator's connection as psql's environment."""
    plain = {"PGHOST": given["host"], "PGPORT": str(given["port"]), "PGSSLMODE": given["sslmode"]}
    admin = given["admin_secret"]
    return environment(plain, PGUSER=(admin, "username"), PGPASSWORD=(admin, "password"))


def _exporter(row: Row) -> list[Object]:
    """One exporter, since there is one endpoint, and the alerts that its metrics can tell."""
    given, wanted = row["endpoint"], row["monitoring"]
    if not wanted["enabled"] or not given.get("exporter_image"):
        return []
    name, namespace, labels = f"{row['name']}-exporter", row["namespace"], _mark(row, "postgres-exporter")
    where = f"{given['host']}:{given['port']}/postgres?sslmode={given['sslmode']}"
    where += f"&sslrootcert={_CA}/{given['ca']['key']}" if given.get("ca") else ""
    container = {
        "name": "exporter",
        "image": given["exporter_image"],
        "env": environment(
            {"DATA_SOURCE_URI": where},
            DATA_SOURCE_USER=(given["admin_secret"], "username"),
            DATA_SOURCE_PASS=(given["admin_secret"], "password"),
        ),
        "ports": [{"name": "metrics", "containerPort": _EXPORTER_PORT}],
        "securityContext": _SAFE,
        "volumeMounts": _mounts(_ca(row, _CA)),
        "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}},
    }
    pod = _pod(row, [present(**container)], _ca_volume(row))
    known = {"pods": f'namespace="{namespace}",pod=~"{name}-.+"'}
    return [
        _deployment(row, name, labels, pod),
        *core.monitors(SYSTEM, row, {"exporter": labels}, "metrics"),
        core.alerts(SYSTEM, _ALERTS, row, known=known, concerned={}),
    ]


def _policies(row: Row) -> list[Object]:
    """Poolers, the Job and the exporter reach the server; clients reach the poolers."""
    wanted, given = row["network"], row["endpoint"]
    if not wanted["enabled"]:
        return []
    namespace = row["namespace"]
    ours = {"app.kubernetes.io/part-of": f"postgres-{row['name']}"}
    server = {"to": [addresses(each) for each in given["cidrs"]], "ports": [port(given["port"])]}
    return [
        network_policy(
            name=SYSTEM.beside(row, "server"), namespace=namespace, pods=ours, ingress=[], egress=[DNS, server]
        ),
        *_into(row, "pgbouncer", wanted["clients"], _PORT),
        *_into(row, "postgres-exporter", wanted["scrapers"], _EXPORTER_PORT),
    ]


def _into(row: Row, component: str, who: Iterable[Row], to: int) -> list[Object]:
    pods = {"app.kubernetes.io/part-of": f"postgres-{row['name']}", "app.kubernetes.io/name": component}
    return opened(SYSTEM.beside(row, component.removeprefix("postgres-")), row["namespace"], pods, peers(who), [to])


def _pod(row: Row, containers: Sequence[Row], volumes: Sequence[Row], **more: Any) -> dict[str, Any]:
    return present(
        containers=containers,
        volumes=volumes,
        automountServiceAccountToken=False,
        priorityClassName=row.get("priority_class"),
        imagePullSecrets=pull_secrets(row),
        **more,
    )


def _deployment(
    row: Row, name: str, labels: dict[str, str], pod: Row, *, replicas: int = 1, config: str = ""
) -> Object:
    """Its pods are replaced when the configuration changes."""
    noted = present(annotations=present(**{"groundwork.platform/config": config}))
    template = {"metadata": {"labels": labels, **noted}, "spec": pod}
    spec = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}
    return build("apps/v1", "Deployment", name, row["namespace"], labels=labels, spec=spec)


def _mounts(paths: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"name": name, "mountPath": path, "readOnly": True} for name, path in paths.items()]


def _ca(row: Row, path: str) -> dict[str, str]:
    return {"ca": path} if row["endpoint"].get("ca") else {}


def _ca_environment(row: Row) -> Iterable[dict[str, str]]:
    given = row["endpoint"].get("ca")
    return [{"name": "PGSSLROOTCERT", "value": f"{_CA}/{given['key']}"}] if given else []


def _ca_volume(row: Row) -> list[dict[str, Any]]:
    given = row["endpoint"].get("ca")
    return [{"name": "ca", "secret": {"secretName": given["secret"]}}] if given else []
