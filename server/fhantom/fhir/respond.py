"""From an `Answer` to the HTTP response, in the form that was negotiated."""

from __future__ import annotations

import gzip
import http
import urllib.parse
from dataclasses import replace
from functools import lru_cache
from wsgiref.types import WSGIEnvironment

from fhantom.definitions import Version
from fhantom.definitions.jsontext import compact, load_json
from fhantom.definitions.turtle import dump_turtle
from fhantom.definitions.xmlwrite import dump_xml
from fhantom.fhir import page, parameters
from fhantom.fhir.capability import SERVER
from fhantom.fhir.exchange import Answer, Raw, Ready
from fhantom.fhir.negotiate import Encoding, Form, negotiate
from fhantom.wire import browser
from fhantom.wire.context import BROWSED, origin_of
from fhantom.wire.reply import Reply

_SMALLEST_GZIP = 1400  # bytes: what fits into one packet gains nothing

# What was stored in such a form could run in a browser as if it were a page of this server (CSP 3, sandbox).
_ACTIVE = ("text/html", "application/xhtml", "image/svg", "text/xml", "application/xml")
_SANDBOX = ("Content-Security-Policy", "sandbox")

_GZIP_LEVEL = 1  # a third of the time of level 6 for a tenth more bytes

POWERED_BY: dict[Version, str] = {
    "R4": f"{SERVER} REST Server (FHIR Server; FHIR 4.0.1/R4)",
    "R5": f"{SERVER} REST Server (FHIR Server; FHIR 5.0.0/R5)",
}


def form_of(environ: WSGIEnvironment, pairs: parameters.Pairs) -> Form:
    """The form that a request asks for, by its parameters and headers."""
    by_person = (
        environ["REQUEST_METHOD"] == "GET" and "HTTP_ORIGIN" not in environ and "HTTP_X_REQUESTED_WITH" not in environ
    )
    return negotiate(
        parameters.first(pairs, "_format") or "",
        environ.get("HTTP_ACCEPT", ""),
        environ.get("CONTENT_TYPE", ""),
        parameters.first(pairs, "_pretty"),
        by_person,
    )


def encoded(version: Version, resource: bytes, form: Form) -> bytes:
    """A resource, given as indented JSON, in a form."""
    if form.encoding is Encoding.JSON:
        return resource if form.pretty else compact(resource)
    content = load_json(resource)
    if form.encoding is Encoding.XML:
        return dump_xml(version, content, pretty=form.pretty)
    return dump_turtle(version, content)


@lru_cache(maxsize=16)
def _once(version: Version, ready: Ready, form: Form) -> tuple[bytes, bytes]:
    """A resource that many answers hold, in a form, plain and compressed."""
    body = encoded(version, ready.resource, form)
    return body, gzip.compress(body, _GZIP_LEVEL)


def reply(version: Version, answer: Answer, form: Form, environ: WSGIEnvironment) -> Reply:
    """What an answer sends."""
    content = answer.content
    compressed = b""
    if content is None:
        return _made(version, answer, b"", "")
    if form.is_named:  # HAPI writes such pages for what went well, and all as 200
        if answer.status >= 400:
            form = Form(Encoding.JSON, "application/fhir+json", pretty=True)
        else:
            answer = replace(answer, status=200)
    if isinstance(content, Raw):
        body, media_type = content.content, content.media_type
    else:
        media_type = f"{form.media_type};charset=UTF-8"
        if isinstance(content, Ready):
            body, compressed = _once(version, content, form)
        else:
            body = encoded(version, content, form)
        if form.page:
            body, compressed = _page(body, form, answer.status, environ), b""
            media_type = "text/html;charset=UTF-8"
    if form.page and not isinstance(content, Raw):
        answer = replace(answer, headers=tuple(browser.HEADERS.items()))
    elif isinstance(content, Raw) and media_type.startswith(_ACTIVE):
        answer = replace(answer, headers=(*answer.headers, _SANDBOX))
    if len(body) < _SMALLEST_GZIP or "gzip" not in environ.get("HTTP_ACCEPT_ENCODING", ""):
        return _made(version, answer, body, media_type)
    made = _made(version, answer, compressed or gzip.compress(body, _GZIP_LEVEL), media_type)
    made.headers.extend((("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")))
    return made


def _made(version: Version, answer: Answer, body: bytes, media_type: str) -> Reply:
    headers = [("X-Powered-By", POWERED_BY[version]), *answer.headers]
    if media_type:
        headers.append(("Content-Type", media_type))
    return Reply(answer.status, headers, body)


def _page(body: bytes, form: Form, status: int, environ: WSGIEnvironment) -> bytes:
    origin = origin_of(environ)
    return page.render(
        body.decode(),
        is_json=form.encoding is Encoding.JSON,
        status=f"{status} {http.HTTPStatus(status).phrase}",
        place=page.Place(
            path=urllib.parse.quote(environ["PATH_INFO"].encode("latin-1")),
            query=environ.get("QUERY_STRING", ""),
            root=urllib.parse.urlsplit(origin).path,
            origin=origin,
            browsed=environ.get(BROWSED, ""),
        ),
    ).encode()
