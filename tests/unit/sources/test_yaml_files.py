"""The YAML loader: what it reads, what it refuses, and the one sentence it refuses with."""

from __future__ import annotations

import importlib.util
import json
import textwrap
from pathlib import Path

import pytest
import yaml
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.errors import PlatformError
from ansible_collections.groundwork.platform.plugins.module_utils.sources import yaml_files
from hypothesis import given
from hypothesis import strategies as st

HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: data}\n"


def parse(text: str) -> list[yaml_files.Sourced]:
    return yaml_files.parse(textwrap.dedent(text), "a.yml")


def data(text: str) -> object:
    """What one scalar or block becomes, at data.v of a ConfigMap."""
    return yaml_files.parse(HEAD + f"data:\n  v: {text}\n", "a.yml")[0].object["data"]["v"]


def refusal(text: str) -> str:
    with pytest.raises(PlatformError) as caught:
        parse(text)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_documents_keep_their_order_and_their_line() -> None:
    found = parse(
        """\
        # a comment
        ---
        apiVersion: v1
        kind: Namespace
        metadata: {name: one}
        ---
        ---
        # nothing here
        ---

        apiVersion: v1
        kind: Namespace
        metadata: {name: two}
        ...
        """
    )
    assert [(item.object["metadata"]["name"], str(item.origin)) for item in found] == [
        ("one", "a.yml:3"),
        ("two", "a.yml:11"),
    ]


def test_nothing_is_nothing() -> None:
    assert parse("") == parse("# only a comment\n") == parse("---\n---\n") == []


def test_list_kinds_are_flattened_and_each_item_has_its_own_line() -> None:
    found = parse(
        """\
        apiVersion: v1
        kind: List
        items:
          - apiVersion: v1
            kind: Namespace
            metadata: {name: one}
          - apiVersion: v1
            kind: ConfigMapList
            items:
              - metadata: {name: two, namespace: one}
        """
    )
    assert [(str(item.origin), item.object["kind"], item.object["apiVersion"]) for item in found] == [
        ("a.yml:4", "Namespace", "v1"),
        ("a.yml:10", "ConfigMap", "v1"),
    ]


def test_anchors_merges_and_standard_tags_are_read_and_share_nothing() -> None:
    found = parse(
        """\
        apiVersion: v1
        kind: ConfigMap
        metadata: &meta {name: a, labels: &labels {app: x, tier: y}}
        data:
          !!merge <<: *labels
          tier: !!str 5
          bytes: !!binary aGVsbG8=
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: b, labels: &l {app: x}, annotations: *l}
        """
    )
    assert found[0].object["data"] == {"app": "x", "tier": "5", "bytes": "hello"}
    second = found[1].object["metadata"]
    assert second["labels"] == second["annotations"]
    assert second["labels"] is not second["annotations"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("yes", True), ("off", False), ("~", None), ("", None), ("null", None),
        ("0644", 420), ("0o644", 420), ("0x1F", 31), ("0b11", 3), ("1_000", 1000), ("-7", -7), ("+7", 7), ("0", 0),
        ("1e3", 1000), ("2.50", 2.5), (".5", 0.5), ("1.0", 1),
        ("2026-11-21", "2026-11-21"), ("12:30", "12:30"), ("22:22:22", "22:22:22"), ("=", "="),
        ("1.2.3", "1.2.3"), ("100m", "100m"), ("0x", "0x"), ("'yes'", "yes"), ('"1"', "1"), ("y", "y"),
    ],
)  # fmt: skip
def test_scalars_mean_what_they_mean_to_kubectl(written: str, meant: object) -> None:
    found = data(written)
    assert found == meant
    assert type(found) is type(meant)


def test_keys_are_strings_as_written() -> None:
    assert data("{8080: a, on: b, 0644: c, null: d}") == {"8080": "a", "on": "b", "0644": "c", "null": "d"}


