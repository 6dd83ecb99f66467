"""What the gateway leaves in the WSGI environ for the rooms behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from wsgiref.types import WSGIEnvironment

if TYPE_CHECKING:
    from fhantom.world import World

WORLD = "fhantom.world"
ORIGIN = "fhantom.origin"
REQUEST_ID = "fhantom.request_id"
WORLD_NAME = "fhantom.world_name"
ASKED_PATH = "fhantom.asked_path"

PROFILE = "fhantom.profile"

# Set by a server that sends any buffer; others are given bytes, as PEP 3333 has it.
TAKES_VIEWS = "fhantom.takes_views"

# The path below which a browser asks for pages of a room that it has no key for, such as `/browse`.
BROWSED = "fhantom.browsed"

# What a fault asks of those behind it.
FAULT = "fhantom.fault"
EXPIRED_KEY = "fhantom.expired_key"
PARTIAL_STOW = "fhantom.partial_stow"


UNRANGED = "fhantom.unranged"
"""Set where ranges of bytes are not answered."""


def world_of(environ: WSGIEnvironment) -> World:
    """The data state that the request's key sees."""
    return cast("World", environ[WORLD])


def origin_of(environ: WSGIEnvironment) -> str:
    """Scheme, host and port that links are built on, without a trailing slash."""
    return cast(str, environ[ORIGIN])


def partial_stow_of(environ: WSGIEnvironment) -> tuple[int, int] | None:
    """Which instance of a STOW request is to fail, counted from 1, and with which reason; None for none."""
    return cast("tuple[int, int] | None", environ.get(PARTIAL_STOW))
