"""Bodies of writes: from bytes to a canonical resource, by their Content-Type."""

from __future__ import annotations

import base64
import re
import zlib
from typing import Any

from fhantom.definitions import ParseRefusal
from fhantom.definitions.canonical import parse_json
from fhantom.definitions.xmlread import parse_xml
from fhantom.fhir.exchange import Exchange
from fhantom.fhir.negotiate import Encoding, bare, encoding_of, is_fhir
from fhantom.fhir.outcomes import Refusal, cause_of

Resource = dict[str, Any]

_FORM = "application/x-www-form-urlencoded"
_FIRST = re.compile("[;,]")
_NOTHING = {"CREATE": "0956", "UPDATE": "0986"}
_MOST = 1 << 28
"""Bytes that a compressed body may have once it is unpacked."""


def body_encoding(exchange: Exchange, operation: str) -> Encoding:
    """JSON or XML, as Content-Type says. Refusal: 0446, 0448 or 0449 if it says neither."""
    content_type = exchange.header("content-type")
    first = _FIRST.split(content_type, maxsplit=1)[0].strip()
    found = encoding_of(first) if first == first.lower() else None  # HAPI tells capitals apart here
    if found in (Encoding.JSON, Encoding.XML):
        return found
    if not content_type:
        if exchange.body:
            raise Refusal("0448", operation=operation)
        if operation in _NOTHING:
            raise Refusal(_NOTHING[operation])
        return Encoding.JSON  # the reader then tells that there is nothing to read
    number = "0446" if bare(content_type) == _FORM else "0449"
    raise Refusal(number, content_type=content_type, operation=operation)


def unpacked(encoding: str, body: bytes) -> bytes:
    """A body without its Content-Encoding, of which gzip is known and any other passed over. Refusal 0308."""
    if encoding != "gzip" or not body:
        return body
    unpacking = zlib.decompressobj(wbits=31)
    try:
        text = unpacking.decompress(body, _MOST)
    except zlib.error as broken:
        raise Refusal("0308", words=str(broken)) from None
    if not unpacking.eof:
        raise Refusal("0308", words="it does not end where gzip ends")
    return text


def is_raw(exchange: Exchange) -> bool:
    """Whether a body is something else than FHIR, as a Binary may be sent; any JSON or XML is, unless it is FHIR's."""
    content_type = exchange.header("content-type")
    return bool(content_type) and not is_fhir(content_type)


def resource_of(exchange: Exchange, expected: str | None, operation: str) -> Resource:
    """The canonical resource in a request's body. Refusal 0450 around what is wrong with it."""
    if expected == "Binary" and is_raw(exchange):
        return _binary(exchange)
    encoding = body_encoding(exchange, operation)
    return parsed(exchange, encoding, exchange.body, expected)


def parsed(exchange: Exchange, encoding: Encoding, body: bytes, expected: str | None) -> Resource:
    """The canonical resource of a text. Refusal 0450 around what is wrong with it."""
    try:
        if encoding is Encoding.JSON and not body.strip():
            raise ParseRefusal(1861, 1857)
        if encoding is Encoding.XML:
            return parse_xml(exchange.version, body, expected)
        return parse_json(exchange.version, body, expected)
    except ParseRefusal as refusal:
        raise Refusal("0450", encoding=encoding.name, cause=cause_of(refusal)) from None


def _binary(exchange: Exchange) -> Resource:
    """A Binary of a body of any media type (FHIR http 3.2.0.1.14: not FHIR's own types)."""
    resource: Resource = {"resourceType": "Binary"}
    if content_type := exchange.header("content-type"):
        resource["contentType"] = content_type
    resource["data"] = base64.b64encode(exchange.body).decode()
    return resource
