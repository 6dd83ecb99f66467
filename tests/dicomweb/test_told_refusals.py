"""Refusals and forms that only one of the two servers has: each tells which row it comes under."""

from __future__ import annotations

import pytest

from dicomweb.wado_samples import CT, JPEG, SERIES, SR, STUDY, ct, jpeg, report, store
from doors import Answer, Door
from fhantom.dicomweb import wado_portability
from fhantom.dicomweb.portability import DEPARTURES
from fhantom.site import Site
from fhantom.wadouri import portability as wadouri_portability
from instances import MULTIPART, ROOT, dataset, encoded, instance, multipart

ROWS = DEPARTURES | {row.name: row for row in (*wado_portability.DEPARTURES, *wadouri_portability.DEPARTURES)}
OBJECT = f"/wadouri?requestType=WADO&objectUID={ROOT}.1.1.1"
SIGNED = f"/studies/{ROOT}.8/series/{ROOT}.8.1/instances/{ROOT}.8.1.1"
TINY = f"/dicomweb/studies/{ROOT}.9/series/{ROOT}.9.1/instances/{ROOT}.9.1.1"
OBJECTS, OCTETS = ("multipart/related; type=" + name for name in ("application/dicom", "application/octet-stream"))
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture(scope="module", autouse=True)
def content(module_site: Site) -> None:
    signed = dataset(8, Rows=2, Columns=2, BitsAllocated=8, BitsStored=8, HighBit=7, PixelRepresentation=1)
    signed.PixelData, signed.SamplesPerPixel, signed.PhotometricInterpretation = b"\x80\xff\x00\x7f", 1, "MONOCHROME2"
    tiny = dataset(9, ExaminedBodyThickness=1e-30)
    store(module_site.worlds.open(), ct(1), jpeg(), report(), encoded(signed), encoded(tiny))


def told(answer: Answer) -> set[str]:
    warnings = answer.headers.get_all("Warning") or []
    return {name for name, row in ROWS.items() if any(row.message in text for text in warnings)}


def with_length(body: bytes, length: int) -> bytes:
    """A body of one part whose header says that it has so many bytes."""
    return multipart(body).replace(b"\r\n\r\n", f"\r\nContent-Length: {length}\r\n\r\n".encode(), 1)


# Path, Accept, status here, row, status there.
CASES = [
    (f"{CT}/bulk/nonsense", None, 404, "bulk-no-tag", 500),
    (f"{CT}/bulk/PixelData", None, 200, "bulk-pixel-keyword", 200),
    (f"{CT}/metadata?accept=image/png", None, 400, "wado-accept-parameter", 200),
    (f"{CT}/frames/1", 'multipart/related; type="*/*"', 200, "frames-any-type", 400),
    (f"{CT}/frames/1", f"{OCTETS}; transfer-syntax=1.2.840.10008.1.2.2", 200, "frames-big-endian", 200),
    (CT, f"*/*, {OBJECTS}", 200, "wado-accept-list", 400),
    (CT, f"{OBJECTS}, {OCTETS.replace('octet-stream', 'gif')};q=0.5", 200, "wado-accept-list", 400),
    (f"{CT}/metadata", BROWSER, 200, "wado-accept-list", 400),
    (f"{CT}/metadata", "application/*", 200, "wado-accept-list", 400),
    (f"{CT}/bulk/7fe00010", f"application/dicom+json, {OCTETS}", 200, "wado-accept-list", 400),
    (CT, f"{OBJECTS}; transfer-syntax=1.2.840.10008.1.2.4.80", 200, "wado-codecs", 200),
    (f"/dicomweb{SIGNED}/rendered", None, 200, "rendered-deep", 400),
    (f"{TINY}/metadata", None, 200, "metadata-values", 200),
    (f"{SR}/frames/1", None, 404, "wado-no-pixels", 500),
    (f"{OBJECT}&rows=0&contentType=image/png", None, 400, "wadouri-malformed", 200),
    (f"{OBJECT}&rows=99999&contentType=image/png", None, 400, "wadouri-malformed", 200),
    (f"{OBJECT}&frameNumber=7&contentType=image/png", None, 400, "wadouri-malformed", 200),
    (f"{OBJECT}&presentationUID=1.2&presentationSeriesUID=1.3&contentType=image/png", None, 404, None, 200),
    (f"/wadouri?requestType=WADO&objectUID={ROOT}.8.1.1&contentType=image/png", None, 200, "wadouri-deep", 500),
]


@pytest.mark.parametrize(("path", "accept", "status", "row", "there"), CASES, ids=[f"{c[3]} {c[2]}" for c in CASES])
def test_what_only_one_of_the_servers_refuses_is_told_and_strictly_done_as_there(
    door: Door, strict: Door, path: str, accept: str | None, status: int, row: str | None, there: int
) -> None:
    answer, recorded = (one.get(path, {"Accept": accept}) for one in (door, strict))
    assert (answer.status, recorded.status) == (status, there)
    assert (row or "wadouri-malformed") in told(answer)


