"""Requests and objects that mean harm: an answer below 500, in bounded memory, and nothing else is touched."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from pydicom.encaps import encapsulate
from pydicom.uid import UID

from dicomweb.wado_samples import CT, ct, parts, retrieved, store
from doors import Door
from fhantom.site import Site
from instances import ROOT, dataset, encoded

IMAGES = "/dicomweb/studies/{0}.{1}/series/{0}.{1}.1/instances/{0}.{1}.1.1"
ANY_SYNTAX = "multipart/related; type=application/dicom; transfer-syntax=*"


def place(study: int) -> str:
    return IMAGES.format(ROOT, study)


def compressed(study: int, syntax: str, frame: bytes, **attributes: Any) -> bytes:
    made = dataset(study, **attributes)
    encoded(made)
    made.PixelData = encapsulate([frame])
    made["PixelData"].is_undefined_length = True
    made.file_meta.TransferSyntaxUID = UID(f"1.2.840.10008.1.2.{syntax}")
    buffer = io.BytesIO()
    made.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


# Each of them is a file that says other things of itself than its pixel data does.
LIES = {
    11: encoded(dataset(11, Rows=65535, Columns=65535)),
    12: encoded(dataset(12, NumberOfFrames=2_000_000_000)),
    13: encoded(dataset(13, BitsAllocated=12)),
    14: encoded(dataset(14, Rows=0)),
    15: encoded(dataset(15, PhotometricInterpretation="PALETTE COLOR")),
    16: encoded(dataset(16, SamplesPerPixel=7)),
    17: compressed(
        17, "4.50", b"\xff\xd8\xff\xc0\0\x11\x08\xff\xff\xff\xff\x03" + bytes(40), Rows=65535, Columns=65535
    ),
    18: compressed(18, "4.70", b"\xff\xd8\xff\xd9" * 10),
    19: compressed(19, "4.90", b"\xff\x4f\xff\x51" + bytes(60)),
    20: compressed(20, "4.80", b"not a codestream"),
    21: compressed(21, "5", bytes(64)),
    22: compressed(22, "4.201", b"\0\0"),
    23: compressed(23, "4.92", b"JPEG 2000 of part 2, which nothing here decodes"),
}


@pytest.fixture(scope="module", autouse=True)
def content(module_site: Site) -> None:
    store(module_site.worlds.open(), ct(1), *LIES.values())


@pytest.fixture(autouse=True)
def untouched(door: Door) -> Iterator[None]:
    yield
    [(_, body)] = retrieved(door, CT)
    assert body == ct(1)


@pytest.mark.parametrize("study", LIES)
@pytest.mark.parametrize(
    "resource", ["/frames/1", "/frames", "/rendered", "/thumbnail", "", "/bulk/7fe00010", "/metadata"]
)
def test_an_object_that_lies_is_answered_below_500(door: Door, study: int, resource: str) -> None:
    answer = door.get(place(study) + resource)
    assert answer.status < 500, answer.body


@pytest.mark.parametrize("study", LIES)
def test_an_object_that_lies_is_handed_out_as_it_came(door: Door, study: int) -> None:
    [(_, body)] = retrieved(door, place(study), ANY_SYNTAX)
    assert body == LIES[study]


def test_one_object_that_lies_does_not_spoil_its_study(door: Door, module_site: Site) -> None:
    lie = compressed(40, "5", bytes(64))
    other = encoded(dataset(40, 1, 2))
    store(module_site.worlds.open(), lie, other)
    study = place(40).partition("/series")[0]
    assert sorted(body for _, body in retrieved(door, study)) == sorted([lie, other])
    accept = "multipart/related; type=application/dicom; transfer-syntax=1.2.840.10008.1.2"
    answer = door.get(study, {"Accept": accept})
    assert answer.status in (200, 206)
    assert len(parts(answer)) == 1


@pytest.mark.parametrize("syntax", ["4.50", "4.70", "4.90", "5", ""])
@pytest.mark.parametrize("study", LIES)
def test_an_object_that_lies_is_recoded_or_refused(door: Door, study: int, syntax: str) -> None:
    uid = f"1.2.840.10008.1.2.{syntax}".rstrip(".")
    answer = door.get(place(study), {"Accept": f"multipart/related; type=application/dicom; transfer-syntax={uid}"})
    assert answer.status in (200, 400, 406, 413), answer.body


def test_a_giant_frame_is_refused_before_it_is_allocated(door: Door) -> None:
    tracemalloc.start()
    try:
        answers = [door.get(place(study) + "/rendered").status for study in (11, 17)]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert all(status in (400, 413) for status in answers)
    assert peak < 20_000_000


@pytest.mark.parametrize(
    "path",
    [
        "/dicomweb/studies/..%2f..%2f..%2fetc%2fpasswd",
        "/dicomweb/studies/%00",
        "/dicomweb/studies/1.2.3%27%20OR%201=1",
        "/dicomweb/studies/" + "9" * 5000,
        f"{CT}/bulk/" + "00082218/1/" * 400 + "00281201",
        f"{CT}/bulk/..%2f..%2f..%2f..%2f..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
        f"{CT}/frames/" + ",".join(["99999999999"] * 300),
        f"{CT}/frames/%EF%BC%91",
        f"{CT}/frames/1e0",
        f"{CT}/rendered?viewport=1e308,1e308&window=1e308,1e-308,sigmoid",
        f"{CT}/rendered?viewport=16384,16384,0,0,1,1&quality=100",
        "/wadouri?requestType=WADO&objectUID=%00",
        "/wadouri?requestType=WADO&objectUID=" + "1" * 5000,
    ],
)
def test_a_hostile_path_is_refused(door: Door, path: str) -> None:
    assert 400 <= door.get(path).status < 500


@pytest.mark.parametrize(
    "accept",
    [
        "multipart/related; type=" * 2500,
        '"' * 60_000,
        "a/b;q=0.1," * 6000,
        'multipart/related; type="' + "\\" * 60_000,
        "*/*;q=nan",
        "multipart/related; type=multipart/related; type=*/*",
    ],
)
@pytest.mark.parametrize("resource", ["", "/metadata", "/frames/1", "/rendered", "/bulk/7fe00010"])
def test_a_hostile_accept_header_is_answered_below_500(door: Door, resource: str, accept: str) -> None:
    assert door.get(CT + resource, {"Accept": accept}).status < 500


def test_a_frame_asked_for_a_thousand_times_is_streamed(door: Door) -> None:
    answer = door.get(f"{CT}/frames/" + ",".join("1" * 1000))
    assert answer.status == 200
    assert answer.body.count(b"Content-Location") == 1000
