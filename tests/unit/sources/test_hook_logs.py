"""What a failing hook's pod wrote, in the error: the one part of hooks that no simulated node can show."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from ansible_collections.groundwork.platform.plugins.module_utils.core.api.errors import ApiError
from ansible_collections.groundwork.platform.plugins.module_utils.sources import hook_runs

JOB: dict[str, Any] = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"namespace": "n", "name": "j", "uid": "u"}}


def pod(name: str, created: str, **status: Any) -> dict[str, Any]:
    meta = {"namespace": "n", "name": name, "creationTimestamp": created}
    spec = {"containers": [{"name": "main"}, {"name": "side"}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec, "status": status}


def exited(name: str, code: int) -> dict[str, Any]:
    return {"name": name, "state": {"terminated": {"exitCode": code}}}


def log_of(pods: list[dict[str, Any]], text: Any) -> tuple[str, list[Any]]:
    """The words, and the queries for logs that were sent."""
    asked = []

    def request(method: str, path: str, **options: Any) -> Any:
        if not path.endswith("/log"):
            return SimpleNamespace(data=next(each for each in pods if path.endswith(each["metadata"]["name"])))
        asked.append((path, options["query"]))
        if isinstance(text, Exception):
            raise text
        return SimpleNamespace(data=text)

    places = SimpleNamespace(
        resource=lambda api_version, kind: kind, path=lambda kind, namespace, name: f"/pods/{name}"
    )
    client = SimpleNamespace(request=request, list=lambda path, label_selector: (pods, "1"))
    return hook_runs._log(SimpleNamespace(client=client, discovery=places), JOB), asked  # type: ignore[arg-type]


def test_the_newest_pods_failing_container_is_quoted() -> None:
    statuses = [exited("main", 0), exited("side", 3)]
    pods = [pod("old", "2026-01-01T00:00:00Z"), pod("new", "2026-01-02T00:00:00Z", containerStatuses=statuses)]
    words, asked = log_of(pods, "starting\n\nrelation already exists\n")
    assert words == "The end of the log of its pod new: starting | relation already exists"
    assert asked == [("/api/v1/namespaces/n/pods/new/log", {"tailLines": "20", "container": "side"})]


def test_why_there_is_no_log() -> None:
    assert log_of([], "")[0] == "It has no pod whose log could be shown"
    assert log_of([pod("a", "")], "")[0] == "Its pod wrote no log"
    error = ApiError("container is waiting to start", status=400, reason="BadRequest")
    words, asked = log_of([pod("a", "")], error)
    assert words == "The log of its pod a cannot be read: container is waiting to start (400 BadRequest)"
    assert asked[0][1]["container"] == "main"
