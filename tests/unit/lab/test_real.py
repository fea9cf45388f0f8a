"""Real nodes, images and operators as data: names, recipes, manifests, certificates, traces."""

from __future__ import annotations

import base64
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.x509 import DNSName, SubjectAlternativeName
from lab.cluster import Cluster
from lab.errors import LabError
from lab.images.steps import KINDS
from lab.locks import lock
from lab.operators.certmanager import World
from lab.operators.install import in_order
from lab.real import addons, settings
from lab.real.plan import Plan, link_addresses

from lab import paths, recording, trace_recipes, traces
from lab.images import archive, layers
from lab.images import recipe as images
from lab.operators import certmanager, manifests, signing
from lab.operators import recipe as operators
from lab.tools import TOOLS


def test_every_recipe_of_an_image_is_whole() -> None:
    assert images.every()
    for name in images.every():
        recipe = images.load(name)
        assert recipe.reference.startswith("lab.local/")
        assert {step.kind for step in recipe.steps} <= set(KINDS)


def test_operators_start_in_the_order_of_their_needs_each_once() -> None:
    names = [recipe.name for recipe in in_order(["barman-cloud", "rabbitmq-topology", "cloudnative-pg"])]
    assert names == ["cloudnative-pg", "s3", "cert-manager", "barman-cloud", "rabbitmq", "rabbitmq-topology"]


def test_every_recipe_of_an_operator_names_what_there_is() -> None:
    for name in operators.every():
        recipe = operators.load(name)
        assert not recipe.tool or recipe.tool in TOOLS
        assert set(recipe.all_images) <= set(images.every())
        assert set(recipe.needs) <= set(operators.every())
        assert not recipe.objects or (operators.FOLDER / "objects" / recipe.objects).exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ([], "a recipe is a mapping"),
        ({"layers": [], "name": "x"}, "unknown field name"),
        ({"tag": "1"}, "has no layers"),
        ({"tag": 1, "layers": []}, "tag is no str: 1"),
        ({"layers": [{"users": {}, "files": {}}]}, "of one kind"),
        ({"layers": [{"oven": {}}]}, "unknown field oven"),
        ({"layers": [{"debian": "bookworm"}]}, "needs a tag"),
    ],
)
def test_a_wrong_recipe_is_refused_in_a_sentence(content: object, said: str) -> None:
    with pytest.raises(LabError, match=said):
        images.parse("x", content, Path("x.yml"))


def test_an_archive_holds_each_layer_once_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    files = [{"files": {"/etc/one": "1"}}, {"files": {"/etc/two": "2"}}, {"files": {"/etc/one": "1"}}]
    recipe = images.parse("x", {"tag": "1", "layers": files, "command": ["/etc/one"]}, Path("x.yml"))
    with tarfile.open(fileobj=io.BytesIO(b"".join(archive.stream(recipe)))) as packed:
        names = packed.getnames()
        (entry,) = json.load(packed.extractfile("manifest.json") or io.BytesIO())
        assert entry["RepoTags"] == ["lab.local/x:1"]
        assert len(entry["Layers"]) == 3
        assert sorted(names) == sorted({"manifest.json", entry["Config"], *entry["Layers"]})
        assert len(set(entry["Layers"])) == 2
    made = [layer.digest for layer in layers.ensure(recipe)]
    assert [f"{digest}.tar" for digest in made] == entry["Layers"]


def test_what_a_killed_build_left_is_removed_by_the_next_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = paths.make_cache("images")
    left, working = folder / ".left.root", folder / ".working.root"
    for root in (left, working):
        (root / "etc").mkdir(parents=True)
    (folder / ".left.new").touch()
    with lock(layers._lock("working"), ""):
        layers.ensure(images.parse("x", {"tag": "1", "layers": [{"files": {"/etc/one": "1"}}]}, Path("x.yml")))
    assert [path.name for path in folder.glob(".*")] == [working.name]
    layers.ensure(images.parse("x", {"tag": "1", "layers": [{"files": {"/etc/one": "2"}}]}, Path("x.yml")))
    assert not list(folder.glob(".*"))


