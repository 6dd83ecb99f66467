"""With `strict` the server answers as Orthanc was recorded, its faults included."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from dicomweb.wado_samples import CT, FRAMES, MULTI, PIXELS, SR, ct, multi_frame, parts, report, store
from doors import Door
from fhantom.settings import Settings
from fhantom.site import Site
from instances import MULTIPART, ROOT, dataset, encoded, instance, multipart

OBJECT = f"/wadouri?requestType=WADO&objectUID={ROOT}.1.1.1"
FRAME = f"{MULTI}/frames"


@pytest.fixture(scope="module")
def module_settings() -> Settings:
    return Settings(ephemeral=True, strict=True)


@pytest.fixture(scope="module", autouse=True)
def content(module_site: Site) -> None:
    undated = instance(
        6, PatientID="P6", StudyDate="", PatientName="Yamada^Tarou=山田^太郎", SpecificCharacterSet="ISO_IR 192"
    )
    store(module_site.worlds.open(), ct(1), multi_frame(), report(), undated)


# Path, Accept, status, OrthancStatus.
FAILURES = [
    ("/dicomweb/studies?limit=-1", None, 500, 1),
    ("/dicomweb/studies?offset=-3", None, 500, 1),
    (CT, "multipart/related; type=application/dicom; transfer-syntax=1.2.840.10008.1.2.5", 500, 1),
    (CT, "multipart/related; type=application/dicom; transfer-syntax=1.2.840.10008.1.2.4.50", 500, 1),
    (f"{CT}/frames/1", "multipart/related; type=image/jp2", 500, 1),
    (f"{SR}/frames/1", None, 500, 2),
    (f"{CT}/frames", None, 400, 3),
    (CT, "multipart/related; type=application/dicom; transfer-syntax=*, application/dicom", 400, 8),
    (f"/wadouri?requestType=WADO&objectUID={ROOT}.4.1.1", None, 500, 1),
]


@pytest.mark.parametrize(("path", "accept", "status", "number"), FAILURES)
def test_what_fails_there_fails_in_its_words(
    door: Door, path: str, accept: str | None, status: int, number: int
) -> None:
    answer = door.get(path, {"Accept": accept})
    assert (answer.status, answer.json()["OrthancStatus"]) == (status, number)


def test_patch_is_400_without_a_body(door: Door) -> None:
    answer = door.request("PATCH", "/dicomweb/studies", {"Content-Type": "application/json"}, b"{}")
    assert (answer.status, answer.body) == (400, b"")


def test_all_frames_are_all_but_the_first(door: Door) -> None:
    assert [body for _, body in parts(door.get(FRAME))] == FRAMES[1:]


def test_of_an_accept_list_of_frames_the_last_type_wins(door: Door) -> None:
    octets = 'multipart/related; type="application/octet-stream"'
    answer = door.get(f"{CT}/frames/1", {"Accept": f'{octets}, multipart/related; type="image/jpeg"'})
    assert parts(answer)[0][0]["content-type"] == "image/jpeg; transfer-syntax=1.2.840.10008.1.2.4.70"


def test_a_name_comes_without_what_latin_1_lacks(door: Door) -> None:
    (row,) = door.get("/dicomweb/studies?PatientID=P6").json()
    assert row["00100010"]["Value"] == [{"Alphabetic": "Yamada^Tarou", "Ideographic": "^"}]
    assert row["00080005"]["Value"] == ["ISO_IR 100"]


def test_a_range_of_dates_without_a_beginning_finds_what_has_no_date(door: Door) -> None:
    found = {row["0020000D"]["Value"][0] for row in door.get("/dicomweb/studies?StudyDate=-19000101").json()}
    assert found == {f"{ROOT}.6"}


def test_a_number_with_an_exponent_is_400(door: Door, module_site: Site) -> None:
    made = dataset(7)
    made.DiffusionBValue = 1.5e-7
    store(module_site.worlds.open(), encoded(made))
    path = f"/dicomweb/studies/{ROOT}.7/instances"
    assert door.get(f"{path}?includefield=DiffusionBValue").json()["OrthancStatus"] == 15
    assert door.get(path).status == 200


@pytest.mark.parametrize("parameters", ["annotation=patient,technique", "iccprofile=srgb", "accept=image/png", "foo=1"])
def test_parameters_that_are_ignored_there_have_no_effect(door: Door, parameters: str) -> None:
    assert door.get(f"{CT}/rendered?{parameters}").body == door.get(f"{CT}/rendered").body


def test_a_range_of_bytes_is_the_whole_body(door: Door) -> None:
    answer = door.get(f"{CT}/rendered", {"Range": "bytes=0-9"})
    assert (answer.status, answer.body) == (200, door.get(f"{CT}/rendered").body)


@pytest.mark.parametrize(
    "parameters", ["", "&rows=5", "&windowCenter=1&windowWidth=2", "&region=0,0,0.5,0.5", "&frameNumber=9"]
)
def test_wado_uri_answers_the_same_picture_always_and_calls_it_png(door: Door, parameters: str) -> None:
    answer = door.get(OBJECT + parameters, {"Accept": "image/gif"})
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.body == door.get(OBJECT).body
    assert answer.body.startswith(b"\xff\xd8")


def test_a_window_of_no_width_is_a_threshold(door: Door) -> None:
    answer = door.get(f"{CT}/rendered?window=40,0,linear", {"Accept": "image/png"})
    shown = np.asarray(Image.open(io.BytesIO(answer.body)))
    assert np.array_equal(shown, np.where(PIXELS.astype(int) - 1024 > 40, 255, 0))


LOST = [
    pytest.param(multipart(instance(11), closed=False), "", id="no closing boundary"),
    pytest.param(b"", "", id="no body"),
    pytest.param(multipart(instance(11), part_type="application/octet-stream"), "", id="another type"),
    pytest.param(multipart(instance(11), part_type="application/dicom; transfer-syntax=*"), "", id="a type with more"),
    pytest.param(multipart(instance(11)), "gzip", id="an encoding that is not undone"),
]


@pytest.mark.parametrize(("body", "encoding"), LOST)
def test_uploads_that_are_lost_there_are_lost_with_200(door: Door, body: bytes, encoding: str) -> None:
    headers = {"Content-Type": MULTIPART, "Content-Encoding": encoding or None}
    answer = door.request("POST", "/dicomweb/studies", headers, body)
    assert answer.status == 200
    if encoding:  # read as it came, it has its parts
        assert answer.json()["00081199"]["Value"]
    else:
        assert answer.json()["00081199"] == answer.json()["00081198"] == {"vr": "SQ"}


def test_form_data_is_answered_with_nothing(door: Door) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = door.request("POST", "/dicomweb/studies", headers, b"--x--")
    assert (answer.status, answer.body) == (200, b"")


def test_uids_that_are_written_as_un_are_not_read(door: Door) -> None:
    body = instance(12)
    uid = dataset(12).StudyInstanceUID.encode()
    at = body.index(b"\x20\x00\x0d\x00UI")
    padded = uid + b"\0" * (len(uid) % 2)
    assert body[at + 8 : at + 8 + len(padded)] == padded
    unknown = body[: at + 4] + b"UN\0\0" + len(padded).to_bytes(4, "little") + body[at + 8 :]
    answer = door.request("POST", "/dicomweb/studies", {"Content-Type": MULTIPART}, multipart(unknown))
    assert answer.status == 400
    assert door.get(f"/dicomweb/studies?StudyInstanceUID={ROOT}.12").json() == []
