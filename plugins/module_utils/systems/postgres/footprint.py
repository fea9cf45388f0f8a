"""What CloudNativePG creates for a Cluster and a Pooler, told beforehand. Pure."""

from __future__ import annotations

from ...core import footprint as fp
from ...core.api.objects import Object, get
from ...core.builders import merged, present
from ...core.footprint import Footprint

_HIBERNATION = "cnpg.io/hibernation"

# What the operator creates: pkg/specs/{pods,services,poddisruptionbudget}.go, pkg/reconciler/persistentvolumeclaim,
# docs/src/labels_annotations.md. Jobs and what the plugin adds are left out.
_SERVICE_PODS = {
    "rw": {"cnpg.io/instanceRole": "primary"},
    "ro": {"cnpg.io/instanceRole": "replica"},
    "r": {"cnpg.io/podRole": "instance"},
}
_APP_KEYS = ("password", "pgpass", "uri", "jdbc-uri", "fqdn-uri", "fqdn-jdbc-uri")
_CERTIFICATES = {"ca": "Opaque", "server": "kubernetes.io/tls", "replication": "kubernetes.io/tls"}


def footprint(cluster: Object) -> Footprint:
    """Instances with their claims, Services, Secrets and PodDisruptionBudgets of a Cluster. Hibernated: no pods.

    Where its status names the instances and the primary, these do; otherwise they are numbered, the first one primary.
    """
    spec, name = cluster.get("spec", {}), get(cluster, "metadata", "name")
    names = _instances(cluster, name, int(spec.get("instances", 1)))
    primary = get(cluster, "status", "currentPrimary") or names[0]
    parts = [
        *_secrets(cluster, spec, name),
        *_services(cluster, spec, name),
        *_budgets(cluster, spec, name),
    ]
    awake = get(cluster, "metadata", "annotations", _HIBERNATION) != "on"
    for instance in names:
        labels = _labels(cluster, name, instance, "primary" if instance == primary else "replica")
        parts += _claims(cluster, spec, instance, labels)
        if awake:
            parts.append(fp.child(cluster, "v1", "Pod", instance, labels, spec=_instance_pod(spec, name, instance)))
    return Footprint(tuple(parts))


def _instances(cluster: Object, name: str, count: int) -> list[str]:
    """Who is there already, the primary before the others; what is missing takes the lowest free numbers."""
    primary = get(cluster, "status", "currentPrimary")
    there = sorted(get(cluster, "status", "instanceNames", default=[]), key=lambda each: (each != primary, each))
    free = (each for number in range(1, 2 * count + 1) if (each := f"{name}-{number}") not in there)
    kept = there[:count]
    return sorted([*kept, *(next(free) for _ in range(count - len(kept)))])


def _labels(cluster: Object, name: str, instance: str = "", role: str = "") -> dict[str, str]:
    inherited = get(cluster, "spec", "inheritedMetadata", "labels", default={})
    own = {"cnpg.io/cluster": name, "app.kubernetes.io/managed-by": "cloudnative-pg"}
    if not instance:
        return {**inherited, **own}
    return {
        **inherited,
        **own,
        "app.kubernetes.io/name": "postgresql",
        "app.kubernetes.io/instance": name,
        "app.kubernetes.io/component": "database",
        "cnpg.io/instanceName": instance,
        "cnpg.io/instanceRole": role,
        "cnpg.io/podRole": "instance",
    }


def _instance_pod(spec: Object, name: str, instance: str) -> Object:
    wanted, resources = spec.get("affinity") or {}, spec.get("resources") or {}
    image = spec.get("imageName") or "ghcr.io/cloudnative-pg/postgresql:18"
    own = present(image=image, resources=resources)
    volumes = {"pgdata": instance} | {role: claim for role, claim in _claim_names(spec, instance).items() if role}
    return fp.pod_spec(
        [{"name": "postgres", **own, "ports": [{"name": "postgresql", "containerPort": 5432}]}],
        initContainers=[{"name": "bootstrap-controller", **own}],
        volumes=[{"name": role, "persistentVolumeClaim": {"claimName": claim}} for role, claim in volumes.items()],
        hostname=instance,
        serviceAccountName=spec.get("serviceAccountName"),
        nodeSelector=wanted.get("nodeSelector"),
        tolerations=wanted.get("tolerations"),
        affinity=_affinity(wanted, name),
        topologySpreadConstraints=spec.get("topologySpreadConstraints"),
        priorityClassName=spec.get("priorityClassName"),
        schedulerName=spec.get("schedulerName"),
    )


def _affinity(wanted: Object, name: str) -> Object:
    """The operator's own anti-affinity among instances (on unless switched off, preferred unless required)."""
    own: Object = {}
    if wanted.get("enablePodAntiAffinity", True):
        term = {
            "labelSelector": {"matchLabels": {"cnpg.io/cluster": name, "cnpg.io/podRole": "instance"}},
            "topologyKey": wanted.get("topologyKey") or "kubernetes.io/hostname",
        }
        required = wanted.get("podAntiAffinityType") == "required"
        own = (
            {"requiredDuringSchedulingIgnoredDuringExecution": [term]}
            if required
            else {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 100, "podAffinityTerm": term}]}
        )
    more = wanted.get("additionalPodAntiAffinity") or {}
    anti = {key: [*own.get(key, []), *more.get(key, [])] for key in {**own, **more}}
    return present(
        nodeAffinity=wanted.get("nodeAffinity"), podAffinity=wanted.get("additionalPodAffinity"), podAntiAffinity=anti
    )


