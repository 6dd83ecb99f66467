"""httpx without a socket: transports over the application itself, which take chunked uploads too."""

from __future__ import annotations

import time
from collections.abc import Iterable
from wsgiref.types import WSGIApplication

import anyio.to_thread
import httpx

from fhantom.testing.calling import call


class AppTransport(httpx.BaseTransport):
    """Answers a client's requests by calling a WSGI application; broken connections raise what a socket would."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer of the application. Raises httpx.ReadError, ReadTimeout or RemoteProtocolError."""
        assert isinstance(request.stream, httpx.SyncByteStream)
        return _answered(self._app, request, request.stream if _is_chunked(request) else b"".join(request.stream))


class AsyncAppTransport(httpx.AsyncBaseTransport):
    """The same for an `httpx.AsyncClient`; the application runs in a thread, so requests are answered at once."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer of the application. Raises what `AppTransport` raises."""
        assert isinstance(request.stream, httpx.AsyncByteStream)
        pieces = [piece async for piece in request.stream]
        body = pieces if _is_chunked(request) else b"".join(pieces)
        return await anyio.to_thread.run_sync(_answered, self._app, request, body)


def _is_chunked(request: httpx.Request) -> bool:
    return str(request.headers.get("transfer-encoding", "")).lower() == "chunked"


def _answered(app: WSGIApplication, request: httpx.Request, body: bytes | Iterable[bytes]) -> httpx.Response:
    began = time.perf_counter()
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw]
    received = call(app, request.method, str(request.url), headers, body)
    patience = request.extensions.get("timeout", {}).get("read")
    if patience is not None and time.perf_counter() - began > patience:
        raise httpx.ReadTimeout("timed out", request=request)
    if received.broken == "reset":
        raise httpx.ReadError("[Errno 104] Connection reset by peer", request=request)
    if received.broken == "refuse":
        raise httpx.ConnectError("[Errno 111] Connection refused", request=request)
    if received.broken is not None:
        words = "peer closed connection without sending complete message body"
        raise httpx.RemoteProtocolError(
            words if received.status else "Server disconnected without sending a response.", request=request
        )
    return httpx.Response(received.status, headers=received.headers, content=received.body, request=request)
