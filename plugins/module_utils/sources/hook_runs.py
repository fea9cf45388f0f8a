"""Runs a chart's hooks one after the other, as Helm does, and says what a failing one wrote before it failed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..core.api.errors import ApiError, PlatformError
from ..core.api.objects import Object, Ref, get, ref
from ..core.readiness import wait
from ..core.readiness.progress import Progress
from ..core.readiness.rule import FAILED, FINAL, Field, Rule
from ..core.sets.applyset import PREFIX
from ..core.sets.context import Context
from ..core.sets.fields import MANAGER
from ..core.sets.gone import wait_gone
from ..core.sets.stages import kind_key
from .hooks import Hook

LABEL = PREFIX + "hook-of"  # marks what we ran, so that a run that was cut off does not block the next one
LOG_LINES = 20

# What Helm waits for; anything else is done as soon as it is there. A hook's Pod must end, whatever its restartPolicy.
_WAITED = ("batch/Job", "Pod")
_POD = Rule(
    generation=FINAL,
    terminal=(Field("status.phase", "Failed", say="status.message"),),
    ready=(Field("status.phase", "Succeeded"),),
    source="helm: pkg/kube/wait.go, waitForPodSuccess",
)


def run(context: Context, hooks: Iterable[Hook], *, label: str, timeout: float) -> list[dict[str, Any]]:
    """Runs the hooks in the order given; a row for each. Raises PlatformError when one fails, with its pod's log."""
    done: list[tuple[Hook, Object]] = []
    rows = []
    for hook in hooks:
        rows.append(row(hook, "would run" if context.check else "ran"))
        if context.check:
            continue
        context.say(f"hook {_name(hook)} runs")
        created = _create(context, hook, label, timeout)
        if kind_key(created) in _WAITED:
            _finish(context, hook, created, done, timeout)
        done.append((hook, created))
    _clean(context, done)
    return rows


def row(hook: Hook, action: str) -> dict[str, Any]:
    """A hook in the result's list of objects."""
    found = ref(hook.object)
    return {
        "api_version": hook.object["apiVersion"],
        "kind": found.kind,
        "namespace": found.namespace,
        "name": found.name,
        "action": action,
        "judged": "none",
        "ready": None,
        "message": f"hook: {', '.join(sorted(hook.events))}",
    }


def _name(hook: Hook) -> str:
    return str(ref(hook.object))


def _path(context: Context, obj: Object, *, collection: bool = False) -> str:
    found: Ref = ref(obj)
    resource = context.discovery.resource(obj["apiVersion"], obj["kind"])
    return context.discovery.path(resource, found.namespace, None if collection else found.name)


def _create(context: Context, hook: Hook, label: str, timeout: float) -> Object:
    """The hook's object, made anew; what an earlier run left is deleted where the policy or our label allows it."""
    there = _read(context, hook.object)
    if there is not None:
        if "before-hook-creation" not in hook.policies and get(there, "metadata", "labels", LABEL) != label:
            raise PlatformError(
                f"cannot run the hook {_name(hook)} ({hook.origin}): it is there already, and its delete policy"
                " does not allow to delete it before; delete it by hand"
            )
        _delete(context, there)
        wait_gone(context, [there], timeout)
    meta = hook.object["metadata"]
    body = {**hook.object, "metadata": {**meta, "labels": {**(meta.get("labels") or {}), LABEL: label}}}
    query = {"fieldManager": MANAGER, "fieldValidation": "Strict"}
    path = _path(context, body, collection=True)
    try:
        created: Object = context.client.request("POST", path, query=query, body=body, about=_name(hook)).data
    except ApiError as error:
        raise PlatformError(f"cannot run the hook {_name(hook)} ({hook.origin}): {error}") from error
    return created


def _finish(context: Context, hook: Hook, created: Object, done: list[tuple[Hook, Object]], timeout: float) -> None:
    """Waits for the hook's end; on failure raises with its log, what is to be deleted deleted."""
    outcome = wait.wait(
        context.client,
        context.discovery,
        [wait.Target(created)],
        rules={**context.rules, "Pod": _POD},
        patience=wait.Patience(timeout=timeout),
        progress=Progress(context.say, context.clock),
        clock=context.clock,
    )[0]
    if outcome.ready:
        return
    failed = outcome.verdict.state == FAILED
    words = f"failed: {outcome.message}" if failed else f"did not end within {timeout:.0f} s: {outcome.message}"
    log = _log(context, created)
    if failed and "hook-failed" in hook.policies:
        _delete(context, created)
    _clean(context, done)
    raise PlatformError(f"the hook {_name(hook)} ({hook.origin}) {words.rstrip('. ')}. {log}")


def _clean(context: Context, done: list[tuple[Hook, Object]]) -> None:
    """Helm deletes what succeeded when all hooks of a phase are over: the Job may need the account before it."""
    for hook, created in done:
        if "hook-succeeded" in hook.policies:
            _delete(context, created)


def _read(context: Context, obj: Object) -> Object | None:
    try:
        found: Object = context.client.request("GET", _path(context, obj)).data
    except ApiError as error:
        if error.status == 404:
            return None
        raise
    return found


def _delete(context: Context, obj: Object) -> None:
    body = {
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "preconditions": {"uid": obj["metadata"]["uid"]},
        "propagationPolicy": "Background",
    }
    try:
        context.client.request("DELETE", _path(context, obj), body=body, about=str(ref(obj)))
    except ApiError as error:
        if error.status not in (404, 409):  # gone already, or another object by now
            raise


def _log(context: Context, created: Object) -> str:
    """The last lines that the hook's newest pod wrote, or why there are none."""
    pods = [created] if created["kind"] == "Pod" else _pods(context, created)
    if not pods:
        return "It has no pod whose log could be shown"
    pod = max(pods, key=lambda each: str(get(each, "metadata", "creationTimestamp", default="")))
    meta = pod["metadata"]
    path = f"/api/v1/namespaces/{meta['namespace']}/pods/{meta['name']}/log"
    query = {"tailLines": str(LOG_LINES), "container": _culprit(context, pod)}
    try:
        text = context.client.request("GET", path, query=query, accept="text/plain, */*").data
    except PlatformError as error:
        return f"The log of its pod {meta['name']} cannot be read: {error}"
    lines = [line for line in str(text or "").splitlines() if line.strip()]
    return f"The end of the log of its pod {meta['name']}: {' | '.join(lines)}" if lines else "Its pod wrote no log"


def _pods(context: Context, job: Object) -> list[Object]:
    path = f"/api/v1/namespaces/{job['metadata']['namespace']}/pods"
    try:
        selector = f"batch.kubernetes.io/controller-uid={job['metadata']['uid']}"
        return context.client.list(path, label_selector=selector)[0]
    except PlatformError:
        return []


def _culprit(context: Context, pod: Object) -> str:
    """The container that failed, else the first one."""
    live = _read(context, pod) or pod
    statuses = [
        status
        for part in ("initContainerStatuses", "containerStatuses")
        for status in get(live, "status", part, default=[])
        if get(status, "state", "terminated", "exitCode", default=0) != 0
    ]
    name = get(statuses, 0, "name") or get(live, "spec", "containers", 0, "name", default="")
    return str(name)
