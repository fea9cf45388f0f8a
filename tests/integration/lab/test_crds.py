"""Every CRD is served on a lab cluster, again costs nothing, and our subsets hold against upstream's full CRDs."""

from __future__ import annotations

import copy
import functools
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from lab.crd_definitions import ADDED, SUBSET, definitions
from lab.crd_docs import PAGE, page
from lab.crd_modules import Loader
from lab.crd_sources import every
from lab.errors import LabError
from support.lab import LabCluster, lab
from support.schemas import differences

from lab.crds import MANAGER, Server, apply_crds, connected, established

SHARED = Path(__file__).parents[4] / "shared"
SENTINEL = "RedisSentinel.redis.redis.opstreelabs.in"
NEWER = {  # full CRDs of a later release than the newest module: what is stricter there than on the lab, and only that
    "Instrumentation.opentelemetry.io": {
        ".spec.apacheHttpd.configPath: maxLength",
        ".spec.apacheHttpd.configPath: pattern",
        ".spec.nginx.configFile: maxLength",
        ".spec.nginx.configFile: pattern",
    },
    "VaultAuth.secrets.hashicorp.com": {".spec.vaultAuthGlobalRef.namespace: pattern"},
}

Object = dict[str, Any]


@pytest.fixture(scope="module")
def crds() -> list[Object]:
    return [crd for found in definitions(list(every())).values() for crd in found]


@pytest.fixture(scope="module")
def served(cluster: LabCluster) -> LabCluster:
    """The cluster with all CRDs."""
    apply_crds(cluster.kubeconfig)
    return cluster


def shared(*parts: str) -> Path:
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"../shared/{'/'.join(parts)} is not beside this checkout")
    return path


def title(crd: Object) -> str:
    return f"{crd['spec']['names']['kind']}.{crd['spec']['group']}"


def fields(crd: Object) -> Object:
    """The fields of spec."""
    found: Object = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]
    return found


def status(server: Server, path: str) -> int:
    return int(server.request("GET", path, timeout=30).status)


def test_every_version_of_every_kind_is_served_at_once(served: LabCluster, crds: list[Object]) -> None:
    with connected(served.kubeconfig) as server:
        paths = [
            f"/apis/{crd['spec']['group']}/{version['name']}/{crd['spec']['names']['plural']}?limit=1"
            for crd in crds
            for version in crd["spec"]["versions"]
            if version["served"]
        ]
        assert {path: code for path in paths if (code := status(server, path)) != 200} == {}
        live = server.live()
    assert [title(crd) for crd in crds if not established(live[crd["metadata"]["name"]])] == []


def test_again_is_one_read_and_no_write(served: LabCluster, crds: list[Object]) -> None:
    with served.record(user_agent=MANAGER) as requests:
        again = apply_crds(served.kubeconfig)
    assert [(done.name, done.action) for done in again if done.action != "unchanged"] == []
    assert len(again) == len(crds)
    assert [request["verb"] for request in requests.all] == ["list"], requests.words()


def test_only_what_is_not_as_wanted_is_written(served: LabCluster, crds: list[Object]) -> None:
    """As after an update of the lab: one CRD is the lab's of yesterday."""
    old = copy.deepcopy(next(crd for crd in crds if title(crd) == SENTINEL))
    fields(old).pop("pdb")
    with connected(served.kubeconfig) as server:
        list(server.apply_all([old]))
    with served.record(user_agent=MANAGER) as requests:
        again = apply_crds(served.kubeconfig, ["redis"], kinds=["RedisSentinel"])
    assert len(again) == 1
    name = old["metadata"]["name"]
    assert [(done.name, done.action) for done in again if done.action != "unchanged"] == [(name, "changed")]
    assert [request["objectRef"]["name"] for request in requests.mutating] == [name], requests.words()
    with connected(served.kubeconfig) as server:
        assert "pdb" in fields(server.live()[name])


