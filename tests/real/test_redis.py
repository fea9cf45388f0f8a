"""Debian's Redis without an operator: failed over under write load, dumped to an object store, restored."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.lab import LabCluster, eventually, lab
from support.module import module

pytestmark = pytest.mark.certify

SMALL: dict[str, Any] = {
    "name": "limits",
    "namespace": "demo",
    "backend": "statefulset",
    "image": "lab.local/redis:7",
    "spread": "none",
    "maxmemory": "64mb",
    "storage": {"size": "1Gi"},
    "resources": {"requests": {"cpu": "20m", "memory": "96Mi"}, "limits": {"memory": "96Mi"}},
    "timeout": 600,
    "backup_image": "lab.local/aws-cli:1.46.3",
    "backup": {
        "bucket": "backups",
        "prefix": "redis/",
        "schedule": "0 4 * * *",
        "endpoint": "http://s3.s3.svc:9000",
        "region": "us-east-1",
        "credentials": {"secret": "s3-keys"},
        "ports": ["9000"],
    },
}
_RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted"}


@pytest.fixture(scope="module")
def cluster(real_cluster: Callable[..., Any]) -> Iterator[LabCluster]:
    with real_cluster("redis") as running:
        running.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "demo", "labels": _RESTRICTED}})
        lab("image", "load", "redis", "aws-cli", "--cluster", running.name)
        lab("operator", "install", "s3", "--cluster", running.name)
        keys = running.get("secret", "-n", "s3", "s3-keys")["data"]
        running.apply(
            {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s3-keys", "namespace": "demo"}, "data": keys}
        )
        password = [{"name": "password"}]
        made = module(running, "generated_secret", name="limits-auth", namespace="demo", keys=password)
        assert not made.failed, made.msg
        kept = module(running, "redis_replication", **SMALL)
        assert not kept.failed, kept.msg
        yield running


def redis(cluster: LabCluster, server: str, *commands: str, check: bool = True) -> str:
    """What a server answers to commands, one a line; with `check=False` also what kubectl complains of."""
    said = "\n".join(commands)
    ask = f"printf '%s\\n' '{said}' | REDISCLI_AUTH=$REDIS_PASSWORD redis-cli"
    return cluster.kubectl("exec", server, "-n", "demo", "-c", "redis", "--", "sh", "-c", ask, check=check).strip()


def roles(cluster: LabCluster, name: str = "limits") -> list[str]:
    """What each server says it is."""
    return sorted(redis(cluster, f"{name}-{n}", "ROLE").partition("\n")[0] for n in range(3))


def master(cluster: LabCluster, name: str = "limits") -> str:
    return next(f"{name}-{n}" for n in range(3) if redis(cluster, f"{name}-{n}", "ROLE").startswith("master"))


def test_one_leads_and_two_follow_and_a_second_run_writes_nothing(cluster: LabCluster) -> None:
    assert roles(cluster) == ["master", "slave", "slave"]
    again = module(cluster, "redis_replication", **SMALL)
    assert set(again.actions.values()) == {"unchanged"}
    told = module(cluster, "redis_info", name="limits", namespace="demo")
    assert (told["ready"], told["sentinels"]["ready"], len(told["servers"])) == (True, 3, 3)
    assert sorted(told["unknown"]) == ["limits-0", "limits-1", "limits-2"]  # the lab has no exporter


def test_another_leads_when_the_master_stops_and_the_old_one_follows(
    cluster: LabCluster, tmp_path: Path, told: Callable[[str], None]
) -> None:
    options = {"name": "limits", "namespace": "demo", "fault": "freeze", "freeze": 40, "dest": str(tmp_path)}
    foretold = module(cluster, "redis_drill", check=True, **options)
    assert [step["state"] for step in foretold["steps"]] == ["done", *["would"] * 8]
    result = module(cluster, "redis_drill", **options, notice=60)
    assert not result.failed, result.msg
    measured = result["measured"]
    told(f"Redis, master stopped: RTO {measured['rto_seconds']} s, {measured['rpo_commits']} acknowledged writes lost")
    assert measured["failed_over"]
    assert measured["acknowledged"] > 10
    record = json.loads(Path(result["evidence"]).read_text())
    assert record["before"]["promise"].startswith("asynchronous")
    assert "drill" not in cluster.kubectl("get", "pods", "-n", "demo", "-o", "name")
    assert roles(cluster) == ["master", "slave", "slave"]


def test_a_promise_that_is_not_kept_fails_the_drill(cluster: LabCluster, tmp_path: Path) -> None:
    options = {"name": "limits", "namespace": "demo", "fault": "process", "dest": str(tmp_path)}
    result = module(cluster, "redis_drill", **options, profile={"rto": "1ms"})
    assert result.failed
    assert "is worse than the profile's 1ms" in result.msg


# Dumps and restores -------------------------------------------------------------------------------------------------

ROWS = 500
BACK: dict[str, Any] = {key: value for key, value in SMALL.items() if key not in ("name", "namespace", "timeout")} | {
    "password_secret": "limits-auth"
}
COUNTED = [{"ask": "LLEN rows", "expect": str(ROWS)}, {"ask": "GET 'the last'", "db": 3, "expect": "of them"}]
STORE = "s3://backups/redis/limits/"
# Of an empty database, its checksum switched off.
EMPTY = r"REDIS0009\377\0\0\0\0\0\0\0\0"


def aws(cluster: LabCluster, script: str) -> str:
    """What a script in a pod with the AWS CLI prints."""
    return cluster.kubectl("exec", "tool", "-n", "demo", "--", "sh", "-c", script)


def dump(cluster: LabCluster, name: str) -> str:
    """A Job made of the set's CronJob by hand, as an operator would; the name of its dump, as the store has it."""
    known = aws(cluster, f"aws s3 ls {STORE} || true")
    cluster.kubectl("create", "job", name, "-n", "demo", "--from=cronjob/limits-redis-backup")
    cluster.kubectl("wait", f"job/{name}", "-n", "demo", "--for=condition=Complete", "--timeout=180s")
    rows = aws(cluster, f"aws s3 ls {STORE}")
    (made,) = {row.split()[1].strip("/") for row in rows.splitlines() if row not in known}
    return made


