"""Applies CustomResourceDefinitions to an API server, all at once, and waits until it serves them."""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .crd_definitions import Object, definitions
from .crd_sources import choose
from .errors import LabError

MANAGER = "groundwork-lab"
HASH = "groundwork.platform/hash"
PATH = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
KIND = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition"}
CONNECTIONS = 4  # the API server computes; more at once only makes each of them slower
REQUEST = 60.0  # seconds for one of them; the API server allows no more
TIMEOUT = 300.0  # seconds from the last apply to the last Established, on a machine with much other work

ACTIONS = ("created", "changed", "unchanged")

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Applied:
    """What became of one CRD: `created`, `changed` or `unchanged`."""

    name: str
    action: str


def apply_crds(
    kubeconfig: str | Path,
    groups: Iterable[str] | None = None,
    *,
    kinds: Collection[str] = (),
    timeout: float = TIMEOUT,
    tell: Tell = lambda text: None,
) -> list[Applied]:
    """Applies the CRDs of some groups (all for none), or some kinds of them, and returns once each is Established.

    Server-side apply as field manager `groundwork-lab`, without force; what is there as wanted costs no request.
    Raises LabError, one sentence: unknown group, module proxy or API server out of reach, a CRD that the server refuses
    or does not establish within `timeout` seconds.
    """
    found = [crd for each in definitions(choose(groups)).values() for crd in each]
    if unknown := set(kinds) - {_kind(crd) for crd in found}:
        raise LabError(f"{', '.join(sorted(unknown))}: no kind of these groups; their CRDs are in docs/crds.md")
    crds = [_hashed(crd) for crd in found if not kinds or _kind(crd) in kinds]
    with connected(Path(kubeconfig)) as server:
        live = server.live()
        applied = {_name(crd): live[_name(crd)] for crd in crds if _covers(live.get(_name(crd)), crd)}
        for answer in server.apply_all([crd for crd in crds if _name(crd) not in applied]):
            applied[_name(answer)] = answer
            tell(f"{len(applied)} of {len(crds)} applied")
        server.wait({name for name, crd in applied.items() if not established(crd)}, timeout, tell)
    return [Applied(name, _action(crd, live.get(name))) for name, crd in applied.items()]


def _kind(crd: Object) -> str:
    return str(crd["spec"]["names"]["kind"])


def _name(crd: Object) -> str:
    return str(crd["metadata"]["name"])


def _hashed(crd: Object) -> Object:
    """With a digest of itself, so that a field that is no longer wanted shows as a difference too."""
    digest = hashlib.sha256(json.dumps(crd, sort_keys=True).encode()).hexdigest()[:16]
    annotations = crd["metadata"].get("annotations", {}) | {HASH: digest}
    return crd | {"metadata": crd["metadata"] | {"annotations": annotations}}


def _covers(live: Any, wanted: Any) -> bool:
    """Whether every field that is wanted is there with its value."""
    if isinstance(wanted, dict):
        return isinstance(live, dict) and all(
            key in live and _covers(live[key], value) for key, value in wanted.items()
        )
    if isinstance(wanted, list):
        return isinstance(live, list) and len(live) == len(wanted) and all(map(_covers, live, wanted))
    return bool(live == wanted)


def _action(answer: Object, before: Object | None) -> str:
    if before is None:
        return "created"
    same = answer["metadata"]["resourceVersion"] == before["metadata"]["resourceVersion"]
    return "unchanged" if same else "changed"


def established(crd: Object) -> bool:
    """Whether the server serves a CRD's kind; LabError when it never will."""
    conditions = {condition["type"]: condition for condition in (crd.get("status") or {}).get("conditions") or []}
    for name, bad in (("NamesAccepted", "False"), ("NonStructuralSchema", "True")):
        if conditions.get(name, {}).get("status") == bad:
            reason = conditions[name].get("message") or conditions[name].get("reason")
            raise LabError(f"the API server does not accept CRD {_name(crd)}: {reason}")
    return bool(conditions.get("Established", {}).get("status") == "True")