def _claim_names(spec: Object, instance: str) -> dict[str, str]:
    """Volume by role: "" is the data's."""
    spaces = {f"tbs-{each['name']}": f"{instance}-tbs-{each['name']}" for each in spec.get("tablespaces") or []}
    wal = {"pg-wal": f"{instance}-wal"} if spec.get("walStorage") else {}
    return {"": instance, **wal, **spaces}


def _claims(cluster: Object, spec: Object, instance: str, labels: dict[str, str]) -> list[Object]:
    spaces = {f"tbs-{each['name']}": each.get("storage") or {} for each in spec.get("tablespaces") or []}
    storages = {"": spec.get("storage") or {}, "pg-wal": spec.get("walStorage") or {}, **spaces}
    roles = {"": "PG_DATA", "pg-wal": "PG_WAL"}
    return [
        fp.claim(
            cluster,
            claim,
            {**labels, "cnpg.io/pvcRole": roles.get(role, "PG_TABLESPACE")},
            merged(
                fp.claim_spec(storages[role].get("size") or "1Gi", storages[role].get("storageClass")),
                storages[role].get("pvcTemplate"),
            ),
        )
        for role, claim in _claim_names(spec, instance).items()
    ]


def _services(cluster: Object, spec: Object, name: str) -> list[Object]:
    off = get(spec, "managed", "services", "disabledDefaultServices", default=[])
    return [
        fp.service(
            cluster,
            f"{name}-{which}",
            _labels(cluster, name),
            selector={"cnpg.io/cluster": name, **pods},
            ports={"postgres": 5432},
        )
        for which, pods in _SERVICE_PODS.items()
        if which not in off
    ]


def _secrets(cluster: Object, spec: Object, name: str) -> list[Object]:
    labels, auth = _labels(cluster, name), "kubernetes.io/basic-auth"
    initdb = get(spec, "bootstrap", "initdb", default={}) or {}
    owner = initdb.get("owner") or initdb.get("database") or "app"
    known = {"username": owner, "user": owner, "dbname": initdb.get("database") or "app", "host": f"{name}-rw"}
    found = []
    if not initdb.get("secret"):
        found.append(fp.secret(cluster, f"{name}-app", labels, *_APP_KEYS, type_=auth, port="5432", **known))
    if spec.get("enableSuperuserAccess") and not spec.get("superuserSecret"):
        found.append(
            fp.secret(cluster, f"{name}-superuser", labels, *_APP_KEYS, type_=auth, username="postgres", port="5432")
        )
    given = {each.removesuffix("TLSSecret").removesuffix("CASecret") for each in spec.get("certificates") or {}}
    for which, type_ in _CERTIFICATES.items():
        keys = ("ca.crt", "ca.key") if which == "ca" else ("tls.crt", "tls.key")
        if which not in given:
            found.append(fp.secret(cluster, f"{name}-{which}", labels, *keys, type_=type_))
    return found


def _budgets(cluster: Object, spec: Object, name: str) -> list[Object]:
    if spec.get("enablePDB", True) is False:
        return []
    count = int(spec.get("instances", 1))
    roles = {f"{name}-primary": ("primary", 1)} | ({name: ("replica", count - 2)} if count >= 3 else {})
    return [
        fp.budget(
            cluster,
            each,
            _labels(cluster, name),
            selector={"cnpg.io/cluster": name, "cnpg.io/instanceRole": role},
            minAvailable=least,
        )
        for each, (role, least) in roles.items()
    ]


def pooler_footprint(pooler: Object) -> Footprint:
    """The Deployment and Service of a Pooler; the operator makes it no PodDisruptionBudget."""
    spec, name = pooler.get("spec", {}), get(pooler, "metadata", "name")
    selector = {"cnpg.io/poolerName": name}
    labels = {**selector, "cnpg.io/cluster": get(spec, "cluster", "name", default=""), "cnpg.io/podRole": "pooler"}
    template = spec.get("template") or {}
    given = get(template, "spec", "containers", default=[])
    own = next((dict(each) for each in given if each.get("name") == "pgbouncer"), {"name": "pgbouncer"})
    own.setdefault("image", get(spec, "pgbouncer", "image") or "ghcr.io/cloudnative-pg/pgbouncer:1.25.1")
    first = {"name": "bootstrap-controller", **present(image=own["image"], resources=own.get("resources"))}
    secured = fp.pod_spec([own], initContainers=[first])  # pkg/specs/pgbouncer/deployments.go
    others = [each for each in given if each.get("name") != "pgbouncer"]
    pods = {
        "metadata": {"labels": {**get(template, "metadata", "labels", default={}), **labels}},
        "spec": {**template.get("spec", {}), **secured, "containers": [*secured["containers"], *others]},
    }
    body = {"replicas": int(spec.get("instances", 1)), "selector": {"matchLabels": selector}, "template": pods}
    body |= present(strategy=spec.get("deploymentStrategy"))
    return Footprint(
        (
            fp.child(pooler, "apps/v1", "Deployment", name, labels, spec=body),
            fp.service(pooler, name, labels, selector=selector, ports={"pgbouncer": 5432}),
        )
    )


FOOTPRINTS: dict[str, fp.Function] = {
    "postgresql.cnpg.io/Cluster": footprint,
    "postgresql.cnpg.io/Pooler": pooler_footprint,
    **dict.fromkeys(
        (
            f"postgresql.cnpg.io/{kind}"
            for kind in ("Backup", "Database", "DatabaseRole", "Publication", "Subscription")
        ),
        fp.nothing,
    ),
}
