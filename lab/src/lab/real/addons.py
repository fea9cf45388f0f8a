"""What every cluster with real nodes runs: names, local volumes, metrics."""

from __future__ import annotations

from typing import Any

import yaml

from .. import paths
from ..cluster import Cluster
from ..images import recipe
from ..kubectl import kubectl

FOLDER = paths.PACKAGE / "addons"
IMAGES = ("pause", "base", "coredns", "local-path-provisioner", "metrics-server")
DEPLOYMENTS = ("kube-system/coredns", "local-path-storage/local-path-provisioner", "kube-system/metrics-server")
PATIENCE = "120s"

Object = dict[str, Any]


def objects() -> list[Object]:
    """All of them, with the images' own names."""
    documents = [each for path in sorted(FOLDER.glob("*.yml")) for each in yaml.safe_load_all(path.read_text())]
    for document in documents:
        for container in document["spec"]["template"]["spec"]["containers"] if document["kind"] == "Deployment" else ():
            container["image"] = recipe.load(container["image"]).reference
    return documents


def apply(cluster: Cluster) -> None:
    """Applies them; pods may start once their images are on the nodes."""
    text = yaml.safe_dump_all(objects())
    kubectl(cluster, "apply", "--server-side", "--field-manager=groundwork-lab", "--filename=-", stdin=text)


def wait(cluster: Cluster) -> None:
    """Until all of it is available."""
    for each in DEPLOYMENTS:
        namespace, name = each.split("/")
        condition = ("--for=condition=Available", f"deployment/{name}", f"--timeout={PATIENCE}")
        kubectl(cluster, "wait", "--namespace", namespace, *condition, timeout=150)
