"""Bundles as bytes, joined from texts that are ready."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring

from fhantom.definitions.jsontext import indent
from fhantom.fhir.links import Link

_SUBSETTED = b""",
    "tag": [ {
      "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
      "code": "SUBSETTED",
      "display": "Resource encoded in summary mode"
    } ]"""


@dataclass(frozen=True, slots=True)
class Frame:
    """Everything of a Bundle but its entries.

    Attributes:
        updated: meta.lastUpdated, an instant; empty for bundles without meta.
        subsetted: the bundle itself is marked as a summary.
    """

    type: str
    id: str
    updated: str = ""
    total: int | None = None
    links: Sequence[Link] = ()
    subsetted: bool = False


def quoted(text: str) -> bytes:
    """A JSON string."""
    return encode_basestring(text).encode()


def search_entry(full_url: bytes, resource: bytes, mode: bytes) -> bytes:
    """One entry of a searchset; `full_url` is a JSON string, `resource` indented JSON from column 0."""
    return b'{\n    "fullUrl": %b,\n    "resource": %b,\n    "search": {\n      "mode": "%b"\n    }\n  }' % (
        full_url,
        indent(resource, 2),
        mode,
    )


def plain_entry(full_url: str, resource: bytes) -> bytes:
    """One entry of a document or collection."""
    return b'{\n    "fullUrl": %b,\n    "resource": %b\n  }' % (quoted(full_url), indent(resource, 2))


def history_entry(full_url: str, resource: bytes | None, method: str, url: str, status: str, etag: str) -> bytes:
    """One entry of a history; a deletion has no resource."""
    held = b"" if resource is None else b'    "resource": %b,\n' % indent(resource, 2)
    return (
        b'{\n    "fullUrl": %b,\n%b    "request": {\n      "method": "%b",\n      "url": %b\n    },\n'
        b'    "response": {\n      "status": "%b",\n      "etag": %b\n    }\n  }'
    ) % (quoted(full_url), held, method.encode(), quoted(url), status.encode(), quoted(etag))


def response_entry(resource: bytes | None, response: bytes) -> bytes:
    """One entry of a transaction-response; `response` is indented JSON from column 0."""
    held = b"" if resource is None else b'    "resource": %b,\n' % indent(resource, 2)
    return b'{\n%b    "response": %b\n  }' % (held, indent(response, 2))


def written(frame: Frame, entries: Iterable[bytes]) -> bytes:
    """The Bundle as indented JSON; without entries it has no `entry`."""
    parts = [b'{\n  "resourceType": "Bundle",\n  "id": "%b"' % frame.id.encode()]
    if frame.updated:
        mark = _SUBSETTED if frame.subsetted else b""
        parts.append(b',\n  "meta": {\n    "lastUpdated": "%b"%b\n  }' % (frame.updated.encode(), mark))
    parts.append(b',\n  "type": "%b"' % frame.type.encode())
    if frame.total is not None:
        parts.append(b',\n  "total": %d' % frame.total)
    if frame.links:
        links = b", ".join(
            b'{\n    "relation": "%b",\n    "url": %b\n  }' % (relation.encode(), quoted(url))
            for relation, url in frame.links
        )
        parts.append(b',\n  "link": [ %b ]' % links)
    joined = b", ".join(entries)
    if joined:
        parts.append(b',\n  "entry": [ %b ]' % joined)
    parts.append(b"\n}")
    return b"".join(parts)
