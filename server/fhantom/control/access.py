"""Who may use which control route.

On the machine itself everything is allowed. From elsewhere an accepted apikey reads and resets its own world, and
a control token does everything. A page of another site gets nowhere: its requests carry a foreign Origin, and one
that came in through a name that it made point here (DNS rebinding) a foreign Host.
"""

from __future__ import annotations

import ipaddress
import secrets
from dataclasses import dataclass
from enum import StrEnum
from wsgiref.types import WSGIEnvironment

from fhantom.errors import Forbidden
from fhantom.settings import Settings
from fhantom.wire.context import origin_of

_LOCAL_NAMES = {"localhost", "127.0.0.1", "[::1]"}
TOKEN = "HTTP_X_FHANTOM_TOKEN"


class Who(StrEnum):
    """Who may use a route (`access`)."""

    EVERYBODY = "everybody"
    WORLD = "this machine, an accepted apikey for its own world, or the control token"
    ALL = "this machine or the control token"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: `own` is the key whose world alone it may touch; None where it may do everything."""

    own: str | None


def caller_of(environ: WSGIEnvironment, settings: Settings, *, key_is_good: bool) -> Caller:
    """Who the request comes from. Raises Forbidden for strangers."""
    origin = environ.get("HTTP_ORIGIN")
    if origin is not None and origin != origin_of(environ):
        raise Forbidden("Origin: control routes answer pages of this server only")
    token = environ.get(TOKEN)
    if token is not None:
        if settings.control_token and secrets.compare_digest(token.encode(), settings.control_token.encode()):
            return Caller(None)
        raise Forbidden("X-Fhantom-Token: is not this server's control token")
    if _is_local(environ):
        if _host(environ) not in _LOCAL_NAMES | {settings.host}:
            raise Forbidden("Host: is not a name of this machine")
        return Caller(None)
    if key_is_good:
        return Caller(environ.get("HTTP_APIKEY") or "")
    raise Forbidden("from another machine this needs an accepted apikey, or the control token as X-Fhantom-Token")


def _is_local(environ: WSGIEnvironment) -> bool:
    try:
        return ipaddress.ip_address(environ.get("REMOTE_ADDR") or "127.0.0.1").is_loopback
    except ValueError:
        return False


def _host(environ: WSGIEnvironment) -> str:
    host = str(environ.get("HTTP_HOST", ""))
    return host[: host.index("]") + 1] if host.startswith("[") and "]" in host else host.partition(":")[0]