def test_a_crd_that_somebody_else_changed_is_refused_and_left_alone(served: LabCluster, crds: list[Object]) -> None:
    name = next(crd["metadata"]["name"] for crd in crds if title(crd) == SENTINEL)
    patch = [{"op": "remove", "path": "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/pdb"}]
    served.kubectl("patch", "crd", name, "--type=json", f"--patch={json.dumps(patch)}")
    try:
        with pytest.raises(LabError, match=rf'^CRD {name} was changed .*"kubectl-patch".*: delete it'):
            apply_crds(served.kubeconfig, ["redis"])
        with connected(served.kubeconfig) as server:
            assert "pdb" not in fields(server.live()[name])
    finally:
        served.kubectl("delete", "crd", name)
    assert [done.action for done in apply_crds(served.kubeconfig, ["redis"]) if done.name == name] == ["created"]


def test_the_command_says_what_it_did_and_refuses_in_one_sentence(served: LabCluster) -> None:
    done = lab("crds", "apply", "--cluster", served.name, "redis", "kafka")
    assert done.stdout == "14 CRDs Established: 0 created, 0 changed, 14 unchanged\n"
    for arguments, sentence in (
        (("no-such-group", "--cluster", served.name), "lab: no-such-group: no such group of CRDs: choose from "),
        (("--cluster", "no-such-cluster"), "lab: there is no lab cluster no-such-cluster (there are: "),
    ):
        refused = lab("crds", "apply", *arguments, check=False)
        assert refused.returncode == 1
        assert refused.stderr.startswith(sentence)
        assert len(refused.stderr.splitlines()) == 1


def test_without_a_proxy_what_is_cached_still_works_and_the_rest_is_one_sentence(
    served: LabCluster, tmp_path: Path
) -> None:
    offline = {"GOPROXY": "off", "GOFLAGS": "-mod=mod"}
    lab("crds", "apply", "--cluster", served.name, "rabbitmq", **offline)
    empty = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "GOMODCACHE": str(tmp_path / "modules")}
    refused = lab("crds", "apply", "--cluster", served.name, "rabbitmq-cluster", check=False, **offline, **empty)
    assert refused.returncode == 1
    last = refused.stderr.splitlines()[-1]
    assert re.match(r"lab: the CRDs of rabbitmq-cluster could not be downloaded .*GOPROXY=off.*: make the proxy", last)
    lab("crds", "apply", "--cluster", served.name, "redis", **offline, **empty)


def test_the_committed_page_is_current() -> None:
    assert PAGE.read_text() == page(), "run `lab crds docs`"


# our subsets against the full CRDs


@functools.cache
def full_crds() -> dict[str, Object]:
    texts = [path.read_text() for path in sorted(shared("crds").glob("*/*.yaml"))]
    documents = [document for text in texts for document in yaml.load_all(text, Loader) if document]
    return {document["metadata"]["name"]: document for document in documents}


def ours_and_full(crds: list[Object], annotation: str) -> list[tuple[Object, Object]]:
    full = full_crds()
    ours = [crd for crd in crds if annotation in crd["metadata"].get("annotations", {})]
    assert ours
    return [(crd, full[crd["metadata"]["name"]]) for crd in ours]


def versions(crd: Object) -> dict[str, Object]:
    return {version["name"]: version for version in crd["spec"]["versions"]}


def columns(version: Object) -> set[tuple[str, str, str, int]]:
    rows = version.get("additionalPrinterColumns", [])
    return {(row["name"], row["type"], row["jsonPath"], row.get("priority", 0)) for row in rows}


def schema(version: Object) -> Object:
    found: Object = version["schema"]["openAPIV3Schema"]
    return found


def test_every_field_of_our_subsets_is_as_in_the_full_crd(crds: list[Object]) -> None:
    found = [
        f"{title(ours)} {name}{difference}"
        for ours, full in ours_and_full(crds, SUBSET)
        for name, version in versions(ours).items()
        for difference in differences(schema(version), schema(versions(full)[name]))
    ]
    assert found == []