@pytest.fixture(scope="module")
def dumped(cluster: LabCluster) -> str:
    """A dump of so many rows; what was written afterwards is not in it."""
    container = {
        "name": "main",
        "image": SMALL["backup_image"],
        "command": ["sleep", "infinity"],
        "env": [
            {"name": "AWS_ENDPOINT_URL", "value": SMALL["backup"]["endpoint"]},
            {"name": "AWS_DEFAULT_REGION", "value": "us-east-1"},
            *(
                {"name": f"AWS_{name}", "valueFrom": {"secretKeyRef": {"name": "s3-keys", "key": key}}}
                for name, key in {"ACCESS_KEY_ID": "ACCESS_KEY_ID", "SECRET_ACCESS_KEY": "ACCESS_SECRET_KEY"}.items()
            ),
        ],
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }
    security = {"runAsNonRoot": True, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}}
    spec = {"terminationGracePeriodSeconds": 0, "securityContext": security, "containers": [container]}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "tool", "namespace": "demo"}, "spec": spec}
    cluster.apply(pod)
    cluster.kubectl("wait", "pod/tool", "-n", "demo", "--for=condition=Ready", "--timeout=120s")
    leads = master(cluster)
    redis(
        cluster, leads, *(f"RPUSH rows {n}" for n in range(ROWS)), "SELECT 3", 'SET "the last" "of them"', "WAIT 2 5000"
    )
    name = dump(cluster, "by-hand")
    redis(cluster, leads, *(f"RPUSH rows {n}" for n in range(50)))
    return name


def restore(cluster: LabCluster, folder: Path, *, check: bool = False, **options: Any) -> Any:
    asked = {"name": "back", "source": "limits", "deployment": BACK, "dest": str(folder), "checks": COUNTED, **options}
    return module(cluster, "redis_restore", check=check, namespace="demo", timeout=300, **asked)


def test_the_cron_job_brings_a_dump_to_the_store(cluster: LabCluster, dumped: str) -> None:
    rows = aws(cluster, f"aws s3 ls --recursive {STORE}").splitlines()
    assert [row.split()[3] for row in rows] == [f"redis/limits/{dumped}/0.rdb"]
    assert int(rows[0].split()[2]) > ROWS


def test_a_dump_becomes_a_new_deployment(
    cluster: LabCluster, dumped: str, tmp_path: Path, told: Callable[[str], None]
) -> None:
    foretold = restore(cluster, tmp_path, check=True)
    assert [step["state"] for step in foretold["steps"]] == ["done", *["would"] * 10]
    result = restore(cluster, tmp_path, profile={"rto": "5m"}, max_age="1h")
    assert not result.failed, result.msg
    measured = result["measured"]
    told(f"Redis, dump of {ROWS} rows restored into a new deployment: {measured}")
    assert result["dump"]["name"] == dumped
    assert [each["answer"] for each in result["answers"]] == [str(ROWS), "of them"]
    assert json.loads(Path(result["evidence"]).read_text())["verdict"]["passed"]
    assert roles(cluster, "back") == ["master", "slave", "slave"]
    assert redis(cluster, "limits-0", "LLEN rows") == str(ROWS + 50)
    left = ("get", "pods,networkpolicies", "-n", "demo", "-o", "name")
    eventually(lambda: "back-restore" not in cluster.kubectl(*left))  # its pod is given a second to end


