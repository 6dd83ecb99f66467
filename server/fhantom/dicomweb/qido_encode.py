"""Rows of an answer as DICOM JSON, as Native DICOM Models in multipart, or as CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from fhantom.archive.answering import columns_of
from fhantom.archive.query import Query
from fhantom.archive.search import Match
from fhantom.dicom import dictionary, native_xml
from fhantom.dicomweb import recorded
from fhantom.dicomweb.addresses import retrieve_url
from fhantom.wire import media, multipart

JSON = "application/dicom+json"
XML = "application/dicom+xml"
CSV = "text/csv"

# PS3.18 8.3.3.1 has no application/json; clients send it, and the official examples do.
_NAMES = {
    JSON: (JSON, "application/json"),
    XML: (XML, "application/xml", "text/xml"),
    CSV: (CSV,),
}
_CHARACTER_SET = '"00080005":{"vr":"CS","Value":["ISO_IR 192"]}'
_GROUPS = ("Alphabetic", "Ideographic", "Phonetic")


@dataclass(frozen=True, slots=True)
class Encoded:
    """An answer on its way: its Content-Type and the pieces that it comes in."""

    content_type: str
    pieces: Iterator[bytes]


def choose(accept: str) -> str:
    """The form of an answer; a search is never refused for its Accept header, and JSON is for whoever takes it."""
    accepted = media.parse_accept(accept)
    if any(one.media.includes(name) for one in accepted for name in _NAMES[JSON]):
        return JSON
    named = (form for one in accepted for form in (XML, CSV) if one.media.name in _NAMES[form])
    return next(named, JSON)


def choose_as_recorded(accept: str) -> str:
    """The form that the real server answers in."""
    return XML if accept in _NAMES[XML] else JSON


def encode(form: str, matches: Iterable[Match], query: Query, service: str, *, strict: bool = False) -> Encoded:
    """The rows in that form.

    Args:
        service: the URL that RetrieveURLs begin with.
        strict: in Latin-1 and with no more of the values than the real server shows.

    Raises:
        BadFileFormat: what the real server cannot write, with `strict`.
    """
    rows: Iterator[str] = (_members(match, service) for match in matches)
    if strict:
        rows = map(recorded.row, rows)
    if form == XML:
        encoder = multipart.Encoder()
        parts = (_part(row) for row in rows)
        boundary = f'multipart/related; type="{XML}"; boundary={encoder.boundary}'
        return Encoded(boundary, map(bytes, encoder.encode(parts)))
    if form == CSV:
        return Encoded("text/csv; charset=utf-8; header=present", _csv(rows, query))
    return Encoded(JSON, _json(rows))


def _members(match: Match, service: str) -> str:
    """The members of a row's JSON object, in the order of their tags (PS3.18 F.2.2)."""
    url = retrieve_url(service, match.study_instance_uid, match.series_instance_uid, match.sop_instance_uid)
    # Each begins with its tag, so that sorting the texts sorts the tags.
    return ",".join(sorted((*match.attributes, _CHARACTER_SET, f'"00081190":{{"vr":"UR","Value":["{url}"]}}')))


def _json(rows: Iterable[str]) -> Iterator[bytes]:
    opening = "["
    for row in rows:
        yield f"{opening}{{{row}}}".encode()
        opening = ",\n"
    yield b"[]" if opening == "[" else b"]"


def _part(row: str) -> multipart.Part:
    return multipart.Part.of((("Content-Type", XML),), native_xml.encode(json.loads(f"{{{row}}}")))


def _csv(rows: Iterable[str], query: Query) -> Iterator[bytes]:
    tags = columns_of(query)
    yield _csv_line([dictionary.keyword_of(int(tag, 16)) or tag for tag in tags])
    for row in rows:
        attributes = json.loads(f"{{{row}}}")
        yield _csv_line([_cell(attributes.get(tag, {})) for tag in tags])


def _csv_line(cells: list[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue().encode()


def _cell(attribute: dict[str, Any]) -> str:
    return "\\".join(map(_cell_text, attribute.get("Value", ())))


def _cell_text(value: Any) -> str:
    if isinstance(value, dict) and value.keys() <= set(_GROUPS):
        return "=".join(value.get(group) or "" for group in _GROUPS).rstrip("=")
    if isinstance(value, dict):  # an item of a sequence
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return "" if value is None else str(value)
