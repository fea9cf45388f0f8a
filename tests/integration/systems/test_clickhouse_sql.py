"""What we send to ClickHouse in SQL, on ClickHouse's own engine in one process (chdb): schema, backup, restore, info.

The engine is real (a 26.x); a second host, the Keeper and the way into a pod are not: support/chdb_engine.py takes
ON CLUSTER and Replicated out, and pods are stood for by that process.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.clock import Clock
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.errors import PlatformError
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.exec import Outcome
from ansible_collections.groundwork.platform.plugins.module_utils.procedures import (
    clickhouse,
    clickhouse_backup,
    clickhouse_info,
    clickhouse_schema,
)
from support.inventories import variables

ENGINE = "chdb-core==26.9.0"
PROGRAM = Path(__file__).parents[2] / "support/chdb_engine.py"
WHO = {"name": "main", "namespace": "data", "timeout": 60.0}


class Engine:
    """The process, in the place of a pod with a client in it."""

    def __init__(self, folder: Path) -> None:
        command = ["uv", "run", "--quiet", "--no-project", "--with", ENGINE, "python", str(PROGRAM), str(folder)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.asked: list[str] = []

    def run(self, client: Any, namespace: str, pod: str, container: str, command: Any, **given: Any) -> Outcome:
        """As core/api/exec.py runs a command in a container."""
        assert (container, command[:2]) == ("clickhouse", ["bash", "-ec"])
        assert int(command[3]) == len(given["stdin"].encode()), "the client is told how much to read"
        return Outcome(*self.ask(given["stdin"]))

    def ask(self, statement: str) -> tuple[int, str, str]:
        assert self.process.stdin
        assert self.process.stdout
        self.asked.append(statement)
        self.process.stdin.write(json.dumps(statement) + "\n")
        self.process.stdin.flush()
        code, out, err = json.loads(self.process.stdout.readline())
        return code, out, err


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    if not shutil.which("uv"):
        pytest.skip("uv is not there to bring ClickHouse's engine")
    probe = subprocess.run(
        ["uv", "run", "--quiet", "--no-project", "--with", ENGINE, "python", "-c", "import chdb"],
        capture_output=True,
        text=True,
        check=False,
    )
    if probe.returncode:
        pytest.skip(f"the package registry does not give {ENGINE}: {probe.stderr.strip()[-200:]}")
    engine = Engine(tmp_path_factory.mktemp("clickhouse") / "engine")
    yield engine
    engine.process.kill()
    engine.process.wait()


@pytest.fixture
def engine(process: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    for database in ("metrics", "before", "groundwork", "llm_research"):
        assert process.ask(f"DROP DATABASE IF EXISTS {database} SYNC")[0] == 0
    process.asked.clear()
    host = clickhouse.Host("chi-main-main-0-0-0", 0, 0, "data-0", ready=True)
    monkeypatch.setattr(clickhouse.commands, "run", process.run)
    monkeypatch.setattr(clickhouse, "hosts", lambda *_: [host])
    monkeypatch.setattr(clickhouse, "installation", lambda *_: {})
    return process


def context(*, check: bool = False) -> Any:
    return SimpleNamespace(client=None, check=check, say=lambda line: None, clock=Clock(), timings={})


TABLE = "metrics.experiment_metrics_local"
# S0-41 as it works: D0-25, D0-26, and a database of its own.
STEPS = [
    {"name": "database", "sql": "CREATE DATABASE IF NOT EXISTS metrics ON CLUSTER '{cluster}'"},
    {
        "name": "local table",
        "sql": """
            CREATE TABLE IF NOT EXISTS metrics.experiment_metrics_local ON CLUSTER '{cluster}' (
              experiment_id UUID, metric_name LowCardinality(String), metric_value Float64, timestamp DateTime64(3),
              labels Map(String, String),
              INDEX idx_timestamp timestamp TYPE minmax GRANULARITY 3,
              INDEX idx_metric metric_name TYPE set(0) GRANULARITY 1
            ) ENGINE = ReplicatedMergeTree('/clickhouse/{cluster}/tables/{shard}/{database}/{table}', '{replica}')
            PARTITION BY toYYYYMM(timestamp) ORDER BY (experiment_id, metric_name, timestamp)
            TTL toDateTime(timestamp) + INTERVAL 90 DAY SETTINGS index_granularity = 8192
        """,
    },
    {
        "name": "unit",
        "sql": f"ALTER TABLE {TABLE} ON CLUSTER '{{cluster}}' ADD COLUMN IF NOT EXISTS unit String",
    },
]


def schema(steps: list[dict[str, str]], *, check: bool = False) -> dict[str, Any]:
    return clickhouse_schema.schema(**WHO, steps=steps, database="groundwork", context=context(check=check))


def test_steps_are_taken_once_in_their_order_and_foretold(engine: Engine) -> None:
    foretold = schema(STEPS[:2], check=True)
    assert (foretold["changed"], foretold["pending"]) == (True, ["database", "local table"])
    assert not any(words.startswith(("CREATE", "INSERT")) for words in engine.asked), "check mode changes nothing"
    assert schema(STEPS[:2])["changed"]
    again = schema(STEPS[:2])
    assert (again["changed"], again["pending"]) == (False, [])
    assert schema(STEPS)["pending"] == ["unit"]
    asked = len(engine.asked)
    assert not schema(STEPS)["changed"]
    assert len(engine.asked) - asked == 2, "a second run asks what is recorded, and nothing else"
    columns = engine.ask("SELECT count() AS n FROM system.columns WHERE table = 'experiment_metrics_local'")[1]
    assert json.loads(columns)["n"] == 6


def test_productions_schema_is_taken(engine: Engine) -> None:
    """S0-41, S0-42, D0-25, D0-26, D0-27: the inventory's own statements, on an engine of today."""
    (row,) = variables("production")["research_lab_prod"]["clickhouse_schemas"]
    assert schema(row["steps"])["changed"]
    assert not schema(row["steps"])["changed"]
    tables = engine.ask("SELECT name, engine FROM system.tables WHERE database = 'llm_research' ORDER BY name")[1]
    found = [tuple(json.loads(line).values()) for line in tables.splitlines()]
    assert found == [("experiment_metrics", "Distributed"), ("experiment_metrics_local", "MergeTree")]


