"""What an instance's metrics are read as."""

from __future__ import annotations

from ansible_collections.groundwork.platform.plugins.module_utils.procedures.metrics import Metrics

TEXT = """\
# HELP cnpg_backends_total Number of backends
# TYPE cnpg_backends_total gauge
cnpg_backends_total{datname="app",state="idle in transaction",usename="o\\"neil"} 3
cnpg_backends_total{datname="app",state="active"} 2
cnpg_pg_replication_lag 0.25
cnpg_collector_pg_wal{value="slots_max"} NaN
cnpg_collector_pg_wal{value="size"} 1.50994944e+08
a line that is none
"""


def test_metrics_are_found_by_name_and_labels() -> None:
    found = Metrics.read(TEXT)
    assert sum(value for value, _ in found.all("cnpg_backends_total")) == 5
    assert found.one("cnpg_backends_total", state="active") == 2
    assert found.one("cnpg_pg_replication_lag") == 0.25
    assert found.one("cnpg_collector_pg_wal", value="size") == 150994944


def test_what_is_not_there_is_none() -> None:
    found = Metrics.read(TEXT)
    assert found.one("cnpg_collector_pg_wal", value="slots_max") is None
    assert found.one("cnpg_pg_replication_lag", slot="a") is None
    assert Metrics().one("cnpg_pg_replication_lag") is None
    assert Metrics.read("<html>not found</html>") == ()
