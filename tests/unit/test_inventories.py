"""The inventories of the four products: complete, without contradictions, and true to the numbers that they cite."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.objects import Object
from ansible_collections.groundwork.platform.plugins.module_utils.inventory_checks import violations
from ansible_collections.groundwork.platform.plugins.module_utils.inventory_demands import amount
from ansible_collections.groundwork.platform.plugins.module_utils.site_objects import ROLES
from support import requirements
from support.inventories import ENVIRONMENTS, INVENTORIES, variables

HOSTS = {
    "production": {
        "research_lab_prod", "workflow_platform_prod", "llmkg_us_west_2", "llmkg_us_east_1", "data_vault_us_west_2",
        "data_vault_eu_west_1",
    },
}  # fmt: skip
GIB = 2**30

needs_catalogue = pytest.mark.skipif(
    not requirements.CATALOGUE.is_file(), reason=f"the catalogue {requirements.CATALOGUE} is not here"
)


def files(environment: str) -> set[str]:
    folder = INVENTORIES / environment
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_an_inventory_contradicts_itself_nowhere(environment: str) -> None:
    assert violations(variables(environment)) == []


def test_the_example_contradicts_itself_nowhere() -> None:
    assert violations(variables("example")) == []


def test_production_has_the_clusters_of_the_four_products() -> None:
    assert set(variables("production")) == HOSTS["production"]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_ansible_lists_an_inventory_without_warning(environment: str) -> None:
    command = [
        str(Path(sys.executable).with_name("ansible-inventory")),
        "--inventory",
        str(INVENTORIES / environment),
        "--list",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert set(json.loads(done.stdout)["_meta"]["hostvars"]) == set(variables(environment))


@pytest.mark.parametrize("environment", ENVIRONMENTS[1:])
def test_environments_have_the_same_files(environment: str) -> None:
    assert files(environment) == files("production")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_foundation_renders(environment: str, role: str) -> None:
    """With the modules' own options: what they refuse is no option, and what they render has no twins."""
    options, render = ROLES[role]
    for host, values in variables(environment).items():
        given = {name: values[f"{role}_{name}"] for name in options.spec if f"{role}_{name}" in values}
        checked = ModuleArgumentSpecValidator(options.spec, **options.constraints()).validate(given)
        assert checked.error_messages == [], host
        taken = {name: value for name, value in checked.validated_parameters.items() if value is not None}
        objects = render(**taken)
        names = [(o["kind"], o["metadata"].get("namespace"), o["metadata"]["name"]) for o in objects]
        assert names, f"{host}: {role} renders nothing"
        assert len(names) == len(set(names)), host


# IDs


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_citations_are_found(environment: str) -> None:
    """Whatever looks like an ID behind a value has the one form; an ID in a line of its own is prose."""
    found = {(each.path, each.line) for each in requirements.citations(INVENTORIES / environment)}
    for path in (INVENTORIES / environment).rglob("*.yml"):
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            value, mark, comment = line.partition(" # ")
            if mark and value.strip() and requirements.ID.search(comment) and not re.search(r"\(.*\)$", comment):
                assert (path, number) in found, f"{path.name}:{number}: {line}"
    assert found


def test_a_citation_is_told_from_prose() -> None:
    one = requirements.CITATION.match("    pods: 200 # S0-10, N-07")
    assert one is not None
    assert (one["value"], one["ids"]) == ("    pods: 200", "S0-10, N-07")
    assert requirements.CITATION.match("    pods: 200 # X-21: why") is not None
    for other in ("# S0-10", "pods: 200", "pods: 200 # after S0-10", "pods: 200 # S5-10", "pods: 200 # S0-1"):
        assert requirements.CITATION.match(other) is None, other


@needs_catalogue
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_cited_requirement_is_in_the_catalogue(environment: str) -> None:
    known = requirements.catalogue()
    assert len(known) > 700
    for each in requirements.citations(INVENTORIES / environment):
        assert set(each.ids) <= set(known), f"{each.path.name}:{each.line}: {each.value}"


@needs_catalogue
def test_the_numbers_of_production_are_those_of_their_requirements() -> None:
    """Where a line cites specifications alone, each number that it sets stands in one of their rows."""
    known, checked, wrong = requirements.catalogue(), 0, []
    for each in requirements.citations(INVENTORIES / "production"):
        match = SETS_NUMBERS.match(each.value)
        if match and all(identifier.startswith("S") for identifier in each.ids):
            rows = " ".join(known[identifier].partition("|")[2] for identifier in each.ids)
            said = numbers(re.sub(r"(\d)K\b", r"\g<1>000", rows.replace(",", "")))
            for number, unit in re.findall(r"(\d+(?:\.\d+)?)([A-Za-z%]*)", match["amounts"] or match["number"]):
                checked += 1
                if not said & readings(number, unit):
                    wrong.append(
                        f"{each.path.parent.name}/{each.path.name}:{each.line}: {number}{unit} is not in: {rows}"
                    )
    assert wrong == []
    assert checked > 200


