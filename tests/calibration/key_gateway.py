"""A small gateway that wants an apikey, in front of other servers, as the live server has one before its HAPIs."""

from __future__ import annotations

import http.client
import urllib.parse
from collections.abc import Iterable, Mapping
from wsgiref.types import StartResponse, WSGIEnvironment

KEY = "the-live-key"
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}  # RFC 9110 7.6.1


class KeyGateway:
    """Passes `/fhir/...` on to the base that `upstreams` has for `fhir`; those see their own host, not the client's."""

    def __init__(self, upstreams: Mapping[str, str]) -> None:
        self._upstreams = {name: urllib.parse.urlsplit(base) for name, base in upstreams.items()}

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        service, _, rest = environ["PATH_INFO"].lstrip("/").partition("/")
        if environ.get("HTTP_APIKEY") != KEY:
            return _refuse(start, "401 Unauthorized", b'{"message": "No API key found in request"}')
        if service not in self._upstreams:
            return _refuse(start, "404 Not Found", b'{"message": "no Route matched with those values"}')
        base = self._upstreams[service]
        target = urllib.parse.quote(f"{base.path}/{rest}" if rest else base.path, safe="/:$")
        if environ.get("QUERY_STRING"):
            target += f"?{environ['QUERY_STRING']}"
        headers = {"Accept": environ.get("HTTP_ACCEPT", "*/*")}
        if environ.get("CONTENT_TYPE"):
            headers["Content-Type"] = environ["CONTENT_TYPE"]
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        connection = http.client.HTTPConnection(base.netloc, timeout=60)
        try:
            connection.request(environ["REQUEST_METHOD"], target, body or None, headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        kept = [(name, value) for name, value in answer.getheaders() if name.lower() not in _HOP_BY_HOP]
        start(f"{answer.status} {answer.reason}", [*kept, ("Content-Length", str(len(content)))])
        return (content,)


def _refuse(start: StartResponse, status: str, body: bytes) -> Iterable[bytes]:
    start(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return (body,)
