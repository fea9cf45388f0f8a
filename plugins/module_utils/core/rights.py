"""What a user must be allowed to do so that sets of objects can be kept, and whether the API server lets them.

A right is `{"group", "resource", "namespace", "verb", "name"}`: namespace empty for the whole cluster, name empty for
every object.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from .api.objects import Object, group_of
from .sets.context import Context
from .sets.ending import Failure
from .sets.options import Spec

_RBAC = "rbac.authorization.k8s.io"
# What the engine asks of a set's kinds: LIST by label, GET of what has no label yet, WATCH while waiting, PATCH
# (server-side apply, also judged as create where the object is not there), DELETE of what is no longer wanted.
KEEPING = ("get", "list", "watch", "create", "patch", "delete")
# The set's own: its parent Secret and, while it writes, its Lease (a takeover replaces it: update).
PARENT = (
    ("", "secrets", (*KEEPING, "update")),
    ("coordination.k8s.io", "leases", ("get", "create", "update", "delete")),
)
OPTIONS: Spec = {
    "rights": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            **{name: {"type": "str", "default": ""} for name in ("group", "namespace", "name")},
            **{name: {"type": "str", "required": True} for name in ("resource", "verb")},
        },
    }
}
_REVIEWS = "/apis/authorization.k8s.io/v1"


class Right(NamedTuple):
    """One verb on one resource."""

    group: str
    resource: str
    namespace: str
    verb: str
    name: str = ""

    def __str__(self) -> str:
        what = f"{self.resource}.{self.group}" if self.group else self.resource
        return f"{self.verb} {what}{f'/{self.name}' if self.name else ''}"


def plural(kind: str) -> str:
    """The resource of a kind, as Kubernetes guesses it (meta.UnsafeGuessKindToResource)."""
    word = kind.lower()
    return f"{word}es" if word.endswith("s") else f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"


def needed(objects: Iterable[Object], namespace: str) -> set[Right]:
    """The rights to keep objects as a set whose parent is in a namespace.

    Who makes a role must hold what it grants, and who binds another's must be allowed to: the API server lets nobody
    give more than he has (pkg/registry/rbac/rolebinding/policybased/storage.go of Kubernetes). Roles of the set are
    written before their bindings, and all that they grant is held: no right to bind is needed for them.
    """
    objects = list(objects)
    own = {(obj["kind"], _place(obj), obj["metadata"]["name"]) for obj in objects}
    found = {Right("", "namespaces", "", "get")}
    found |= {Right(group, resource, namespace, verb) for group, resource, verbs in PARENT for verb in verbs}
    for obj in objects:
        place = _place(obj)
        found |= {Right(group_of(obj["apiVersion"]), plural(obj["kind"]), place, verb) for verb in KEEPING}
        found |= {*_granted(obj, place), *_bound(obj, place, own)}
    return found


def _place(obj: Object) -> str:
    return obj["metadata"].get("namespace") or ""


def _bound(obj: Object, namespace: str, own: set[tuple[str, str, str]]) -> Iterator[Right]:
    if obj["kind"] == "RoleBinding":
        kind, name = obj["roleRef"]["kind"], obj["roleRef"]["name"]
        place = namespace if kind == "Role" else ""
        if (kind, place, name) not in own:
            yield Right(_RBAC, plural(kind), place, "bind", name)


def _granted(obj: Object, namespace: str) -> Iterator[Right]:
    for rule in obj.get("rules", ()) if group_of(obj["apiVersion"]) == _RBAC else ():
        for group in rule["apiGroups"]:
            for resource in rule["resources"]:
                for verb in rule["verbs"]:
                    for name in rule.get("resourceNames") or ("",):
                        yield Right(group, resource, namespace, verb, name)


def cluster_role(name: str, rights: Iterable[Right]) -> Object:
    """A ClusterRole with these rights. Namespaces fall away: those that a site makes are not there when it is bound."""
    verbs: dict[tuple[str, str, str], set[str]] = {}
    for right in rights:
        verbs.setdefault((right.group, right.resource, right.name), set()).add(right.verb)
    resources: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for (group, resource, named), allowed in sorted(verbs.items()):
        resources.setdefault((group, named, tuple(sorted(allowed))), []).append(resource)
    rules = [
        {"apiGroups": [group], "resources": each, **({"resourceNames": [named]} if named else {}), "verbs": [*allowed]}
        for (group, named, allowed), each in resources.items()
    ]
    return {"apiVersion": f"{_RBAC}/v1", "kind": "ClusterRole", "metadata": {"name": name}, "rules": rules}


def verify(*, rights: Iterable[Mapping[str, Any]], context: Context) -> dict[str, Any]:
    """Raises Failure that names every right that is missing. Only reviews are asked for, which store nothing.

    One SelfSubjectRulesReview a namespace shows most; what it does not show is asked for by itself, since such a list
    may be incomplete (webhook authorizers).
    """
    wanted = sorted({Right(**{name: str(right.get(name) or "") for name in Right._fields}) for right in rights})
    places = sorted({right.namespace for right in wanted})
    rules = dict(zip(places, context.client.map(lambda place: _rules(context, place), places), strict=True))
    unseen = [right for right in wanted if not any(_allows(rule, right) for rule in _known(rules[right.namespace]))]
    answers = context.client.map(lambda right: _allowed(context, right), unseen)
    for answer in answers:
        if isinstance(answer, Exception):
            raise answer
    missing = [right for right, allowed in zip(unseen, answers, strict=True) if not allowed]
    result = {"changed": False, "asked": len(wanted), "missing": [right._asdict() for right in missing]}
    if missing:
        raise Failure(
            f"{_user(context)} may not {_listed(missing)}, which the run needs; nothing was written. Bind the "
            "ClusterRole that playbooks/rights.yml writes, or run as somebody who may",
            result,
        )
    return result


def _review(context: Context, kind: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    body = {"apiVersion": "authorization.k8s.io/v1", "kind": kind, "spec": spec}
    status: dict[str, Any] = context.client.request("POST", f"{_REVIEWS}/{plural(kind)}", body=body).data["status"]
    return status


def _rules(context: Context, namespace: str) -> list[dict[str, Any]]:
    """What the user may do in a namespace; for the cluster, what he may do in any, which roles of it cannot tell."""
    if not namespace:
        return []
    rules: list[dict[str, Any]] = _review(context, "SelfSubjectRulesReview", {"namespace": namespace})["resourceRules"]
    return rules


def _known(rules: Any) -> list[dict[str, Any]]:
    """The rules, none where the review failed: then each right is asked for."""
    return rules if isinstance(rules, list) else []


def _allows(rule: Mapping[str, Any], right: Right) -> bool:
    names = rule.get("resourceNames") or []
    return (
        bool({"*", right.verb} & set(rule["verbs"]))
        and bool({"*", right.group} & set(rule.get("apiGroups") or ()))
        and bool({"*", right.resource} & set(rule.get("resources") or ()))
        and (not names or right.name in names)
    )


def _allowed(context: Context, right: Right) -> bool:
    resource, _, subresource = right.resource.partition("/")
    asked = {"group": right.group, "resource": resource, "subresource": subresource, "verb": right.verb}
    asked |= {"namespace": right.namespace, "name": right.name}
    given = {name: value for name, value in asked.items() if value}
    return bool(_review(context, "SelfSubjectAccessReview", {"resourceAttributes": given})["allowed"])


def _user(context: Context) -> str:
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    path = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
    return str(context.client.request("POST", path, body=body).data["status"]["userInfo"]["username"])


def _listed(missing: Iterable[Right]) -> str:
    """The rights in words, each once with the namespaces where it is missing."""
    places: dict[str, list[str]] = {}
    for right in missing:
        places.setdefault(str(right), []).append(right.namespace)
    words = [
        f"{right} in {', '.join(namespaces)}" if any(namespaces) else right for right, namespaces in places.items()
    ]
    return "; ".join(words)
