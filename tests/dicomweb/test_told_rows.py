"""Departures that were found beside a real Orthanc: each is told with its answer, and only there."""

from __future__ import annotations

import pytest

from dicomweb.wado_samples import CT, ct, report, store
from doors import Answer, Door
from fhantom.dicomweb import wado_portability
from fhantom.dicomweb.portability import DEPARTURES
from fhantom.site import Site
from fhantom.wadouri import portability as wadouri_portability
from instances import MULTIPART, ROOT, dataset, encoded, instance, multipart

ROWS = DEPARTURES | {row.name: row for row in (*wado_portability.DEPARTURES, *wadouri_portability.DEPARTURES)}
RLE = "1.2.840.10008.1.2.5"
OBJECT = f"/wadouri?requestType=WADO&objectUID={ROOT}"


@pytest.fixture(scope="module", autouse=True)
def content(module_site: Site) -> None:
    deep = dataset(8, Rows=2, Columns=2, BitsAllocated=16, BitsStored=12, HighBit=11)
    deep.PixelData, deep.SamplesPerPixel, deep.PhotometricInterpretation = bytes(8), 1, "MONOCHROME2"
    deep.PixelRepresentation = 0
    timed = instance(9, TimezoneOffsetFromUTC="+0100", ImageType=["DERIVED", "PRIMARY", "OTHER"], PatientWeight="70.50")
    timeless = instance(10, StudyTime="")
    store(module_site.worlds.open(), ct(1), report(), encoded(deep), timed, timeless)


def told(answer: Answer) -> set[str]:
    warnings = answer.headers.get_all("Warning") or []
    return {name for name, row in ROWS.items() if any(row.message in text for text in warnings)}


@pytest.mark.parametrize(
    ("query", "row", "found"),
    [
        ("ImageType=OTHER", "qido-any-value", 1),
        ("PatientWeight=70.5", "qido-decimals", 1),
        ("StudyTime=10:15", "qido-times", None),
        ("StudyTime=10", None, 0),
        ("StudyDate=2020.01.15", "qido-times", None),
        ("StudyTime=101500,120000-130000", "qido-list", None),
        ("StudyDate=20200101-20201231", None, None),
        ("PatientID=P9", None, 1),
    ],
)
def test_values_that_are_compared_by_meaning_are_told(
    door: Door, query: str, row: str | None, found: int | None
) -> None:
    answer = door.get(f"/dicomweb/instances?{query}")
    assert told(answer) == ({row} if row else set())
    assert found is None or len(answer.json()) == found


@pytest.mark.parametrize("key", ["00101010", "00101030", "Rows", "00189219", "InstanceNumber", "00209165", "StudyDate"])
@pytest.mark.parametrize("value", ["*", "1*", "?"])
def test_wildcards_are_refused_where_the_vr_knows_none(door: Door, key: str, value: str) -> None:
    assert door.get(f"/dicomweb/instances?{key}={value}").json()["Message"] == "Parameter out of range"


@pytest.mark.parametrize("key", ["ReferencedStudySequence", "ICCProfile", "RetrieveURL"])
def test_what_has_no_comparable_value_is_found_by_none(door: Door, key: str) -> None:
    assert door.get(f"/dicomweb/instances?{key}=x").json() == []


@pytest.mark.parametrize("level", ["series", "instances"])
def test_the_time_zone_stays_where_the_study_is_left_out(door: Door, level: str) -> None:
    (row,) = door.get(f"/dicomweb/{level}?StudyInstanceUID={ROOT}.9").json()
    assert row["00080201"]["Value"] == ["+0100"]
    assert "00100020" not in row


def test_a_refusal_of_patch_and_of_numbers_below_zero_is_told(door: Door) -> None:
    assert told(door.request("PATCH", "/dicomweb/studies")) == {"patch"}
    assert told(door.get("/dicomweb/studies?limit=-1")) == {"qido-negative"}


@pytest.mark.parametrize(
    ("path", "status", "row"),
    [
        (f"{CT}/rendered?window=40,0,linear", 400, "rendered-window-width"),
        (f"{CT}/bulk/00400275/0/00400007", 404, "bulk-item-zero"),
        (f"{OBJECT}.4.1.1", 400, "wadouri-no-pixels"),
        (f"{OBJECT}.8.1.1&contentType=image/png", 200, "wadouri-dark"),
        (f"{OBJECT}.1.1.1&contentType=image/png", 200, None),
    ],
)
def test_retrieval_that_goes_otherwise_there_is_told(door: Door, path: str, status: int, row: str | None) -> None:
    answer = door.get(path)
    assert (answer.status, told(answer)) == (status, {row} if row else set())


def stored(door: Door, body: bytes) -> Answer:
    return door.request("POST", "/dicomweb/studies", {"Content-Type": MULTIPART}, body)


@pytest.mark.parametrize(
    ("body", "status", "row"),
    [
        pytest.param(multipart(instance(21), part_type="text/plain"), 400, "stow-part-type", id="another type"),
        pytest.param(multipart(instance(22), part_type=None), 200, "stow-part-type", id="no type"),
        pytest.param(multipart(instance(23, StudyInstanceUID="")), 400, "stow-uid-empty", id="an empty UID"),
        pytest.param(multipart(instance(1, 1, 7, PatientID="P999")), 200, "stow-other-patient", id="another patient"),
        pytest.param(multipart(instance(24)), 200, None, id="nothing special"),
    ],
)
def test_uploads_that_go_otherwise_there_are_told(door: Door, body: bytes, status: int, row: str | None) -> None:
    answer = stored(door, body)
    assert (answer.status, told(answer)) == (status, {row} if row else set())


@pytest.mark.parametrize(
    ("path", "accept", "status"),
    [
        (f"{CT}/frames/1%20", None, 400),
        (f"{CT}/frames/+1", None, 200),
        (f"{CT}/bulk/00000000", None, 404),
        (f"{CT}/bulk/00000000", "image/gif", 400),
        (f"{CT}/bulk/nothing", "text/html", 400),
    ],
)
def test_a_refusal_is_for_the_reason_that_the_real_server_has(
    door: Door, path: str, accept: str | None, status: int
) -> None:
    assert door.get(path, {"Accept": accept}).status == status


def test_a_key_of_a_lower_level_without_a_value_is_shown_like_an_includefield(door: Door) -> None:
    (row,) = door.get("/dicomweb/studies?PatientID=P9&ImageType=").json()
    assert row["00080008"]["Value"] == ["DERIVED", "PRIMARY", "OTHER"]


def test_a_range_of_times_without_a_beginning_is_told(door: Door) -> None:
    assert told(door.get("/dicomweb/studies?StudyTime=-120000&PatientID=P10")) == {"qido-date-until"}
    assert told(door.get("/dicomweb/studies?StudyTime=-120000&PatientID=P9")) == set()
