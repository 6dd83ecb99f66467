"""The gateway's own answers, in one of three forms.

What the real gateway writes is not known beyond its status codes, so the default form is fhantom's own;
`nginx` and `kong` imitate the two products that the evidence allows for.
"""

from __future__ import annotations

import enum
import json
from dataclasses import dataclass
from http import HTTPStatus

from fhantom.settings import Settings
from fhantom.wire import browser


class Reason(enum.Enum):
    """Why a request got no further than the gateway."""

    NO_KEY = "no key"
    WRONG_KEY = "wrong key"
    EXPIRED_KEY = "expired key"
    TWO_KEYS = "two keys"
    TOO_MANY = "too many requests"
    TOO_LARGE = "body too large"
    NOT_READY = "not ready"
    NO_ANSWER = "no answer from behind the gateway"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer complete with status line, headers and body; `about_key` if another key would change it."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes
    about_key: bool = False

    def as_page(self, page: str) -> Refusal:
        """The same answer with a page for a person in the place of its body."""
        body = page.encode()
        own = {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Length": str(len(body)),
            "Cache-Control": "no-store",
            **browser.HEADERS,
        }
        kept = [pair for pair in self.headers if pair[0] not in own]
        return Refusal(self.status, [*own.items(), *kept], body, self.about_key)


def seeing(address: str) -> Refusal:
    """An answer that sends a browser to another page."""
    headers = [("Location", address), ("Content-Length", "0"), ("Cache-Control", "no-store")]
    return Refusal("303 See Other", headers, b"")


_KEY_REASONS = {Reason.NO_KEY, Reason.WRONG_KEY, Reason.EXPIRED_KEY, Reason.TWO_KEYS}

_MESSAGES = {
    Reason.NO_KEY: "This request needs the header 'apikey' with an accepted key.",
    Reason.WRONG_KEY: "The key in the header 'apikey' is not accepted.",
    Reason.EXPIRED_KEY: "The key in the header 'apikey' has expired.",
    Reason.TWO_KEYS: "This request has more than one header 'apikey'.",
    Reason.TOO_MANY: "Too many requests; wait before the next one.",
    Reason.TOO_LARGE: "The body of this request is larger than this server accepts.",
    Reason.NOT_READY: "The server is still preparing its data.",
    Reason.NO_ANSWER: "The server behind this gateway gives no answer.",
    Reason.AWAY: "The server is away for a while.",
}

_STATUS = {
    Reason.TOO_MANY: 429,  # RFC 6585 4
    Reason.TOO_LARGE: 413,
    Reason.NOT_READY: 503,
    Reason.NO_ANSWER: 502,
    Reason.AWAY: 503,
}

# Kong 3's key-auth, rate-limiting and request-size-limiting plugins.
_KONG_MESSAGES = {
    Reason.NO_KEY: "No API key found in request",
    Reason.WRONG_KEY: "Unauthorized",
    Reason.EXPIRED_KEY: "Unauthorized",
    Reason.TWO_KEYS: "Duplicate API key found",
    Reason.TOO_MANY: "API rate limit exceeded",
    Reason.TOO_LARGE: "Request size limit exceeded",
    Reason.NOT_READY: "The upstream server is currently unavailable",
    Reason.NO_ANSWER: "An invalid response was received from the upstream server",
    Reason.AWAY: "The upstream server is currently unavailable",
}

# nginx names these two otherwise than the registry of status codes does.
_STATUSES = frozenset(status.value for status in HTTPStatus)
_REASONS = {
    429: Reason.TOO_MANY,
    413: Reason.TOO_LARGE,
    502: Reason.NO_ANSWER,
    503: Reason.AWAY,
}
_NGINX_TITLES = {413: "Request Entity Too Large", 503: "Service Temporarily Unavailable"}


class Refusals:
    """Writes refusals in the form that the settings ask for."""

    def __init__(self, settings: Settings) -> None:
        self._style = settings.gateway_style
        self._auth_status = settings.auth_status or (401 if self._style == "kong" else 403)
        self._retry_after = settings.retry_after
        self._limit = settings.rate_limit

    @property
    def are_own(self) -> bool:
        """Whether they have fhantom's own form, which may change, and imitate nobody's."""
        return self._style == "fhantom"

    def message(self, reason: Reason, hint: str = "") -> str:
        """The reason in words."""
        return _MESSAGES[reason] + hint

    def write(self, reason: Reason, request_id: str, wait: int | None = None, hint: str = "") -> Refusal:
        """The answer for `reason`; `wait` is the number of seconds after which another try makes sense."""
        status = self._auth_status if reason in _KEY_REASONS else _STATUS[reason]
        content_type, body = self._body(reason, status, request_id, hint)
        headers = [("Content-Type", content_type), ("Content-Length", str(len(body)))]
        if status == 401:  # RFC 9110 15.5.2 demands a challenge
            headers.append(("WWW-Authenticate", "Key" if self._style == "kong" else 'Key realm="fhantom"'))
        if wait is not None:
            headers += self._waiting(reason, wait)
        return Refusal(f"{status} {HTTPStatus(status).phrase}", headers, body, reason in _KEY_REASONS)

    def words(self, status: int, request_id: str = "") -> tuple[str, bytes]:
        """Media type and body for a status whose reason is not told."""
        phrase = _phrase(status)
        told = _KONG_MESSAGES[_REASONS[status]] if status in _REASONS else phrase
        return self._written(status, phrase, told, request_id)

    def _body(self, reason: Reason, status: int, request_id: str, hint: str) -> tuple[str, bytes]:
        return self._written(status, self.message(reason, hint), _KONG_MESSAGES[reason], request_id)

    def _written(self, status: int, message: str, kong_message: str, request_id: str) -> tuple[str, bytes]:
        if self._style == "nginx":
            title = f"{status} {_NGINX_TITLES.get(status) or _phrase(status)}"
            lines = (
                "<html>",
                f"<head><title>{title}</title></head>",
                "<body>",
                f"<center><h1>{title}</h1></center>",
                "<hr><center>nginx</center>",
                "</body>",
                "</html>",
                "",
            )
            return "text/html", "\r\n".join(lines).encode()
        if self._style == "kong":
            content = {"message": kong_message, "request_id": request_id}
            return "application/json; charset=utf-8", json.dumps(content, indent=2).encode()
        return "application/json", json.dumps({"message": message}).encode()

    def _waiting(self, reason: Reason, wait: int) -> list[tuple[str, str]]:
        headers = [("Retry-After", str(wait))] if self._retry_after else []
        if self._style == "kong" and reason is Reason.TOO_MANY:
            headers += [
                ("RateLimit-Limit", str(self._limit)),
                ("RateLimit-Remaining", "0"),
                ("RateLimit-Reset", str(wait)),
            ]
        return headers


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in _STATUSES else "Fault"
