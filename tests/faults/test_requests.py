"""Fault rows of single requests: what is repeated, for how long, and what is never repeated."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.client import Client, Retry
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.errors import ApiError, Class
from support.clock import FakeClock
from support.objects import apply, config_map, secret
from support.server import (
    FOREVER,
    Server,
    close_after,
    cut,
    drip,
    hang,
    reset,
    status,
    text,
    throttled,
)

HTML = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"


def test_row_01_a_429_waits_as_long_as_the_server_asks(server: Server, client: Client, clock: FakeClock) -> None:
    server.fault(throttled(3), method="PATCH")
    answer = apply(client, config_map("one"))
    assert answer.status == 201
    assert len(clock.waits) == 1
    assert clock.waits[0] >= 3
    assert [(r["object"], r["code"], r["reason"]) for r in client.retries] == [
        ("ConfigMap default/one", 429, "throttled")
    ]
    assert client.retries[0]["waited"] >= 3


def test_row_02_a_429_for_ever_ends_at_the_budget(server: Server, client: Client, clock: FakeClock) -> None:
    server.fault(throttled(1), path="/two$", times=FOREVER)
    began = clock.now()
    results = client.map(lambda name: apply(client, config_map(name)), ["one", "two", "three"])
    assert 100 < clock.now() - began <= client.retry_timeout
    assert isinstance(results[1], ApiError)
    assert results[1].kind is Class.THROTTLED
    assert {r["object"] for r in client.retries} == {"ConfigMap default/two"}
    assert server.store.names("configmaps") == ["one", "three"]


def test_row_02_the_object_is_named_and_its_neighbours_are_reported(server: Server, keep: Callable[..., Any]) -> None:
    server.fault(throttled(1), path="/two$", times=FOREVER, method="PATCH")
    result = keep([config_map(name) for name in ("one", "two", "three")], preflight="none", retry_timeout=20)
    assert result.failed
    assert sum(r["waited"] for r in result["retries"]) <= 20
    assert "cannot apply ConfigMap default/two: Too many requests" in result.msg
    assert "given up after" in result.msg
    assert result.actions == {"ConfigMap one": "created", "ConfigMap two": "failed", "ConfigMap three": "created"}


def test_row_03_a_burst_of_429_narrows_the_gate_and_loses_nothing(
    server: Server, opened: Callable[..., Client]
) -> None:
    limits: list[int] = []
    clock = FakeClock()
    client = opened(server, clock=clock, connections=32, retry_timeout=3600)
    client.on_retry = lambda _: limits.append(client.gate.limit)
    server.fault(throttled(1), method="PATCH", times=100)
    names = [f"n{number}" for number in range(300)]
    results = client.map(lambda name: apply(client, config_map(name)), names)
    assert not [r for r in results if isinstance(r, Exception)]
    assert server.store.names("configmaps") == sorted(names)
    assert len(server.seen("PATCH")) == 400, "each refusal costs one request, and nothing else is sent twice"
    # Of one width's requests the first refused one halves it: 32 + 16 + 8 + 4 + 2 refusals at most until it is 1.
    assert min(limits) == 1, "halved again and again while the refusals last"
    assert client.gate.limit == 1 + 300 // 20, "and opened by one for every 20 good answers after them"
    assert len(clock.waits) == 100, "a wait for each refusal"
    assert max(clock.waits) <= 1 + 8, "none is longer than Retry-After and the longest backoff"


def test_row_04_answers_of_proxies_in_between_are_retried(server: Server, client: Client) -> None:
    server.fault(text(503, "upstream connect error", "text/plain"))
    server.fault(text(502, HTML, "text/html"))
    assert apply(client, config_map("one")).status == 201
    assert [r["code"] for r in client.retries] == [503, 502]
    server.fault(text(502, HTML, "text/html"), times=FOREVER)
    with pytest.raises(ApiError, match="502 Bad Gateway nginx; given up after 3 tries") as caught:
        apply(client, config_map("two"))
    assert "<" not in str(caught.value)


def test_row_06_answers_cut_off_in_the_middle_are_fetched_again(server: Server, client: Client) -> None:
    server.fault(cut())
    server.fault(cut(chunked=True))
    assert apply(client, config_map("one")).data["metadata"]["name"] == "one"
    server.fault(cut(), method="GET")
    server.fault(cut(chunked=True), method="GET")
    items, _ = client.list("/api/v1/namespaces/default/configmaps")
    assert [item["metadata"]["name"] for item in items] == ["one"]
    assert [r["reason"] for r in client.retries] == ["connection lost"] * 4


def test_row_07_connections_that_the_server_closes_are_replaced(server: Server, client: Client) -> None:
    server.fault(close_after())
    assert apply(client, config_map("one")).status == 201
    assert server.idle(), "the server has closed"
    server.fault(throttled(1, Connection="close"))
    assert apply(client, config_map("two")).status == 201
    server.fault(text(503, "shutting down", Retry_After="1"))
    assert apply(client, config_map("three")).status == 201
    first, second, again, third, last = [r.connection for r in server.seen("PATCH")]
    assert first != second, "closed without a word"
    assert second != again, "Connection: close with a 429"
    assert again == third
    assert third != last, "503 of a server that shuts down: the next try goes to another connection"
    assert [r["reason"] for r in client.retries] == ["server shutting down"] * 2


def test_row_08_a_silent_connection_is_given_up_and_tried_again(server: Server, opened: Callable[..., Client]) -> None:
    client = opened(server, clock=FakeClock(), request_timeout=1)
    server.fault(hang(30), method="PATCH")
    began = time.monotonic()
    assert apply(client, config_map("one")).status == 201
    assert time.monotonic() - began < 15
    assert [r["reason"] for r in client.retries] == ["connection lost"]


def test_row_09_an_answer_that_drips_ends_at_the_total_timeout(server: Server, opened: Callable[..., Client]) -> None:
    client = opened(server, clock=FakeClock())
    server.fault(drip(0.05, 400), method="PATCH", times=2)
    began = time.monotonic()
    assert apply(client, config_map("one"), timeout=1).status == 201
    assert time.monotonic() - began < 15
    assert [r["reason"] for r in client.retries] == ["connection lost"] * 2


def test_row_13_a_webhook_that_does_not_answer_is_waited_for(server: Server, client: Client) -> None:
    said = (
        'Internal error occurred: failed calling webhook "policy.example.org": failed to call webhook: Post '
        '"https://policy.policies.svc:443/check?timeout=10s": dial tcp 10.0.0.7:443: connect: connection refused'
    )
    webhook = status(500, said, reason="InternalError")
    shown: list[Retry] = []
    client.on_retry = shown.append
    server.fault(webhook, method="PATCH", times=5)
    assert apply(client, config_map("one")).status == 201
    assert len(client.retries) == 5
    assert all("policy.example.org" in retry.message for retry in shown)
    server.fault(webhook, method="PATCH", times=FOREVER)
    with pytest.raises(ApiError, match=r"policy\.example\.org.*connection refused.*given up after") as caught:
        apply(client, config_map("two"))
    assert caught.value.kind is Class.WEBHOOK_UNAVAILABLE


def test_row_14_what_a_webhook_denies_is_denied(server: Server, client: Client) -> None:
    said = 'admission webhook "policy.example.org" denied the request: no team label'
    server.fault(status(403, said, reason="Forbidden"), method="PATCH", times=FOREVER)
    with pytest.raises(ApiError, match="no team label") as caught:
        apply(client, config_map("one"))
    assert caught.value.kind is Class.WEBHOOK_DENIED
    assert client.retries == []
    assert len(server.seen("PATCH")) == 1


def test_row_15_an_unknown_field_is_a_validation_error(server: Server, client: Client) -> None:
    said = "failed to create typed patch object (default/one; /v1, Kind=ConfigMap): .dat: field not declared in schema"
    server.fault(status(500, said), method="PATCH", times=FOREVER)
    with pytest.raises(ApiError, match=r"\.dat: field not declared in schema") as caught:
        apply(client, config_map("one"))
    assert caught.value.kind is Class.SCHEMA
    assert client.retries == []
    assert len(server.seen("PATCH")) == 1


def test_row_18_the_race_of_quota_admission_is_run_again(server: Server, client: Client) -> None:
    said = 'Operation cannot be fulfilled on resourcequotas "compute": the object has been modified; please apply again'
    server.fault(status(409, said, reason="Conflict"), method="PATCH", times=2)
    assert apply(client, config_map("one")).status == 201
    assert [r["reason"] for r in client.retries] == ["quota race"] * 2
    server.fault(status(409, 'Operation cannot be fulfilled on configmaps "two"', reason="Conflict"), method="PATCH")
    with pytest.raises(ApiError) as caught:
        apply(client, config_map("two"))
    assert caught.value.kind is Class.PRECONDITION, "any other conflict is the caller's to decide"


def test_what_may_not_be_sent_twice_is_not(server: Server, client: Client) -> None:
    server.fault(reset(served=True), times=2)
    event = {"apiVersion": "v1", "kind": "Event", "metadata": {"generateName": "e-", "namespace": "default"}}
    with pytest.raises(ApiError) as caught:
        client.request("POST", "/api/v1/namespaces/default/events", body=event)
    assert caught.value.kind is Class.LOST
    with pytest.raises(ApiError):
        client.request("DELETE", "/api/v1/namespaces/default/configmaps/one")
    assert client.retries == []


def test_secrets_are_not_quoted_from_what_the_server_refuses(server: Server, client: Client) -> None:
    said = 'Secret "s" is invalid: data[password]: Invalid value: "correct horse": must be something else'
    causes = [
        {"reason": "FieldValueInvalid", "field": "data[password]", "message": 'Invalid value: "correct horse": no'}
    ]
    server.fault(status(422, said, reason="Invalid", causes=causes))
    with pytest.raises(ApiError) as caught:
        apply(client, secret("s", password="correct horse"))
    assert "horse" not in str(caught.value) + repr(caught.value.causes) + repr(caught.value.args)
    assert "data[password]" in str(caught.value)
