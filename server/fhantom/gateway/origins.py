"""The public address of the server, as the client of one request sees it."""

from __future__ import annotations

import re
from functools import lru_cache
from wsgiref.types import WSGIEnvironment

from fhantom.settings import Settings

_HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_PREFIX = re.compile(r"(?:/[A-Za-z0-9._~-]+)+")


def own_origin(environ: WSGIEnvironment) -> str:
    """Scheme and host as the request's own line and Host header have them."""
    host = environ.get("HTTP_HOST") or ""
    return _origin(environ["wsgi.url_scheme"], host, environ["SERVER_NAME"], environ["SERVER_PORT"])


def forwarded_origin(environ: WSGIEnvironment) -> str:
    """The address in front of a trusted proxy: by Forwarded (RFC 7239), else X-Forwarded-*, else the request.

    Of several proxies the first one, which the client spoke to, counts.
    """
    said = _forwarded(environ.get("HTTP_FORWARDED", ""))
    scheme = said.get("proto") or _first(environ, "HTTP_X_FORWARDED_PROTO") or environ["wsgi.url_scheme"]
    host = said.get("host") or _first(environ, "HTTP_X_FORWARDED_HOST")
    port = _first(environ, "HTTP_X_FORWARDED_PORT")
    if host and port.isdigit() and not re.search(r":\d+$", host) and (scheme, port) not in _USUAL_PORTS:
        host = f"{host}:{port}"
    if scheme not in ("http", "https"):
        scheme = environ["wsgi.url_scheme"]
    host = host or environ.get("HTTP_HOST") or ""
    prefix = _first(environ, "HTTP_X_FORWARDED_PREFIX").rstrip("/")
    origin = _origin(scheme, host, environ["SERVER_NAME"], environ["SERVER_PORT"])
    return origin + prefix if _PREFIX.fullmatch(prefix) else origin


def forwarded_address(environ: WSGIEnvironment) -> str:
    """The client's address in front of a trusted proxy."""
    said = _forwarded(environ.get("HTTP_FORWARDED", "")).get("for")
    return said or _first(environ, "HTTP_X_FORWARDED_FOR") or str(environ.get("REMOTE_ADDR", ""))


def link_origins(settings: Settings) -> dict[str, str | None]:
    """What links are built on, by the first segment of the path that is asked; None for the address asked."""
    told = {
        "fhir": settings.link_base,
        "fhir-r4": settings.link_base_r4 or settings.link_base,
        "dicomweb": settings.link_base_dicomweb,
    }
    return {segment: None if base == "own" else _with_scheme(base) for segment, base in told.items()}


def _with_scheme(base: str) -> str:
    return base.rstrip("/") if "://" in base else f"http://{base}"


_USUAL_PORTS = {("http", "80"), ("https", "443")}
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


@lru_cache(maxsize=256)
def _origin(scheme: str, host: str, server_name: str, server_port: str) -> str:
    # What is not a host name never comes near a link.
    if not _HOST.fullmatch(host):
        host = server_name if (scheme, server_port) in _USUAL_PORTS else f"{server_name}:{server_port}"
    elif host.lower() in _LOOPBACK and (scheme, server_port) not in _USUAL_PORTS:
        # dicomweb-client leaves the port out of Host; on this machine the server is where it was reached.
        host = f"{host}:{server_port}"
    return f"{scheme}://{host}"


def _first(environ: WSGIEnvironment, name: str) -> str:
    return str(environ.get(name, "")).partition(",")[0].strip()


def _forwarded(header: str) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in header.partition(",")[0].split(";"))
    return {name.strip().lower(): value.strip().strip('"') for name, _, value in pairs}
