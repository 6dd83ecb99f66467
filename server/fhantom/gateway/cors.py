"""Cross-origin access for scripts of web pages (Fetch Standard 3.2)."""

from __future__ import annotations

import re
from wsgiref.types import WSGIEnvironment

_FIELD_NAMES = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~, -]*")

# On every answer of a data route. `*` goes without credentials, so no cookie of this server is ever in play.
ANSWER_HEADERS = [
    ("Access-Control-Allow-Origin", "*"),
    (
        "Access-Control-Expose-Headers",
        "Accept-Ranges, Content-Disposition, Content-Length, Content-Location, Content-Range, Content-Type, "
        "Date, ETag, Last-Modified, Location, Retry-After, Warning, X-Progress, X-Request-ID",
    ),
]

_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
_USUAL_HEADERS = "apikey, Accept, Content-Type, If-Match, If-None-Match, If-None-Exist, Prefer, Range, X-Request-ID"


def is_preflight(environ: WSGIEnvironment) -> bool:
    """Whether a browser asks for permission, which it does without the key."""
    return (
        environ["REQUEST_METHOD"] == "OPTIONS"
        and "HTTP_ORIGIN" in environ
        and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ
    )


def preflight_headers(environ: WSGIEnvironment) -> list[tuple[str, str]]:
    """Permission for the headers that the browser names, and every method."""
    asked = environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", "")
    headers = [
        ("Access-Control-Allow-Origin", "*"),
        ("Access-Control-Allow-Methods", _METHODS),
        (
            "Access-Control-Allow-Headers",
            asked if asked and _FIELD_NAMES.fullmatch(asked) else _USUAL_HEADERS,
        ),
        ("Access-Control-Max-Age", "600"),
        ("Content-Length", "0"),
    ]
    if "HTTP_ACCESS_CONTROL_REQUEST_PRIVATE_NETWORK" in environ:  # a public page that calls this machine
        headers.append(("Access-Control-Allow-Private-Network", "true"))
    return headers
