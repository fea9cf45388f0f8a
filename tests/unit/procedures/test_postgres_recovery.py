"""Why a recovery fails, out of the log of its pod; what an archive lacks."""

from __future__ import annotations

import json

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.procedures import postgres_recovery as recovery
from ansible_collections.groundwork.platform.plugins.module_utils.procedures import postgres_restore as restore
from ansible_collections.groundwork.platform.plugins.module_utils.procedures import postgres_state as state
from ansible_collections.groundwork.platform.plugins.module_utils.procedures.metrics import Metrics

SOURCE = recovery.Source(state.Archive("main", "main"), 0x9, latest=False)


def said(error: str) -> str:
    """A line of the operator's log, as the plugin's error stands in it."""
    words = f"while restoring cluster: rpc error: code = Unknown desc = {error}"
    return json.dumps({"level": "error", "msg": "restore error", "error": words})


def took(*segments: int) -> str:
    """What PostgreSQL logs of the files that it took out of the archive."""
    names = (f"00000001{0:08X}{segment:08X}" for segment in segments)
    messages = (f'restored log file "{name}" from archive' for name in names)
    return "\n".join(json.dumps({"record": {"error_severity": "LOG", "message": each}}) for each in messages)


def barman(words: str) -> str:
    """A line of the plugin's log about a program of barman's."""
    told = f"2026-11-21 19:39:45,197 [27] ERROR: Barman cloud backup list exception: {words}\n"
    return json.dumps({"level": "error", "msg": "Can't extract backup id", "stderr": told, "error": "exit status 4"})


SHORT = json.dumps(
    {"record": {"error_severity": "FATAL", "message": "recovery ended before configured recovery target was reached"}}
)


@pytest.mark.parametrize(
    ("log", "words", "final"),
    [
        (said("no target backup found"), "archive main/main holds no base backup", True),
        (
            said("unexpected failure invoking barman-cloud-wal-archive: exit status 1"),
            "holds WAL of a former one",
            True,
        ),
        (
            said("unexpected failure invoking barman-cloud-wal-archive: exit status 2"),
            "the object store of archive main/main does not answer",
            False,
        ),
        (said("exit status 2"), "does not answer", False),
        (
            said("exit status 4") + "\n" + barman('Could not connect to the endpoint URL: "http://s3.s3.svc:9000/"'),
            "the object store of archive main/main does not answer",
            False,
        ),
        (
            said("exit status 4") + "\n" + barman("An error occurred (InvalidAccessKeyId)"),
            "exception: An error occurred (InvalidAccessKeyId)",
            False,
        ),
        (said("Network error (exit code 2)"), "does not answer", False),
        (
            said(
                "encountered an error while checking the presence of first needed WAL in the archive: object storage "
                "or file not found 000000010000000000000003: WAL not found"
            ),
            "WAL 000000010000000000000003, with which the base backup begins, is missing",
            True,
        ),
        (said("General error (exit code 4)"), "the base backup in archive main/main cannot be unpacked", False),
        (took(4, 5) + "\n" + SHORT, "WAL 000000010000000000000006 is missing in archive main/main", True),
        (took(4, 9) + "\n" + SHORT, "ends with WAL 000000010000000000000009 before the target is reached", True),
        (SHORT, "archive main/main ends before the target is reached", True),
        (SHORT + "\n" + said("exit status 1"), "before the target is reached", True),
        (said("something new"), "the recovery fails: restore error: while restoring cluster: rpc error", False),
        ("no JSON\n[]\n", "its log tells no error", False),
    ],
)
def test_a_failed_recovery_is_one_sentence(log: str, words: str, final: bool) -> None:
    found = recovery.fault(log, SOURCE)
    assert words in found.words
    assert found.final is final


def test_a_gap_is_known_only_where_the_source_says_what_it_archived() -> None:
    assert recovery.gap(took(4, 5), SOURCE).startswith("WAL 000000010000000000000006 is missing")
    assert recovery.gap(took(4, 9), SOURCE) == ""
    assert recovery.gap(took(4, 5), SOURCE._replace(archived=None)) == ""
    assert recovery.gap("", SOURCE) == ""


@pytest.mark.parametrize(
    ("name", "following"),
    [
        ("0000000100000000000000FF", "000000010000000100000000"),
        ("00000002000000010000000A", "00000002000000010000000B"),
    ],
)
def test_the_wal_that_follows(name: str, following: str) -> None:
    assert recovery.after(name) == following


@pytest.mark.parametrize(
    ("value", "known"),
    [
        ("9", 9),
        ("-1", None),  # nothing was archived yet
        ("8589934592", None),  # 00000002.history, in the timeline 2
        ("4294967296", 4294967296),
    ],
)
def test_what_a_source_archived_last(value: str, known: int | None) -> None:
    metrics = Metrics.read(f"cnpg_pg_stat_archiver_last_archived_wal_start_lsn {value}\n")
    assert restore.last_archived(metrics, 2) == known
    assert restore.last_archived(Metrics(), 2) is None
