"""The pod of a restore: which dump its script takes or refuses, run in a shell with a stand-in for the AWS CLI."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.procedures import redis_restore
from ansible_collections.groundwork.platform.plugins.module_utils.systems.redis import restore

GIVEN: dict[str, Any] = {
    "backend": "statefulset",
    "image": "lab.local/redis:7",
    "maxmemory": "64mb",
    "resources": {"requests": {"memory": "96Mi"}},
    "backup": {"bucket": "dumps", "prefix": "p/", "credentials": {"secret": "keys"}},
    "backup_image": "lab.local/aws-cli:1",
}
ROW = redis_restore.described(GIVEN, "data", "back")
DUMPS = ("20261118T120000Z", "20261119T120000Z", "20261120T120000Z")
# `aws s3 ls` prints folders, with code 1 where there are none; `aws s3 cp` copies them.
AWS = """#!/bin/sh
if [ "$2" = ls ]; then
  [ -d "$STORE/${3#s3://}" ] || exit "$CODE"
  for each in "$STORE/${3#s3://}"*/; do echo "                           PRE $(basename "$each")/"; done
else
  for each in "$@"; do case $each in s3://*) cp "$STORE/${each#s3://}"* "$DUMPS" ;; esac; done
fi
"""


class Fetched(NamedTuple):
    """How the script ended: exit code, its last line."""

    code: int
    said: str


@pytest.fixture
def store(tmp_path: Path) -> Path:
    for name in (*DUMPS, "not-a-dump"):
        folder = tmp_path / "store/dumps/p/limits" / name
        folder.mkdir(parents=True)
        (folder / "0.rdb").write_text(name)
    (tmp_path / "dumps").mkdir()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/aws").write_text(AWS)
    (tmp_path / "bin/aws").chmod(0o755)
    return tmp_path


def fetch(store: Path, code: int = 1, **asked: str) -> Fetched:
    found = restore.pod(ROW, "back-restore", "limits", asked)["spec"]["initContainers"][0]
    plain = {each["name"]: each["value"] for each in found["env"] if "value" in each}
    here = {"STORE": str(store / "store"), "DUMPS": str(store / "dumps"), "CODE": str(code)}
    path = f"{store / 'bin'}:{os.environ['PATH']}"
    script = found["command"][2].replace("/dumps/", f"{store}/dumps/")
    done = subprocess.run(
        ["sh", "-c", script], env={**plain, **here, "PATH": path}, capture_output=True, text=True, check=False
    )
    assert not done.stderr, done.stderr
    return Fetched(done.returncode, done.stdout.splitlines()[-1])


TAKEN = {
    "the last one": ({}, DUMPS[2]),
    "one by name": ({"DUMP": DUMPS[0]}, DUMPS[0]),
    "the last one up to a moment": ({"BEFORE": "20261119T130000Z"}, DUMPS[1]),
    "one of that very moment": ({"BEFORE": DUMPS[1], "OLDEST": DUMPS[1]}, DUMPS[1]),
}


@pytest.mark.parametrize("what", TAKEN)
def test_a_dump_is_chosen(what: str, store: Path) -> None:
    asked, name = TAKEN[what]
    assert fetch(store, **asked) == (0, f"dump {name} {len(name)}")
    assert (store / "dumps/0.rdb").read_text() == name


REFUSED = {
    "holds no dump 20261117T120000Z; there are dumps from 20261118T120000Z to 20261120T120000Z": {
        "DUMP": "20261117T120000Z"
    },
    "holds no dump up to 20261118T115959Z; there are dumps from": {"BEFORE": "20261118T115959Z"},
    "dump 20261120T120000Z is older than asked for: from 20261120T120001Z on": {"OLDEST": "20261120T120001Z"},
    "dump 20261118T120000Z is older than asked for": {"DUMP": DUMPS[0], "OLDEST": DUMPS[1]},
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_is_not_there_or_too_old_is_refused_in_one_sentence(words: str, store: Path) -> None:
    found = fetch(store, **REFUSED[words])
    assert found.code == 1
    assert words in found.said
    assert not list((store / "dumps").glob("*.rdb"))


@pytest.mark.parametrize(("code", "words"), [(1, "s3://dumps/p/limits/ holds no dump"), (254, "(code 254)")])
def test_nothing_there_and_nobody_there_are_told_apart(code: int, words: str, store: Path) -> None:
    (store / "store/dumps/p/limits").rename(store / "elsewhere")
    found = fetch(store, code)
    assert found.code == 1
    assert found.said.endswith(words) or words in found.said


def test_its_labels_let_it_through_and_nobody_else() -> None:
    labels = restore.pod(ROW, "back-restore", "limits", {})["metadata"]["labels"]
    mine, servers = restore.policies(ROW, "back-restore")
    assert mine["spec"]["podSelector"]["matchLabels"].items() <= labels.items()
    assert servers["spec"]["egress"][0]["to"][0]["podSelector"]["matchLabels"].items() <= labels.items()
    assert not restore.policies({**ROW, "network": {"enabled": False}}, "back-restore")


def test_keys_and_password_come_from_secrets() -> None:
    spec = restore.pod(ROW, "back-restore", "limits", {})["spec"]
    (serve,), (get, check) = spec["containers"], spec["initContainers"]
    held = [[each["name"] for each in part["env"] if "valueFrom" in each] for part in (get, check, serve)]
    assert held == [["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"], [], ["REDIS_PASSWORD"]]
    assert "--requirepass" not in serve["command"][2]
