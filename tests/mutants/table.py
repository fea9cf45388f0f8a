"""The mutants: for each row of the fault table one line of the engine, changed so that the row's handling is gone."""

from __future__ import annotations

from typing import NamedTuple

UTILS = "plugins/module_utils"


class Mutant(NamedTuple):
    """One changed line: what is gone, the file under plugins/module_utils, the line (it is there once), the new one."""

    row: int
    gone: str
    file: str
    old: str
    new: str


MUTANTS = [
    Mutant(
        1,
        "Retry-After as a floor of the wait",
        "core/api/client.py",
        "_BASE * 2 ** min(call.tries - 1, 10))) + (error.retry_after or 0.0)",
        "_BASE * 2 ** min(call.tries - 1, 10)))",
    ),
    Mutant(
        2,
        "the end of the budget",
        "core/api/client.py",
        "if call.tries >= policy.tries or now + wait > end:",
        "if call.tries >= policy.tries:",
    ),
    Mutant(
        3,
        "halving the requests under way",
        "core/api/gate.py",
        "self.limit = max(1, self.limit // 2)",
        "self.limit = max(1, self.limit)",
    ),
    Mutant(4, "retrying other faults", "core/api/client.py", "    Class.SERVER_FAULT: Policy(tries=3),\n", ""),
    Mutant(
        5,
        "retrying after a reset",
        "core/api/network.py",
        'was lost: {words}", kind=Class.LOST)',
        'was lost: {words}", kind=Class.TLS if any(getattr(e, "errno", 0) == 104 for e in chain) else Class.LOST)',
    ),
    Mutant(
        6,
        "retrying after half an answer",
        "core/api/network.py",
        'was lost: {words}", kind=Class.LOST)',
        'was lost: {words}", kind=Class.TLS if "Incomplete" in repr(chain) else Class.LOST)',
    ),
    Mutant(
        7,
        "leaving the connection of a server that shuts down",
        "core/api/deadline.py",
        "if response.status == 503:",
        "if response.status == 0:",
    ),
    Mutant(
        8,
        "the limit of one request",
        "core/api/client.py",
        "timeout=timeout or self.request_timeout,",
        "timeout=timeout or 3600,",
    ),
    Mutant(
        9,
        "the limit in all, whatever trickles in",
        "core/api/deadline.py",
        "call = Call(time.monotonic() + seconds)",
        "call = Call(time.monotonic() + seconds * 1000)",
    ),
    Mutant(
        10,
        "telling silent API groups from missing ones",
        "core/api/discovery.py",
        'if version.get("freshness") == "Stale":',
        'if version.get("freshness") == "":',
    ),
    Mutant(
        11,
        "patience with kinds that are not served yet",
        "core/sets/surroundings.py",
        "_UNTIL_SERVED) if crds else {}",
        "_UNTIL_SERVED) if not crds else {}",
    ),
    Mutant(
        12,
        "ending at a definition that is refused",
        "core/sets/ready.py",
        "by_ref.values()], 0) if not each.ready]",
        "by_ref.values()], 0) if each.ready is None]",
    ),
    Mutant(
        13,
        "waiting for webhooks",
        "core/api/client.py",
        '    Class.WEBHOOK_UNAVAILABLE: Policy("webhook_timeout", safe=True),\n',
        "",
    ),
    Mutant(
        14,
        "telling a webhook's refusal",
        "core/api/errors.py",
        '_Row(Class.WEBHOOK_DENIED, (400, 403, 409, 422, 500), message=r"admission webhook',
        '_Row(Class.WEBHOOK_UNAVAILABLE, (400, 403, 409, 422, 500), message=r"admission webhook',
    ),
    Mutant(
        15,
        "telling a typed patch's 500 from a fault",
        "core/api/errors.py",
        "    _Row(Class.SCHEMA, (500,), message=_TYPED",
        "    _Row(Class.SERVER_FAULT, (500,), message=_TYPED",
    ),
    Mutant(
        16,
        "refusing duplicate keys",
        "sources/yaml_files.py",
        "self.duplicates = duplicates or _refuse",
        "self.duplicates = duplicates or (lambda duplicate: None)",
    ),
    Mutant(
        17,
        "taking fields only from managers that are all named",
        "core/sets/apply.py",
        "not owners <= set(takes)",
        "not owners & set(takes)",
    ),
    Mutant(18, "retrying the quota race", "core/api/client.py", "    Class.QUOTA_RACE: Policy(safe=True),\n", ""),
    Mutant(
        19,
        "waiting for a namespace that the set makes anew",
        "core/sets/surroundings.py",
        "    if coming:\n        return False\n",
        "",
    ),
    Mutant(
        20,
        "naming what holds an object",
        "core/sets/gone.py",
        'held = held_by(now) or "nothing',
        'held = "nothing',
    ),
    Mutant(
        21,
        "keeping the pods of what is replaced",
        "core/sets/apply.py",
        'policy = "Orphan" if job.options.replace == "orphan" else "Background"',
        'policy = "Background"',
    ),
    Mutant(
        22,
        "taking over the Lease of a dead run",
        "core/sets/lease.py",
        "return State.STALE if watched >= duration(first) else State.WAITING",
        "return State.HELD if watched >= duration(first) else State.WAITING",
    ),
    Mutant(
        23,
        "the parent that names members before they are written",
        "core/sets/engine.py",
        "keeper.commit({**leaving, **found.answers()}, superset=True)",
        "_ = {**leaving, **found.answers()}",
    ),
    Mutant(
        24,
        "giving way to a run that lives",
        "core/sets/lease.py",
        "            if state is State.HELD:\n",
        "            if state is None:\n",
    ),
    Mutant(
        25,
        "sparing what has an owner",
        "core/sets/prune.py",
        '    _Row("owner", _owner, Action.WARN,',
        '    _Row("owner", lambda o, f: None, Action.WARN,',
    ),
    Mutant(
        26,
        "sparing what we never applied",
        "core/sets/prune.py",
        "lambda obj, facts: entry(obj, facts.manager) is None,",
        "lambda obj, facts: None,",
    ),
    Mutant(
        27,
        "judging an object again that has moved",
        "core/sets/deletion.py",
        "if now is None or not _still(obj, now, job.options):",
        "if now is None:",
    ),
    Mutant(
        28,
        "holding the parent's label against its name",
        "core/sets/applyset.py",
        "if labels.get(ID) != name.id:",
        "if labels.get(ID) is None:",
    ),
    Mutant(29, "the limit of deletions", "core/sets/prune.py", "if len(delete) > allowed:", "if len(delete) > 10**6:"),
    Mutant(
        30,
        "listing again when a list expires",
        "core/api/client.py",
        "            except Expired:\n                if not pages:\n",
        "            except Expired:\n                if pages >= 0:\n",
    ),
    Mutant(
        31,
        "asking where watching is forbidden",
        "core/readiness/feed.py",
        "                self._follow()\n            self._poll()\n",
        "                self._follow()\n",
    ),
    Mutant(
        32,
        "telling objects of one name apart",
        "core/readiness/wait.py",
        "(obj is None or bool(uid and uid != self.uid))",
        "(obj is None)",
    ),
    Mutant(
        33,
        "doubting the types of a status",
        "core/readiness/matchers.py",
        'if isinstance(c, dict) and c.get("type")] if isinstance(found, list) else []',
        'if c.get("type")] if isinstance(found, list) else []',
    ),
    Mutant(
        34,
        "the generation of a condition",
        "core/readiness/matchers.py",
        "return generation is not None and observed is not None and observed < generation",
        "return generation is not None and observed is not None and observed < 0",
    ),
    Mutant(
        35,
        "settling",
        "core/readiness/wait.py",
        "            return self._patience.settle\n",
        "            return 0\n",
    ),
    Mutant(36, "weighing objects", "core/sets/wanted.py", "if size > _LARGEST:", "if size > _LARGEST * 1000:"),
    Mutant(
        37,
        "hiding secrets at the one exit",
        "core/run.py",
        "    caller.end(conceal({",
        "    caller.end((lambda result, hidden: result)({",
    ),
    Mutant(
        38,
        "the limit of exec plugins",
        "core/api/connection.py",
        'provider.args = [sys.executable, "-c", _LIMIT, str(EXEC_SECONDS), *provider.args]',
        "provider.args = [*provider.args]",
    ),
    Mutant(
        39,
        "telling a wrong certificate",
        "core/api/network.py",
        "if isinstance(error, ssl.SSLCertVerificationError):",
        "if isinstance(error, ssl.SSLZeroReturnError):",
    ),
    Mutant(
        40,
        "refusing to guess the context",
        "core/api/connection.py",
        "if connection.require_context and len(names) != 1:",
        "if connection.require_context and not names:",
    ),
    Mutant(
        41,
        "pruning nothing where a kind cannot be listed",
        "core/sets/survey.py",
        "    if shot.unlisted:\n        return nothing\n",
        "",
    ),
    Mutant(
        42,
        "waiting for a server that is away",
        "core/api/client.py",
        '    Class.UNREACHABLE: Policy("connect_timeout", safe=True, everywhere=True),\n',
        "",
    ),
    Mutant(43, "waiting for etcd", "core/api/client.py", "    Class.STORE: Policy(everywhere=True),\n", ""),
    Mutant(
        44,
        "comparing the server's times with each other",
        "core/readiness/rule.py",
        'return cls(max(ours, default=""), mark(answer)',
        'return cls(datetime.utcnow().isoformat() + "Z", mark(answer)',
    ),
    Mutant(
        45,
        "foretelling deletions",
        "core/sets/engine.py",
        "report.deleted = [obj for wave in stages.in_waves(found.pruning.delete) for obj in wave]",
        "report.deleted = []",
    ),
    Mutant(
        46,
        "cutting the requests under way",
        "core/api/client.py",
        "        self.gate.open()\n        self._deadlines.abort()\n",
        "        self.gate.open()\n",
    ),
    Mutant(47, "pages of 500", "core/api/client.py", "        limit: int = 500,\n", "        limit: int = 50,\n"),
]
