"""Which steps of a schema are refused, by name and before any server is asked."""

from __future__ import annotations

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.errors import PlatformError
from ansible_collections.groundwork.platform.plugins.module_utils.systems.clickhouse import schema, sql

TABLE = "CREATE TABLE IF NOT EXISTS d.t ON CLUSTER '{cluster}' (x Int8)"
REPLICATED = "ENGINE = ReplicatedMergeTree('/p/{shard}/{table}', '{replica}') ORDER BY x"


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (f"{TABLE} {REPLICATED}; DROP TABLE d.u", "step one has several statements"),
        ("INSERT INTO d.t VALUES (1)", "step one changes no schema"),
        (f"CREATE TABLE IF NOT EXISTS d.t (x Int8) {REPLICATED}", "step one would change one server of all"),
        (TABLE.replace("'{cluster}'", "llm-cluster"), "step one names cluster llm-cluster without quotes"),  # D0-25
        (f"CREATE TABLE d.t ON CLUSTER '{{cluster}}' (x Int8) {REPLICATED}", "write IF NOT EXISTS"),
        ("DROP TABLE d.t ON CLUSTER '{cluster}'", "write IF EXISTS"),
        ("ALTER TABLE d.t ON CLUSTER '{cluster}' ADD COLUMN y Int8", "write IF NOT EXISTS"),
        ("ALTER TABLE d.t ON CLUSTER '{cluster}' DROP INDEX y", "write IF EXISTS"),
        (f"{TABLE} ENGINE = MergeTree ORDER BY x", "write ReplicatedMergeTree"),
        (f"{TABLE} ENGINE=SummingMergeTree() ORDER BY x", "write ReplicatedSummingMergeTree"),
    ],
)
def test_a_step_that_cannot_be_taken_everywhere_or_twice_is_refused(statement: str, words: str) -> None:
    with pytest.raises(PlatformError, match=words):
        schema.check([{"name": "one", "sql": statement}])


def test_what_stands_in_quotes_and_comments_is_no_sql() -> None:
    comment = f"{TABLE.replace('x Int8', 'x Int8 COMMENT $a; b$').replace('$', chr(39))} {REPLICATED} -- ; none\n"
    more = ("CREATE OR REPLACE VIEW d.v ON CLUSTER '{cluster}' AS SELECT 1", f"{TABLE} ENGINE = Distributed('c', d, t)")
    schema.check([{"name": str(number), "sql": each} for number, each in enumerate((comment, *more))])
    with pytest.raises(PlatformError, match="step a is there twice"):
        schema.check([{"name": "a", "sql": comment}, {"name": "a", "sql": comment}])


def test_words_from_outside_are_quoted() -> None:
    assert sql.name("a`b") == "`a\\`b`"
    assert sql.text("a'b\\") == "'a\\'b\\\\'"
    assert sql.backup(["llm-db"], "it's") == (
        "BACKUP DATABASE `llm-db` ON CLUSTER '{cluster}' TO Disk('backups', 'it\\'s')"
    )
    assert sql.backup([], "b", "a").endswith("SETTINGS base_backup = Disk('backups', 'a')")
    assert sql.restore({"a": "b", "c": "c"}, "x").startswith("RESTORE DATABASE `a` AS `b`, DATABASE `c` ON CLUSTER")