def test_json_is_read_with_tabs() -> None:
    text = '{\n\t"apiVersion": "v1",\n\t"kind": "Namespace",\n\t"metadata": {"name": "a\\/b\\u00e9"}\n}'
    assert parse(text)[0].object["metadata"]["name"] == "a/bé"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (HEAD + "data:\n  x: 1\n  x: 2\n", "a.yml:6: the key data.x stands there a second time"),
        (HEAD + "kind: Secret\n", "a.yml:4: the key kind stands there a second time"),
        (HEAD + "data: {a: {<<: {b: 1}, <<: {c: 1}}}\n", "a.yml:4: the key data.a.<< stands there a second time"),
        (HEAD + "---\n- a\n", "a.yml:5: document 2 is a list, not a Kubernetes object"),
        (HEAD + "---\nplain\n", "a.yml:5: document 2 is a string, not a Kubernetes object"),
        ("kind: Namespace\nmetadata: {name: a}\n", "a.yml:1: the object has no apiVersion"),
        ("apiVersion: v1\nmetadata: {name: a}\n", "a.yml:1: the object has no kind"),
        ("apiVersion: v1\nkind: Namespace\n", "a.yml:1: the object has no metadata.name"),
        ("apiVersion: v1\nkind: Namespace\nmetadata: []\n", "a.yml:1: the object has no metadata.name"),
        ("apiVersion: v1\nkind: Namespace\nmetadata: {name: 123}\n", "metadata.name is a number; put it in quotes"),
        ("apiVersion: v1\nkind: Namespace\nmetadata: {name: on}\n", "metadata.name is a boolean; put it in quotes"),
        ("apiVersion: 1\nkind: Namespace\nmetadata: {name: a}\n", "apiVersion is a number; put it in quotes"),
        ("apiVersion: v1\nkind: A\nmetadata: {name: a, namespace: 1}\n", "metadata.namespace is a number"),
        ("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n", "give what kustomize builds of it"),
        ("apiVersion: v1\nkind: List\nitems: [7]\n", "a.yml:3: an item of List is a number, not an object"),
        (HEAD + "data:\n\tx: 1\n", "indent with spaces, not tabs"),
        (HEAD + "data: {{ values }}\n", "a key must be a string"),
        (HEAD + "data:\n  x: {% if a %}\n", "this looks like a template that has not been rendered"),
        (HEAD + "data: {x: *nowhere}\n", "undefined alias"),
        (HEAD + "data: &a {x: *a}\n", "the anchor contains itself"),
        (HEAD + "data: {x: .inf}\n", ".inf is not a number that JSON has"),
        (HEAD + "data: {x: -.INF}\n", "-.INF is not a number that JSON has"),
        (HEAD + "data: {x: !vault abc}\n", "the tag !vault means nothing to Kubernetes"),
        (HEAD + "data: {x: !!python/name:os.system ''}\n", "the tag !!python/name:os.system means nothing"),
        (HEAD + "data: {x: !!set {a}}\n", "the tag !!set means nothing"),
        (HEAD + "data: {x: !!int abc}\n", "the text does not fit its tag !!int"),
        (HEAD + "data: {x: !!binary /w==}\n", "the text does not fit its tag !!binary"),
        (HEAD + "data: {<<: 5}\n", "<< takes a mapping or a list of mappings"),
        (HEAD + "data: {? [a] : b}\n", "a key must be a string"),
        (HEAD + "data: {x: a\x00b}\n", "a.yml:4: it has a character that YAML does not allow"),
    ],
)
def test_refusals_are_one_sentence_with_file_and_line(text: str, says: str) -> None:
    message = refusal(text)
    assert message.startswith("cannot read a.yml:")
    assert says in message


def test_an_alias_bomb_is_refused_before_it_is_built() -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{name}: &{name} [{','.join(['*' + before] * 10)}]\n"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert "aliases expand the document to over 2,000,000 values" in refusal(bomb)


def test_bottomless_nesting_is_refused() -> None:
    message = refusal(HEAD + "data: " + "[" * 20_000)
    assert message.startswith("cannot read a.yml:")


def test_duplicates_can_be_collected_by_a_source_that_mends_them() -> None:
    seen: list[yaml_files.Duplicate] = []
    found = yaml_files.parse(HEAD + "data:\n  x: 1\n  x: 2\n", "a.yml", duplicates=seen.append)
    assert found[0].object["data"] == {"x": 2}
    assert [(d.path, str(d.origin), d.first, d.last) for d in seen] == [(("data", "x"), "a.yml:6", 1, 2)]


def test_a_folder_is_read_in_the_order_of_names_without_hidden_files(tmp_path: Path) -> None:
    for name in ("b.yaml", "a.yml", "c/d.json", ".git/x.yml", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        content = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name.replace("/", "-")}}
        (tmp_path / name).write_text(json.dumps(content))
    found = yaml_files.read(tmp_path, root=tmp_path)
    assert [str(item.origin) for item in found] == ["a.yml:1", "b.yaml:1", "c/d.json:1"]


def test_what_cannot_be_read_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "latin.yml").write_bytes(b"a: \xe9")
    (tmp_path / "empty").mkdir()
    for name, says in (
        ("gone.yml", "no such file or directory"),
        ("latin.yml", "byte 3 is not UTF-8"),
        ("empty", "the folder has no .yml, .yaml, .json file"),
    ):
        with pytest.raises(PlatformError, match=says):
            yaml_files.read(tmp_path / name)


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    (tmp_path / "bom.yml").write_bytes(b"\xef\xbb\xbf" + HEAD.encode())
    assert yaml_files.read(tmp_path / "bom.yml")[0].object["kind"] == "ConfigMap"


def test_the_same_object_twice_names_both_places() -> None:
    with pytest.raises(PlatformError, match=r"ConfigMap data/a is given twice, at a.yml:1 and at a.yml:5"):
        yaml_files.unique(parse(HEAD + "---\n" + HEAD))
    other_group = HEAD + "---\n" + HEAD.replace("v1", "example.org/v1", 1)
    assert len(yaml_files.unique(parse(other_group))) == 2


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs", "Cc"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcdefgh<>=~", max_size=5), inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_what_a_yaml_writer_writes_is_read_back(value: object) -> None:
    obj = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": value}
    for text in (yaml.safe_dump(obj, allow_unicode=True), json.dumps(obj, ensure_ascii=False)):
        assert yaml_files.parse(text, "a.yml")[0].object == obj


def test_without_libyaml_the_same_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = importlib.util.find_spec(yaml_files.__name__)
    assert spec is not None
    assert spec.loader is not None
    monkeypatch.delattr(yaml, "CSafeLoader")
    slow = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(slow)
    assert issubclass(slow._Composer, yaml.SafeLoader)
    text = HEAD + "data: {a: 0644, b: 'x', c: on}\n---\n" + HEAD
    assert [tuple(item) for item in slow.parse(text, "a")] == [tuple(item) for item in yaml_files.parse(text, "a")]
    with pytest.raises(PlatformError, match="a:4: the key kind stands there a second time"):
        slow.parse(HEAD + "kind: A\n", "a")
