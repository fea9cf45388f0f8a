"""A PostgreSQL cluster by CloudNativePG as one set: server, poolers, databases, roles, backups, rules. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.alerts import monitors
from ...core.api.objects import Object
from ...core.builders import build, disruption_budget, merged, present, pull_secrets, resources, texts
from ...core.placement import HOST, placement, spread, template
from . import backup, external, network
from .alerts import alerts
from .limits import LIMITS
from .options import POOLER_PARAMETERS, SYSTEM

Row = Mapping[str, Any]

API = "postgresql.cnpg.io/v1"
# Archive a segment at least this often: the RPO where the whole cluster is lost (X-04, D0-17).
_PARAMETERS = {"archive_timeout": "60s"}


def cluster(*, name: str, namespace: str, **row: Any) -> list[Object]:
    """The set of one cluster; `row` holds the other options of the module postgres_cluster, defaults filled in.

    PodDisruptionBudgets of instances are the operator's: a second one stops every eviction (D0-16). Raises
    PlatformError for what could not work.
    """
    row = {**row, "name": name, "namespace": namespace}
    LIMITS.check(row)
    if row["backend"] == "external":
        return external.objects(row)
    return [
        *_catalog(row),
        *backup.objects(row),
        _cluster(row),
        *_databases(row),
        *(_role(row, each) for each in row["roles"]),
        *(each for pooler in row["poolers"] for each in _pooler(row, pooler)),
        *network.policies(row),
        *_monitoring(row),
    ]


def instances(row: Row) -> dict[str, str]:
    """The labels of a cluster's instances; poolers carry the first of them, too."""
    return {"cnpg.io/cluster": row["name"], "cnpg.io/podRole": "instance"}


def pooler_name(row: Row, pooler: Row) -> str:
    """A Pooler's name is also its Service's: `<cluster>-rw` belongs to the cluster itself."""
    return f"{row['name']}-{_part(pooler)}"


def _part(pooler: Row) -> str:
    return f"pooler-{pooler['name']}"


def _catalog(row: Row) -> list[Object]:
    if not row["images"]:
        return []
    images = [{"major": int(major), "image": str(image)} for major, image in sorted(row["images"].items(), key=_major)]
    return [build(API, "ImageCatalog", row["name"], row["namespace"], spec={"images": images})]


def _major(item: tuple[Any, Any]) -> int:
    return int(item[0])


def _image(row: Row) -> dict[str, Any]:
    given = row.get("catalog") or {"kind": "ImageCatalog", "name": row["name"]}
    major = row.get("major") or int(next(iter(row["images"])))
    return {"apiGroup": "postgresql.cnpg.io", "kind": given["kind"], "name": given["name"], "major": major}


def _cluster(row: Row) -> Object:
    spec = present(
        instances=row["instances"],
        imageCatalogRef=_image(row),
        imagePullSecrets=pull_secrets(row),
        inheritedMetadata=present(labels=texts(row["labels"])),
        primaryUpdateStrategy=row["update_strategy"],
        primaryUpdateMethod=row["update_method"],
        primaryLease=_lease(row),
        enableSuperuserAccess=False,
        enablePDB=row["instances"] > 1,
        priorityClassName=row.get("priority_class"),
        storage=_volume(row["storage"]),
        walStorage=_volume(row.get("wal_storage")),
        resources=resources(row["resources"]),
        affinity=_affinity(row),
        topologySpreadConstraints=spread(row["spread"], instances(row)) if row["instances"] > 1 else None,
        postgresql=_postgresql(row),
        bootstrap=_bootstrap(row),
        serviceAccountTemplate=present(metadata=present(annotations=texts(row["service_account_annotations"]))),
        **backup.in_cluster(row),
    )
    return build(API, "Cluster", row["name"], row["namespace"], spec=merged(spec, row["extra_spec"]))


