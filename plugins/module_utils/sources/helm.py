"""Runs helm: fetches a chart, and renders it twice, with no value and no credential in an argument.

Nothing here talks to the cluster: what a chart may ask about it comes in as `Capabilities`. Values travel in a file
that only this user can read, in a folder that is gone afterwards: arguments are seen by everybody on the machine.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from ..core.api.errors import PlatformError
from .downloads import verify

TIMEOUT = 300  # seconds for one run of helm; pulling a chart over a slow line takes the longest
_EXACT = re.compile(r"v?\d+\.\d+\.\d+([-+].*)?")
_SECRET_KEY = re.compile(r"passw|secret|token|key|credential|auth", re.IGNORECASE)
_MASKED_LENGTH = 4  # shorter values are words that any sentence has


class Run(NamedTuple):
    """How a program ended: exit code, what it wrote, and what it complained of."""

    code: int
    out: str
    err: str


Runner = Callable[[list[str], Mapping[str, str]], Run]


@dataclass(frozen=True)
class Chart:
    """Which chart, and with what.

    chart: a folder or .tgz, the URL of a .tgz, ``oci://...``, or a name in `repo`; version: exact, for what is fetched;
    checksum: ``sha256:...`` of the .tgz; values: as Helm's; secret_values: merged over them, masked in what helm says.
    """

    chart: str
    release: str
    namespace: str
    version: str | None = None
    repo: str | None = None
    checksum: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    secret_values: Mapping[str, Any] = field(default_factory=dict)
    username: str | None = None
    password: str | None = None


@dataclass(frozen=True)
class Capabilities:
    """What a chart may ask about the cluster.

    kube_version: ``v1.36.3``; api_versions: ``apps/v1`` and ``apps/v1/Deployment`` of all that is served; is_upgrade:
    whether the release is there already.
    """

    kube_version: str
    api_versions: Sequence[str]
    is_upgrade: bool


class Text(NamedTuple):
    """What one chart renders to, twice, with its name and version."""

    name: str
    version: str
    first: str
    second: str


def twice(chart: Chart, capabilities: Capabilities, *, helm: str | None = None, run: Runner | None = None) -> Text:
    """The chart's two renderings: what differs between them is made up. Raises PlatformError in helm's words."""
    program = helm or _program()
    masked = _Masked(run or _run, secrets(chart))
    with _folder(chart) as folder:
        path = _fetched(chart, program, folder, masked)
        command = template_command(program, path, chart, capabilities, f"{folder}/values.yaml")
        with ThreadPoolExecutor(2) as pool:
            started = [pool.submit(masked, command, _environment()) for _ in range(2)]
            texts = [_output(future.result(), f"cannot render the chart {chart.chart}") for future in started]
        return Text(*_about(path), *texts)


def template_command(helm: str, chart: str, release: Chart, capabilities: Capabilities, values: str) -> list[str]:
    """The command that renders; it carries names and versions, never a value."""
    return [
        *(helm, "template", release.release, chart, "--namespace", release.namespace, "--include-crds", "--skip-tests"),
        *("--kube-version", capabilities.kube_version, "--values", values),
        *(["--api-versions", ",".join(capabilities.api_versions)] if capabilities.api_versions else []),
        *(["--is-upgrade"] if capabilities.is_upgrade else []),
    ]


def pull_command(helm: str, release: Chart, folder: str) -> list[str]:
    """The command that fetches a chart into a folder. Credentials go into files beside it, see `_credentials`."""
    own = ["--repository-config", f"{folder}/repositories.yaml", "--repository-cache", folder]
    if release.username is None:
        own = []
    elif release.chart.startswith("oci://"):
        own = ["--registry-config", f"{folder}/registry.json"]
    known = release.repo and release.username is not None
    return [
        *(helm, "pull", f"fetched/{release.chart}" if known else release.chart, "--destination", folder, *own),
        *(["--repo", release.repo] if release.repo and not known else []),
        *(["--version", release.version] if release.version else []),
    ]


def _program() -> str:
    found = shutil.which("helm")
    if not found:
        raise PlatformError("cannot render a chart: helm is not on the PATH of this machine; install Helm 3 or 4")
    return found


class _Masked:
    """Runs a program and takes secret values out of what it says."""

    def __init__(self, run: Runner, secrets: list[str]) -> None:
        self._inner = run
        self._secrets = sorted(secrets, key=len, reverse=True)

    def __call__(self, command: list[str], environment: Mapping[str, str]) -> Run:
        done = self._inner(command, environment)
        return done if done.code == 0 else done._replace(err=self._clean(done.err), out=self._clean(done.out))

    def _clean(self, said: str) -> str:
        for secret in self._secrets:
            said = said.replace(secret, "***")
        return said


def _run(command: list[str], environment: Mapping[str, str]) -> Run:
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=TIMEOUT)
    except OSError as error:
        raise PlatformError(f"cannot run {command[0]}: {(error.strerror or str(error)).lower()}") from None
    except subprocess.TimeoutExpired:
        raise PlatformError(f"{command[0]} {command[1]} did not end within {TIMEOUT} s; it was stopped") from None
    return Run(done.returncode, done.stdout, done.stderr)


def _output(done: Run, what: str) -> str:
    if done.code == 0:
        return done.out
    lines = [line.strip() for line in done.err.splitlines() if line.strip()]
    said = [line for line in lines if not line.startswith(("Use --debug", "WARNING", "level=", "time="))]
    text = re.sub(r"^Error: ", "", " ".join(said)) or f"helm ended with {done.code} without a word"
    raise PlatformError(f"{what}: {text[:800].rstrip('.')}")


def _environment() -> dict[str, str]:
    """The user's own, without a way to a cluster: rendering must depend on what is given to it alone."""
    return {key: value for key, value in os.environ.items() if not key.startswith(("KUBE", "HELM_KUBE"))} | {
        "KUBECONFIG": os.devnull
    }