def test_two_clusters_share_no_name_on_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = Plan(Cluster("one")), Plan(Cluster("other"))
    assert len({one.link, other.link}) == len({one.hub, other.hub}) == len({one.cgroup, other.cgroup}) == 2
    assert len(one.link) <= 15
    link = one.link
    monkeypatch.setenv("XDG_STATE_HOME", "/elsewhere")
    assert one.link != link
    assert link_addresses(0) == ("198.19.0.1", "198.19.0.2")
    assert link_addresses(16384) == link_addresses(0)


def test_a_node_is_told_its_own_addresses() -> None:
    node = Plan(Cluster("one")).nodes(3)[1]
    files = settings.files(node, {}, "", fast=False)
    kubelet = yaml.safe_load(files["kubelet.yaml"])
    assert (node.name, node.zone, kubelet["address"]) == ("real-2", "zone-2", "172.31.0.12")
    assert kubelet["nodeLeaseDurationSeconds"] == 40
    assert not kubelet["authentication"]["anonymous"]["enabled"]
    assert "10.244.2.0/24" in files["cni/10-lab.conflist"]


def test_addons_run_images_that_are_loaded() -> None:
    loaded = {images.load(name).reference for name in addons.IMAGES}
    for each in addons.objects():
        if each["kind"] == "Deployment":
            assert {container["image"] for container in each["spec"]["template"]["spec"]["containers"]} <= loaded
    assert settings.PAUSE in loaded


def test_manifests_get_the_labs_images_wherever_they_are_named() -> None:
    references = {"ghcr.io/a/b": "lab.local/b:1", "ghcr.io/a/b-sidecar": "lab.local/c:1"}
    container = {
        "image": "ghcr.io/a/b:v2@sha256:12ab",
        "args": ["--with=ghcr.io/a/b-sidecar:main", "ghcr.io/a/b-other:1"],
        "imagePullPolicy": "Always",
    }
    found = manifests._with_images({"kind": "Deployment", "spec": container}, references)["spec"]
    assert found == {
        "image": "lab.local/b:1",
        "args": ["--with=lab.local/c:1", "ghcr.io/a/b-other:1"],
        "imagePullPolicy": "IfNotPresent",
    }
    secret = {"kind": "Secret", "data": {"IMAGE": base64.b64encode(b"ghcr.io/a/b-sidecar:main").decode()}}
    assert base64.b64decode(manifests._with_images(secret, references)["data"]["IMAGE"]) == b"lab.local/c:1"


def test_the_simulated_cert_manager_signs_what_a_certificate_asks_for() -> None:
    ca = signing.sign({"commonName": "ca", "isCA": True, "privateKey": {"algorithm": "ECDSA", "size": 384}})
    leaf = signing.sign({"commonName": "x", "dnsNames": ["x.demo.svc"], "duration": "48h"}, ca)
    leaf.certificate.verify_directly_issued_by(ca.certificate)
    names = leaf.certificate.extensions.get_extension_for_class(SubjectAlternativeName).value
    assert names.get_values_for_type(DNSName) == ["x.demo.svc"]
    life = leaf.certificate.not_valid_after_utc - leaf.certificate.not_valid_before_utc
    assert life.total_seconds() == 48 * 3600 + 60
    assert signing.load(leaf.pem, signing.key_pem(leaf.key)).key.public_key() == leaf.certificate.public_key()
    by_itself = signing.sign({"commonName": "y", "privateKey": {"algorithm": "Ed25519"}})
    by_itself.certificate.verify_directly_issued_by(by_itself.certificate)


def _settled(world: World) -> list[list[str]]:
    """Does what cert-manager would until nothing is left to do; the reasons it wrote, round by round."""
    rounds = []
    while statuses := certmanager.statuses(world):
        rounds.append([each["status"]["conditions"][0]["reason"] for each in statuses])
        for each in statuses:
            metadata = each["metadata"]
            place = (metadata.get("namespace", ""), metadata["name"])
            kept = world.certificates if each["kind"] == "Certificate" else world.issuers
            key: Any = place if each["kind"] == "Certificate" else (each["kind"], *place)
            kept[key] = kept[key] | {"status": each["status"]}
        for secret in certmanager.secrets(world):
            world.secrets[secret["metadata"]["namespace"], secret["metadata"]["name"]] = secret
    return rounds


