"""Charts and manifests fetched over HTTP: credentials in files, exact versions, checksums, and once."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.errors import PlatformError
from ansible_collections.groundwork.platform.plugins.module_utils.sources import downloads, helm

PASSWORD = "canary-pw-2c19"
CLUSTER = helm.Capabilities("v1.36.3", (), is_upgrade=False)


class Repository:
    """A chart repository on loopback that asks for a user and a password, and counts what is asked of it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.paths = folder, list[str]()
        wanted = "Basic " + base64.b64encode(f"user:{PASSWORD}".encode()).decode()
        repository = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                repository.paths.append(self.path)
                open_to_all = self.path.startswith("/open/")
                path = repository.folder / self.path.rpartition("/")[2]
                ok = open_to_all or self.headers.get("Authorization") == wanted
                code = 401 if not ok else 200 if path.is_file() else 404
                body = path.read_bytes() if code == 200 else b"no"
                self.send_response(code)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *arguments: object) -> None:
                """Silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def repository(tmp_path: Path, program: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    chart = tmp_path / "small"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: small\nversion: 0.1.0\n")
    (chart / "templates" / "a.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
    served = tmp_path / "served"
    subprocess.run([program, "package", str(chart), "--destination", str(served)], check=True, capture_output=True)
    found = Repository(served)
    subprocess.run([program, "repo", "index", str(served)], check=True, capture_output=True)
    threading.Thread(target=found.server.serve_forever, daemon=True).start()
    yield found
    found.server.shutdown()


def twice(program: str, chart: helm.Chart) -> tuple[helm.Text, list[list[str]]]:
    commands: list[list[str]] = []

    def spy(command: list[str], environment: Mapping[str, str]) -> helm.Run:
        commands.append(command)
        assert not any(PASSWORD in text for text in environment.values())
        return helm._run(command, environment)

    return helm.twice(chart, CLUSTER, helm=program, run=spy), commands


def test_a_chart_is_fetched_once_with_its_password_in_no_argument(program: str, repository: Repository) -> None:
    chart = helm.Chart("small", "rel", "data", version="0.1.0", repo=repository.url, username="user", password=PASSWORD)
    text, commands = twice(program, chart)
    assert (text.name, text.version) == ("small", "0.1.0")
    assert [command[1] for command in commands] == ["repo", "pull", "template", "template"]
    assert PASSWORD not in str(commands)
    asked = len(repository.paths)
    assert asked > 0
    _, commands = twice(program, chart)
    assert [command[1] for command in commands] == ["template", "template"]
    assert len(repository.paths) == asked, "what was fetched in exactly this version is not fetched again"


def test_an_open_repository_and_an_address_need_no_credentials(program: str, repository: Repository) -> None:
    url = f"{repository.url}/open/small-0.1.0.tgz"
    digest = hashlib.sha256((repository.folder / "small-0.1.0.tgz").read_bytes()).hexdigest()
    assert twice(program, helm.Chart(url, "rel", "data", checksum=f"sha256:{digest}"))[0].name == "small"
    assert twice(program, helm.Chart("small", "rel", "data", version="0.1.0", repo=f"{repository.url}/open"))[1]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"version": None}, "give its exact version, so that every run is alike"),
        ({"version": "^0.1.0"}, "give its exact version"),
        ({"password": "canary-pw-wrong"}, "401"),
        ({"version": "9.9.9"}, r"cannot fetch the chart small 9\.9\.9"),
        ({"chart": "other"}, "cannot fetch the chart other 0.1.0"),
        ({"checksum": "sha256:" + "0" * 64}, "the chart small is not what it should be"),
        ({"repo": None, "chart": "http://127.0.0.1/x.tgz"}, "username and password go with repo or with an oci://"),
    ],
)
def test_refusals_name_the_chart_and_no_password(
    program: str, repository: Repository, given: dict[str, str | None], says: str
) -> None:
    usual = {"chart": "small", "version": "0.1.0", "repo": repository.url, "username": "user", "password": PASSWORD}
    with pytest.raises(PlatformError, match=says) as caught:
        twice(program, helm.Chart(**{"release": "rel", "namespace": "data", **usual, **given}))  # type: ignore[arg-type]
    assert "canary" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_is_what_its_checksum_says(repository: Repository) -> None:
    content = (repository.folder / "index.yaml").read_bytes()
    digest = "sha256:" + hashlib.sha256(content).hexdigest()
    assert downloads.fetch(f"{repository.url}/open/index.yaml", digest) == content
    for path, checksum, says in (
        ("open/index.yaml", "sha256:" + "1" * 64, "is not what it should be: its checksum is sha256:"),
        ("open/index.yaml", "sha1:1", "is not of the form sha256:"),
        ("open/gone.yaml", digest, r"cannot fetch http://.*/open/gone.yaml: (Not Found|HTTP Error 404)"),
        ("index.yaml", digest, "cannot fetch http://"),
    ):
        with pytest.raises(PlatformError, match=says):
            downloads.fetch(f"{repository.url}/{path}", checksum)
    with pytest.raises(PlatformError, match=r"cannot fetch http://127\.0\.0\.1:1/x: "):
        downloads.fetch("http://127.0.0.1:1/x", digest)
