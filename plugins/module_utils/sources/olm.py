"""Installs an operator by OLM, guarded: approves the install plan of exactly the version asked for, and no other.

OLM's objects and words are those of operator-framework/api v0.31 (pkg/operators/v1alpha1). Approval is Manual always: a
catalog that moves on by itself must not move the cluster on.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, NamedTuple

from ..core.api.errors import ApiError, Class, PlatformError
from ..core.api.objects import Object, get, ref
from ..core.readiness import wait
from ..core.readiness.progress import Progress
from ..core.readiness.rule import FINAL, AllOf, AnyOf, Condition, Field, Rule
from ..core.sets import engine
from ..core.sets.context import Context
from ..core.sets.ending import Failure
from ..core.sets.fields import MANAGER
from ..core.sets.guards import HoldsData
from ..core.sets.options import SetOptions

V1ALPHA1, V1 = "operators.coreos.com/v1alpha1", "operators.coreos.com/v1"
_SOURCE = "operator-framework/api: pkg/operators/v1alpha1"

# What no one loses anything by: the wish for an operator, not the operator.
_HARMLESS = tuple(HoldsData(f"operators.coreos.com/{kind}", "") for kind in ("Subscription", "OperatorGroup"))
_PLAN = Rule(
    generation=FINAL,
    terminal=(Field("status.phase", "Failed", say="status.message"),),
    ready=(Field("status.phase", "Complete"),),
    source=_SOURCE,
)
_VERSION = Rule(
    generation=FINAL,
    retryable=(Field("status.phase", "Failed", say="status.message"),),
    ready=(Field("status.phase", "Succeeded"),),
    source=_SOURCE,
)

Result = dict[str, Any]


class Verdict(NamedTuple):
    """What is to be done about a Subscription, and why: done, wait, approve, refuse, or latest (refuse if it lasts)."""

    step: str
    why: str = ""


def decide(subscription: Object, csv: str) -> Verdict:
    """What to do next about a Subscription, as its status says, where `csv` is asked for."""
    installed, offered = get(subscription, "status", "installedCSV"), get(subscription, "status", "currentCSV")
    state = get(subscription, "status", "state", default="")
    if installed == csv:
        return Verdict("done", f"an upgrade to {offered} waits for its approval" if offered not in (None, csv) else "")
    if state == "UpgradePending" and get(subscription, "status", "installPlanRef", "name") and offered != installed:
        if offered == csv:
            return Verdict("approve")
        return Verdict(
            "refuse", f"its channel offers {offered} next and not {csv}; ask for {offered}, or change channel"
        )
    if installed and state == "AtLatestKnown":
        return Verdict(
            "latest", f"{installed} is installed, and its channel offers nothing after it; OLM never goes back"
        )
    return Verdict("wait")


def judge_plan(plan: Object, csv: str, also: tuple[str, ...]) -> str:
    """Why a plan may not be approved; empty where it installs exactly what was asked for."""
    names = get(plan, "spec", "clusterServiceVersionNames", default=[]) or []
    others = sorted(set(map(str, names)) - {csv, *also})
    if csv not in names:
        return f"the install plan {plan['metadata']['name']} installs {', '.join(names) or 'nothing'} and not {csv}"
    if others:
        return (
            f"the install plan {plan['metadata']['name']} installs {', '.join(others)} as well;"
            " name them in also if they are wanted"
        )
    return ""


def objects(settings: SetOptions, wanted: Mapping[str, Any], groups: list[Object]) -> list[Object]:
    """The set's objects: the Subscription, and an OperatorGroup where the namespace has no other.

    groups: the OperatorGroups of the namespace; OLM refuses to work with two.
    """
    namespace, name = settings.name.namespace, wanted["package"]
    spec = {
        "name": wanted["package"],
        "channel": wanted["channel"],
        "source": wanted["source"],
        "sourceNamespace": wanted["source_namespace"],
        "startingCSV": wanted["csv"],
        "installPlanApproval": "Manual",
        **({"config": wanted["config"]} if wanted.get("config") else {}),
    }
    meta = {"name": name, "namespace": namespace}
    subscription = {"apiVersion": V1ALPHA1, "kind": "Subscription", "metadata": meta, "spec": spec}
    targets = wanted.get("target_namespaces")
    scope = {"targetNamespaces": list(targets)} if targets else {}
    group = {"apiVersion": V1, "kind": "OperatorGroup", "metadata": meta, "spec": scope}
    others = [each for each in groups if get(each, "metadata", "name") != name]
    if len(others) > 1 or (others and len(others) != len(groups)):
        names = ", ".join(sorted(str(get(each, "metadata", "name")) for each in groups))
        raise PlatformError(
            f"cannot subscribe in {namespace}: it has several OperatorGroups ({names}), and OLM works with one;"
            " delete the others"
        )
    if others and sorted(get(others[0], "spec", "targetNamespaces", default=[])) != sorted(targets or []):
        raise PlatformError(
            f"cannot subscribe in {namespace}: its OperatorGroup {ref(others[0]).name} has other target namespaces;"
            " give the same ones, or another namespace"
        )
    return [subscription] if others else [group, subscription]


def subscribe(context: Context, settings: SetOptions, wanted: Mapping[str, Any]) -> Result:
    """Keeps the Subscription, approves exactly its version, follows it until it runs. Raises PlatformError, Failure."""
    context = dataclasses.replace(context, holds_data=(*_HARMLESS, *context.holds_data))
    olm = _Olm(context, settings, wanted)
    return olm.remove() if settings.state == "absent" else olm.bring()


@dataclasses.dataclass
class _Olm:
    """One Subscription being brought to a version, or removed."""

    context: Context
    settings: SetOptions
    wanted: Mapping[str, Any]
    rows: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    result: Result = dataclasses.field(default_factory=dict)

    def bring(self) -> Result:
        groups, _ = self.context.client.list(self._path(V1, "OperatorGroup"))
        groups = [{**each, "apiVersion": V1, "kind": "OperatorGroup"} for each in groups]
        wish = objects(self.settings, self.wanted, groups)
        self._refuse_early(wish[-1])
        # A Subscription under manual approval is never ready by itself; what follows waits for it.
        self.result = engine.keep(self.context, dataclasses.replace(self.settings, wait=False), wish)
        try:
            self._follow()
        except PlatformError as error:
            raise Failure(str(error), self._told()) from error
        return self._told()

    def _refuse_early(self, wish: Object) -> None:
        """Before anything is written, where the status already speaks of the channel that is wanted."""
        live = self._subscription()
        asked = [[get(obj, "spec", key) for key in ("channel", "source", "sourceNamespace")] for obj in (live, wish)]
        verdict = decide(live or {}, self.wanted["csv"])
        if asked[0] != asked[1] or live is None:
            return
        if verdict.step == "latest":
            verdict = self._once_more(live, verdict)
        if verdict.step in ("refuse", "latest"):
            raise self._refused(verdict.why)

    def _once_more(self, live: Object, verdict: Verdict) -> Verdict:
        """The catalog operator may be about to offer something: a moment's patience."""
        try:
            return decide(self._wait_for_plan(live, self.settings.status_grace), self.wanted["csv"])
        except PlatformError:
            return verdict

    def remove(self) -> Result:
        """The Subscription goes first, so that OLM installs nothing anew; then what it had installed."""
        live = self._subscription()
        installed = get(live, "status", "installedCSV")
        self.result = engine.keep(self.context, self.settings, [])
        csv = self._get(V1ALPHA1, "ClusterServiceVersion", str(installed)) if installed else None
        if csv:
            self._row(csv, "deleted")
            if not self.context.check:
                body = {"preconditions": {"uid": csv["metadata"]["uid"]}, "propagationPolicy": "Background"}
                path = self._path(V1ALPHA1, "ClusterServiceVersion", csv["metadata"]["name"])
                self.context.client.request("DELETE", path, body=body, about=str(ref(csv)))
        return self._told()

    def _follow(self) -> None:
        live = self._subscription()
        verdict = decide(live or {}, self.wanted["csv"])
        if self.context.check:
            if verdict.step != "done":
                self._row(self._version(), "would approve")
            return
        if verdict.step in (
            "wait",
            "refuse",
            "latest",
        ):  # refused here: it speaks of the channel that was asked for before
            live = self._wait_for_plan(live)
            verdict = decide(live, self.wanted["csv"])
        if verdict.step == "done" and verdict.why:
            self.context.warn(f"Subscription {self._name()}: {verdict.why}")
        if verdict.step in ("refuse", "latest"):
            raise self._refused(verdict.why)
        if verdict.step == "approve":
            self._approve(str(get(live, "status", "installPlanRef", "name")))
        if self.settings.wait:
            self._wait(self._version(), _VERSION, "ClusterServiceVersion")

    def _wait_for_plan(self, live: Object | None, seconds: float | None = None) -> Object:
        """Until the catalog operator has found a plan, or has it installed already."""
        rule = Rule(
            generation=FINAL,
            retryable=(Condition("ResolutionFailed"), Condition("CatalogSourcesUnhealthy")),
            ready=(
                AnyOf(
                    Field("status.installedCSV", self.wanted["csv"]),
                    AllOf(Field("status.state", "UpgradePending"), Field("status.installPlanRef.name")),
                ),
            ),
            source=_SOURCE,
        )
        self._wait(live or {}, rule, "Subscription", seconds)
        found = self._subscription()
        if found is None:
            raise PlatformError(f"Subscription {self._name()} was deleted by somebody else")
        return found

    def _approve(self, name: str) -> None:
        """Approves the plan in exactly the version that was judged, and follows it to its end."""
        plan = self._get(V1ALPHA1, "InstallPlan", name)
        if plan is None:
            raise PlatformError(f"the install plan {name} of Subscription {self._name()} is gone; run again")
        why = judge_plan(plan, self.wanted["csv"], tuple(self.wanted.get("also") or ()))
        if why:
            raise self._refused(why)
        if not get(plan, "spec", "approved"):
            version = {key: plan["metadata"][key] for key in ("uid", "resourceVersion")}
            path = self._path(V1ALPHA1, "InstallPlan", name)
            try:
                plan = self.context.client.request(
                    "PATCH",
                    path,
                    query={"fieldManager": MANAGER, "fieldValidation": "Strict"},
                    body={"metadata": version, "spec": {"approved": True}},
                    content_type="application/merge-patch+json",
                    about=f"InstallPlan {name}",
                ).data
            except ApiError as error:
                if error.kind is not Class.PRECONDITION:
                    raise
                raise PlatformError(f"the install plan {name} changed while it was judged; run again") from error
            self._row(plan, "approved")
        if self.settings.wait:
            self._wait(plan, _PLAN, "InstallPlan")

    def _wait(self, obj: Object, rule: Rule, kind: str, seconds: float | None = None) -> None:
        outcome = wait.wait(
            self.context.client,
            self.context.discovery,
            [wait.Target(obj)],
            rules={f"operators.coreos.com/{kind}": rule},
            patience=wait.Patience(seconds or self.settings.timeout, failure_grace=self.settings.failure_grace),
            progress=Progress(self.context.say, self.context.clock),
            clock=self.context.clock,
        )[0]
        if not outcome.ready:
            raise PlatformError(f"{kind} {ref(obj).namespace}/{ref(obj).name} is not ready: {outcome.message}")

    def _refused(self, why: str) -> PlatformError:
        return PlatformError(f"refused to approve anything for Subscription {self._name()}: {why}")

    def _name(self) -> str:
        return f"{self.settings.name.namespace}/{self.wanted['package']}"

    def _version(self) -> Object:
        meta = {"name": self.wanted["csv"], "namespace": self.settings.name.namespace}
        return {"apiVersion": V1ALPHA1, "kind": "ClusterServiceVersion", "metadata": meta}

    def _subscription(self) -> Object | None:
        return self._get(V1ALPHA1, "Subscription", self.wanted["package"])

    def _path(self, api_version: str, kind: str, name: str | None = None) -> str:
        discovery = self.context.discovery
        return discovery.path(discovery.resource(api_version, kind), self.settings.name.namespace, name)

    def _get(self, api_version: str, kind: str, name: str) -> Object | None:
        try:
            found: Object = self.context.client.request("GET", self._path(api_version, kind, name)).data
        except ApiError as error:
            if error.status == 404:
                return None
            raise
        return found

    def _row(self, obj: Object, action: str) -> None:
        found = ref(obj)
        self.rows.append(
            {
                "api_version": obj["apiVersion"],
                "kind": found.kind,
                "namespace": found.namespace,
                "name": found.name,
                "action": action,
                "judged": "none" if self.context.check else "server",
                "ready": None,
                "message": "",
            }
        )

    def _told(self) -> Result:
        changed = bool(self.result.get("changed")) or bool(self.rows)
        listed = [*self.result.get("objects", []), *self.rows]
        sets = [self.result["set"]] if "set" in self.result else []
        return {**self.result, "changed": changed, "objects": listed, "sets": sets, "csv": self.wanted["csv"]}
