"""The yardstick: a request an object over N connections, nothing around it. `raw.py KUBECONFIG FILE VERB [N]`."""

from __future__ import annotations

import base64
import http.client
import json
import ssl
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import yaml

PLURALS = {"ConfigMap": "configmaps", "Service": "services", "Deployment": "deployments", "Namespace": "namespaces"}
VERBS = {
    "apply": ("PATCH", "?fieldManager=raw&force=true&fieldValidation=Strict"),
    "check": ("PATCH", "?fieldManager=raw&force=true&fieldValidation=Strict&dryRun=All"),
    "delete": ("DELETE", ""),
}


def path(row: dict[str, Any]) -> str:
    """The object's own path."""
    version, kind, meta = row["apiVersion"], row["kind"], row["metadata"]
    base = f"/apis/{version}" if "/" in version else f"/api/{version}"
    place = f"/namespaces/{meta['namespace']}" if "namespace" in meta else ""
    return f"{base}{place}/{PLURALS.get(kind, 'networkpolicies')}/{meta['name']}"


def context(kubeconfig: dict[str, Any]) -> tuple[str, int, ssl.SSLContext]:
    """Host, port and TLS of a lab's kubeconfig."""
    cluster, user = kubeconfig["clusters"][0]["cluster"], kubeconfig["users"][0]["user"]
    host, port = cluster["server"].removeprefix("https://").split(":")
    tls = ssl.create_default_context(cadata=base64.b64decode(cluster["certificate-authority-data"]).decode())
    with tempfile.NamedTemporaryFile() as pair:
        pair.write(base64.b64decode(user["client-certificate-data"]) + base64.b64decode(user["client-key-data"]))
        pair.flush()
        tls.load_cert_chain(pair.name)
    return host, int(port), tls


def run(kubeconfig: Path, rows: list[dict[str, Any]], verb: str, connections: int) -> float:
    """Seconds for all of them; any answer that is no success ends it."""
    host, port, tls = context(yaml.safe_load(kubeconfig.read_text()))
    method, query = VERBS[verb]
    todo = [(path(row) + query, json.dumps(row).encode() if verb != "delete" else None) for row in rows]
    failed: list[str] = []

    def work(mine: list[tuple[str, bytes | None]]) -> None:
        line = http.client.HTTPSConnection(host, port, context=tls)
        for target, body in mine:
            line.request(method, target, body, {"Content-Type": "application/apply-patch+yaml"} if body else {})
            answer = line.getresponse()
            text = answer.read()
            if answer.status >= 300:
                failed.append(f"{target}: {answer.status} {text[:200]!r}")

    threads = [threading.Thread(target=work, args=(todo[number::connections],)) for number in range(connections)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise SystemExit(failed[0])
    return time.perf_counter() - start


if __name__ == "__main__":
    loaded = [row for row in yaml.load_all(Path(sys.argv[2]).read_text(), yaml.CSafeLoader) if row]
    connections = int(sys.argv[4]) if len(sys.argv) > 4 else 16
    print(json.dumps({"engine_s": run(Path(sys.argv[1]), loaded, sys.argv[3], connections)}))