def test_names_versions_subresources_and_columns_of_our_subsets_are_the_full_crds(crds: list[Object]) -> None:
    for ours, full in ours_and_full(crds, SUBSET):
        assert {key: full["spec"][key] for key in ("group", "scope")} == {
            key: ours["spec"][key] for key in ("group", "scope")
        }
        names = full["spec"]["names"]
        assert {key: names.get(key, value) for key, value in ours["spec"]["names"].items()} == ours["spec"]["names"]
        for name, version in versions(ours).items():
            upstream = versions(full)[name]
            assert version.get("subresources", {}) == upstream.get("subresources", {}), title(ours)
            assert columns(version) <= columns(upstream), title(ours)


def test_what_we_add_to_an_older_release_is_as_in_the_later_one(crds: list[Object]) -> None:
    for ours, full in ours_and_full(crds, ADDED):
        for name, version in versions(ours).items():
            found = differences(schema(version), schema(versions(full)[name]))
            stricter = {re.sub(r"(: \w+) is .*", r"\1", difference) for difference in found}
            assert stricter <= NEWER.get(title(ours), set()), title(ours)


def corrected_manifests() -> list[Object]:
    """The manifests of ../shared/upstream/data.md, Appendix A: what our renderers' output looks like."""
    _, _, appendix = shared("upstream", "data.md").read_text().partition("## Appendix A")
    blocks = re.findall(r"^```yaml\n(.*?)^```", appendix, re.MULTILINE | re.DOTALL)
    return [document for block in blocks for document in yaml.safe_load_all(block)]


def judge(served: LabCluster, crds: list[Object], *manifests: Object) -> dict[str, str]:
    """What the API server has against manifests: strict server-side apply, as a dry run."""
    plurals = {title(crd): crd["spec"]["names"]["plural"] for crd in crds}
    refused = {}
    with connected(served.kubeconfig) as server:
        for manifest in manifests:
            group, _, _ = manifest["apiVersion"].partition("/")
            namespace, name = (manifest["metadata"][key] for key in ("namespace", "name"))
            options = "?fieldManager=test&fieldValidation=Strict"
            make = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
            space = f"/api/v1/namespaces/{namespace}"
            server.request("PATCH", f"{space}{options}", body=json.dumps(make).encode(), timeout=60)
            plural = plurals[f"{manifest['kind']}.{group}"]
            path = f"/apis/{manifest['apiVersion']}/namespaces/{namespace}/{plural}/{name}{options}&dryRun=All"
            answer = server.request("PATCH", path, body=json.dumps(manifest).encode(), timeout=60)
            if answer.status not in (200, 201):
                refused[f"{manifest['kind']} {name}"] = json.loads(answer.data)["message"]
    return refused


def test_the_corrected_manifests_pass_strict_validation(served: LabCluster, crds: list[Object]) -> None:
    manifests = corrected_manifests()
    assert len(manifests) > 15
    assert judge(served, crds, *manifests) == {}


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("RedisCluster", ("redisConfig", "maxmemory"), "2gb"),
        ("RedisSentinel", ("redisSentinelConfig", "down-after-milliseconds"), "5000"),
        ("Kafka", ("zookeeper",), {"replicas": 3}),
        ("Kafka", ("kafka", "replicas"), 3),
        ("KafkaMirrorMaker2", ("connectCluster",), "target"),
        ("ClickHouseInstallation", ("defaults", "replicas"), 2),
    ],
)
def test_a_field_that_the_operator_does_not_know_is_refused(
    served: LabCluster, crds: list[Object], kind: str, path: tuple[str, ...], value: Any
) -> None:
    manifest = next(manifest for manifest in corrected_manifests() if manifest["kind"] == kind)
    spec = manifest["spec"]
    for key in path[:-1]:
        spec = spec.setdefault(key, {})
    spec[path[-1]] = value
    (reason,) = judge(served, crds, manifest).values()
    assert f".spec.{'.'.join(path)}: field not declared in schema" in reason
