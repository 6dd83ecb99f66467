"""httpx without a socket: a transport over the application itself, which takes chunked uploads too."""

from __future__ import annotations

import time
from wsgiref.types import WSGIApplication

import httpx

from fhantom.testing.calling import call


class AppTransport(httpx.BaseTransport):
    """Answers a client's requests by calling a WSGI application; broken connections raise what a socket would."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer of the application. Raises httpx.ReadError, ReadTimeout or RemoteProtocolError."""
        began = time.perf_counter()
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw]
        stream = request.stream
        assert isinstance(stream, httpx.SyncByteStream)
        chunked = request.headers.get("transfer-encoding", "").lower() == "chunked"
        body = stream if chunked else b"".join(stream)
        received = call(self._app, request.method, str(request.url), headers, body)
        patience = request.extensions.get("timeout", {}).get("read")
        if patience is not None and time.perf_counter() - began > patience:
            raise httpx.ReadTimeout("timed out", request=request)
        if received.broken == "reset":
            raise httpx.ReadError("[Errno 104] Connection reset by peer", request=request)
        if received.broken is not None:
            words = "peer closed connection without sending complete message body"
            raise httpx.RemoteProtocolError(
                words if received.status else "Server disconnected without sending a response.", request=request
            )
        return httpx.Response(received.status, headers=received.headers, content=received.body, request=request)
