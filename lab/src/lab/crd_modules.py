"""Takes CustomResourceDefinitions out of Go modules, verified by checksum, and keeps them in the cache."""

from __future__ import annotations

import base64
import fnmatch
import hashlib
import json
import subprocess
import tempfile
import zipfile
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import yaml

from . import golang, locks, paths, progress
from .crd_sources import Source
from .errors import LabError

Object = dict[str, Any]


class Loader(yaml.CSafeLoader):
    """YAML as Kubernetes reads it: a bare `=` and a date are texts."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rows if not tag.endswith((":value", ":timestamp"))]
    for first, rows in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}

AT_ONCE = 4  # downloads
FORMAT = 2  # of a cache entry; goes up when what is kept of a CRD changes


def load(sources: list[Source]) -> dict[str, list[Object]]:
    """The CRDs of each source by its name: from the cache, else downloaded and held against the pinned checksum."""
    kept = {source.name: _cached(source) for source in sources}
    missing = [source for source in sources if kept[source.name] is None]
    if missing:
        with locks.lock("crds.lock", "fetches CRDs"):
            kept |= _fetch(missing)
    return {name: crds or [] for name, crds in kept.items()}


def is_cached(source: Source) -> bool:
    """Whether a source needs no network."""
    return bool(source.subset) or _cached(source) is not None


def _fetch(sources: list[Source]) -> dict[str, list[Object]]:
    go = golang.go()
    fetched = {}
    with progress.step(f"CRDs of {len(sources)} Go modules") as tell, ThreadPoolExecutor(AT_ONCE) as pool:
        running = {pool.submit(_fetch_one, go, source): source for source in sources}
        try:
            for done in as_completed(running):
                fetched[running[done].name] = done.result()
                tell(f"{len(fetched)} of {len(sources)} fetched, last {running[done].name}")
        except LabError:
            pool.shutdown(cancel_futures=True)
            raise
    return fetched


def _fetch_one(go: Path, source: Source) -> list[Object]:
    kept = _cached(source)
    if kept is None:
        if _entry(source).exists():
            progress.say(f"the cached CRDs of {source.name} are broken, fetching them anew")
        kept = _extract(source, _download(go, source))
        _keep(source, kept)
    return kept


def _download(go: Path, source: Source) -> Path:
    """The module's zip in Go's own cache."""
    environment = golang.environment() | {"GOFLAGS": "", "GOSUMDB": "off"}  # the table's checksum is checked below
    with tempfile.TemporaryDirectory() as folder:  # outside any module
        command = [str(go), "mod", "download", "-json", f"{source.module}@{source.version}"]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        answer = {"Error": done.stderr.strip() or "go gave no answer"}
    if "Error" in answer:
        reason = " ".join(answer["Error"].split()).removeprefix(f"{source.module}@{source.version}: ")
        raise LabError(
            f"the CRDs of {source.name} could not be downloaded from the Go module proxy ({reason}): "
            "make the proxy reachable (GOPROXY names it), or leave this group out"
        )
    return Path(answer["Zip"])


def checksum(archive: zipfile.ZipFile) -> str:
    """Go's h1 hash of a module's zip: the digest of the sorted list of its files' digests.

    Definition: golang.org/x/mod/sumdb/dirhash, Hash1.
    """
    lines = [f"{hashlib.sha256(archive.read(name)).hexdigest()}  {name}\n" for name in sorted(archive.namelist())]
    return "h1:" + base64.b64encode(hashlib.sha256("".join(lines).encode()).digest()).decode()


def _extract(source: Source, path: Path) -> list[Object]:
    try:
        with zipfile.ZipFile(path) as archive:
            found = checksum(archive)
            if found != source.sum:
                raise LabError(
                    f"{source.origin} has the checksum {found} and not the pinned {source.sum}: do not use it; "
                    f"delete {path} and find out what GOPROXY serves"
                )
            root = f"{source.module}@{source.version}/"
            names = [name for name in sorted(archive.namelist()) if _matches(name.removeprefix(root), source.files)]
            texts = [archive.read(name) for name in names]
    except (OSError, zipfile.BadZipFile) as error:
        raise LabError(f"{path} cannot be read ({error}): delete it and try again") from None
    documents = [document for text in texts for document in yaml.load_all(text, Loader)]
    crds = [_clean(document) for document in documents if (document or {}).get("kind") == "CustomResourceDefinition"]
    if not crds:
        raise LabError(f"{source.origin} holds no CRD under {source.files}: mend its row in lab/crds/sources.yml")
    return crds


def _matches(name: str, pattern: str) -> bool:
    """As a shell matches: `*` stops at a slash."""
    parts, patterns = name.split("/"), pattern.split("/")
    return len(parts) == len(patterns) and all(map(fnmatch.fnmatchcase, parts, patterns))


def _clean(crd: Object) -> Object:
    """What decides what is valid: no status, no descriptions (two thirds of the bytes, and a third of the API server's
    work and memory), and no conversion webhook, since nothing on a lab cluster answers it."""
    metadata = {key: crd["metadata"][key] for key in ("name", "labels", "annotations") if crd["metadata"].get(key)}
    spec = crd["spec"]
    if spec.get("conversion", {}).get("strategy") == "Webhook":
        spec = spec | {"conversion": {"strategy": "None"}}
    for version in spec["versions"]:
        version["schema"] = {"openAPIV3Schema": _terse(version["schema"]["openAPIV3Schema"])}
    return {"apiVersion": crd["apiVersion"], "kind": crd["kind"], "metadata": metadata, "spec": spec}


def _terse(schema: Object) -> Object:
    """Without descriptions; a field or a default of that name stays."""
    made = {key: value for key, value in schema.items() if key != "description"}
    for key in ("items", "additionalProperties", "not"):
        if isinstance(made.get(key), dict):
            made[key] = _terse(made[key])
    for key in ("allOf", "anyOf", "oneOf"):
        if key in made:
            made[key] = [_terse(each) for each in made[key]]
    if "properties" in made:
        made["properties"] = {name: _terse(field) for name, field in made["properties"].items()}
    return made


def _entry(source: Source) -> Path:
    """The cache entry: its name changes with the row, its first line is the digest of the rest."""
    row = hashlib.sha256(repr((FORMAT, source)).encode()).hexdigest()[:12]
    return paths.cache() / "crds" / f"{source.name}-{source.version}-{row}.json"


def _cached(source: Source) -> list[Object] | None:
    try:
        digest, _, body = _entry(source).read_bytes().partition(b"\n")
    except OSError:
        return None
    if hashlib.sha256(body).hexdigest().encode() != digest:
        return None
    kept: list[Object] = json.loads(body)
    return kept


def _keep(source: Source, crds: list[Object]) -> None:
    entry = _entry(source)
    paths.make_cache("crds")
    fresh = entry.with_suffix(".new")  # the lock makes its name ours
    body = json.dumps(crds).encode()
    try:
        fresh.write_bytes(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
        fresh.replace(entry)
    except OSError as error:
        raise LabError(
            f"{entry.parent} cannot be written ({paths.why(error)}): free it or set XDG_CACHE_HOME"
        ) from None
