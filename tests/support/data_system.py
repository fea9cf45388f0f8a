"""A data system's set on a real API server: kept, refused, allowed, its status written by hand."""

from __future__ import annotations

import itertools
import json
from typing import Any

from support.cases import CASES, Case, render
from support.lab import LabCluster, Requests
from support.module import kept, module
from support.task import Result

_numbers = itertools.count(1)


def rendered(name: str) -> list[Case]:
    """The cases of the modules whose names begin so, without those that refuse."""
    return [case for case in CASES if case.module.startswith(name) and "objects" in case.content]


def everything(name: str) -> dict[str, Any]:
    """The options of a module's case with all there is."""
    found: dict[str, Any] = next(case for case in rendered(name) if case.path.stem == "everything").content["options"]
    return found


def sentence(refusal: str) -> str:
    """The first sentence that a refusal asks for."""
    return refusal.partition("add to confirm: '")[2].partition("'")[0]


class Data:
    """A namespace of a test's own, and one set of a module in it, with these options where a call names no others."""

    def __init__(self, cluster: LabCluster, module_name: str, options: dict[str, Any]) -> None:
        self.cluster, self.module, self.options = cluster, module_name, options
        self.namespace = f"{module_name.partition('_')[0]}-{next(_numbers)}"
        cluster.kubectl("create", "namespace", self.namespace)

    def keep(self, *, check: bool = False, **options: Any) -> tuple[Result, Requests]:
        return kept(self.cluster, self.module, check=check, **self._options(options))

    def refused(self, **options: Any) -> str:
        """The refusal, which is the same in check mode, and after which nothing was asked to change."""
        with self.cluster.record(user_agent="groundwork.platform") as requests:
            result = module(self.cluster, self.module, **self._options(options))
            foretold = module(self.cluster, self.module, check=True, **self._options(options))
        assert result.failed
        assert "nothing was written" in result.msg
        assert foretold.msg == result.msg
        assert not requests.changing, requests.words()
        return result.msg

    def allowed(self, words: str, **options: Any) -> Result:
        """A run that the sentence of a refusal allows; check mode, so that no operator's webhook is missed."""
        return self.keep(check=True, confirm=[words], **options)[0]

    def status(self, kind: str, name: str = "", **status: Any) -> None:
        """What an operator would write, here written by hand."""
        patch = json.dumps({"status": status})
        arguments = ("patch", kind, name or self.options["name"], "--subresource=status", "--type=merge")
        self.cluster.kubectl(*arguments, f"--patch={patch}", "--namespace", self.namespace)

    def taken_strictly(self, case: Case) -> None:
        """The server takes every object of a case, without a field that it does not know."""
        objects = render(case.module, case.content["options"])
        for obj in objects:
            obj["metadata"]["namespace"] = self.namespace
        arguments = ("apply", "--server-side", "--dry-run=server", "--validate=strict", "--filename=-")
        self.cluster.kubectl(*arguments, stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))

    def second_run_writes_nothing(self) -> None:
        """Check mode foretells the first run; the second leaves everything as it is."""
        foretold, asked = self.keep(check=True)
        assert not asked.mutating, asked.words()
        first, _ = self.keep()
        assert foretold.actions == first.actions
        assert set(first.actions.values()) == {"created"}
        second, requests = self.keep()
        assert set(second.actions.values()) == {"unchanged"}
        assert not requests.changing, requests.words()

    def guarded(self, changes: dict[str, tuple[dict[str, Any], str]]) -> None:
        """Every change of a set that is there is refused in these words, and allowed by the refusal's sentence."""
        self.keep()
        for what, (change, words) in changes.items():
            refusal = self.refused(**change)
            assert words in refusal, what
            assert "changed" in self.allowed(sentence(refusal), **change).actions.values(), what

    def _options(self, options: dict[str, Any]) -> dict[str, Any]:
        return {**self.options, "namespace": self.namespace, "wait": False, **options}
