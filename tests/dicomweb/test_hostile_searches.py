"""Searches and uploads that mean harm, or make no sense: a clear answer, never a 5xx, and nothing lost."""

from __future__ import annotations

import json
import tracemalloc
import zlib

import pytest

from doors import Door
from fhantom.site import Site
from instances import BOUNDARY, MULTIPART, ROOT, instance, multipart


@pytest.fixture(scope="module", autouse=True)
def content(module_site: Site) -> None:
    from fhantom.archive.ingest import Accepted, Incoming, accept, keep

    body = instance(1, PatientName="a" * 64, PatientComments="a" * 5000)
    accepted = accept(body)
    assert isinstance(accepted, Accepted)
    keep(module_site.worlds.open(), [Incoming(accepted, body)])


QUERIES = {
    "a number beyond 64 bits": "InstanceNumber=99999999999999999999999999",
    "a number beyond any": "InstanceNumber=1e999",
    "a date of many digits": "StudyDate=99999999999999999999-99999999999999999999999",
    "a time of many digits": "StudyTime=" + "9" * 500 + "-",
    "a datetime without end": "AcquisitionDateTime=" + "1-" * 500,
    "a pattern that backtracks": "PatientName=" + "*a" * 30 + "*b",
    "a pattern that backtracks in the objects": "PatientComments=" + "*a" * 300 + "*b",
    "a pattern of 60 KB": "PatientName=" + "a*" * 30_000,
    "a list of 20,000 values": "PatientID=" + ",".join(map(str, range(20_000))),
    "a list of 2,000 UIDs": "StudyInstanceUID=" + ",".join(f"1.2.{number}" for number in range(2000)),
    "a list of 5,000 patterns": "PatientID=" + ",".join(f"{number}*" for number in range(5000)),
    "a list of 5,000 ranges": "StudyDate=" + ",".join(["20200101-20200102"] * 5000),
    "5,000 values that all must match": "ImageType=" + ",".join("a" * 5000) + "&multiplevaluematching=true",
    "1,000 keys": "&".join(f"0018{number:04x}=1" for number in range(0x1000, 0x13E8)),
    "a path of 500 steps": ".".join(["00082218"] * 500) + "=1",
    "500 included paths": "includefield=" + ",".join(["00082218.00082218.00080100"] * 500),
    "a fuzzy name of 10 KB": "fuzzymatching=true&PatientName=" + "ab+" * 3000,
    "SQL": "PatientName=%27%3B%20DROP%20TABLE%20study%3B--",
    "a zero byte": "PatientName=a%00b*",
    "half a surrogate": "PatientName=%ED%A0%80*",
    "percent signs": "PatientName=%%%25%zz",
    "no key": "=value&&==&",
}


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
@pytest.mark.parametrize("resource", ["studies", "instances"])
def test_a_hostile_query_is_answered_or_refused(door: Door, resource: str, query: str) -> None:
    assert door.get(f"/dicomweb/{resource}?{query}").status in (200, 400, 414)
    assert len(door.get("/dicomweb/studies?PatientID=P1").json()) == 1


@pytest.mark.parametrize(
    "accept", ["," * 60_000, ";q=" * 20_000, "a/b," * 15_000, '"' * 60_000, "multipart/related;type=" * 2000]
)
def test_a_hostile_accept_header_is_answered(door: Door, accept: str) -> None:
    assert door.get("/dicomweb/studies", {"Accept": accept}).status in (200, 431)


def post(door: Door, body: bytes, content_type: str = MULTIPART, **headers: str) -> int:
    return door.request("POST", "/dicomweb/studies", {"Content-Type": content_type, **headers}, body).status


BODIES = {
    "a part without end": multipart(b"x" * 100_000, closed=False),
    "headers without end": f"--{BOUNDARY}\r\n".encode() + b"X: y\r\n" * 20_000,
    "a header without a name": f"--{BOUNDARY}\r\n: x\r\n\r\nx\r\n--{BOUNDARY}--\r\n".encode(),
    "5,000 parts without content": f"--{BOUNDARY}\r\n\r\n\r\n".encode() * 5000,
    "only dashes": b"-" * 100_000,
    "binary": bytes(range(256)) * 400,
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_hostile_body_is_refused(door: Door, body: bytes) -> None:
    assert post(door, body) == 400


@pytest.mark.long
@pytest.mark.parametrize("kind", ["dicom", "dicom+json"])
def test_a_million_parts_are_refused_without_being_held(door: Door, kind: str) -> None:
    part = f"--{BOUNDARY}\r\nContent-Type: application/{kind}\r\n\r\n[]\r\n".encode()
    body = part * 1_000_000
    tracemalloc.start()
    try:
        assert post(door, body, f'multipart/related; type="application/{kind}"; boundary={BOUNDARY}') == 400
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < len(body) + 50_000_000


def test_a_body_that_inflates_beyond_measure_takes_no_memory(door: Door) -> None:
    bomb = zlib.compress(bytes(64 * 1024 * 1024))
    assert post(door, bomb, "application/dicom", **{"Content-Encoding": "deflate"}) == 400


@pytest.mark.parametrize(
    "boundary", ["", "x" * 300, "a b", '"', "\u00e9", "[(*"], ids=["none", "long", "space", "quote", "accent", "regex"]
)
def test_an_odd_boundary_is_no_trouble(door: Door, boundary: str) -> None:
    status = post(door, b"--x--", f'multipart/related; type="application/dicom"; boundary={boundary}')
    assert status in (400, 415)


@pytest.mark.parametrize(
    "value",
    [
        {"vr": "IS", "Value": [99999999999999999999999]},
        {"vr": "IS", "Value": ["x"]},
        {"vr": "PN", "Value": [{"Alphabetic": "\ud800"}]},
        {"vr": "LO", "Value": ["\u0000"]},
        {"vr": "ZZ", "Value": [1]},
        {"vr": "SQ", "Value": [1]},
        {"vr": "PN", "Value": ["text"]},
        {"vr": "OB", "InlineBinary": "!"},
    ],
    ids=["number beyond 64 bits", "no number", "surrogate", "zero", "no vr", "no item", "no name", "no base64"],
)
def test_metadata_with_odd_values_is_stored_or_refused(door: Door, value: object) -> None:
    record = {
        "00080016": {"vr": "UI", "Value": ["1.2.840.10008.5.1.4.1.1.7"]},
        "00080018": {"vr": "UI", "Value": [f"{ROOT}.9.1.1"]},
        "0020000D": {"vr": "UI", "Value": [f"{ROOT}.9"]},
        "0020000E": {"vr": "UI", "Value": [f"{ROOT}.9.1"]},
        "00200013": value,
    }
    part = f"--{BOUNDARY}\r\nContent-Type: application/dicom+json\r\n\r\n{json.dumps([record])}\r\n--{BOUNDARY}--"
    kind = f'multipart/related; type="application/dicom+json"; boundary={BOUNDARY}'
    assert post(door, part.encode(), kind) in (200, 400)
