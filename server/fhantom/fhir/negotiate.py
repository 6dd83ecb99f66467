"""Which form an answer takes: JSON, XML or Turtle, indented or not, alone or on a page for a browser.

The real server never answers 406. What it looks at, in this order: `_format`, the best `Accept`, the
request's own Content-Type, JSON.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache


class Encoding(Enum):
    """The three ways to write a resource."""

    JSON = "json"
    XML = "xml"
    TURTLE = "turtle"


@dataclass(frozen=True, slots=True)
class Form:
    """How one answer is written.

    Attributes:
        media_type: what Content-Type names, without its charset.
        page: the resource stands on an HTML page with colours.
        is_named: the page was asked for by `_format` and not by a browser; then errors stand on none.
    """

    encoding: Encoding
    media_type: str
    pretty: bool
    page: bool = False
    is_named: bool = False


_JSON = (Encoding.JSON, "application/fhir+json")
_XML = (Encoding.XML, "application/fhir+xml")
_NDJSON = (Encoding.XML, "application/fhir+ndjson")
_TURTLE = (Encoding.TURTLE, "application/x-turtle")

# FHIR http 3.2.0.1.10 lists the names; the older ones of DSTU2 are answered by their own name.
MEDIA_TYPES: dict[str, tuple[Encoding, str]] = {
    "application/fhir+json": _JSON,
    "application/json": _JSON,
    "text/json": _JSON,
    "json": _JSON,
    "application/json+fhir": (Encoding.JSON, "application/json+fhir"),
    "application/fhir+xml": _XML,
    "application/xml": _XML,
    "text/xml": _XML,
    "xml": _XML,
    "application/xml+fhir": (Encoding.XML, "application/xml+fhir"),
    "application/x-turtle": _TURTLE,
    "application/fhir+turtle": _TURTLE,
    "text/turtle": (Encoding.TURTLE, "text/turtle"),
    "ttl": _TURTLE,
    "rdf": _TURTLE,
    # HAPI 8.8.0 names the bundle exports' NDJSON and writes XML
    "application/fhir+ndjson": _NDJSON,
    "application/ndjson": _NDJSON,
    "ndjson": _NDJSON,
}

# `_format` values that ask for the page whatever the client is.
PAGE_FORMATS: dict[str, tuple[Encoding, str]] = {
    "html": _JSON,
    "text/html": _JSON,
    "html/json": _JSON,
    "html/xml": _XML,
    "html/turtle": _TURTLE,
}


def bare(media_type: str) -> str:
    """A media type without parameters, in lower case; a `+` that a query turned into a space is one again."""
    return _plain(media_type).lower()


def _plain(media_type: str) -> str:
    return media_type.partition(";")[0].strip().replace(" ", "+")


@lru_cache(maxsize=512)
def acceptable(header: str) -> tuple[tuple[str, float], ...]:
    """The entries of an Accept header with their q, in the order given (RFC 9110 12.5.1), capitals left in."""
    entries = []
    for entry in header.split(","):
        name, *parameters = entry.split(";")
        quality = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip().lower() == "q":
                try:
                    quality = float(value)
                except ValueError:
                    quality = 1.0
        if name.strip():
            entries.append((name.strip(), quality))
    return tuple(entries)


def is_fhir(media_type: str) -> bool:
    """Whether a media type names FHIR itself, and not only JSON or XML."""
    name = bare(media_type)
    return name in MEDIA_TYPES and "fhir" in name


def encoding_of(media_type: str | None) -> Encoding | None:
    """The encoding that a Content-Type names, None if it names none of FHIR's."""
    found = MEDIA_TYPES.get(bare(media_type)) if media_type else None
    return found[0] if found else None


def wants_page(accept: str) -> bool:
    """Whether text/html is among the types that the client likes best, as browsers' address bars ask."""
    entries = acceptable(accept)
    best = max((quality for _, quality in entries), default=0.0)
    return any(name == "text/html" and quality == best for name, quality in entries)


@lru_cache(maxsize=1024)
def negotiate(
    format_parameter: str, accept: str, content_type: str, pretty: str | None, from_address_bar: bool
) -> Form:
    """The form of the answer.

    Args:
        format_parameter: `_format`, empty if absent.
        accept: the Accept header, empty if absent.
        content_type: the request's Content-Type, empty if absent.
        pretty: `_pretty`; anything but `true` switches indentation off, None leaves it on.
        from_address_bar: the request could be a person's: a GET without Origin and X-Requested-With.
    """
    indented = pretty is None or pretty == "true"
    asked = _plain(format_parameter)  # the real server tells capitals apart, here and in Accept
    if asked in PAGE_FORMATS:
        by_browser = from_address_bar and wants_page(accept)
        return Form(*PAGE_FORMATS[asked], pretty=True, page=True, is_named=not by_browser)
    if asked in MEDIA_TYPES:
        return Form(*MEDIA_TYPES[asked], pretty=indented)
    if not asked and from_address_bar and wants_page(accept):
        return Form(*_JSON, pretty=True, page=True)
    best: tuple[Encoding, str] | None = None
    best_quality = -1.0
    for name, quality in acceptable(accept):
        found = MEDIA_TYPES.get(name)
        if found and (quality > best_quality or (quality == best_quality and found[0] is Encoding.JSON)):
            best, best_quality = found, quality  # of types liked as much JSON is taken
    if best is None:
        best = MEDIA_TYPES.get(bare(content_type), _JSON)
    return Form(*best, pretty=indented)
