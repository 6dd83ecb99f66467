"""How a browser says its key: by a cookie that the sign-in form sets, and a mark on calls of the server's own pages."""

from __future__ import annotations

import base64
import binascii
from http.cookies import CookieError, SimpleCookie
from wsgiref.types import WSGIEnvironment

from flask import Response

COOKIE = "fhantom-key"
MARK = "X-Fhantom-Page"
"""The header that scripts of the pages set; no form, frame or image of another page can."""

_LONGEST = 512  # characters of a key that a cookie carries


def key_of(environ: WSGIEnvironment) -> str | None:
    """The key that the browser signed in with; None without a readable cookie."""
    try:
        found = SimpleCookie(environ.get("HTTP_COOKIE", "")).get(COOKIE)
        return base64.urlsafe_b64decode(found.value).decode() if found else None
    except (CookieError, binascii.Error, ValueError):
        return None


def is_marked(environ: WSGIEnvironment) -> bool:
    """Whether a script of this server's own pages asks (Fetch Metadata 2.3 is believed where it is sent)."""
    site = environ.get("HTTP_SEC_FETCH_SITE", "same-origin")
    return "HTTP_X_FHANTOM_PAGE" in environ and site == "same-origin"


def may_be_kept(key: str) -> bool:
    """Whether a key fits into the cookie and into the header that it stands for."""
    return 0 < len(key) <= _LONGEST and key.isascii() and key.isprintable() and "," not in key


def keep(response: Response, key: str, *, secure: bool) -> None:
    """Let the browser remember a key until it is closed."""
    value = base64.urlsafe_b64encode(key.encode()).decode()
    response.set_cookie(COOKIE, value, httponly=True, samesite="Strict", secure=secure)


def forget(response: Response) -> None:
    """Let the browser forget it."""
    response.delete_cookie(COOKIE, httponly=True, samesite="Strict")