# A line that sets one number, or amounts of resources or storage; names and lists hold numbers of their own.
AMOUNTS = "resources|requests|limits|storage|log_storage|wal_storage|max|min|default|default_request|claim|pod"
SETS_NUMBERS = re.compile(rf"\s*(?:- )?(?:(?:{AMOUNTS}): (?P<amounts>\{{.*\}})|[\w./-]+: (?P<number>[\d.]+\w*%?))$")


def numbers(text: str) -> set[Decimal]:
    return {Decimal(number) for number in re.findall(r"(?<![\w.])\d+(?:\.\d+)?", text)}


def readings(number: str, unit: str) -> set[Decimal]:
    """A number as it stands, hours as days, parts of one as per cent."""
    value = Decimal(number)
    return {value} | ({value / 24} if unit == "h" else set()) | ({value * 100} if value < 1 else set())


# The specifications' sums, done right.


def sums(host: str, *pools: str) -> tuple[int, Decimal, Decimal]:
    """Nodes, CPUs and GiB of pools at rest; of all without names."""
    found = variables("production")[host]["platform_node_pools"]
    chosen = [pool for pool in found if pool["name"] in pools or not pools]
    assert len(chosen) == len(pools) or not pools
    total = {
        key: sum((pool["count"] * amount(pool["capacity"][key], key) for pool in chosen), Decimal(0))
        for key in ("cpu", "memory")
    }
    return sum(pool["count"] for pool in chosen), total["cpu"], total["memory"] / 2**30


@pytest.mark.parametrize("host", ["data_vault_us_west_2", "data_vault_eu_west_1"])
def test_the_baseline_of_the_data_vault(host: str) -> None:
    """N-01: S3-44 says 192 vCPU and 576 GB of its twelve nodes."""
    assert sums(host, "api", "worker", "worker-spot", "data") == (12, 144, 432)


def test_the_baseline_of_the_workflow_platform() -> None:
    """N-03: S1-27 says about 150 GB of its nine nodes."""
    assert sums("workflow_platform_prod", "application", "data", "infrastructure") == (9, 30, 168)


def test_the_nodes_of_llmkg() -> None:
    """S2-01, S2-02."""
    assert sums("llmkg_us_west_2")[0] == 12
    assert sums("llmkg_us_east_1")[0] == 6


# Defects of the specifications that an inventory could bring back.


@cache
def rendered(environment: str) -> list[tuple[str, Object]]:
    """Every object of the foundation with its host."""
    found = []
    for host, values in variables(environment).items():
        for role, (options, render) in ROLES.items():
            given = {name: values[f"{role}_{name}"] for name in options.spec if f"{role}_{name}" in values}
            taken = ModuleArgumentSpecValidator(options.spec, **options.constraints()).validate(given)
            assert not taken.error_messages, host
            objects = render(**{name: value for name, value in taken.validated_parameters.items() if value is not None})
            found += [(host, each) for each in objects]
    return found


def of_kind(environment: str, kind: str) -> list[tuple[str, Object]]:
    found = [(host, each) for host, each in rendered(environment) if each["kind"] == kind]
    assert found, f"{environment} has no {kind}: nothing would be compared"
    return found


every_environment = pytest.mark.parametrize("environment", ENVIRONMENTS)


@every_environment
def test_priority_classes(environment: str) -> None:
    """D0-01: system- is reserved. D0-02: a default would be everybody's. D0-03: batch that evicts is not low."""
    for _, each in of_kind(environment, "PriorityClass"):
        name = each["metadata"]["name"]
        assert not name.startswith("system-")
        assert each["globalDefault"] is False
        assert each["value"] <= 1_000_000_000
        if name in ("batch-low", "low-priority-preemptible"):
            assert each["preemptionPolicy"] == "Never"


@every_environment
def test_every_namespace_is_labelled_and_closed(environment: str) -> None:
    """X-14, D1-24: Pod Security, mesh and owner are said. D0-05, D0-08: default deny everywhere, and DNS."""
    policies: dict[tuple[str, str], set[str]] = {}
    for host, each in of_kind(environment, "NetworkPolicy"):
        policies.setdefault((host, each["metadata"]["namespace"]), set()).add(each["metadata"]["name"])
    for host, each in of_kind(environment, "Namespace"):
        labels = each["metadata"]["labels"]
        assert {f"pod-security.kubernetes.io/{mode}" for mode in ("enforce", "audit", "warn")} <= set(labels)
        assert {"istio-injection", "team"} <= set(labels)
        assert {"default-deny-all", "allow-dns"} <= policies[host, each["metadata"]["name"]]
        assert all("," not in value for value in labels.values()), "D3-01"


