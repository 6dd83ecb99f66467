"""Frames, bulk data and metadata by WADO-RS."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from dicomweb.wado_samples import (
    CT,
    FRAMES,
    JPEG,
    MISSING,
    MULTI,
    PIXELS,
    SERIES,
    SR,
    STUDY,
    ct,
    jpeg,
    multi_frame,
    parts,
    report,
    retrieved,
    store,
)
from doors import Door
from fhantom.site import Site
from instances import ROOT

EXPLICIT = "1.2.840.10008.1.2.1"
OHIF = "multipart/related; type=application/octet-stream; transfer-syntax=*"


@pytest.fixture(scope="module", autouse=True)
def content(module_site: Site) -> None:
    store(module_site.worlds.open(), ct(1), ct(2), multi_frame(), jpeg(), report())


@pytest.mark.parametrize(
    "accept",
    [
        None,
        "*/*",
        OHIF,
        'multipart/related; type="application/octet-stream"',
        f"multipart/related; type=application/octet-stream; transfer-syntax={EXPLICIT}",
        'multipart/related; type="application/octet-stream; transfer-syntax=*"',
        "multipart/related; type=image/jxl, multipart/related; type=application/octet-stream",
    ],
)
def test_a_frame_is_its_samples(door: Door, accept: str | None) -> None:
    [(headers, body)] = retrieved(door, f"{CT}/frames/1", accept)
    assert body == PIXELS.tobytes()
    assert headers["content-type"] == f"application/octet-stream; transfer-syntax={EXPLICIT}"
    assert headers["content-location"] == f"{door.origin}{CT}/frames/1"


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [("1", [0]), ("3,1", [2, 0]), ("1,1", [0, 0]), ("2%2C3", [1, 2]), ("+2", [1])],
)
def test_frames_come_in_the_order_asked_for_and_unpadded(door: Door, numbers: str, expected: list[int]) -> None:
    assert [body for _, body in retrieved(door, f"{MULTI}/frames/{numbers}")] == [FRAMES[at] for at in expected]


@pytest.mark.parametrize("path", ["/frames", "/frames/"])
def test_without_numbers_all_frames_come(door: Door, path: str) -> None:
    assert [body for _, body in retrieved(door, MULTI + path)] == FRAMES


def test_cornerstones_rules_for_the_first_part_hold(door: Door) -> None:
    answer = door.get(f"{JPEG}/frames/1", {"Accept": OHIF})
    head, _, rest = answer.body.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    assert len(head) < 1000
    assert first.startswith(b"--")
    assert any(line == b"Content-Type: image/jpeg; transfer-syntax=1.2.840.10008.1.2.4.50" for line in lines)
    assert rest.startswith(b"\xff\xd8")
    assert rest[rest.rindex(first) - 2 : rest.rindex(first)] == b"\r\n"


def test_compressed_frames_are_decoded_by_default(door: Door) -> None:
    [(headers, body)] = retrieved(door, f"{JPEG}/frames/1")
    assert headers["content-type"] == f"application/octet-stream; transfer-syntax={EXPLICIT}"
    assert len(body) == 48 * 40 * 3


@pytest.mark.parametrize(
    ("media_type", "suffix"),
    [
        ("image/jpeg", "4.70"),
        ("image/jls", "4.80"),
        ("image/jp2", "4.90"),
        ("image/dicom-rle", "5"),
        ("image/x-dicom-rle", "5"),
        ("image/dicom+jp2", "4.90"),
    ],
)
def test_frames_are_compressed_on_request(door: Door, media_type: str, suffix: str) -> None:
    [(headers, body)] = retrieved(door, f"{CT}/frames/1", f'multipart/related; type="{media_type}"')
    assert headers["content-type"].endswith(f"; transfer-syntax=1.2.840.10008.1.2.{suffix}")
    assert len(body) < PIXELS.nbytes
    syntax = headers["content-type"].partition("; ")[2]
    single = door.get(f"{CT}/frames/1", {"Accept": f"{media_type}; {syntax}"})
    assert (single.status, single.headers["Content-Type"], single.body) == (200, headers["content-type"], body)


@pytest.mark.parametrize("path", [f"{CT}/frames/1", f"{MULTI}/frames/2"])
def test_one_frame_comes_without_multipart_for_who_asks(door: Door, path: str) -> None:
    answer = door.get(path, {"Accept": "application/octet-stream"})
    assert answer.headers["Content-Type"] == f"application/octet-stream; transfer-syntax={EXPLICIT}"
    assert answer.body in (PIXELS.tobytes(), FRAMES[1])


def test_a_range_of_a_frame_is_206(door: Door) -> None:
    headers = {"Accept": "application/octet-stream", "Range": "bytes=100-199"}
    answer = door.get(f"{CT}/frames/1", headers)
    assert (answer.status, answer.body) == (206, PIXELS.tobytes()[100:200])
    assert answer.headers["Content-Range"] == "bytes 100-199/8192"
    refused = door.get(f"{CT}/frames/1", {**headers, "Range": "bytes=9000-"})
    assert (refused.status, refused.headers["Content-Range"]) == (416, "bytes */8192")
    other = door.get(f"{CT}/frames/1", {**headers, "If-Range": '"of another body"'})
    assert (other.status, other.body) == (200, PIXELS.tobytes())


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{CT}/frames/0", 400),
        (f"{CT}/frames/-1", 400),
        (f"{CT}/frames/2", 400),
        (f"{MULTI}/frames/1,6", 400),
        (f"{CT}/frames/abc", 400),
        (f"{CT}/frames/1,", 400),
        (f"{CT}/frames/1-2", 400),
        (f"{CT}/frames/99999999999999999999", 400),
        (f"{SR}/frames/1", 404),
        (f"{MISSING}/frames/1", 404),
    ],
)
def test_frames_that_there_are_not_are_refused(door: Door, path: str, status: int) -> None:
    assert door.get(path).status == status


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("text/html", 400),
        ("", 400),
        ('multipart/related; type="image/png"', 400),
        ('multipart/related; type="application/dicom"', 400),
        (f"multipart/related; type=image/jpeg; transfer-syntax={EXPLICIT}", 400),
        ("multipart/related; type=application/octet-stream; transfer-syntax=1.2.840.10008.1.2.4.90", 400),
        ("multipart/related; type=image/jxl", 406),
        ("multipart/related; type=image/jpeg; transfer-syntax=1.2.840.10008.1.2.4.50", 406),
    ],
)
def test_a_form_of_frames_that_there_is_not_is_refused(door: Door, accept: str, status: int) -> None:
    assert door.get(f"{CT}/frames/1", {"Accept": accept}).status == status


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (f"{CT}/bulk/7fe00010", PIXELS.tobytes()),
        (f"{CT}/bulk/7FE00010", PIXELS.tobytes()),
        (f"{CT}/bulk/7fe0,0010", PIXELS.tobytes()),
        (f"{CT}/bulkdata/PixelData", PIXELS.tobytes()),
        (f"{CT}/bulk/00100020", b"P1"),
        (f"{SR}/bulk/00082218/2/00281201", b"\1\2\3\4"),
    ],
)
def test_bulk_data_is_found_by_its_path(door: Door, path: str, expected: bytes) -> None:
    [(headers, body)] = retrieved(door, path)
    assert (headers["content-type"], body) == ("application/octet-stream", expected)
    single = door.get(path, {"Accept": "application/octet-stream", "Range": "bytes=1-2"})
    assert (single.status, single.body) == (206, expected[1:3])


def test_a_document_comes_as_what_it_is_for_who_asks(door: Door) -> None:
    pdf, octets = 'multipart/related; type="application/pdf"', 'multipart/related; type="application/octet-stream"'
    [(headers, body)] = retrieved(door, f"{SR}/bulk/00420011", f"{pdf}, {octets}")
    assert (headers["content-type"], body) == ("application/pdf", b"%PDF-1.4")
    [(headers, _)] = retrieved(door, f"{SR}/bulk/00420011", octets)
    assert headers["content-type"] == "application/octet-stream"


@pytest.mark.parametrize(
    ("path", "accept", "status"),
    [
        (f"{CT}/bulk/00420011", None, 404),
        (f"{SR}/bulk/00082218", None, 404),
        (f"{SR}/bulk/00082218/9/00281201", None, 404),
        (f"{CT}/bulk/garbage", None, 404),
        (f"{SR}/bulk/00082218/1", None, 400),
        (f"{CT}/bulk/7fe00010", "text/html", 400),
        (f"{CT}/bulk/7fe00010", 'multipart/related; type="image/jpeg"', 400),
    ],
)
def test_bulk_data_that_there_is_not_is_refused(door: Door, path: str, accept: str | None, status: int) -> None:
    assert door.get(path, {"Accept": accept}).status == status


@pytest.mark.parametrize(
    ("path", "count"), [(f"{CT}/metadata", 1), (f"{SERIES}/metadata", 2), (f"{STUDY}/metadata", 2)]
)
def test_metadata_refers_to_bulk_data_that_is_there(door: Door, path: str, count: int) -> None:
    answer = door.get(path, {"Accept": "application/dicom+json"})
    assert answer.headers["Content-Type"] == "application/dicom+json"
    rows = answer.json()
    assert [row["00080018"]["Value"][0] for row in rows] == [f"{ROOT}.1.1.{n + 1}" for n in range(count)]
    uri = rows[0]["7FE00010"]["BulkDataURI"]
    assert uri == f"{door.origin}{CT}/bulk/7fe00010"
    [(_, body)] = retrieved(door, uri.removeprefix(door.origin))
    assert np.frombuffer(body, "<u2").max() == 4095


@pytest.mark.parametrize(
    "accept",
    [
        None,
        "*/*",
        "application/json",
        "text/html,application/dicom+json;q=0.9",
        "application/dicom+json, multipart/related; type=application/octet-stream; transfer-syntax=*",
    ],
)
def test_metadata_is_json_for_whoever_takes_it(door: Door, accept: str | None) -> None:
    answer = door.get(f"{CT}/metadata", {"Accept": accept})
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/dicom+json")


def test_metadata_comes_as_native_xml_on_request(door: Door) -> None:
    [(headers, body)] = retrieved(door, f"{CT}/metadata", 'multipart/related; type="application/dicom+xml"')
    assert headers["content-type"] == "application/dicom+xml"
    root = ElementTree.fromstring(body)
    names = {node.get("keyword") for node in root}
    assert {"PatientName", "PixelData", "WindowCenter"} <= names


@pytest.mark.parametrize(
    "accept", ["application/dicom+xml", "text/html", "multipart/related", "multipart/related; type=application/dicom"]
)
def test_metadata_in_another_form_is_400(door: Door, accept: str) -> None:
    assert door.get(f"{CT}/metadata", {"Accept": accept}).status == 400


def test_metadata_that_the_client_has_is_304(door: Door) -> None:
    first = door.get(f"{SERIES}/metadata")
    again = door.get(f"{SERIES}/metadata", {"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    other = door.get(f"{CT}/metadata", {"If-None-Match": first.headers["ETag"]})
    assert other.status == 200


def test_the_parts_of_an_answer_are_told_by_its_boundary(door: Door) -> None:
    assert len(parts(door.get(f"{MULTI}/frames/1,2,3", {"Accept": OHIF}))) == 3


def test_frames_that_are_passed_on_tell_their_length(door: Door) -> None:
    answer = door.get(f"{MULTI}/frames/1,2,3", {"Accept": OHIF})
    assert int(answer.headers["Content-Length"]) == len(answer.body)


def test_all_bulk_data_comes_at_once_and_each_part_says_which_it_is(door: Door) -> None:
    found = retrieved(door, f"{SR}/bulkdata", 'multipart/related; type="application/octet-stream"')
    paths = [headers["content-location"].partition("/bulk/")[2] for headers, _ in found]
    assert paths == ["00082218/2/00281201", "00420011"]
    assert [body for _, body in found] == [b"\1\2\3\4", b"%PDF-1.4"]
    location = found[1][0]["content-location"].removeprefix(door.origin)
    assert [body for _, body in retrieved(door, location)] == [b"%PDF-1.4"]


@pytest.mark.parametrize(("path", "count"), [(CT, 1), (SERIES, 2), (STUDY, 2)])
def test_pixel_data_comes_of_every_level(door: Door, path: str, count: int) -> None:
    found = retrieved(door, f"{path}/pixeldata")
    assert [body for _, body in found] == [PIXELS.tobytes()] * count


def test_compressed_pixel_data_says_its_type(door: Door) -> None:
    [(headers, body)] = retrieved(door, f"{JPEG}/pixeldata", "*/*")
    assert (headers["content-type"], body[:2]) == ("image/jpeg", b"\xff\xd8")


@pytest.mark.parametrize("resource", ["bulkdata", "pixeldata"])
def test_all_bulk_data_is_multipart_only(door: Door, resource: str) -> None:
    assert door.get(f"{CT}/{resource}", {"Accept": "application/octet-stream"}).status == 400
    assert door.get(f"{MISSING}/{resource}").status == 404