class Server:
    """One API server: raw JSON over the connection that the kubernetes library makes from a kubeconfig."""

    def __init__(self, client: Any) -> None:
        self._pool = client.rest_client.pool_manager
        self._host = client.configuration.host
        self._headers: dict[str, str] = {"Accept": "application/json", "User-Agent": MANAGER}
        client.update_params_for_auth(self._headers, [], ["BearerToken"], PATH, "GET", None)

    def live(self) -> dict[str, Object]:
        """All CRDs there are, by name."""
        answer = self.request("GET", PATH, timeout=2 * REQUEST)
        return {_name(crd): KIND | crd for crd in _body(answer, "list CRDs")["items"]}  # a list's items leave it out

    def apply_all(self, crds: list[Object]) -> Iterator[Object]:
        """The server's answers; several requests at once."""
        with ThreadPoolExecutor(CONNECTIONS) as threads:
            try:
                yield from threads.map(self._apply, crds)
            except LabError:
                threads.shutdown(cancel_futures=True)
                raise

    def _apply(self, crd: Object) -> Object:
        path = f"{PATH}/{_name(crd)}?fieldManager={MANAGER}&fieldValidation=Strict&timeout={REQUEST:.0f}s"
        answer = self.request("PATCH", path, body=json.dumps(crd).encode(), timeout=2 * REQUEST)
        if answer.status == 409:
            raise LabError(
                f"CRD {_name(crd)} was changed or made by somebody else ({_message(answer)}): "
                "delete it if nothing needs it, or leave its group out"
            )
        return _body(answer, f"apply CRD {_name(crd)}")

    def wait(self, pending: set[str], timeout: float, tell: Tell) -> None:
        """Returns when none is pending: a watch that begins with what there is, begun again when the server ends it."""
        deadline, total = time.monotonic() + timeout, len(pending)
        while pending:
            left = deadline - time.monotonic()
            if left <= 0:
                names = ", ".join(sorted(pending)[:3])
                raise LabError(
                    f"{len(pending)} of {total} CRDs are not Established after {timeout:.0f} s ({names} ...): "
                    "see `lab logs kube-apiserver`"
                )
            for crd in self._changes(left):
                if _name(crd) in pending and established(crd):
                    pending.discard(_name(crd))
                    tell(f"{total - len(pending)} of {total} established")
                    if not pending:
                        return

    def _changes(self, seconds: float) -> Iterator[Object]:
        """The CRDs there are, then each as it changes; ends with the connection or after some seconds."""
        import urllib3

        path = f"{PATH}?watch=true&timeoutSeconds={max(1, int(seconds))}"
        answer = self.request("GET", path, preload_content=False, timeout=seconds + 1)
        if answer.status != 200:
            _body(answer, "watch CRDs")
        try:
            for line in answer:
                event = json.loads(line)
                if event["type"] == "ERROR":  # too old a version: the next watch begins anew
                    return
                yield event["object"]
        except urllib3.exceptions.HTTPError:
            return
        finally:
            answer.close()

    def request(self, method: str, path: str, **options: Any) -> Any:
        """The answer, unread when preload_content=False; LabError when there is none."""
        import urllib3

        headers = self._headers | ({"Content-Type": "application/apply-patch+yaml"} if "body" in options else {})
        try:
            return self._pool.request(method, self._host + path, headers=headers, retries=False, **options)
        except urllib3.exceptions.HTTPError as error:
            raise LabError(
                f"the API server {self._host} does not answer ({error}): see `lab status`, start it with `lab up`"
            ) from None


def _body(answer: Any, what: str) -> Object:
    if answer.status not in (200, 201):
        raise LabError(f"the API server refused to {what}: {_message(answer)}")
    found: Object = json.loads(answer.data)
    return found


def _message(answer: Any) -> str:
    try:
        return " ".join(str(json.loads(answer.data)["message"]).split())
    except (ValueError, KeyError, TypeError):
        return f"HTTP {answer.status} without a word"


@contextlib.contextmanager
def connected(kubeconfig: Path) -> Iterator[Server]:
    """The API server that a kubeconfig's current context names."""
    from kubernetes import config

    try:
        connection = config.new_client_from_config(config_file=str(kubeconfig))
    except (config.ConfigException, OSError) as error:
        raise LabError(f"{kubeconfig} is no usable kubeconfig ({error}): see `lab list`") from None
    with connection:
        yield Server(connection)