@every_environment
def test_only_the_mesh_may_be_privileged(environment: str) -> None:
    """D1-24, S1-30..33, S3-01."""
    for _, each in of_kind(environment, "Namespace"):
        level = each["metadata"]["labels"]["pod-security.kubernetes.io/enforce"]
        assert (level == "privileged") == (each["metadata"]["name"] == "istio-system")


@every_environment
def test_policies_select_by_what_is_there(environment: str) -> None:
    """D0-07, D1-04, D3-12, D3-36, D4-11: namespaces by the API server's own label, pods by their operator's."""
    for _, each in of_kind(environment, "NetworkPolicy"):
        text = json.dumps(each["spec"])
        peers = [
            peer
            for direction in ("ingress", "egress")
            for rule in each["spec"].get(direction, [])
            for peer in rule.get("from", rule.get("to", []))
        ]
        for peer in peers:
            selector = peer.get("namespaceSelector")
            assert selector is None or "kubernetes.io/metadata.name" in json.dumps(selector)
            assert peer.get("podSelector") is None or selector or each["metadata"]["name"] == "allow-same-namespace"
        assert '"tier": "database"' not in text
        assert '"app": "postgres"' not in text


@every_environment
def test_databases_are_reached_through_their_poolers(environment: str) -> None:
    """D3-13: from applications to PgBouncer, from there to PostgreSQL, and no other way."""
    names = {each["metadata"]["name"] for _, each in of_kind(environment, "NetworkPolicy")}
    assert {"allow-pgbouncer-to-postgres", "allow-api-to-pgbouncer"} <= names
    assert not names & {"allow-api-to-postgres", "allow-worker-to-postgres", "allow-bff-to-postgres"}


@every_environment
def test_limits_name_no_gpu(environment: str) -> None:
    """D0-04: with one every pod without a GPU is refused; the quota caps GPUs."""
    assert "nvidia.com/gpu" not in json.dumps([each for _, each in of_kind(environment, "LimitRange")])
    assert "requests.nvidia.com/gpu" in json.dumps([each for _, each in of_kind(environment, "ResourceQuota")])


@every_environment
def test_storage_classes(environment: str) -> None:
    """D1-12: no driver of Kubernetes' own, and data is retained. X-18: every name that a product uses is there."""
    classes = {each["metadata"]["name"]: each for _, each in of_kind(environment, "StorageClass")}
    assert {"fast-ssd", "standard", "standard-ssd", "shared-filesystem", "balanced-ssd", "standard-hdd", "nfs"} <= set(
        classes
    )
    assert all(each["reclaimPolicy"] == "Retain" for each in classes.values())
    assert not [each for each in classes.values() if each["provisioner"].startswith("kubernetes.io/")]
    gp3 = classes["gp3-csi"]
    assert {**gp3, "metadata": {}} == {**classes["fast-ssd"], "metadata": {}}
    assert (gp3["parameters"]["iops"], gp3["parameters"]["throughput"]) == ("10000", "500")


@every_environment
def test_certificates(environment: str) -> None:
    """D0-57: one certificate a Secret. D0-58: the gateway's in its namespace. D0-59: two issuers. X-35: 30 days."""
    assert {each["metadata"]["name"] for _, each in of_kind(environment, "ClusterIssuer")} >= {
        "letsencrypt-prod",
        "letsencrypt-staging",
    }
    secrets = [(h, c["metadata"]["namespace"], c["spec"]["secretName"]) for h, c in of_kind(environment, "Certificate")]
    assert len(secrets) == len(set(secrets))
    hosts = variables(environment)
    for host, each in of_kind(environment, "Certificate"):
        if each["spec"]["issuerRef"]["name"].startswith("letsencrypt"):
            assert each["metadata"]["namespace"] == hosts[host]["platform_namespaces"]["ingress"]
            assert (each["spec"]["issuerRef"]["name"] == "letsencrypt-prod") == (environment == "production")
        assert Decimal(each["spec"]["renewBefore"].rstrip("h")) >= 720


@every_environment
def test_schedules_of_base_backups_have_seconds(environment: str) -> None:
    """D0-11: CloudNativePG reads six fields; five mean every hour."""
    clusters = [row for values in variables(environment).values() for row in values.get("postgres_clusters", [])]
    assert clusters
    assert all(len(row["backup"]["schedule"].split()) == 6 for row in clusters)


@every_environment
def test_one_eviction_policy_an_instance(environment: str) -> None:
    """D0-46, X-11: limits and streams are never evicted, and not in a cluster with several databases."""
    rows = variables(environment)[next(host for host in variables(environment) if host.startswith("research"))]
    policies = {row["name"]: row["maxmemory_policy"] for row in rows["redis_clusters"] + rows["redis_replications"]}
    assert policies == {
        "llm-research-redis": "allkeys-lru",
        "sessions": "volatile-lru",
        "metrics": "volatile-ttl",
        "limits": "noeviction",
    }
