"""Go modules as test material: charts and manifests of real projects, read where Go keeps them, checksums pinned."""

from __future__ import annotations

import functools
import json
import subprocess
import tempfile
from pathlib import Path

from lab import golang

# module -> version and the checksum that a go.sum would hold. Modules without tags for Go have pseudo-versions.
PINNED = {
    "istio.io/istio": (
        "v0.0.0-20260827124520-eed52ebb66ad",
        "h1:ui9TJjRMAV/hb5ehQaZDq7IUGxuQP6dra9lapT/VjHI=",
    ),
    "k8s.io/ingress-nginx": (
        "v0.0.0-20240708192948-52c50467d67d",
        "h1:tZui5g6S4GO1hxLm6yrEoIXLkl4QfeGytlmZqZ+DmdQ=",
    ),
    "github.com/external-secrets/external-secrets": ("v1.3.2", "h1:u2J8RjlHIeF0oZCqtl92adI/uZWUwOesJIDkfql6LqQ="),
    "github.com/kyverno/kyverno": ("v1.19.1", "h1:/MkgFii3/VlQfKR1JpC9tVwNNVNQTt2S4U6qCsafsTU="),
    "github.com/cert-manager/cert-manager": ("v1.21.1", "h1:0LttV37Q5c2CBNoHkjuI8sLKTXWZDC2SwQkxrBMKV9w="),
}


@functools.cache
def folder(module: str) -> Path:
    """The folder of a pinned module in Go's own cache; downloaded when first needed. It is read-only."""
    version, checksum = PINNED[module]
    environment = golang.environment() | {"GOFLAGS": "", "GOSUMDB": "off"}  # the checksum is compared below
    with tempfile.TemporaryDirectory() as outside:
        command = [str(golang.go()), "mod", "download", "-json", f"{module}@{version}"]
        done = subprocess.run(command, cwd=outside, env=environment, capture_output=True, text=True, check=False)
    answer = json.loads(done.stdout or "{}")
    assert "Dir" in answer, f"{module}@{version} cannot be downloaded: {answer.get('Error', done.stderr)}"
    assert answer["Sum"] == checksum, f"{module}@{version} is not what was pinned: {answer['Sum']}"
    return Path(answer["Dir"])
