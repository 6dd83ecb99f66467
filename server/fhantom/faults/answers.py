"""What each kind of fault does to an answer that the server has made."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from fhantom.faults import connection

Headers = list[tuple[str, str]]


@dataclass(slots=True)
class Answer:
    """An answer on its way out."""

    environ: WSGIEnvironment
    status: str
    headers: Headers
    body: Iterable[bytes]

    def without_length(self) -> Headers:
        """The headers without Content-Length."""
        return [pair for pair in self.headers if pair[0].lower() != "content-length"]

    def joined(self) -> bytes:
        """The whole body; the answer's own iterable is closed."""
        try:
            return b"".join(self.body)
        finally:
            close = getattr(self.body, "close", None)
            if close is not None:
                close()


Action = Mapping[str, Any]
Deliver = Callable[[Answer, Action, StartResponse], Iterable[bytes]]


def truncate(answer: Answer, action: Action, start: StartResponse) -> Iterable[bytes]:
    """Announce the whole body and break off after some bytes."""
    body = answer.joined()
    return _torn(answer, body, body[: action["after_bytes"]], start, "truncate")


def torn_multipart(answer: Answer, action: Action, start: StartResponse) -> Iterable[bytes]:
    """Break off a multipart body in the middle of the part after so many whole ones."""
    body = answer.joined()
    boundary = body[: body.find(b"\r\n")] if body.startswith(b"--") else b"\r\n--"
    at = 0
    for _ in range(action["after_parts"]):
        found = body.find(boundary, at + len(boundary))
        at = found if found >= 0 else at
    end = body.find(boundary, at + len(boundary))
    middle = (at + (end if end >= 0 else len(body))) // 2
    return _torn(answer, body, body[:middle], start, "torn_multipart")


def wrong_content_length(answer: Answer, action: Action, start: StartResponse) -> Iterable[bytes]:
    """Announce another length than is sent; with more announced, the connection ends early."""
    body = answer.joined()
    announced = max(0, len(body) + action["add"])
    headers = [*answer.without_length(), ("Content-Length", str(announced))]
    start(answer.status, headers)
    if announced <= len(body):
        return (body[:announced],)
    return _then_end(answer.environ, body, "wrong_content_length")


def drip(answer: Answer, action: Action, start: StartResponse) -> Iterable[bytes]:
    """Send the body in so many pieces, spread over so many milliseconds."""
    body = answer.joined()
    start(answer.status, [*answer.without_length(), ("Content-Length", str(len(body)))])
    count = max(1, min(action["chunks"], len(body)))
    pause = action["total_ms"] / count / 1000

    def pieces() -> Iterator[bytes]:
        for n in range(count):
            time.sleep(pause)
            yield body[n * len(body) // count : (n + 1) * len(body) // count]

    return pieces()


def slow_first_byte(answer: Answer, action: Action, start: StartResponse) -> Iterable[bytes]:
    """Hold the whole answer back for a while."""
    time.sleep(action["ms"] / 1000)
    start(answer.status, answer.headers)
    return answer.body


def malformed_chunk(answer: Answer, action: Action, start: StartResponse) -> Iterable[bytes]:
    """Announce a chunked body and send a chunk whose length is no number."""
    answer.joined()
    head = [f"HTTP/1.1 {answer.status}", *(f"{k}: {v}" for k, v in answer.without_length())]
    raw = "\r\n".join([*head, "Transfer-Encoding: chunked", "", "not-a-length", "broken", ""])
    connection.send_raw(answer.environ, raw.encode("latin-1"))
    connection.end(answer.environ, "malformed_chunk")
    return ()


# Kind -> what delivers the answer in its place.
DELIVERIES: dict[str, Deliver] = {
    "truncate": truncate,
    "torn_multipart": torn_multipart,
    "wrong_content_length": wrong_content_length,
    "drip": drip,
    "slow_first_byte": slow_first_byte,
    "malformed_chunk": malformed_chunk,
}


def _torn(answer: Answer, whole: bytes, sent: bytes, start: StartResponse, what: str) -> Iterable[bytes]:
    start(answer.status, [*answer.without_length(), ("Content-Length", str(len(whole)))])
    return _then_end(answer.environ, sent, what)


def _then_end(environ: WSGIEnvironment, body: bytes, what: str) -> Iterator[bytes]:
    # Servers write a piece when they ask for the next one, so the end comes after the bytes are out.
    if body:
        yield body
    connection.end(environ, what)
