"""Looking inside objects never fails, and references read as people write them."""

from __future__ import annotations

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.objects import Ref, get, group_of, ref
from hypothesis import given
from hypothesis import strategies as st

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("reference", "text"),
    [
        (Ref("postgresql.cnpg.io", "Cluster", "data", "main"), "postgresql.cnpg.io/Cluster data/main"),
        (Ref("", "ConfigMap", "data", "x"), "ConfigMap data/x"),
        (Ref("", "Namespace", "", "data"), "Namespace data"),
    ],
)
def test_references_as_text(reference: Ref, text: str) -> None:
    assert str(reference) == text


def test_get_walks_keys_and_indexes() -> None:
    obj = {"spec": {"containers": [{"name": "a"}, {"name": "b"}]}}
    assert get(obj, "spec", "containers", -1, "name") == "b"
    assert get(obj, "spec", "containers", 2, "name") is None
    assert get(obj, "spec", "containers", "0", default=1) == 1


@given(JSON, st.lists(st.text() | st.integers()))
def test_get_and_ref_never_fail(value: object, path: list[str | int]) -> None:
    get(value, *path)
    assert all(isinstance(part, str) for part in ref({"apiVersion": "v1", "kind": value, "metadata": value}))


def test_group_of() -> None:
    assert (group_of("apps/v1"), group_of("v1")) == ("apps", "")
