"""Charts rendered by the real helm: what it is told, what comes out, and what it must never be told."""

from __future__ import annotations

import hashlib
import json
import os
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.errors import PlatformError
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.objects import get, ref
from ansible_collections.groundwork.platform.plugins.module_utils.core.sets.prune import KEEP
from ansible_collections.groundwork.platform.plugins.module_utils.sources import charts, helm

CHARTS = Path(__file__).parent / "charts"
CLUSTER = helm.Capabilities("v1.36.3", ("apps/v1", "apps/v1/Deployment", "v1", "batch/v1"), is_upgrade=False)
SCOPES = {"ClusterRole": False, "ValidatingWebhookConfiguration": False, "CustomResourceDefinition": False}


def chart(name: str = "everything", **given: Any) -> helm.Chart:
    return helm.Chart(chart=str(CHARTS / name), release="rel", namespace="data", **given)


def render(program: str, given: helm.Chart, *changes: Mapping[str, Any], **cluster: Any) -> charts.Rendered:
    capabilities = helm.Capabilities(**{**CLUSTER.__dict__, **cluster})
    scopes = lambda api_version, kind: SCOPES.get(kind, True)  # noqa: E731 - a one-line fake
    return charts.render(given, capabilities, changes=changes, namespaced=scopes, helm=program)


def test_what_comes_out_is_sorted_and_placed(program: str) -> None:
    rendered = render(program, chart())
    assert (rendered.name, rendered.version) == ("everything", "1.2.3")
    assert sorted(str(ref(item.object)) for item in rendered.members) == [
        "ConfigMap data/rel-gone",
        "ConfigMap data/rel-kept",
        "Secret data/rel",
        "Secret data/rel-tls",
        "admissionregistration.k8s.io/ValidatingWebhookConfiguration data-rel",
        "apps/Deployment data/rel",
        "everything.example.org/CronTab data/rel",
        "rbac.authorization.k8s.io/ClusterRole data-rel",
    ]
    assert sorted(item.object["metadata"]["name"] for item in rendered.crds) == [
        "crontabs.everything.example.org",
        "hooked.everything.example.org",
    ]
    names = [hook.object["metadata"]["name"] for hook in rendered.hooks]
    assert sorted(names) == ["rel-after", "rel-before", "rel-farewell", "rel-hook"], "tests are no hooks of ours"
    kept = next(item.object for item in rendered.members if item.object["metadata"]["name"] == "rel-kept")
    assert kept["metadata"]["annotations"][KEEP] == "disabled"
    origins = {item.object["metadata"]["name"]: str(item.origin) for item in rendered.members}
    assert origins["rel-kept"] == "chart everything, templates/others.tpl:1"


def test_the_chart_sees_the_cluster_that_it_is_told_of(program: str) -> None:
    def environment(**cluster: Any) -> dict[str, str]:
        members = render(program, chart(), **cluster).members
        found = next(item.object for item in members if item.object["kind"] == "Deployment")
        return {row["name"]: row["value"] for row in get(found, "spec", "template", "spec", "containers", 0, "env")}

    new = environment()
    assert (new["KUBERNETES"], new["HAS_APPS"], new["HAS_OWN"], new["UPGRADE"]) == ("v1.36.3", "true", "false", "false")
    served = ("apps/v1/Deployment", "everything.example.org/v1/CronTab")
    later = environment(kube_version="v1.35.0", api_versions=served, is_upgrade=True)
    assert (later["KUBERNETES"], later["HAS_OWN"], later["UPGRADE"]) == ("v1.35.0", "true", "true")


def test_what_is_made_up_is_found_and_a_second_run_keeps_all_of_it(program: str) -> None:
    first = render(program, chart())
    paths = {f"{item.ref.kind} {'.'.join(map(str, item.path))}" for item in first.randoms}
    annotations = "Deployment spec.template.metadata.annotations"
    assert paths == {
        "Secret data.ca.crt", "Secret data.tls.crt", "Secret data.tls.key",
        "Secret data.password", "Secret data.config",
        "ValidatingWebhookConfiguration webhooks.0.clientConfig.caBundle",
        f"{annotations}.checksum/secret", f"{annotations}.rendered",
    }  # fmt: skip
    installed = [item.object for item in first.kept({})]
    live = {ref(obj): obj for obj in installed}
    second = render(program, chart())
    assert second.digest == first.digest
    assert [item.object for item in second.kept(live)] == installed
    assert second.members[0] != first.members[0], "helm made the certificate up anew; the live one was kept"
    assert render(program, chart(values={"gone": False})).digest != first.digest


def test_given_values_are_no_longer_made_up_but_text_around_others_is_guarded(program: str) -> None:
    first = render(program, chart(secret_values={"password": "given-by-the-vault"}))
    assert not any(item.path == ("data", "password") for item in first.randoms)
    live = {ref(item.object): item.object for item in first.kept({})}
    changed = render(program, chart(values={"level": "debug"}, secret_values={"password": "given-by-the-vault"}))
    with pytest.raises(PlatformError, match=r"Secret data/rel data.config mixes a value that the chart makes up"):
        changed.kept(live)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ((), r"chart doubled, templates/labels.tpl:1 renders ConfigMap labels with metadata.labels.app twice"),
        (
            ({"target": {"kind": "ConfigMap"}, "merge": {"metadata": {"labels": {"app": "two"}}}},),
            r"chart doubled, templates/env.tpl:1 renders Deployment env with "
            r"spec.template.spec.containers\[0\].env with two items of name LOG_LEVEL",
        ),
    ],
)
def test_what_helm_lets_pass_is_refused_by_template_and_field(program: str, changes: Any, says: str) -> None:
    with pytest.raises(PlatformError, match=says):
        render(program, chart("doubled"), *changes)


