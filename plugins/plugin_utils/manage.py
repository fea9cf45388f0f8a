"""The one action: does a module's work inside the worker where the task is local, and sends the module where it is not.

Why: a sent module costs 250 to 450 ms and is silent until it ends; here a task costs some 10 ms and progress is shown
live. The strategy loads an action in the main process before it forks, so what is imported here, and the module that
each action imports, is paid once.
"""

from __future__ import annotations

import importlib
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from . import compiled  # isort: skip

compiled.begin()

from ..module_utils.core import run  # noqa: E402 - after the above, as all of the collection's files
from ..module_utils.core.api import connection, runfolder  # noqa: E402
from ..module_utils.core.sets import engine, outcome  # noqa: E402, F401 - loaded before the fork
from ..module_utils.core.sets.options import Spec  # noqa: E402
from ..module_utils.evidence import notes  # noqa: E402

try:
    from ansible.template import trust_as_template
except ImportError:  # ansible-core before 2.19 trusts what it is asked to render
    trust_as_template = None

COLLECTION = "ansible_collections.groundwork.platform.plugins.modules."
_SUFFIXES = (".yml", ".yaml", ".json")

connection.library()
runfolder.begin()
outcome.print_at_exit(Display().display)


class InProcess:
    """The front of a module that runs in the worker: parameters from the task, lines to the display at once."""

    def __init__(self, action: ActionModule, args: Mapping[str, Any], host: str) -> None:
        self._args, self.host = args, host
        self.result: dict[str, Any] = {}
        self.params: dict[str, Any] = {}
        self.keeps_a_set = False
        self.check = bool(action._task.check_mode)
        self.diff = bool(action._task.diff)

    def __call__(self, spec: Spec, constraints: Mapping[str, Any]) -> InProcess:
        self.keeps_a_set = "set_labels" in spec
        checked = ModuleArgumentSpecValidator(spec, **constraints).validate(self._args)
        if checked.error_messages:
            raise AnsibleActionFail("; ".join(checked.error_messages))
        self.params = checked.validated_parameters
        return self

    def say(self, line: str) -> None:
        """Shows a line now."""
        Display().display(f"  {self.host}/{line}" if self.host else f"  {line}")

    def end(self, result: dict[str, Any]) -> None:
        """Keeps the result for the action to return."""
        self.result = result

    def interrupted(self) -> None:
        """Nothing: the worker ends at once, and the main process prints what the engine kept."""


class ActionModule(ActionBase):
    """The action of every module of the collection that talks to a cluster."""

    TRANSFERS_FILES = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The module's result."""
        variables = task_vars or {}
        result: dict[str, Any] = super().run(tmp, variables)
        local = self._is_local(variables)
        args = self._with_files(plain(self._task.args), as_texts=not local)
        if local:
            result |= self._work(args, str(variables.get("inventory_hostname", "")))
            if variables.get("__platform_diff") == "page":  # plan.yml: hundreds of differences read better there
                result.pop("diff", None)
            return result
        return result | self._execute_module(module_args=args, task_vars=variables)

    def _is_local(self, variables: dict[str, Any]) -> bool:
        """Whether the work may be done right here: nothing asks for another host, user, process or interpreter."""
        interpreter = variables.get("ansible_python_interpreter")
        return (
            self._connection.transport == "local"
            and not self._play_context.become
            and not self._task.async_val
            and not any(self._task.environment or ())
            and (not interpreter or _same_python(str(self._templar.template(interpreter))))
        )

    def _work(self, args: dict[str, Any], host: str) -> dict[str, Any]:
        module = importlib.import_module(COLLECTION + self._task.action.rpartition(".")[2])
        front = InProcess(self, args, host)
        run.front, before = front, run.front
        started = time.time()
        try:
            module.main()
        except AnsibleActionFail as error:
            front.result = {"failed": True, "msg": str(error)}
            raise
        finally:
            run.front = before
            if front.keeps_a_set:
                self._note(front, host, started)
        return front.result

    def _note(self, front: InProcess, host: str, started: float) -> None:
        role = self._task._role.get_name(include_role_fqcn=False) if self._task._role else ""
        wait, result = bool(front.params.get("wait", True)), plain(front.result)
        notes.keep(host, str(self._task.name), str(role), started=started, check=front.check, wait=wait, result=result)

    def _with_files(self, args: dict[str, Any], *, as_texts: bool) -> dict[str, Any]:
        """`templates` rendered and `files` found on this machine; a sent module gets the files' texts."""
        texts = [self._rendered(path) for path in args.pop("templates", None) or ()]
        files = [self._find_needle("files", path) for path in args.pop("files", None) or ()]
        if as_texts:
            texts += [_text(str(file), file.read_text()) for path in files for file in _below(Path(path))]
        elif files:
            args["files"] = files
        return args | {"objects": [*(args.get("objects") or []), *texts]} if texts else args

    def _rendered(self, path: str) -> Any:
        """A template's text with the task's variables in it."""
        real = self._loader.get_real_file(self._find_needle("templates", path))
        text = Path(real).read_text()
        if trust_as_template is None:
            return _text(path, self._templar.template(text, convert_data=False, escape_backslashes=False))
        return _text(path, str(self._templar.template(trust_as_template(text))))


def _text(source: str, text: str) -> dict[str, str]:
    """A text among the task's objects, with the name by which errors call it (sources/manifests)."""
    return {"source": source, "text": text}


def _below(path: Path) -> list[Path]:
    return sorted(file for file in path.rglob("*") if file.suffix in _SUFFIXES) if path.is_dir() else [path]


def _same_python(interpreter: str) -> bool:
    return interpreter == sys.executable or os.path.realpath(interpreter) == os.path.realpath(sys.executable)


def plain(value: Any) -> Any:
    """Task arguments as plain data: what Ansible keeps beside a value is not for the API server."""
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    for kind in (str, int, float):
        if isinstance(value, kind) and not isinstance(value, bool):
            return kind(value)
    return value


__all__ = ["ActionModule", "InProcess", "plain"]
