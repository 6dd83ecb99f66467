"""requests without a socket: a transport adapter over the application itself."""

from __future__ import annotations

import io
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from wsgiref.types import WSGIApplication

import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse

from fhantom.testing.calling import Received, call

_PIECE = 1 << 16


class AppAdapter(BaseAdapter):
    """Answers a session's requests by calling a WSGI application; broken connections raise what a socket would."""

    def __init__(self, app: WSGIApplication) -> None:
        super().__init__()
        self._app = app

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """The answer of the application. Raises requests.ConnectionError, ReadTimeout or ChunkedEncodingError."""
        began = time.perf_counter()
        headers = [(name, _text(value)) for name, value in request.headers.items()]
        received = call(self._app, request.method or "GET", request.url or "", headers, _body(request))
        waited = time.perf_counter() - began
        patience = timeout[1] if isinstance(timeout, tuple) else timeout
        if isinstance(patience, int | float) and waited > patience:
            raise requests.ReadTimeout(f"read timed out (read timeout={patience})", request=request)
        if received.broken == "malformed_chunk":
            raise requests.exceptions.ChunkedEncodingError("InvalidChunkLength", request=request)
        if not received.status:
            raise requests.ConnectionError(_WORDS.get(received.broken or "", "Connection aborted."), request=request)
        response = self._response(request, received)
        if not stream:
            response.content  # noqa: B018 - what breaks off does so here, as in requests' own adapter
        return response

    def close(self) -> None:
        """Nothing is held."""

    def _response(self, request: requests.PreparedRequest, received: Received) -> requests.Response:
        response = requests.Response()
        response.status_code = received.status
        response.reason = received.reason
        pairs = HTTPHeaderDict()
        for name, value in received.headers:
            pairs.add(name, value)
        response.headers = requests.structures.CaseInsensitiveDict(pairs.items())
        response.encoding = requests.utils.get_encoding_from_headers(response.headers)
        response.raw = HTTPResponse(
            body=io.BytesIO(received.body),
            headers=pairs,
            status=received.status,
            reason=received.reason,
            preload_content=False,
            enforce_content_length=True,
            request_method=request.method,
        )
        response.url = request.url or ""
        response.request = request
        return response


_WORDS = {
    "reset": "('Connection aborted.', ConnectionResetError(104, 'Connection reset by peer'))",
    "empty": "('Connection aborted.', RemoteDisconnected('Remote end closed connection without response'))",
}


def _body(request: requests.PreparedRequest) -> bytes | Iterable[bytes]:
    """Bytes if the length was told, else the pieces as they will be sent."""
    body: Any = request.body
    if body is None or isinstance(body, str):
        return (body or "").encode()
    if isinstance(body, bytes | bytearray | memoryview):
        return bytes(body)
    pieces = _read(body) if hasattr(body, "read") else map(_bytes, body)
    return b"".join(pieces) if "Content-Length" in request.headers else pieces


def _read(file: Any) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield _bytes(piece)


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")