def _of(kind: str, namespace: str, name: str, **spec: Any) -> dict[str, Any]:
    metadata = {"name": name, "generation": 1} | ({"namespace": namespace} if namespace else {})
    return {"kind": kind, "metadata": metadata, "spec": spec}


def test_the_simulated_cert_manager_follows_issuers_until_all_is_ready() -> None:
    world = World(signing.sign({"commonName": "lab", "isCA": True, "privateKey": {"algorithm": "ECDSA"}}))
    for name, spec in {"own": {"selfSigned": {}}, "inner": {"ca": {"secretName": "ca"}}, "le": {"acme": {}}}.items():
        world.issuers["ClusterIssuer", "", name] = _of("ClusterIssuer", "", name, **spec)
    for namespace, name, issuer in (("cert-manager", "ca", "own"), ("demo", "web", "inner"), ("demo", "public", "le")):
        reference = {"kind": "ClusterIssuer", "name": issuer}
        spec = {"secretName": name, "issuerRef": reference, "isCA": name == "ca", "commonName": name}
        world.certificates[namespace, name] = _of("Certificate", namespace, name, **spec)
    rounds = _settled(world)
    assert rounds[0] == ["IsReady", "ErrGetKeyPair", "ACMEAccountRegistered", *["DoesNotExist"] * 3]
    assert [each["status"]["conditions"][0]["reason"] for each in world.certificates.values()] == ["Ready"] * 3
    ca, web = (certmanager._pair(world.secrets[place]) for place in (("cert-manager", "ca"), ("demo", "web")))
    assert ca
    assert web
    web.certificate.verify_directly_issued_by(ca.certificate)
    assert "ca.crt" not in world.secrets["demo", "public"]["data"]
    assert "ca.crt" in world.secrets["demo", "web"]["data"]
    before = world.secrets["demo", "web"]
    world.certificates["demo", "web"]["spec"]["dnsNames"] = ["web.demo.svc"]
    _settled(world)
    assert world.secrets["demo", "web"] != before
    assert world.secrets["demo", "web"]["metadata"]["annotations"]["cert-manager.io/alt-names"] == "web.demo.svc"


def test_every_recipe_of_traces_is_whole() -> None:
    assert trace_recipes.every()
    for name in trace_recipes.every():
        recipe = trace_recipes.load(name)
        assert set(recipe.operators) <= set(operators.every())
        assert set(recipe.images) <= set(images.every())
        titles = [(step["record"].split("/")[0], step["as"]) for step in recipe.steps if "record" in step]
        assert len(titles) == len(set(titles)), "a title twice: the second would replace the first"
        assert all(trace_recipes.words(step) != "nothing" for step in recipe.steps)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("status.phase=well", True),
        ("status.phase=ill", False),
        ("status.conditions[cnpg.io/hibernation]=True", True),
        ("status.conditions[Ready]=True", False),
        ("status.nothing.below=", True),
        ("status.phase=", False),
    ],
)
def test_a_recording_knows_what_it_waits_for(condition: str, holds: bool) -> None:
    conditions = [{"type": "cnpg.io/hibernation", "status": "True"}]
    assert recording.holds({"status": {"phase": "well", "conditions": conditions}}, condition) is holds


def test_a_trace_gives_whole_objects_again(tmp_path: Path) -> None:
    before = {"metadata": {"name": "x", "uid": "1", "annotations": {}}, "spec": {"a": 1}, "status": {"b": 1}}
    after = before | {"status": {"b": 2}}
    kept = list(traces._compact([(0.0, "ADDED", before), (1.5, "MODIFIED", after)]))
    assert "spec" not in kept[1]
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"apiVersion": "v1", "kind": "X", "changes": kept}))
    (_, _, first), (seconds, kind, second) = traces.objects(path)
    assert first["spec"] == second["spec"] == {"a": 1}
    assert (seconds, kind, second["status"]) == (1.5, "MODIFIED", {"b": 2})
    assert "uid" not in first["metadata"]
