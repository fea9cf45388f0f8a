"""The table of CRD sources is whole, the cache is believed only when intact, and what is wrong is one sentence."""

from __future__ import annotations

import json
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from lab.errors import LabError

from lab import crd_definitions, crd_docs, crd_modules, crd_sources, crds, golang

SCHEMA = {
    "description": "words",
    "example": "2020-01-01",
    "properties": {
        "description": {"description": "words", "type": "string", "default": "kept"},
        "list": {"items": {"description": "words", "anyOf": [{"description": "words"}]}},
        "map": {"additionalProperties": {"description": "words", "type": "object", "default": {"description": "kept"}}},
        "open": {"additionalProperties": True},
    },
}
TERSE = {
    "example": "2020-01-01",
    "properties": {
        "description": {"type": "string", "default": "kept"},
        "list": {"items": {"anyOf": [{}]}},
        "map": {"additionalProperties": {"type": "object", "default": {"description": "kept"}}},
        "open": {"additionalProperties": True},
    },
}
CRD = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "things.example.test", "creationTimestamp": None},
    "spec": {
        "group": "example.test",
        "conversion": {"strategy": "Webhook", "webhook": {}},
        "names": {"kind": "Thing", "plural": "things"},
        "versions": [{"name": "v1", "schema": {"openAPIV3Schema": SCHEMA}}],
    },
    "status": {"conditions": []},
}
YAML = yaml.safe_dump(CRD).replace("'2020-01-01'", "2020-01-01") + "---\nkind: ConfigMap\n---\n"


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> crd_sources.Source:
    """A source whose module's zip is at hand, with a cache of its own and no network."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(golang, "go", lambda: Path("/nonexistent/go"))
    path = tmp_path / "module.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in (("crds/a.yaml", YAML), ("crds/deep/b.yaml", YAML), ("README.md", "words")):
            archive.writestr(f"example.test/things@v1.0.0/{name}", text)
    with zipfile.ZipFile(path) as archive:
        checksum = crd_modules.checksum(archive)
    monkeypatch.setattr(crd_modules, "_download", lambda go, source: path)
    return crd_sources.Source("things", "group", "example.test/things", "v1.0.0", checksum, "crds/*.yaml")


def entry(source: crd_sources.Source) -> Path:
    return crd_modules._entry(source)


# the table


def test_names_are_unique_and_each_row_says_where_from() -> None:
    rows = crd_sources.every()
    assert len({row.name for row in rows}) == len(rows)
    for row in rows:
        if row.subset:
            assert not row.module, row
            assert (crd_sources.FOLDER / row.subset).is_file(), row
        else:
            assert row.files, row
            assert row.version.startswith("v"), row
            assert row.sum.startswith("h1:"), row


def test_every_data_file_is_used() -> None:
    used = {name for row in crd_sources.every() for name in (row.subset, row.additions) if name}
    assert used | {crd_sources.TABLE.name} == {path.name for path in crd_sources.FOLDER.iterdir()}


def test_sources_are_chosen_by_group_or_name() -> None:
    assert {source.name for source in crd_sources.choose(["postgres", "redis"])} == {"cnpg", "barman-cloud", "redis"}
    assert [source.name for source in crd_sources.choose(["barman-cloud"])] == ["barman-cloud"]
    assert len(crd_sources.choose()) == len(crd_sources.every())


def test_an_unknown_group_is_named_with_the_known_ones() -> None:
    with pytest.raises(LabError, match=r"^mysql: no such group of CRDs: choose from autoscaling, .*, redis, secrets"):
        crd_sources.choose(["postgres", "mysql"])


# modules and the cache


def test_crds_are_read_as_kubernetes_reads_them(source: crd_sources.Source) -> None:
    (crd,) = crd_modules.load([source])["things"]
    assert crd["metadata"] == {"name": "things.example.test"}
    assert "status" not in crd
    assert crd["spec"]["conversion"] == {"strategy": "None"}, "a webhook that nothing answers would break every read"
    assert crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"] == TERSE, "a date is a text; descriptions go"


def test_a_cached_source_needs_no_module(source: crd_sources.Source, monkeypatch: pytest.MonkeyPatch) -> None:
    first = crd_modules.load([source])
    monkeypatch.setattr(crd_modules, "_download", lambda go, source: pytest.fail("downloaded again"))
    assert crd_modules.is_cached(source)
    assert crd_modules.load([source]) == first


def test_another_version_files_or_checksum_is_another_entry(source: crd_sources.Source) -> None:
    others = [replace(source, **change) for change in ({"version": "v2"}, {"files": "x"}, {"sum": "h1:x"})]
    assert len({entry(other) for other in [source, *others]}) == 4


@pytest.mark.parametrize("damage", [b"", b"half", b"0" * 64 + b"\n[]"])
def test_a_broken_entry_is_noticed_and_fetched_anew(
    source: crd_sources.Source, damage: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    first = crd_modules.load([source])
    entry(source).write_bytes(damage)
    assert not crd_modules.is_cached(source)
    assert crd_modules.load([source]) == first
    assert "the cached CRDs of things are broken, fetching them anew" in capsys.readouterr().err
    assert crd_modules.is_cached(source)


def test_other_bytes_than_the_pinned_are_refused_and_not_kept(source: crd_sources.Source) -> None:
    forged = replace(source, sum="h1:AAAA=")
    with pytest.raises(
        LabError, match=r"things@v1.0.0 has the checksum h1:\S+ and not the pinned h1:AAAA=: do not use"
    ):
        crd_modules.load([forged])
    assert not entry(forged).exists()


def test_a_row_that_finds_nothing_is_named(source: crd_sources.Source) -> None:
    with pytest.raises(LabError, match=r"holds no CRD under config/\*.yaml: mend its row in lab/crds/sources.yml"):
        crd_modules.load([replace(source, files="config/*.yaml")])


@pytest.mark.parametrize(
    ("stdout", "reason"),
    [
        (
            json.dumps({"Error": "example.test/things@v1.0.0: dial tcp: no route\n to host"}),
            r"\(dial tcp: no route to host\)",
        ),
        ("", r"\(go gave no answer\)"),
    ],
)
def test_a_proxy_out_of_reach_is_one_sentence(stdout: str, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    source = crd_sources.Source("things", "group", "example.test/things", "v1.0.0", "h1:x", "*")
    answer = subprocess.CompletedProcess([], 1, stdout=stdout, stderr="")
    monkeypatch.setattr(subprocess, "run", lambda *arguments, **options: answer)
    with pytest.raises(LabError, match=f"^the CRDs of things could not be downloaded .* {reason}: make the proxy"):
        crd_modules._download(Path("go"), source)


# subsets


def test_a_subset_is_marked_and_names_its_upstream() -> None:
    found = [crd for source in crd_sources.every() if source.subset for crd in crd_definitions.subset(source)]
    assert {crd["metadata"]["annotations"][crd_definitions.SUBSET] for crd in found} == {"true"}
    names = {crd["metadata"]["annotations"][crd_definitions.UPSTREAM] for crd in found}
    assert names == {"Altinity clickhouse-operator 0.25.6", "Strimzi 1.2.0", "OT-CONTAINER-KIT redis-operator v0.26.0"}


def test_additions_join_the_version_they_are_for(monkeypatch: pytest.MonkeyPatch) -> None:
    added = {"project": "later", "version": "v2", "kinds": {"Thing": {"v1": {"status": {"ready": "boolean"}}}}}
    monkeypatch.setattr(crd_definitions, "read", lambda name: added)
    known = {"properties": {"status": {"type": "object", "properties": {"old": {"type": "string"}}}}}
    spec = {"names": {"kind": "Thing"}, "versions": [{"name": "v1", "schema": {"openAPIV3Schema": known}}]}
    source = crd_sources.Source("things", "group", module="example.test/things", version="v1.0.0", additions="x.yml")
    (crd,) = crd_definitions._full(source, [{"metadata": {"name": "things"}, "spec": spec}])
    status = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["status"]
    assert set(status["properties"]) == {"old", "ready"}
    assert crd["metadata"]["annotations"][crd_definitions.ADDED] == "later v2"


# what a server answers


def conditions(**states: str) -> dict[str, Any]:
    rows = [{"type": name, "status": state, "message": "why"} for name, state in states.items()]
    return {"metadata": {"name": "things"}, "status": {"conditions": rows}}


def test_established_is_the_server_s_word() -> None:
    assert crds.established(conditions(NamesAccepted="True", Established="True"))
    assert not crds.established(conditions(NamesAccepted="True", Established="False"))
    assert not crds.established({"metadata": {"name": "things"}, "status": {"conditions": None}})


@pytest.mark.parametrize("bad", [{"NamesAccepted": "False"}, {"NonStructuralSchema": "True"}])
def test_a_crd_that_can_never_be_served_ends_the_wait(bad: dict[str, str]) -> None:
    with pytest.raises(LabError, match=r"^the API server does not accept CRD things: why$"):
        crds.established(conditions(**bad))


@pytest.mark.parametrize(
    ("live", "covered"),
    [
        ({"a": 1, "b": [{"c": 2, "d": 3}], "more": 4}, True),
        ({"a": 1, "b": [{"c": 3}]}, False),
        ({"a": 1, "b": [{"c": 2}, {"c": 2}]}, False),
        ({"a": 1}, False),
        (None, False),
    ],
)
def test_only_what_is_there_as_wanted_is_left_alone(live: Any, covered: bool) -> None:
    assert crds._covers(live, {"a": 1, "b": [{"c": 2}]}) is covered


def test_a_field_no_longer_wanted_changes_the_digest() -> None:
    full, less = (crds._hashed({"metadata": {"name": "x"}, "spec": spec}) for spec in ({"a": 1, "b": 2}, {"a": 1}))
    assert full["metadata"]["annotations"][crds.HASH] != less["metadata"]["annotations"][crds.HASH]
    assert not crds._covers(full, less)


def test_a_kubeconfig_that_is_none_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="is no usable kubeconfig"):
        crds.apply_crds(tmp_path / "none", ["redis"])


def test_a_server_that_does_not_answer_is_one_sentence(tmp_path: Path) -> None:
    config = {
        "clusters": [{"name": "x", "cluster": {"server": "http://127.0.0.1:1"}}],
        "users": [{"name": "x", "user": {}}],
        "contexts": [{"name": "x", "context": {"cluster": "x", "user": "x"}}],
        "current-context": "x",
    }
    (tmp_path / "kubeconfig").write_text(yaml.safe_dump(config))
    with pytest.raises(LabError, match=r"^the API server http://127.0.0.1:1 does not answer \(.*\): see `lab status`"):
        crds.apply_crds(tmp_path / "kubeconfig", ["redis"])


# the page


def test_the_committed_page_has_every_source_and_every_subset_kind() -> None:
    page = crd_docs.PAGE.read_text()
    assert page.startswith(crd_docs.HEAD), "run `lab crds docs`"
    assert crd_docs.sources_table() in page, "run `lab crds docs`"
    assert all(row in page for row in crd_docs.subset_rows().splitlines()), "run `lab crds docs`"


def test_a_kind_that_no_chosen_group_has_is_named_before_a_cluster_is_asked() -> None:
    with pytest.raises(LabError, match=r"^Queue: no kind of these groups"):
        crds.apply_crds("no-kubeconfig", ["redis"], kinds=["Queue", "RedisSentinel"])
