"""What the gateway does by a profile: answers that a live server was seen to give, in the place of its own."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from fhantom.gateway.refusals import Refusal
from fhantom.profile import Profile, Recorded

Headers = list[tuple[str, str]]

NO_PATH = "no path"


class Learned:
    """A profile's answers and headers; without a profile there are none."""

    def __init__(self, profile: Profile) -> None:
        self._answers = {reason: _refusal(answer) for reason, answer in profile.answers.items()}
        self._headers = {service: list(headers.items()) for service, headers in profile.headers.items()}

    def refusal(self, reason: str) -> Refusal | None:
        """The answer to that reason, if one was recorded."""
        return self._answers.get(reason)

    def headers(self, segment: str) -> Headers:
        """The headers that answers of a service carry in the place of others of their names."""
        return self._headers.get(segment, [])

    def unless_missing(self, app: WSGIApplication, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """The answer of `app`, or the recorded one where it knows no such path."""
        recorded = self._answers.get(NO_PATH)
        if recorded is None:
            return app(environ, start)
        caught: list[Any] = []

        def catch(status: str, headers: Headers, exc_info: Any = None, /) -> Any:
            caught[:] = status, headers
            return lambda data: None

        body = app(environ, catch)
        status, headers = caught
        if not status.startswith("404"):
            start(status, headers)
            return body
        close = getattr(body, "close", None)
        if close is not None:
            close()
        start(recorded.status, recorded.headers)
        return (recorded.body,)


def _refusal(answer: Recorded) -> Refusal:
    body = answer.body.encode()
    headers = [*answer.headers.items(), ("Content-Length", str(len(body)))]
    try:
        phrase = HTTPStatus(answer.status).phrase
    except ValueError:
        phrase = "Refused"
    return Refusal(f"{answer.status} {phrase}", headers, body, about_key=answer.status in (401, 403))
