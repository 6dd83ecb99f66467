"""What a browser may do that a script may not: say its key by a cookie, and open what asks for a key."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import quote, urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from fhantom.gateway.paths import DATA_ROUTES, canonical, first_segment, resolve_alias
from fhantom.wire import session
from fhantom.wire.context import ORIGIN

_READS = ("GET", "HEAD")


class Opens(enum.Enum):
    """To whom a path opens that has no key."""

    ALL = enum.auto()
    """Everybody: it holds no data, and none reaches its room without a key."""
    PAGES = enum.auto()
    """A browser that asks for a page; a script is refused as everywhere."""


class Row(NamedTuple):
    """A path, or with a slash at its end all paths below it."""

    path: str
    opens: Opens = Opens.ALL


# What opens without a key. The links are those that clients of the real server embed (hackathon-server.md 4).
OPEN_PATHS = (
    Row("/sign-in"),
    Row("/sign-out"),
    Row("/assets/"),
    Row("/vna", Opens.PAGES),
    Row("/vna/assets/"),
    Row("/vna/viewer"),
    Row("/vna/small"),
    Row("/vna/ohif/"),
    *(Row(f"/vna/{mode}") for mode in ("segmentation", "tmtv", "microscopy", "usAnnotation", "dynamic-volume")),
    Row("/vna/stone-webviewer/index.html"),
    Row("/vna/web-viewer/app/viewer.html"),
    Row("/vna/app/explorer.html"),
)


class SigningIn:
    """Puts the key of a signed-in browser where `app` looks for keys, for requests that a cookie counts for."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if "HTTP_COOKIE" in environ and "HTTP_APIKEY" not in environ and _cookie_counts(environ):
            key = session.key_of(environ)
            if key is not None and session.may_be_kept(key):
                environ["HTTP_APIKEY"] = key
        return self._app(environ, start_response)


def is_open(path: str, environ: WSGIEnvironment) -> bool:
    """Whether a canonical path needs no key."""
    return any(
        (path.startswith(row.path) if row.path.endswith("/") else path == row.path)
        and (row.opens is Opens.ALL or wants_page(environ))
        for row in OPEN_PATHS
    )


def wants_page(environ: WSGIEnvironment) -> bool:
    """Whether a browser asks for something to show."""
    return environ["REQUEST_METHOD"] in _READS and "text/html" in environ.get("HTTP_ACCEPT", "")


def sign_in_address(path: str, environ: WSGIEnvironment) -> str | None:
    """Where a browser without a good key is sent, to come back afterwards; None if the answer is a refusal.

    Only pages lead there: what carries data answers everybody alike.
    """
    segment = first_segment(path)
    if segment in DATA_ROUTES or not wants_page(environ):
        return None
    query = environ.get("QUERY_STRING", "")
    wanted = f"{path}?{query}" if query else path
    return f"{urlsplit(environ[ORIGIN]).path}/sign-in?next={quote(wanted, safe='/')}"


def _cookie_counts(environ: WSGIEnvironment) -> bool:
    """For pages and the viewer's pictures as they are; for data and for changes only if a page's script asks."""
    if session.is_marked(environ):
        return True
    segment = first_segment(resolve_alias(canonical(environ["PATH_INFO"])))
    is_page = segment == "vna" or (segment not in DATA_ROUTES and segment != "_fhantom")
    return is_page and environ["REQUEST_METHOD"] in _READS
