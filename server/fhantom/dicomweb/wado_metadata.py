"""Metadata: the stored DICOM JSON with absolute references, or the same as XML (PS3.18 10.4.1.1.2)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from fhantom.archive.retrieve import InstanceRow
from fhantom.dicom import dicom_json, native_xml, records
from fhantom.dicomweb.wado_places import place_of
from fhantom.wire.media import Choice, Offer, negotiate, parse_accept
from fhantom.wire.multipart import Part
from fhantom.world import World

JSON = Offer("application/dicom+json", False)
PLAIN_JSON = Offer("application/json", False)
XML = Offer("application/dicom+xml", True)
OFFERS = (JSON, PLAIN_JSON, XML)

_BATCH = 50


def choose(accept: str | None) -> Choice | None:
    """The form that suits an Accept header; JSON without one."""
    if accept is None:
        return Choice(JSON, "")
    # Orthanc refuses multipart that does not say of what.
    named = [one for one in parse_accept(accept) if not (one.multipart and one.media.name == "*/*")]
    return negotiate(named, OFFERS)


def etag(rows: Sequence[InstanceRow], base: str, offer: Offer) -> str:
    """A validator that changes when the instances do, or the form, or the root of their links."""
    sum_of = hashlib.sha256(f"{offer.name} {base}".encode())
    for row in rows:
        sum_of.update(row.metadata)
    return sum_of.hexdigest()[:32]


def bulkdata_base(base: str, row: InstanceRow) -> str:
    """Where the bulk data of an instance is; `base` is the URL of the service."""
    return f"{base}{place_of(row).path}/bulk"


def as_json(world: World, rows: Sequence[InstanceRow], base: str) -> Iterator[bytes]:
    """One JSON array, in pieces; a batch of instances is held at a time."""
    separator = b"["
    for start in range(0, len(rows), _BATCH):
        batch = rows[start : start + _BATCH]
        texts = world.texts.get_many([row.metadata for row in batch])
        objects = [
            dicom_json.rebase(text, bulkdata_base(base, row)) for text, row in zip(texts, batch, strict=True)
        ]
        yield separator + b",\n".join(objects)
        separator = b",\n"
    yield b"]"


def as_xml(world: World, rows: Sequence[InstanceRow], base: str) -> Iterator[Part]:
    """One NativeDicomModel a part."""
    for row in rows:
        [record] = records.parse_json(world.texts.get(row.metadata))
        document = native_xml.encode(record, bulkdata_base(base, row))
        yield Part.of((("Content-Type", XML.name),), document)