def test_patches_say_which_is_meant(program: str) -> None:
    rendered = render(
        program,
        chart("doubled"),
        {"target": {"kind": "ConfigMap"}, "merge": {"metadata": {"labels": {"app": "one"}}}},
        {
            "target": {"kind": "Deployment"},
            "json": [{"op": "remove", "path": "/spec/template/spec/containers/0/env/0"}],
        },
    )
    found = {item.object["kind"]: item.object for item in rendered.members}
    assert found["ConfigMap"]["metadata"]["labels"] == {"app": "one", "tier": "same"}
    env = found["Deployment"]["spec"]["template"]["spec"]["containers"][0]["env"]
    assert [(row["name"], row["value"]) for row in env] == [("OTHER", "x"), ("LOG_LEVEL", "debug")]


def test_helms_own_words_come_in_one_sentence(program: str, tmp_path: Path) -> None:
    for name, text, says in (
        ("a", '{{ fail "no\\nway" }}', "cannot render the chart"),
        ("b", "x: y\n z: 1", "YAML parse error on broken/templates/b.yaml"),
        ("c", "apiVersion: v1\nkind: Namespace\nmetadata: {name: 7}", "broken, templates/c.yaml:1: metadata.name"),
    ):
        folder = tmp_path / name
        (folder / "templates").mkdir(parents=True)
        (folder / "Chart.yaml").write_text("apiVersion: v2\nname: broken\nversion: 1.0.0\n")
        (folder / "templates" / f"{name}.yaml").write_text(text)
        with pytest.raises(PlatformError) as caught:
            render(program, helm.Chart(str(folder), "rel", "data"))
        assert says in str(caught.value)
        assert "\n" not in str(caught.value)


def test_a_folder_without_a_chart_and_a_chart_that_is_not_there(program: str, tmp_path: Path) -> None:
    with pytest.raises(PlatformError, match=r"cannot render the chart .*/Chart.yaml: no such file or directory"):
        render(program, helm.Chart(str(tmp_path), "rel", "data"))
    with pytest.raises(PlatformError, match=r"cannot read the chart .*gone: there is no such folder or file"):
        render(program, helm.Chart(str(tmp_path / "gone"), "rel", "data"))


def test_an_archive_is_held_against_its_checksum(program: str, tmp_path: Path) -> None:
    path = tmp_path / "everything-1.2.3.tgz"
    with tarfile.open(path, "w:gz") as archive:
        archive.add(CHARTS / "everything", "everything")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    rendered = render(program, helm.Chart(str(path), "rel", "data", checksum=f"sha256:{digest}"))
    assert rendered.version == "1.2.3"
    for checksum, says in (
        ("sha256:" + "0" * 64, "is not what it should be"),
        ("md5:1", "is not of the form sha256:"),
    ):
        with pytest.raises(PlatformError, match=says):
            render(program, helm.Chart(str(path), "rel", "data", checksum=checksum))
    with pytest.raises(PlatformError, match="a folder has no checksum"):
        render(program, helm.Chart(str(CHARTS / "everything"), "rel", "data", checksum=f"sha256:{digest}"))


def test_secrets_are_in_a_private_file_and_nowhere_else(program: str) -> None:
    canary = "canary-7f3a9c"
    seen: list[tuple[list[str], dict[str, Any]]] = []

    def spy(command: list[str], environment: Mapping[str, str]) -> helm.Run:
        values = Path(command[command.index("--values") + 1])
        assert json.loads(values.read_text())["password"] == canary
        assert values.stat().st_mode & 0o777 == 0o600
        assert values.parent.stat().st_mode & 0o777 == 0o700
        assert not any(canary in value for value in environment.values())
        seen.append((command, {"folder": values.parent}))
        return helm._run(command, environment)

    helm.twice(chart(secret_values={"password": canary}), CLUSTER, helm=program, run=spy)
    assert len(seen) == 2
    for command, facts in seen:
        assert canary not in " ".join(command)
        assert not facts["folder"].exists(), "the folder is gone afterwards"


def test_what_helm_says_of_a_secret_value_is_masked(program: str, tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "Chart.yaml").write_text("apiVersion: v2\nname: loud\nversion: 1.0.0\n")
    (tmp_path / "templates" / "a.yaml").write_text('{{ fail (printf "%s and %s" .Values.a .Values.dbPassword) }}')
    given = helm.Chart(str(tmp_path), "rel", "data", values={"dbPassword": "plainly"}, secret_values={"a": "vaulted"})
    with pytest.raises(PlatformError) as caught:
        render(program, given)
    assert "*** and ***" in str(caught.value)
    assert "plainly" not in str(caught.value)


def test_without_helm_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.devnull)
    with pytest.raises(PlatformError, match="helm is not on the PATH of this machine; install Helm 3 or 4"):
        charts.render(chart(), CLUSTER)