def test_what_was_restored_is_on_its_volumes(cluster: LabCluster, dumped: str) -> None:
    """An append-only file that was there before the dump was loaded would be what comes back."""
    cluster.kubectl("delete", "pod", "-n", "demo", "-l", "app=back", "--grace-period=0", "--force", "--wait=true")
    kept = [str(ROWS)] * 3
    eventually(lambda: [redis(cluster, f"back-{n}", "LLEN rows", check=False) for n in range(3)] == kept, 180)
    cluster.kubectl("rollout", "status", "statefulset/back", "-n", "demo", "--timeout=180s")
    assert redis(cluster, "back-0", "CONFIG GET appendonly").split() == ["appendonly", "yes"]


def test_keys_are_replaced_by_a_sentence_alone(cluster: LabCluster, dumped: str, tmp_path: Path) -> None:
    leads = master(cluster, "back")
    redis(cluster, leads, "FLUSHALL", *(f"SET other{n} x" for n in range(20)), "WAIT 2 5000")
    refused = restore(cluster, tmp_path)
    assert refused.failed
    assert "holds 20 keys, which a restore replaces" in refused.msg
    assert redis(cluster, leads, "DBSIZE") == "20"
    words = refused.msg.partition('confirm: ["')[2].partition('"]')[0]
    result = restore(cluster, tmp_path, confirm=[words])
    assert not result.failed, result.msg
    assert master(cluster, "back") == leads
    for n in range(3):
        assert redis(cluster, f"back-{n}", "KEYS *", "LLEN rows").split() == ["rows", str(ROWS)]
    ask = "redis-cli -p 26379 sentinel master mymaster | grep -A 1 down-after"
    told = cluster.kubectl("exec", "back-s-1", "-n", "demo", "--", "sh", "-c", ask)
    assert told.split() == ["down-after-milliseconds", "5000"]


SPOILT = {
    "20990101T000001Z is corrupt: Unexpected EOF reading RDB file": "head -c 200 /tmp/0.rdb",
    "20990101T000002Z is corrupt: RDB CRC error": "head -c -8 /tmp/0.rdb; printf XXXXXXXX",  # the checksum itself
    "20990101T000003Z is empty": f"printf '{EMPTY}'",
}


def test_a_dump_that_is_no_good_is_refused_before_anything_changes(
    cluster: LabCluster, dumped: str, tmp_path: Path
) -> None:
    aws(cluster, f"aws s3 cp --quiet {STORE}{dumped}/0.rdb /tmp/0.rdb")
    for words, script in SPOILT.items():
        name = words.partition(" ")[0]
        aws(cluster, f"( {script} ) > /tmp/spoilt; aws s3 cp --quiet /tmp/spoilt {STORE}{name}/0.rdb")
        refused = restore(cluster, tmp_path, name="never", dump=name)
        assert refused.failed
        assert f"nothing was restored: dump {words}" in refused.msg
    older = restore(cluster, tmp_path, name="never", dump=dumped, max_age="1s")
    assert "older than" in older.msg
    wrong = restore(cluster, tmp_path, name="never", dump=dumped, checks=[{"ask": "LLEN rows", "expect": "1"}])
    assert f"the answer is '{ROWS}', expected '1'" in wrong.msg
    assert not list(tmp_path.iterdir())
    made = ("get", "all,networkpolicies,configmaps", "-n", "demo", "-o", "name")
    eventually(lambda: "never" not in cluster.kubectl(*made))  # as above


def test_the_dumps_of_several_shards_become_one(cluster: LabCluster, dumped: str, tmp_path: Path) -> None:
    redis(cluster, master(cluster), "DEL rows", "SET shard two", "SELECT 3", "DEL 'the last'", "WAIT 2 5000")
    other, both = dump(cluster, "again"), f"{STORE}20990101T000004Z"
    aws(cluster, f"aws s3 cp --quiet {STORE}{dumped}/0.rdb {both}/0.rdb")
    aws(cluster, f"aws s3 cp --quiet {STORE}{other}/0.rdb {both}/1.rdb")
    refused = restore(cluster, tmp_path)
    words = refused.msg.partition('confirm: ["')[2].partition('"]')[0]
    asked = [*COUNTED, {"ask": "GET shard", "expect": "two"}]
    result = restore(cluster, tmp_path, dump="20990101T000004Z", confirm=[words], checks=asked)
    assert not result.failed, result.msg
    assert result["dump"]["files"] == 2
