"""Every answer of readiness.md 3.1 gets its class, and Secrets stay out of what is said about them."""

from __future__ import annotations

import json

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.errors import (
    Cause,
    Class,
    Conflict,
    Expired,
    classify,
    conflicts,
    from_answer,
    from_status,
    mask,
)
from hypothesis import given, settings
from hypothesis import strategies as st

TERMINATING = (Cause("metadata.namespace", "NamespaceTerminating", "namespace x is being terminated"),)
OWNED = (Cause(".spec.replicas", "FieldManagerConflict", 'conflict with "kubectl" using apps/v1'),)


@pytest.mark.parametrize(
    ("status", "reason", "message", "extra", "expected"),
    [
        (429, "", "Too many requests, please try again later.", {}, Class.THROTTLED),
        (429, "TooManyRequests", "storage is (re)initializing", {}, Class.THROTTLED),
        (429, "", "", {"headers": {"Connection": "close"}}, Class.SHUTTING_DOWN),
        (503, "", "", {"headers": {"Retry-After": "1"}}, Class.SHUTTING_DOWN),
        (503, "ServiceUnavailable", "service unavailable", {}, Class.UNAVAILABLE),
        (500, "InternalError", 'failed calling webhook "a": connection refused', {}, Class.WEBHOOK_UNAVAILABLE),
        (500, "InternalError", "conversion webhook for a/v1, Kind=B failed: EOF", {}, Class.WEBHOOK_UNAVAILABLE),
        (403, "Forbidden", 'admission webhook "a" denied the request: no', {}, Class.WEBHOOK_DENIED),
        (400, "", 'admission webhook "a" denied the request without explanation', {}, Class.WEBHOOK_DENIED),
        (500, "", "failed to create typed patch object (a/b; ...): .x: field not declared in schema", {}, Class.SCHEMA),
        (500, "", 'duplicate entries for key [name="a"]', {}, Class.SCHEMA),
        (500, "", "failed to convert new object (a; /v1, Kind=Secret): illegal base64", {}, Class.SCHEMA),
        (400, "BadRequest", 'strict decoding error: unknown field "spec.x"', {}, Class.SCHEMA),
        (500, "", "etcdserver: leader changed", {}, Class.STORE),
        (500, "", "etcdserver: request timed out", {}, Class.STORE),
        (500, "", "rpc error: raft proposal dropped", {}, Class.STORE),
        (500, "", "etcdserver: request is too large", {}, Class.TOO_LARGE),
        (413, "RequestEntityTooLarge", "limit is 3145728", {}, Class.TOO_LARGE),
        (500, "InternalError", "something else", {}, Class.SERVER_FAULT),
        (502, "", "bad gateway", {}, Class.SERVER_FAULT),
        (504, "Timeout", "request did not complete", {}, Class.SERVER_FAULT),
        (409, "Conflict", "Apply failed with 1 conflict", {"causes": OWNED}, Class.MANAGER_CONFLICT),
        (409, "Conflict", 'Operation cannot be fulfilled on resourcequotas "q"', {}, Class.QUOTA_RACE),
        (409, "AlreadyExists", 'configmaps "x" already exists', {}, Class.ALREADY_EXISTS),
        (409, "Conflict", 'Operation cannot be fulfilled on configmaps "x"', {}, Class.PRECONDITION),
        (
            422,
            "Invalid",
            'Job "x" is invalid: spec.template: field is immutable',
            {},
            Class.IMMUTABLE,
        ),
        (
            422,
            "Invalid",
            "updates to statefulset spec for fields other than 'replicas'...",
            {},
            Class.IMMUTABLE,
        ),
        (422, "Invalid", "spec.clusterIPs[0]: Invalid value: may not change once set", {}, Class.IMMUTABLE),
        (422, "Invalid", "spec is immutable after creation except resources.requests", {}, Class.IMMUTABLE),
        (422, "Invalid", "cannot change roleRef", {}, Class.IMMUTABLE),
        (422, "Invalid", "spec.replicas: Invalid value: -1", {}, Class.INVALID),
        (403, "Forbidden", "unable to create new content", {"causes": TERMINATING}, Class.NAMESPACE_TERMINATING),
        (403, "Forbidden", "no PriorityClass with name high was found", {}, Class.DEPENDENCY_MISSING),
        (
            403,
            "Forbidden",
            'error looking up service account a/b: "b" not found',
            {},
            Class.DEPENDENCY_MISSING,
        ),
        (403, "Forbidden", 'configmaps is forbidden: User "u" cannot list', {}, Class.FORBIDDEN),
        (401, "Unauthorized", "Unauthorized", {}, Class.UNAUTHORIZED),
        (404, "NotFound", 'namespaces "x" not found', {}, Class.NAMESPACE_MISSING),
        (404, "NotFound", "the server could not find the requested resource", {}, Class.UNSERVED),
        (404, "NotFound", 'configmaps "x" not found', {}, Class.NOT_FOUND),
        (410, "Expired", "too old resource version", {}, Class.EXPIRED),
        (415, "UnsupportedMediaType", "", {}, Class.UNSUPPORTED),
        (406, "NotAcceptable", "", {}, Class.UNSUPPORTED),
        (405, "MethodNotAllowed", "", {}, Class.UNSUPPORTED),
        (400, "BadRequest", "metadata.managedFields must be nil", {}, Class.BAD_REQUEST),
    ],
)
def test_classes(status: int, reason: str, message: str, extra: dict, expected: Class) -> None:
    assert classify(status, reason=reason, message=message, **extra) is expected


