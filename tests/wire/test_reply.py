"""Answers that need no response object, beside the same ones made by Flask's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from fhantom.wire.reply import Reply

HEADERS = [("Content-Type", "application/fhir+json;charset=UTF-8"), ("ETag", 'W/"1"')]


def sent(application: Any, method: str) -> tuple[str, list[tuple[str, str]], bytes]:
    """Status, headers in order of their names, and body that an application answers."""
    started: list[Any] = []

    def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        started[:] = status, sorted(headers)

    pieces: Iterable[bytes] = application({"REQUEST_METHOD": method, "wsgi.url_scheme": "http"}, start)
    return started[0], started[1], b"".join(pieces)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(Reply(200, HEADERS, b"{}"), id="a body"),
        pytest.param(Reply(201, [*HEADERS, ("Location", "http://a/fhir/Patient/1")], b"{}"), id="a location"),
        pytest.param(Reply(201, [("Location", "http://a/fhir/Ünïcode b")]), id="a location that is no URI"),
        pytest.param(Reply(204, []), id="no content"),
        pytest.param(Reply(304, HEADERS), id="not modified"),
        pytest.param(Reply(404, HEADERS, b"{}"), id="a refusal"),
    ],
)
def test_a_reply_sends_what_a_response_of_flask_sends(reply: Reply, method: str) -> None:
    assert sent(reply, method) == sent(reply.response(), method)