def test_a_step_that_was_taken_is_not_changed(engine: Engine) -> None:
    schema(STEPS)
    other = [STEPS[0], {**STEPS[1], "sql": STEPS[1]["sql"].replace("90 DAY", "30 DAY")}, STEPS[2]]
    for steps, words in (
        (other, "step local table was taken with another text"),
        ([STEPS[1], STEPS[0], STEPS[2]], "step database was taken as number 1, but step 1 is local table"),
        (STEPS[:1], "step local table was taken as number 2, but there are 1 steps"),
    ):
        with pytest.raises(PlatformError, match=words):
            schema(steps)
    blanks = [{**step, "sql": " ".join(step["sql"].split()) + " ;"} for step in STEPS]
    assert not schema(blanks)["changed"]


def test_what_no_server_can_read_is_refused_before_anything_is_taken(engine: Engine) -> None:
    wrong = {"name": "typo", "sql": "CREATE TABLE IF NOT EXISTS metrics.t ON CLUSTER '{cluster}' (x Int8 ENGINE = Log"}
    for check in (True, False):
        with pytest.raises(PlatformError, match=r"step typo was refused by chi-main-main-0-0-0: .*Syntax error"):
            schema([*STEPS, wrong], check=check)
    assert not any(words.startswith("CREATE") for words in engine.asked)


def test_a_step_that_fails_leaves_those_before_it_recorded(engine: Engine) -> None:
    absent = {
        "name": "absent",
        "sql": "ALTER TABLE metrics.nothing ON CLUSTER '{cluster}' ADD COLUMN IF NOT EXISTS x Int8",
    }
    with pytest.raises(PlatformError, match='stopped at "absent": step absent was refused'):
        schema([*STEPS, absent])
    assert schema(STEPS)["pending"] == []


def filled(engine: Engine) -> None:
    schema(STEPS)
    rows = "SELECT generateUUIDv4(), 'loss', number, now64(3), map('a', 'b'), 's' FROM numbers(1000)"
    assert engine.ask(f"INSERT INTO metrics.experiment_metrics_local {rows}")[0] == 0


def restore(into: dict[str, str], which: str, *, check: bool = False, **more: Any) -> dict[str, Any]:
    given = {"databases": ["metrics"], "into": into, "checks": [], **more}
    return clickhouse_backup.restore(**WHO, id=which, context=context(check=check), **given)


def test_a_backup_is_restored_beside_and_in_place(engine: Engine) -> None:
    """G-01, P10: real BACKUP and RESTORE of a real engine, to a local disk."""
    filled(engine)
    made = clickhouse_backup.backup(**WHO, databases=["metrics"], id="first", context=context())
    assert (made["status"], made["changed"]) == ("BACKUP_CREATED", True)
    assert made["files"] > 0
    count = {"query": "SELECT count() FROM before.experiment_metrics_local", "expect": "1000"}
    total = {"query": "SELECT sum(metric_value) FROM before.experiment_metrics_local"}
    beside = restore({"metrics": "before"}, "first", checks=[count, total])
    assert beside["rows"] == {"before": 1000}
    assert [each["answer"] for each in beside["answers"]] == ["1000", "499500"]
    engine.ask("DROP DATABASE metrics SYNC")
    foretold = restore({}, "first", check=True)
    assert [each["state"] for each in foretold["steps"]] == ["done", "would", "would"]
    assert restore({}, "first")["rows"] == {"metrics": 1000}


def test_nothing_is_written_over(engine: Engine) -> None:
    filled(engine)
    clickhouse_backup.backup(**WHO, databases=[], id="second", context=context())
    with pytest.raises(PlatformError, match="already exists"):
        clickhouse_backup.backup(**WHO, databases=[], id="second", context=context())
    with pytest.raises(PlatformError, match="database metrics has 1 tables: a restore would mix with them"):
        restore({}, "second")
    with pytest.raises(PlatformError, match="into names other"):
        restore({"other": "x"}, "second")
    with pytest.raises(PlatformError, match="there is no database nothing"):
        clickhouse_backup.backup(**WHO, databases=["nothing"], id="third", context=context())
    with pytest.raises(PlatformError, match="the answer is '1000', expected '7'"):
        restore({"metrics": "before"}, "second",
                checks=[{"query": "SELECT count() FROM before.experiment_metrics_local", "expect": "7"}])  # fmt: skip


def test_a_server_tells_how_it_is(engine: Engine) -> None:
    filled(engine)
    told = clickhouse_info._told(clickhouse.Server(context(), "data", "pod").one(clickhouse_info._QUESTION))
    assert told["version"].startswith("26.")
    assert told["parts_in_a_partition"] >= 1
    assert told["bytes"] > 0
    assert set(told["disks"]) == {"default", "backups"}
    assert all(disk["free"] <= disk["total"] for disk in told["disks"].values())
    assert told["read_only_tables"] == 0