def _lease(row: Row) -> dict[str, int]:
    """A Lease in the proportions of the operator's own, 15 : 10 : 2 seconds (pkg/management/postgres/lease)."""
    seconds = row.get("primary_lease")
    if not seconds:
        return {}
    return {
        "leaseDurationSeconds": seconds,
        "renewDeadlineSeconds": seconds * 2 // 3,
        "retryPeriodSeconds": max(1, seconds * 2 // 15),
    }


def _volume(row: Row | None) -> dict[str, Any]:
    return present(size=str(row["size"]), storageClass=row.get("class")) if row else {}


def _affinity(row: Row) -> dict[str, Any]:
    """The operator's own anti-affinity, by its words: `podAntiAffinity` is no field of it (D0-10)."""
    where = placement(row["pool"], row["node_pools"], f"PostgreSQL {row['name']}")
    asked = row["spread"] != "none" and row["instances"] > 1
    apart = {"podAntiAffinityType": "required", "topologyKey": HOST} if asked else {}
    return {
        "enablePodAntiAffinity": asked,
        **apart,
        **present(nodeAffinity=where.node_affinity, tolerations=where.tolerations),
    }


def _postgresql(row: Row) -> dict[str, Any]:
    return present(
        parameters=texts({**_PARAMETERS, **row["parameters"]}),
        shared_preload_libraries=row["preload_libraries"],
        pg_hba=row["pg_hba"],
        synchronous=_synchronous(row),
    )


def _synchronous(row: Row) -> dict[str, Any]:
    """Quorum replication: a commit waits for any standby, and failover for one that surely has it.

    With `preferred` durability commits go on without a standby, so no quorum can be promised at failover.
    """
    if not row["quorum"] or row["instances"] == 1:
        return {}
    promise = {"failoverQuorum": True} if row["durability"] == "required" and row["instances"] > 2 else {}
    number = {"method": "any", "number": row["synchronous_replicas"]}
    return {**number, "dataDurability": row["durability"], **promise}


def _owner(row: Row) -> str:
    return str(row.get("owner") or row["database"])


def _bootstrap(row: Row) -> dict[str, Any]:
    """A database of the name that clients ask for (D0-14): as it is restored, or newly made with checksums."""
    secret = {"name": row["owner_secret"]} if row.get("owner_secret") else None
    own = present(database=row["database"], owner=_owner(row), secret=secret)
    if row.get("recovery"):
        return {"recovery": {**backup.recovery(row["recovery"]), **own}}
    return {"initdb": {**own, "dataChecksums": True}}


def _databases(row: Row) -> list[Object]:
    """Databases by their own resources, also the first one: its extensions are kept there."""
    first = {"name": row["database"], "owner": _owner(row), "extensions": row["extensions"], "schemas": []}
    return [_database(row, each) for each in ({**first, "reclaim": "retain"}, *row["databases"])]


def _database(row: Row, database: Row) -> Object:
    spec = present(
        cluster={"name": row["name"]},
        name=database["name"],
        owner=database["owner"],
        databaseReclaimPolicy=database["reclaim"],
        extensions=[present(**{key: each.get(key) for key in _EXTENSION}) for each in database["extensions"]],
        schemas=[{"name": each, "owner": database["owner"]} for each in database["schemas"]],
    )
    return build(API, "Database", _inside(row, database["name"]), row["namespace"], spec=spec)


_EXTENSION = ("name", "version", "schema")


def _inside(row: Row, name: str) -> str:
    """An object's name for something in PostgreSQL, whose names may hold underscores."""
    return f"{row['name']}-{name.lower().replace('_', '-')}"


def _role(row: Row, role: Row) -> Object:
    """A role by DatabaseRole; what it may do comes from the roles that it is a member of."""
    secret = role.get("password_secret")
    spec = present(
        cluster={"name": row["name"]},
        name=role["name"],
        login=role["login"],
        inRoles=role["member_of"],
        connectionLimit=role["connection_limit"],
        createdb=role["create_database"],
        createrole=role["create_role"],
        replication=role["replication"],
        passwordSecret={"name": secret} if secret else None,
        databaseRoleReclaimPolicy=role["reclaim"],
    )
    return build(API, "DatabaseRole", _inside(row, role["name"]), row["namespace"], spec=spec)


def _pooler(row: Row, pooler: Row) -> list[Object]:
    """A Pooler and its budget, which the operator does not make."""
    name = pooler_name(row, pooler)
    labels = {"cnpg.io/poolerName": name}
    where = template(row, pooler["pool"], labels, _apart(row, pooler), f"pooler {name}")
    pod = {"containers": [{"name": "pgbouncer", **present(resources=resources(pooler["resources"]))}], **where}
    spec = {
        "cluster": {"name": row["name"]},
        "instances": pooler["instances"],
        "type": pooler["type"],
        "pgbouncer": present(image=row.get("pooler_image"), poolMode=pooler["mode"], parameters=_parameters(pooler)),
        "template": {"spec": pod},
    }
    found = [build(API, "Pooler", name, row["namespace"], spec=spec)]
    if pooler["instances"] > 1:
        budget = SYSTEM.beside(row, _part(pooler))
        found.append(disruption_budget(name=budget, namespace=row["namespace"], pods=labels, max_unavailable=1))
    return found


def _apart(row: Row, pooler: Row) -> str:
    return str(row["spread"]) if pooler["instances"] > 1 else "none"


def _parameters(pooler: Row) -> dict[str, str]:
    sizes = {
        "max_client_conn": pooler["max_client_connections"],
        "default_pool_size": pooler["default_pool_size"],
        "max_db_connections": pooler["max_db_connections"],
    }
    return texts({**POOLER_PARAMETERS, **sizes, **pooler["parameters"]})


def _monitoring(row: Row) -> list[Object]:
    """Monitors of our own: the fields that ask the operator for one are deprecated (D0-13), one exporter sees one

    instance (D0-19).
    """
    if not row["monitoring"]["enabled"]:
        return []
    names = {_part(each): pooler_name(row, each) for each in row["poolers"]}
    pods = {"": instances(row), **{part: {"cnpg.io/poolerName": name} for part, name in names.items()}}
    return [*monitors(SYSTEM, row, pods, "metrics"), alerts(row, list(names.values()))]