@pytest.mark.parametrize(
    ("path", "accept", "status"),
    [
        (f"{CT}/bulk/7fe0-0010", None, 200),
        (f"{CT}/bulk/00400275/x/00400007", None, 400),
        (f"{CT}/bulk/00400275/-1/00400007", None, 404),
        (f"{CT}/frames/1%20/rendered", None, 400),
        (f"{CT}/frames/1,9/rendered", None, 400),
        (f"{CT}%20/metadata", None, 200),
        (f"{SERIES}/./instances/../metadata", None, 200),
        (f"{CT}/rendered?viewport=10,10,100,100,10,10", "image/png", 200),
        (f"{CT}/rendered?viewport=10,10,-5,-5,10,10", "image/png", 200),
        (f"{CT}/metadata", "image/jpeg, */*", 200),
        (f"{CT}/metadata", "*/*;q=0.1, multipart/related", 200),
        (CT, 'multipart/related; type="application/dicom', 200),
        (f"{OBJECT}&studyUID=&seriesUID=&contentType=application/dicom", None, 200),
        (f"{OBJECT}&objectUID=1.2.3&contentType=application/dicom", None, 404),
        (f"{OBJECT}&contentType=image/gif&contentType=application/dicom", None, 200),
        (f"{STUDY}/series?StudyInstanceUID=*", None, 200),
    ],
)
def test_what_both_servers_answer_alike_is_no_departure(
    door: Door, strict: Door, path: str, accept: str | None, status: int
) -> None:
    for server in (door, strict):
        answer = server.get(path, {"Accept": accept})
        assert (answer.status, told(answer) - {"qido-uid-twice"}) == (status, set())


@pytest.mark.parametrize(
    ("method", "status"), [("PATCH", 400), ("TRACE", 400), ("FOO", 400), ("PROPFIND", 404)], ids=str
)
@pytest.mark.parametrize("path", [f"{CT}/metadata", OBJECT], ids=["WADO-RS", "WADO-URI"])
def test_methods_that_nobody_takes_are_told(door: Door, strict: Door, path: str, method: str, status: int) -> None:
    answer = door.request(method, path)
    assert (answer.status, told(answer)) == (405, {"patch"})
    assert strict.request(method, path).status == status


@pytest.mark.parametrize(
    ("query", "header", "row"),
    [
        ("", {"X-HTTP-Method-Override": "delete"}, "method-override"),
        ("?_method=PUT", {}, "method-override"),
        ("", {"X-HTTP-Method-Override": "FOO"}, None),
        ("", {"Forwarded": 'host="a.b:8";proto=https'}, "forwarded-quoted"),
        ("", {"Forwarded": "host=a.b;proto=https"}, None),
    ],
)
def test_headers_that_the_real_server_reads_otherwise_are_told(
    door: Door, query: str, header: dict[str, str], row: str | None
) -> None:
    answer = door.get(f"{CT}/metadata{query}", header)
    assert (answer.status, told(answer)) == (200, {row} if row else set())


def test_what_is_not_modified_is_told_and_strictly_sent_again(door: Door, strict: Door) -> None:
    answer, recorded = (one.get(f"{CT}/metadata", {"If-None-Match": "*"}) for one in (door, strict))
    assert (answer.status, told(answer), recorded.status) == (304, {"not-modified"}, 200)


@pytest.mark.parametrize("path", [f"{CT}/rendered", f"{OBJECT}&contentType=image/png"], ids=["WADO-RS", "WADO-URI"])
def test_a_range_that_there_is_not_is_told_and_strictly_ignored(door: Door, strict: Door, path: str) -> None:
    answer, recorded = (one.get(path, {"Range": "bytes=999999999-"}) for one in (door, strict))
    assert (answer.status, told(answer), recorded.status) == (416, {"range"}, 200)


def test_pixels_that_are_kept_or_decoded_come_from_no_encoder(door: Door) -> None:
    for syntax in ("1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.1"):
        answer = door.get(JPEG, {"Accept": f"{OBJECTS}; transfer-syntax={syntax}"})
        assert (answer.status, told(answer)) == (200, set())


@pytest.mark.parametrize(
    ("query", "row"),
    [
        ("series?includefield=ModalitiesInStudy", "qido-include-computed"),
        ("instances?NumberOfSeriesRelatedInstances=", "qido-include-computed"),
        ("studies?includefield=ModalitiesInStudy", None),
        ("studies?ModalitiesInStudy=CT&limit=1", "qido-page"),
        ("studies?ModalitiesInStudy=CT", None),
        ("studies?limit=0", None),
        ("studies?StudyTime=101500.000", "qido-times"),
        ("studies?StudyTime=101500.5", None),
    ],
)
def test_searches_that_the_real_server_reads_otherwise_are_told(door: Door, query: str, row: str | None) -> None:
    answer = door.get(f"/dicomweb/{query}")
    assert (answer.status, told(answer)) == (200, {row} if row else set())


def test_a_search_in_xml_tells_of_its_character_set(door: Door) -> None:
    assert told(door.get("/dicomweb/studies", {"Accept": "application/dicom+xml"})) == {"qido-names"}


@pytest.mark.parametrize(
    ("body", "status", "row"),
    [
        pytest.param(multipart(instance(31, StudyInstanceUID="1.2?3")), 400, "stow-uid-form", id="no UID"),
        pytest.param(with_length(instance(32), 5), 200, "stow-part-length", id="too short a length"),
        pytest.param(with_length(instance(33), 99_999_999), 200, "stow-part-length", id="too long a length"),
        pytest.param(with_length(instance(34), len(instance(34))), 200, None, id="the right length"),
    ],
)
def test_uploads_that_only_one_of_the_servers_takes_are_told(
    door: Door, body: bytes, status: int, row: str | None
) -> None:
    answer = door.request("POST", "/dicomweb/studies", {"Content-Type": MULTIPART}, body)
    assert (answer.status, told(answer)) == (status, {row} if row else set())
