"""Commands in containers when the way to them fails: a scripted server that speaks WebSocket, and stops speaking it."""

from __future__ import annotations

import http
import json
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.api import exec as commands
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.client import Client
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.errors import ApiError, Class
from support.server import FOREVER, Action, Exchange, Server, hang, reset, status

OUT, ERR, STATUS = 1, 2, 3
SUCCESS: dict[str, Any] = {"metadata": {}, "status": "Success"}
Opened = Callable[..., Client]


def exited(code: int) -> dict[str, Any]:
    """The Status that a kubelet ends a command with that failed (pkg/kubelet/cri/streaming/remotecommand/exec.go)."""
    causes = [{"reason": "ExitCode", "message": str(code)}]
    details = {"causes": causes}
    return {"metadata": {}, "status": "Failure", "reason": "NonZeroExitCode", "details": details}


def speaks(*messages: tuple[int, bytes], then: Callable[[Exchange], None] = Exchange.close_frame) -> Action:
    """A command that prints these and ends so."""

    def act(exchange: Exchange) -> None:
        exchange.upgrade()
        for stream, data in messages:
            exchange.message(stream, data)
        then(exchange)

    return act


def ends(said: dict[str, Any]) -> tuple[int, bytes]:
    return STATUS, json.dumps(said).encode()


@pytest.fixture
def run(server: Server, opened: Opened) -> Callable[..., commands.Outcome]:
    client = opened(server)
    return lambda **options: commands.run(client, "data", "main-0", "server", ["show", "me"], **options)


def refused(run: Callable[..., Any], **options: Any) -> ApiError:
    """The error of a run, which says all in one line."""
    with pytest.raises(ApiError) as caught:
        run(**options)
    assert "\n" not in str(caught.value)
    return caught.value


def test_what_a_command_prints_and_how_it_ends(server: Server, run: Callable[..., commands.Outcome]) -> None:
    server.fault(speaks((OUT, "gr\u00fc\u00df".encode()), (ERR, b"oh"), (OUT, b"e\n"), ends(SUCCESS)))
    assert run() == (0, "gr\u00fc\u00dfe\n", "oh")
    [asked] = server.seen("GET", "/api/v1/namespaces/data/pods/main-0/exec$")
    assert asked.query["container"] == "server"
    assert asked.headers["Authorization"] == f"Bearer {server.token}"


def test_a_command_that_fails_has_its_exit_code_and_its_words(
    server: Server, run: Callable[..., commands.Outcome]
) -> None:
    server.fault(speaks((OUT, b"half"), (ERR, b"no space left"), ends(exited(28))))
    assert run() == (28, "half", "no space left")


def test_its_stdin_arrives_whole_in_pieces(server: Server, run: Callable[..., commands.Outcome]) -> None:
    text, arrived = "0123456789" * 10_000, []

    def takes(exchange: Exchange) -> None:
        exchange.upgrade()
        arrived.append(exchange.received(0, len(text)))
        exchange.message(*ends(SUCCESS))

    server.fault(takes)
    assert run(stdin=text).code == 0
    assert arrived == [text.encode()]
    assert "0123456789" not in str(server.log[0].query)


def test_a_character_cut_in_two_spoils_no_other(server: Server, run: Callable[..., commands.Outcome]) -> None:
    server.fault(speaks((OUT, b"a\xc3"), ends(SUCCESS)))
    assert run().out == "a\ufffd"


@pytest.mark.parametrize(
    ("code", "message", "kind"),
    [
        (403, 'pods "main-0" is forbidden: cannot get resource "pods/exec"', Class.FORBIDDEN),
        (404, 'pods "main-0" not found', Class.NOT_FOUND),
        (400, "container server is not valid for pod main-0", Class.BAD_REQUEST),
        (401, "Unauthorized", Class.UNAUTHORIZED),
    ],
)
def test_a_server_that_refuses_is_quoted(
    server: Server, run: Callable[..., Any], code: int, message: str, kind: Class
) -> None:
    server.fault(status(code, message, reason=http.HTTPStatus(code).phrase.replace(" ", "")), times=FOREVER)
    error = refused(run)
    assert (error.kind, error.status) == (kind, code)
    assert message in str(error)
    assert len(server.log) == 1, "what may have begun is not asked for again"


def test_a_container_that_cannot_be_entered_says_why(server: Server, run: Callable[..., Any]) -> None:
    why = {"metadata": {}, "status": "Failure", "reason": "InternalError", "message": "container not found (server)"}
    server.fault(speaks(ends(why)))
    error = refused(run)
    assert error.kind is Class.INVALID
    assert "show in pod data/main-0 could not be run: container not found (server)" in str(error)


def test_nobody_there_is_no_way(server: Server, run: Callable[..., Any]) -> None:
    server.leave()
    error = refused(run)
    assert error.kind is Class.UNREACHABLE
    assert server.url in str(error)


@pytest.mark.parametrize(
    ("last", "words"),
    [
        pytest.param(Exchange.close_frame, "was cut off before its end", id="closed"),
        pytest.param(Exchange.close, "was lost", id="dropped"),
        pytest.param(Exchange.reset, "was lost", id="reset"),
    ],
)
def test_an_end_without_a_word_is_no_success(
    server: Server, run: Callable[..., Any], last: Callable[[Exchange], None], words: str
) -> None:
    server.fault(speaks((OUT, b"half of it"), then=last))
    error = refused(run)
    assert error.kind is Class.LOST
    assert words in str(error)


def test_a_reset_before_the_answer_is_a_lost_connection(server: Server, run: Callable[..., Any]) -> None:
    server.fault(reset())
    assert refused(run).kind is Class.LOST


def test_half_of_its_last_word_is_no_success(server: Server, run: Callable[..., Any]) -> None:
    server.fault(speaks((STATUS, b'{"status": "Succ')))
    assert "was cut off before its end" in str(refused(run))


def test_a_command_that_says_nothing_ends_in_time(server: Server, run: Callable[..., Any]) -> None:
    server.fault(speaks(then=hang()))
    error = refused(run, timeout=1)
    assert error.kind is Class.LOST
    assert "show in pod data/main-0 did not end in 1 s" in str(error)


def test_a_command_that_never_stops_talking_ends_in_time(server: Server, run: Callable[..., Any]) -> None:
    def talks(exchange: Exchange) -> None:
        while not exchange.server.stopped.wait(0.02):
            exchange.message(OUT, b".")

    server.fault(speaks(then=talks))
    assert "did not end in 1 s" in str(refused(run, timeout=1))
