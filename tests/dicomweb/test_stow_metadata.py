"""Storing objects whose metadata and bulk data come in parts of their own."""

from __future__ import annotations

import io
import itertools
import json
from typing import Any

import numpy
import pydicom
import pytest
from PIL import Image

from doors import Answer, Door
from fhantom.archive.ingest import Accepted, accept
from fhantom.dicom import native_xml
from instances import BOUNDARY, ROOT, instance

_STUDIES = itertools.count(5000)
JSON, XML = "application/dicom+json", "application/dicom+xml"
Part = tuple[dict[str, str], bytes]


@pytest.fixture
def study() -> int:
    return next(_STUDIES)


def metadata(study: int, **changed: Any) -> dict[str, Any]:
    """The metadata of a slice, without its pixels."""
    accepted = accept(instance(study))
    assert isinstance(accepted, Accepted)
    record = json.loads(accepted.metadata)
    del record["7FE00010"]
    return {**record, **{tag.lstrip("_"): value for tag, value in changed.items()}}


def described(record: Any, kind: str = JSON) -> Part:
    body = native_xml.encode(record) if kind == XML else json.dumps(record).encode()
    return {"Content-Type": kind}, body


def bulk(location: str, body: bytes, kind: str = "application/octet-stream") -> Part:
    return {"Content-Type": kind, "Content-Location": location}, body


def store(door: Door, *parts: Part, kind: str = JSON) -> Answer:
    body = b""
    for headers, content in parts:
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        body += f"--{BOUNDARY}\r\n{lines}\r\n".encode() + content + b"\r\n"
    content_type = f'multipart/related; type="{kind}"; boundary={BOUNDARY}'
    return door.request(
        "POST", "/dicomweb/studies", {"Content-Type": content_type}, body + f"--{BOUNDARY}--\r\n".encode()
    )


def retrieved(door: Door, study: int) -> pydicom.FileDataset:
    path = f"/dicomweb/studies/{ROOT}.{study}/series/{ROOT}.{study}.1/instances/{ROOT}.{study}.1.1"
    answer = door.get(path, {"Accept": "application/dicom; transfer-syntax=*"})
    assert answer.status == 200, answer.body
    return pydicom.dcmread(io.BytesIO(answer.body))


@pytest.mark.parametrize("kind", [JSON, XML])
def test_pixels_of_a_part_become_those_of_the_object(door: Door, study: int, kind: str) -> None:
    record = metadata(study, _7FE00010={"vr": "OB", "BulkDataURI": "pixels/1"})
    answer = store(door, described(record, kind), bulk("pixels/1", bytes(range(16))), kind=kind)
    assert answer.status == 200, answer.body
    made = retrieved(door, study)
    assert made.PixelData == bytes(range(16))
    assert made.PatientName == f"Doe^John^{study}"


def test_a_list_of_objects_shares_one_part_of_metadata(door: Door, study: int) -> None:
    other = next(_STUDIES)
    records = [metadata(study), metadata(other)]
    answer = store(door, described(records))
    assert answer.status == 200
    assert len(answer.json()["00081199"]["Value"]) == 2


def jpeg() -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(numpy.arange(16, dtype="u1").reshape(4, 4)).save(buffer, "JPEG")
    return buffer.getvalue()


def jpeg2000(*, lossy: bool) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(numpy.zeros((32, 32), "u1")).save(buffer, "JPEG2000", irreversible=lossy)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("kind", "body", "syntax", "start"),
    [
        ("image/jpeg", jpeg(), "1.2.840.10008.1.2.4.50", b"\xff\xd8"),
        ("image/jpeg; transfer-syntax=1.2.840.10008.1.2.4.51", jpeg(), "1.2.840.10008.1.2.4.51", b"\xff\xd8"),
        ("image/jp2", jpeg2000(lossy=False), "1.2.840.10008.1.2.4.90", b"\xff\x4f"),
        ("image/jp2", jpeg2000(lossy=True), "1.2.840.10008.1.2.4.91", b"\xff\x4f"),
        ("video/mp4", b"not really a film", "1.2.840.10008.1.2.4.102", b"not"),
    ],
    ids=["jpeg", "jpeg with its syntax", "jp2", "lossy jp2", "mp4"],
)
def test_compressed_pixels_decide_the_transfer_syntax(
    door: Door, study: int, kind: str, body: bytes, syntax: str, start: bytes
) -> None:
    record = metadata(study, _7FE00010={"vr": "OB", "BulkDataURI": "p"})
    assert store(door, described(record), bulk("p", body, kind)).status == 200
    made = retrieved(door, study)
    assert made.file_meta.TransferSyntaxUID == syntax
    (frame,) = pydicom.encaps.generate_frames(made.PixelData, number_of_frames=1)
    assert frame.startswith(start)


def test_parts_of_one_location_are_the_frames_of_an_image(door: Door, study: int) -> None:
    record = metadata(
        study,
        _7FE00010={"vr": "OB", "BulkDataURI": "p"},
        _00280008={"vr": "IS", "Value": [2]},
    )
    assert (
        store(door, described(record), bulk("p", jpeg(), "image/jpeg"), bulk("p", jpeg(), "image/jpeg")).status == 200
    )
    made = retrieved(door, study)
    assert len(list(pydicom.encaps.generate_frames(made.PixelData, number_of_frames=2))) == 2


def test_a_pdf_becomes_the_encapsulated_document(door: Door, study: int) -> None:
    record = metadata(study, _00420011={"vr": "OB", "BulkDataURI": "the.pdf"})
    pdf = b"%PDF-1.4 synthetic"
    assert store(door, described(record), bulk("the.pdf", pdf, "application/pdf")).status == 200
    assert retrieved(door, study).EncapsulatedDocument == pdf


def test_a_reference_to_no_part_fails_that_object_alone(door: Door, study: int) -> None:
    other = next(_STUDIES)
    broken = metadata(study, _7FE00010={"vr": "OB", "BulkDataURI": "nowhere"})
    answer = store(door, described([broken, metadata(other)]))
    assert answer.status == 400
    (failed,) = answer.json()["00081198"]["Value"]
    assert failed["00081155"]["Value"] == [f"{ROOT}.{study}.1.1"]
    assert "nowhere" in answer.headers["Warning"]
    assert len(answer.json()["00081199"]["Value"]) == 1


@pytest.mark.parametrize(
    ("kind", "body"),
    [(JSON, b"[{"), (JSON, b"7"), (XML, b"<no"), (XML, b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')],
    ids=["json cut", "json number", "xml cut", "xml entity"],
)
def test_metadata_that_cannot_be_read_is_refused(door: Door, kind: str, body: bytes) -> None:
    assert store(door, ({"Content-Type": kind}, body), kind=kind).status == 400


def test_pixels_in_an_unknown_syntax_are_refused(door: Door, study: int) -> None:
    record = metadata(study, _7FE00010={"vr": "OB", "BulkDataURI": "p"})
    answer = store(door, described(record), bulk("p", b"x", "image/jpeg; transfer-syntax=1.2.3"))
    assert answer.status == 400