@contextmanager
def _folder(chart: Chart) -> Iterator[str]:
    """A private folder with the values in it, and the credentials, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="groundwork-chart-") as folder:
        values = merged(chart.values, chart.secret_values)
        _write(f"{folder}/values.yaml", json.dumps(values))  # JSON is YAML
        for name, content in _credentials(chart).items():
            _write(f"{folder}/{name}", json.dumps(content))
        yield folder


def _write(path: str, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def _credentials(chart: Chart) -> dict[str, Any]:
    """The files that helm reads credentials from: arguments are seen by everybody on the machine."""
    if chart.username is None:
        return {}
    if chart.chart.startswith("oci://"):
        host = chart.chart.removeprefix("oci://").partition("/")[0]
        login = base64.b64encode(f"{chart.username}:{chart.password or ''}".encode()).decode()
        return {"registry.json": {"auths": {host: {"auth": login}}}}
    if not chart.repo:
        raise PlatformError(
            f"cannot fetch the chart {chart.chart}: username and password go with repo or with an oci:// address"
        )
    entry = {"name": "fetched", "url": chart.repo, "username": chart.username, "password": chart.password or ""}
    return {"repositories.yaml": {"apiVersion": "", "generated": "0001-01-01T00:00:00Z", "repositories": [entry]}}


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Values merged as Helm merges its files: mappings are, everything else is replaced."""
    result = dict(base)
    for key, value in over.items():
        inner = result.get(key)
        result[key] = merged(inner, value) if isinstance(inner, Mapping) and isinstance(value, Mapping) else value
    return result


def secrets(chart: Chart) -> list[str]:
    """The values that no message may show."""
    found = [*_strings(chart.secret_values, True), *_strings(chart.values, False), chart.password or ""]
    return [text for text in found if len(text) >= _MASKED_LENGTH]


def _strings(value: Any, secret: bool) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _strings(inner, secret or bool(_SECRET_KEY.search(str(key))))
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _strings(inner, secret)
    elif secret and isinstance(value, (str, int, float)) and not isinstance(value, bool):
        yield str(value)


def _fetched(chart: Chart, program: str, folder: str, run: Runner) -> str:
    """The path of the chart on this machine. What was fetched once, exactly this version, is not fetched again."""
    remote = bool(chart.repo) or re.match(r"[a-z]+://", chart.chart)
    if not remote:
        if not Path(chart.chart).exists():
            raise PlatformError(
                f"cannot read the chart {chart.chart}: there is no such folder or file; for a chart of a repository,"
                " give repo as well"
            )
        return _verified(str(Path(chart.chart).resolve()), chart)
    if not chart.chart.startswith("http") and not _EXACT.fullmatch(chart.version or ""):
        raise PlatformError(f"cannot fetch the chart {chart.chart}: give its exact version, so that every run is alike")
    cached = _cache() / f"{hashlib.sha256(repr((chart.repo, chart.chart, chart.version)).encode()).hexdigest()}.tgz"
    if not cached.exists() or not chart.version:
        shutil.copy(_pulled(chart, program, folder, run), f"{cached}.{os.getpid()}")
        os.replace(f"{cached}.{os.getpid()}", cached)
    return _verified(str(cached), chart)


def _pulled(chart: Chart, program: str, folder: str, run: Runner) -> str:
    what = f"cannot fetch the chart {chart.chart} {chart.version or ''}".rstrip()
    if chart.repo and chart.username is not None:
        update = [program, "repo", "update", "--repository-config", f"{folder}/repositories.yaml"]
        done = run([*update, "--repository-cache", folder], _environment())
        _output(done._replace(err=done.err + done.out), what)  # helm says the reason on its standard output
    _output(run(pull_command(program, chart, folder), _environment()), what)
    archives = [path for path in Path(folder).glob("*.tgz") if path.is_file()]
    if len(archives) != 1:
        raise PlatformError(f"{what}: helm wrote {len(archives)} archives instead of one")
    return str(archives[0])


def _cache() -> Path:
    root = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    path = Path(root) / "groundwork-platform" / "charts"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def _verified(path: str, chart: Chart) -> str:
    if chart.checksum:
        if Path(path).is_dir():
            raise PlatformError(f"cannot check the chart {chart.chart}: a folder has no checksum; give a .tgz")
        verify(Path(path).read_bytes(), chart.checksum, f"the chart {chart.chart}")
    return path


def _about(path: str) -> tuple[str, str]:
    """Name and version as Chart.yaml says."""
    try:
        if Path(path).is_dir():
            text = (Path(path) / "Chart.yaml").read_bytes()
        else:
            with tarfile.open(path) as archive:
                member = next(
                    name for name in archive.getnames() if name.count("/") == 1 and name.endswith("/Chart.yaml")
                )
                text = archive.extractfile(member).read()  # type: ignore[union-attr]
        about = yaml.safe_load(text)
        return str(about["name"]), str(about["version"])
    except (OSError, tarfile.TarError, StopIteration, yaml.YAMLError, KeyError, TypeError) as error:
        raise PlatformError(f"cannot read Chart.yaml of {path}: {error or 'it is not there'}") from None
