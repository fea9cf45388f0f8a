"""What `lab status` says of the simulated operators: which kinds they play, by what, and which they leave alone."""

from __future__ import annotations

from collections.abc import Iterator

from ..cluster import Cluster
from . import kinds, process
from .engine import Client, Connection, Discovery, PlatformError, Resource, get

_ONE = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"
_DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


def lines(cluster: Cluster) -> Iterator[str]:
    """A line for each custom kind that has objects; nothing where no simulated operators run."""
    running = process.find(cluster)
    if running is None:
        return
    yield ""
    yield f"simulated operators, {process.speed(running):g} times as fast as recorded"
    with Client(Connection(kubeconfig=str(cluster.kubeconfig))) as client:
        try:
            found = _counts(client)
        except PlatformError as error:
            yield f"kinds: {error}"
            return
    for key, count in found:
        yield f"{key:52} {count:5}  {_words(key)}"


def _words(key: str) -> str:
    kind = kinds.every().get(key)
    if kind is not None:
        return kind.words
    return "played by the simulated cert-manager, where it runs" if key.startswith("cert-manager.io/") else "left alone"


def _counts(client: Client) -> list[tuple[str, int]]:
    """Every custom kind that has objects, with their number."""
    discovery = Discovery(client)
    names = {each["metadata"]["name"] for each in client.list(_DEFINITIONS, metadata_only=True)[0]}
    discovery.refresh()
    custom = {f"{r.group}/{r.kind}": r for r in discovery.resources() if f"{r.plural}.{r.group}" in names}

    def count(resource: Resource) -> int:
        data = client.request("GET", discovery.path(resource), query={"limit": "1"}, accept=_ONE).data
        return len(data["items"] or []) + int(get(data, "metadata", "remainingItemCount", default=0))

    counts = zip(custom, client.map(count, custom.values()), strict=True)
    return sorted((key, number) for key, number in counts if isinstance(number, int) and number)
