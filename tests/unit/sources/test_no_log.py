"""What an argument spec marks no_log is in no invocation, and longer values in no text at all."""

from __future__ import annotations

from ansible_collections.groundwork.platform.plugins.module_utils.core.api.masking import no_log_values, without_no_log
from ansible_collections.groundwork.platform.plugins.module_utils.sources import options

PARAMS = {
    "name": "op",
    "chart": {"chart": "c", "password": "canary-1", "secret_values": {"a": ["canary-2", {"b": 31415926}], "c": "abc"}},
    "patches": [{"target": {"kind": "Job"}, "merge": None}],
}


def test_values_are_found_wherever_the_spec_puts_them() -> None:
    found = no_log_values(PARAMS, options.OPERATOR_INSTALL.spec)
    assert {"canary-1", "canary-2", "31415926", "Y2FuYXJ5LTE="} <= found
    assert not {"abc", "op", "Job"} & found
    assert no_log_values({"values": {"token": "canary-3"}}, options.GENERATED_SECRET.spec) >= {"canary-3"}


def test_the_invocation_shows_none_however_short() -> None:
    shown = without_no_log(PARAMS, options.OPERATOR_INSTALL.spec)
    assert shown["chart"] == {"chart": "c", "password": "***", "secret_values": "***"}
    assert shown["patches"] == [{"target": {"kind": "Job"}, "merge": None}]
    assert "canary" not in str(shown)
    assert PARAMS["chart"]["password"] == "canary-1", "the parameters themselves stay"  # type: ignore[index]
    assert without_no_log({"values": {"a": "b"}, "name": "x"}, options.GENERATED_SECRET.spec)["values"] == "***"
