"""Metadata: the stored DICOM JSON with absolute references, or the same as XML (PS3.18 10.4.1.1.2)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence

from fhantom.archive.retrieve import InstanceRow
from fhantom.dicom import dicom_json, native_xml, records
from fhantom.dicomweb import recorded_metadata
from fhantom.dicomweb.qido_parameters import path_of
from fhantom.dicomweb.wado_places import place_of
from fhantom.errors import BadRequest
from fhantom.wire.media import Choice, Offer, negotiate, parse_accept
from fhantom.wire.multipart import Part
from fhantom.world import World

JSON = Offer("application/dicom+json", False)
PLAIN_JSON = Offer("application/json", False)
XML = Offer("application/dicom+xml", True)
Paths = tuple[tuple[str, ...], ...]
"""Attributes by tag path; none stands for all of them."""

# What tells instances apart is always there: SpecificCharacterSet and the UIDs.
_IDENTIFYING: Paths = (("00080005",), ("00080016",), ("00080018",), ("0020000D",), ("0020000E",))

OFFERS = (JSON, PLAIN_JSON, XML)

_BATCH = 50


def choose(accept: str | None) -> Choice | None:
    """The form that suits an Accept header; JSON without one."""
    if accept is None:
        return Choice(JSON, "")
    # Orthanc refuses multipart that does not say of what.
    named = [one for one in parse_accept(accept) if not (one.multipart and one.media.name == "*/*")]
    return negotiate(named, OFFERS)


def parse_includes(fields: Iterable[str]) -> Paths:
    """What the values of `includefield` name: tags or keywords, by comma, through sequences by dots.

    Raises:
        BadRequest: one names no attribute.
    """
    paths: list[tuple[str, ...]] = []
    for text in ",".join(fields).split(","):
        if text.lower() == "all":
            return ()
        path = path_of(text)
        if text and path is None:
            raise BadRequest(f"includefield names no attribute: {text[:80]!r}")
        if path is not None:
            paths.append(path)
    return (*_IDENTIFYING, *paths) if paths else ()


def etag(rows: Sequence[InstanceRow], base: str, offer: Offer, included: Paths = ()) -> str:
    """A validator that changes when the instances do, or the form, what is included, or the root of their links."""
    sum_of = hashlib.sha256(f"{offer.name} {base} {included}".encode())
    for row in rows:
        sum_of.update(row.metadata)
    return sum_of.hexdigest()[:32]


def bulkdata_base(base: str, row: InstanceRow) -> str:
    """Where the bulk data of an instance is; `base` is the URL of the service."""
    return f"{base}{place_of(row).path}/bulk"


def as_json(
    world: World, rows: Sequence[InstanceRow], base: str, included: Paths = (), *, strict: bool = False
) -> Iterator[bytes]:
    """One JSON array, in pieces; a batch of instances is held at a time.

    Args:
        strict: with no more of the values than the real server shows.
    """
    separator = b"["
    for start in range(0, len(rows), _BATCH):
        batch = rows[start : start + _BATCH]
        texts = world.texts.get_many([row.metadata for row in batch])
        chosen = ((_selected(text, row, included), row) for text, row in zip(texts, batch, strict=True))
        if strict:
            chosen = ((_as_recorded(world, text, row), row) for text, row in chosen)
        objects = [dicom_json.rebase(text, bulkdata_base(base, row)) for text, row in chosen]
        yield separator + b",\n".join(objects)
        separator = b",\n"
    yield b"]"


def as_xml(
    world: World, rows: Sequence[InstanceRow], base: str, included: Paths = (), *, strict: bool = False
) -> Iterator[Part]:
    """One NativeDicomModel a part.

    Args:
        strict: with no more of the values than the real server shows, and as it writes them.
    """
    for row in rows:
        [record] = records.parse_json(_selected(world.texts.get(row.metadata), row, included))
        shown = recorded_metadata.of(world, row, record) if strict else record
        document = native_xml.encode(shown, bulkdata_base(base, row), recorded=strict)
        yield Part.of((("Content-Type", XML.name),), document)


def _as_recorded(world: World, text: bytes, row: InstanceRow) -> bytes:
    return records.encode(recorded_metadata.of(world, row, json.loads(text)))


def _selected(stored: bytes, row: InstanceRow, included: Paths) -> bytes:
    if not included:
        return stored
    record = records.selected(json.loads(stored), included)
    more = {tag: attribute for tag, attribute in _told_on_request(row).items() if (tag,) in included}
    return records.encode(dict(sorted({**more, **record}.items())))


def _told_on_request(row: InstanceRow) -> dict[str, dict[str, object]]:
    """What a client can name that the object itself, or the real server, does not tell.

    AvailableTransferSyntaxUID (PS3.18 table 10.6.3-5), and where the frames of compressed pixel data are.
    """
    told: dict[str, dict[str, object]] = {"00083002": {"vr": "UI", "Value": [row.transfer_syntax_uid]}}
    if row.number_of_frames:
        told["7FE00010"] = {"vr": "OB", "BulkDataURI": "./7fe00010"}
    return told