@settings(deadline=None)
@given(st.integers(400, 599), st.binary(max_size=200), st.sampled_from(["application/json", "text/plain", "text/html"]))
def test_any_answer_becomes_an_error(status: int, body: bytes, content_type: str) -> None:
    error = from_answer(status, {"Content-Type": content_type}, body)
    assert isinstance(error.kind, Class)
    assert str(error)


@settings(deadline=None)
@given(st.recursive(st.none() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)))
def test_any_json_becomes_an_error(body: object) -> None:
    said = json.dumps({"message": body, "reason": body, "details": {"causes": [body], "retryAfterSeconds": body}})
    assert str(from_answer(500, {"Content-Type": "application/json"}, said.encode()))


def test_plain_text_is_not_parsed_and_retry_after_read() -> None:
    error = from_answer(429, {"Content-Type": "text/plain", "Retry-After": "7"}, b'{"message": "no"}')
    assert (error.message, error.retry_after) == ('{"message": "no"}', 7.0)
    error = from_answer(429, {"Content-Type": "text/plain", "Retry-After": "Fri, 31 Dec 1999 23:59:59 GMT"}, b"x")
    assert error.retry_after == 0.0
    said = {"code": 429, "details": {"retryAfterSeconds": 3}}
    assert from_status(said).retry_after == 3


def test_expired_is_a_type_of_its_own() -> None:
    assert isinstance(from_status({"code": 410, "reason": "Expired", "message": "too old"}), Expired)


def test_conflicts_are_read() -> None:
    status = {
        "code": 409,
        "reason": "Conflict",
        "message": "Apply failed with 2 conflicts",
        "details": {
            "causes": [
                {
                    "reason": "FieldManagerConflict",
                    "field": ".spec.replicas",
                    "message": 'conflict with "a b" using apps/v1',
                },
                {
                    "reason": "FieldManagerConflict",
                    "field": ".status.x",
                    "message": 'conflict with "k" with subresource "status" using v1 at 2026-01-01T00:00:00Z',
                },
            ]
        },
    }
    assert conflicts(from_status(status)) == [
        Conflict(".spec.replicas", "a b", "apps/v1"),
        Conflict(".status.x", "k", "v1"),
    ]


@given(st.text(min_size=6, alphabet=st.characters(categories=["L", "N", "P", "Z"])))
def test_masked_errors_do_not_hold_the_value(value: str) -> None:
    status = {
        "code": 422,
        "message": f"data[p]: Invalid value: {json.dumps(value)}: no; and {value}",
        "details": {"causes": [{"reason": "r", "field": "data[p]", "message": f"Invalid value: {value}"}]},
    }
    error = mask(from_status(status), [value])
    shown = str(error) + repr(error) + repr([c.message for c in error.causes]) + repr(error.details)
    assert value not in shown or value in "Invalid value: ***: no; and data[p]" + repr(Class.INVALID)
