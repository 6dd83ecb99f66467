"""Breaking the connection itself, under each server that fhantom runs on."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
from typing import NoReturn
from wsgiref.types import WSGIEnvironment


class BrokenOff(ConnectionAbortedError):
    """The connection was broken on purpose; servers end the request without a word about it."""


def socket_of(environ: WSGIEnvironment) -> socket.socket | None:
    """The client's connection; None in process, where there is none."""
    found = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
    return found if isinstance(found, socket.socket) else getattr(found, "sock", None)


def reset(environ: WSGIEnvironment, what: str = "reset") -> NoReturn:
    """Make the client see a connection reset (RST)."""
    connection = socket_of(environ)
    if connection is not None:
        # Lingering for no time turns the close into a reset; the descriptor is closed below Python's file
        # objects, which would otherwise keep it open.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(connection.detach())
    raise BrokenOff(f"fault: {what}")


def end(environ: WSGIEnvironment, what: str) -> NoReturn:
    """Make the client see the end of the connection."""
    connection = socket_of(environ)
    if connection is not None:
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
    raise BrokenOff(f"fault: {what}")


def send_raw(environ: WSGIEnvironment, data: bytes) -> None:
    """Write bytes to the client past the server's own framing."""
    connection = socket_of(environ)
    if connection is not None:
        connection.sendall(data)
