"""Giving a connection to a protocol of its own, under each server that fhantom runs on.

A room that wants one leaves in the environ what is to be done with it and answers 101. The servers would go on reading
requests from it, so they are left with a closed one, and get an error that they take for a client gone.
"""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Callable, Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

TAKEOVER = "fhantom.takeover"

Work = Callable[[socket.socket], None]


class TakingOver:
    """Passes everything on to `app`, but hands over connections that a room wants for itself."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body = self._app(environ, start_response)
        work: Work | None = environ.pop(TAKEOVER, None)
        connection = connection_of(environ)
        if work is None or connection is None:
            return body
        if hasattr(body, "close"):
            body.close()
        # Detached, since servers shut down what they close, and that would end a duplicate too.
        taken = socket.socket(fileno=connection.detach())
        taken.setblocking(True)
        work(taken)
        raise ConnectionResetError(errno.ECONNRESET, "the connection was taken over")


def connection_of(environ: WSGIEnvironment) -> socket.socket | None:
    """The request's connection; None where there is none, or one with a state of its own (TLS)."""
    found = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
    connection = found if isinstance(found, socket.socket) else getattr(found, "sock", None)
    return None if isinstance(connection, ssl.SSLSocket) else connection
