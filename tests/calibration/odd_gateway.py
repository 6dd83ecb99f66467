"""A small gateway with habits of its own in front of another fhantom, as a live server has one."""

from __future__ import annotations

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

KEY = "the-live-key"
_JSON = ("Content-Type", "application/json")


class OddGateway:
    """Refuses keys with 401 and words of its own, tells its limit, takes no DELETE, and is busy at times."""

    def __init__(self, app: WSGIApplication, *, busy: int = 0) -> None:
        self._app = app
        self._busy = busy
        self.seen: list[tuple[str, str]] = []

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        self.seen.append((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        if self._busy:
            self._busy -= 1
            start("429 Too Many Requests", [_JSON, ("Retry-After", "1")])
            return (b'{"error": "slow down"}',)
        if environ.get("HTTP_APIKEY") != KEY:
            start("401 Unauthorized", [_JSON, ("X-Gate", "north"), ("WWW-Authenticate", "Key")])
            return (b'{"error": "who are you"}',)
        if environ["REQUEST_METHOD"] == "DELETE":
            start("405 Method Not Allowed", [_JSON, ("Allow", "GET, POST, PUT")])
            return (b'{"error": "nothing is ever deleted"}',)
        if environ["PATH_INFO"].split("/")[1] not in ("fhir", "fhir-r4", "dicomweb", "wadouri", "vna", "sole", ""):
            start("404 Not Found", [("Content-Type", "text/html")])
            return (b"<h1>no route</h1>",)

        def told(status: str, headers: list[tuple[str, str]], exc_info: object = None, /) -> object:
            kept = [pair for pair in headers if not pair[0].lower().startswith("access-control-")]
            return start(status, [*kept, ("X-RateLimit-Limit-Minute", "100")])

        return self._app(environ, told)  # type: ignore[arg-type]
