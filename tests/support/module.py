"""Runs a module of the collection as Ansible would, in this process: options checked and completed, result out."""

from __future__ import annotations

import importlib
from typing import Any

from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator
from ansible_collections.groundwork.platform.plugins.module_utils.core import run
from support.lab import LabCluster, Requests
from support.task import Front, Result

MODULES = "ansible_collections.groundwork.platform.plugins.modules"


def module(cluster: LabCluster, name: str, /, *, check: bool = False, diff: bool = False, **options: Any) -> Result:
    """One run of a module on a lab cluster, whatever comes of it."""
    started: list[Front] = []

    def front(spec: dict[str, Any], constraints: Any) -> Front:
        checked = ModuleArgumentSpecValidator(spec, **constraints).validate(
            {"kubeconfig": str(cluster.kubeconfig)} | options
        )
        assert not checked.error_messages, checked.error_messages
        started.append(Front(checked.validated_parameters, check=check, diff=diff))
        return started[0]

    before = run.front
    run.front = front
    try:
        importlib.import_module(f"{MODULES}.{name}").main()
    finally:
        run.front = before
    result = Result(started[0].result)
    result.said = started[0].said
    return result


def kept(cluster: LabCluster, name: str, /, **options: Any) -> tuple[Result, Requests]:
    """A run that must end well, and what it asked of the API server."""
    with cluster.record(user_agent="groundwork.platform") as requests:
        result = module(cluster, name, **options)
    assert not result.failed, result.msg
    return result, requests
