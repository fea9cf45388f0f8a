"""Readiness rows of GitOps Promoter: strategies, transfers, pull requests, and the commit statuses that gate them.

Ready says only that the last reconcile worked; whether a gate is open stands in the phases
(argoproj-labs/gitops-promoter: api/v1alpha1).
"""

from __future__ import annotations

from ..core.readiness.matchers import Same
from ..core.readiness.rule import OBSERVED_IF_SET, AnyOf, Compare, Condition, Each, Field, Rule, Some

_SOURCE = "argoproj-labs/gitops-promoter: api/v1alpha1/"
_ERROR = Condition("Ready", "False")
_READY = Condition("Ready")


_RECONCILED = Rule(
    generation=OBSERVED_IF_SET,
    retryable=(_ERROR,),
    ready=(_READY,),
    source=f"{_SOURCE}gitrepository_types.go:66, scmprovider_types.go:74",
)

# A gate that reports on nothing gates nothing: nothing selected is no success.
_ENVIRONMENTS = Rule(
    generation=OBSERVED_IF_SET,
    retryable=(_ERROR, Some("status.environments", Field("phase", "failure"))),
    ready=(_READY, Each("status.environments", Field("phase", "success"))),
    source=f"{_SOURCE}gitcommitstatus_types.go:184, timedcommitstatus_types.go:136, scheduledcommitstatus_types.go:176",
)

_BRANCHES = ("proposed", "active")

RULES: dict[str, Rule] = {
    "promoter.argoproj.io/*": _RECONCILED,
    "promoter.argoproj.io/GitCommitStatus": _ENVIRONMENTS,
    "promoter.argoproj.io/TimedCommitStatus": _ENVIRONMENTS,
    "promoter.argoproj.io/ScheduledCommitStatus": _ENVIRONMENTS,
    "promoter.argoproj.io/WebRequestCommitStatus": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(
            _ERROR,
            Field("status.environments[].phase", "failure"),
            Field("status.promotionStrategyContext.phasePerBranch[].phase", "failure"),
        ),
        ready=(
            _READY,
            AnyOf(
                Each("status.environments", Field("phase", "success")),
                Each("status.promotionStrategyContext.phasePerBranch", Field("phase", "success")),
            ),
        ),
        source=f"{_SOURCE}webrequestcommitstatus_types.go:457",
    ),
    "promoter.argoproj.io/ArgoCDCommitStatus": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(_ERROR, Some("status.applicationsSelected", Field("phase", "failure"))),
        ready=(_READY, Each("status.applicationsSelected", Field("phase", "success"))),
        source=f"{_SOURCE}argocdcommitstatus_types.go:175",
    ),
    # It is over when it is merged or closed; the promoter itself removes it then.
    "promoter.argoproj.io/PullRequest": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(_ERROR,),
        ready=(_READY, Field("status.state", "merged", "closed")),
        source=f"{_SOURCE}pullrequest_types.go:117",
    ),
    "promoter.argoproj.io/CommitStatus": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(_ERROR, Field("status.phase", "failure")),
        ready=(_READY, Field("status.phase", "success")),
        source=f"{_SOURCE}commitstatus_types.go:91",
    ),
    # A change is promoted when what is proposed has become what is active.
    "promoter.argoproj.io/ChangeTransferPolicy": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(
            _ERROR,
            *(Field(f"status.{b}.commitStatuses[].phase", "failure") for b in _BRANCHES),
        ),
        in_progress=tuple(Field(f"status.{b}.commitStatuses[].phase", "pending") for b in _BRANCHES),
        ready=(_READY, Compare("status.proposed.dry.sha", "==", "status.active.dry.sha", text=True)),
        source=f"{_SOURCE}changetransferpolicy_types.go",
    ),
    "promoter.argoproj.io/PromotionStrategy": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(
            _ERROR,
            *(Some("status.environments", Field(f"{b}.commitStatuses[].phase", "failure")) for b in _BRANCHES),
        ),
        in_progress=tuple(
            Some("status.environments", Field(f"{b}.commitStatuses[].phase", "pending")) for b in _BRANCHES
        ),
        ready=(
            _READY,
            Each("status.environments", Compare("proposed.dry.sha", "==", "active.dry.sha", text=True)),
            Same("status.environments[].active.dry.sha"),
        ),
        source=f"{_SOURCE}promotionstrategy_types.go:174",
    ),
}
