"""Storing over HTTP: every way of sending, and what is answered; each test stores a study of its own."""

from __future__ import annotations

import gzip
import itertools
import subprocess
import zlib
from collections.abc import Iterator
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from doors import Answer, Body, Door, Headers, Socket
from fhantom.settings import BUILT_IN_KEY
from instances import BOUNDARY, MULTIPART, ROOT, instance, multipart

_STUDIES = itertools.count(1000)


@pytest.fixture
def study() -> int:
    """The number of a study that no other test stores."""
    return next(_STUDIES)


def store(
    door: Door, body: Body, content_type: str | None = MULTIPART, path: str = "/studies", **headers: str
) -> Answer:
    given: dict[str, str | None] = {"Content-Type": content_type, **headers}
    return door.request("POST", f"/dicomweb{path}", given, body)


def stored(door: Door, study: int) -> list[str]:
    """SOP Instance UIDs below the study, as the server knows them."""
    rows = door.get(f"/dicomweb/studies/{ROOT}.{study}/instances").json()
    return [row["00080018"]["Value"][0] for row in rows]


def uids(module: dict[str, Any], tag: str) -> list[str]:
    return [item["00081155"]["Value"][0] for item in module.get(tag, {}).get("Value", [])]


FAILED, REFERENCED = "00081198", "00081199"


def test_a_new_instance_is_stored_and_referenced(door: Door, study: int) -> None:
    answer = store(door, multipart(instance(study)))
    url = f"{door.origin}/dicomweb/studies/{ROOT}.{study}"
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/dicom+json")
    assert answer.json() == {
        "00080005": {"vr": "CS", "Value": ["ISO_IR 192"]},
        "00081190": {"vr": "UR", "Value": [url]},
        "00081199": {
            "vr": "SQ",
            "Value": [
                {
                    "00081150": {"vr": "UI", "Value": ["1.2.840.10008.5.1.4.1.1.2"]},
                    "00081155": {"vr": "UI", "Value": [f"{ROOT}.{study}.1.1"]},
                    "00081190": {"vr": "UR", "Value": [f"{url}/series/{ROOT}.{study}.1/instances/{ROOT}.{study}.1.1"]},
                }
            ],
        },
    }
    assert stored(door, study) == [f"{ROOT}.{study}.1.1"]


def test_instances_are_referenced_in_the_order_of_their_parts(door: Door, study: int) -> None:
    numbers = (3, 1, 2)
    answer = store(door, multipart(*(instance(study, 1, number) for number in numbers)))
    assert uids(answer.json(), REFERENCED) == [f"{ROOT}.{study}.1.{number}" for number in numbers]


@pytest.mark.parametrize(
    "content_type",
    [
        f"multipart/related; type=application/dicom; boundary={BOUNDARY}",
        f'multipart/related; type="application/dicom"; boundary="{BOUNDARY}"',
        f'multipart/related; boundary={BOUNDARY}; type="application/dicom"',
        f'Multipart/Related; Type="application/dicom"; Boundary={BOUNDARY}',
        f'multipart/related;type="application/dicom";transfer-syntax=1.2.840.10008.1.2.1;boundary={BOUNDARY}',
    ],
)
def test_the_media_type_may_be_written_in_many_ways(door: Door, study: int, content_type: str) -> None:
    assert store(door, multipart(instance(study)), content_type).status == 200
    assert len(stored(door, study)) == 1


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "application/octet-stream",
        "application/json",
        f"multipart/related; boundary={BOUNDARY}",
        'multipart/related; type="application/dicom"',
        f'multipart/related; type="application/dicom; transfer-syntax=1.2.840.10008.1.2.1"; boundary={BOUNDARY}',
        f"multipart/form-data; boundary={BOUNDARY}",
        f"multipart/mixed; boundary={BOUNDARY}",
    ],
)
def test_other_media_types_are_refused_in_orthancs_form(door: Door, study: int, content_type: str | None) -> None:
    answer = store(door, multipart(instance(study)), content_type)
    assert (answer.status, answer.json()["OrthancStatus"]) == (415, 3000)
    assert stored(door, study) == []


def test_a_single_object_may_come_alone(door: Door, study: int) -> None:
    assert store(door, instance(study), "application/dicom").status == 200
    assert len(stored(door, study)) == 1


@pytest.mark.parametrize(
    "part_type",
    ["application/dicom", "application/dicom; transfer-syntax=1.2.840.10008.1.2.1", "application/octet-stream", None],
)
def test_a_part_is_taken_for_what_it_is(door: Door, study: int, part_type: str | None) -> None:
    assert store(door, multipart(instance(study), part_type=part_type)).status == 200
    assert len(stored(door, study)) == 1


def pieces(body: bytes, size: int = 777) -> Iterator[bytes]:
    return (body[at : at + size] for at in range(0, len(body), size))


def test_a_chunked_body_is_taken(door: Door, study: int) -> None:
    body = multipart(instance(study, 1, 1), instance(study, 1, 2))
    assert store(door, pieces(body)).status == 200
    assert len(stored(door, study)) == 2


@pytest.mark.parametrize(
    ("encoding", "body"),
    [("gzip", gzip.compress), ("deflate", zlib.compress), ("identity", bytes)],
    ids=["gzip", "deflate", "identity"],
)
def test_a_compressed_body_is_taken(door: Door, study: int, encoding: str, body: Any) -> None:
    answer = store(door, body(multipart(instance(study))), **{"Content-Encoding": encoding})
    assert answer.status == 200
    assert len(stored(door, study)) == 1


def test_an_encoding_that_nobody_knows_is_refused(door: Door, study: int) -> None:
    assert store(door, multipart(instance(study)), **{"Content-Encoding": "br"}).status == 415


def test_a_compressed_body_that_is_none_is_refused(door: Door, study: int) -> None:
    assert store(door, multipart(instance(study)), **{"Content-Encoding": "gzip"}).status == 400


def test_text_around_the_parts_is_no_part(door: Door, study: int) -> None:
    body = b"before\r\n" + multipart(instance(study)) + b"after"
    assert store(door, body).status == 200
    assert len(stored(door, study)) == 1


def test_the_study_of_the_path_is_the_only_one_taken(door: Door, study: int) -> None:
    other = next(_STUDIES)
    body = multipart(instance(study), instance(other))
    answer = store(door, body, path=f"/studies/{ROOT}.{study}")
    assert answer.status == 409
    assert uids(answer.json(), REFERENCED) == [f"{ROOT}.{study}.1.1"]
    (failed,) = answer.json()[FAILED]["Value"]
    assert failed["00081155"]["Value"] == [f"{ROOT}.{other}.1.1"]
    assert failed["00081197"] == {"vr": "US", "Value": [272]}
    assert stored(door, other) == []


@pytest.mark.parametrize(
    "broken",
    [b"this is no DICOM object", b"", instance(1)[:300], instance(1)[:-6]],
    ids=["text", "nothing", "header cut", "pixels cut"],
)
@pytest.mark.parametrize("first", [True, False], ids=["first", "last"])
def test_a_broken_part_spoils_only_itself(door: Door, study: int, broken: bytes, first: bool) -> None:
    good = instance(study)
    answer = store(door, multipart(*((broken, good) if first else (good, broken))))
    assert answer.status == 400
    assert uids(answer.json(), REFERENCED) == [f"{ROOT}.{study}.1.1"]
    assert answer.json()[FAILED] == {"vr": "SQ"}
    assert answer.headers["Warning"].startswith(f"299 {door.origin}/dicomweb: ")
    assert len(stored(door, study)) == 1


def test_a_part_of_another_type_spoils_only_itself(door: Door, study: int) -> None:
    good = multipart(instance(study), closed=False)
    answer = store(door, good + multipart(b"hello", part_type="text/plain"))
    assert answer.status == 400
    assert len(stored(door, study)) == 1


@pytest.mark.parametrize(
    ("attributes", "listed"),
    [
        ({"StudyInstanceUID": None}, True),
        ({"StudyInstanceUID": ""}, True),
        ({"SeriesInstanceUID": None}, True),
        ({"SOPClassUID": None}, True),
        ({"SOPInstanceUID": None}, False),
    ],
)
def test_an_object_without_a_uid_is_failed_by_name_where_it_has_one(
    door: Door, study: int, attributes: dict[str, Any], listed: bool
) -> None:
    answer = store(door, multipart(instance(study, **attributes)))
    assert answer.status == 400
    assert uids(answer.json(), FAILED) == ([f"{ROOT}.{study}.1.1"] if listed else [])
    if listed:
        assert answer.json()[FAILED]["Value"][0]["00081197"]["Value"] == [0xC000]
    assert stored(door, study) == []


def test_the_same_object_twice_in_a_request_is_a_success_and_stored_once(door: Door, study: int) -> None:
    answer = store(door, multipart(instance(study), instance(study)))
    assert (answer.status, len(uids(answer.json(), REFERENCED))) == (200, 2)
    assert len(stored(door, study)) == 1


def test_a_changed_object_under_a_stored_uid_is_a_success_and_the_old_one_stays(door: Door, study: int) -> None:
    store(door, multipart(instance(study, PatientName="Old")))
    answer = store(door, multipart(instance(study, PatientName="New")))
    assert (answer.status, uids(answer.json(), REFERENCED)) == (200, [f"{ROOT}.{study}.1.1"])
    assert "was kept" in answer.headers["Warning"]
    (row,) = door.get(f"/dicomweb/studies?StudyInstanceUID={ROOT}.{study}").json()
    assert row["00100010"]["Value"] == [{"Alphabetic": "Old"}]


@pytest.mark.parametrize(
    "body",
    [b"", f"--{BOUNDARY}--\r\n".encode(), b"--other\r\n\r\n--other--\r\n"],
    ids=["nothing", "only the closing boundary", "another boundary"],
)
def test_a_body_without_parts_is_refused(door: Door, body: bytes) -> None:
    answer = store(door, body)
    assert (answer.status, answer.json()["HttpStatus"]) == (400, 400)


def test_bare_line_feeds_are_refused(door: Door, study: int) -> None:
    assert store(door, multipart(instance(study)).replace(b"\r\n", b"\n")).status == 400


def test_what_came_before_a_body_broke_off_is_stored_and_told(door: Door, study: int) -> None:
    answer = store(door, multipart(instance(study, 1, 1), instance(study, 1, 2), closed=False))
    assert answer.status == 400
    assert uids(answer.json(), REFERENCED) == stored(door, study) == [f"{ROOT}.{study}.1.1"]


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "application/dicom+json"),
        ("application/json", "application/dicom+json"),
        ("text/html", "application/dicom+json"),
        ('multipart/related; type="application/dicom+xml"', "application/dicom+json"),
        ("application/dicom+xml", "application/dicom+xml"),
    ],
)
def test_the_answer_is_json_unless_only_xml_is_taken(door: Door, study: int, accept: str | None, expected: str) -> None:
    given: Headers = {"Content-Type": MULTIPART, "Accept": accept}
    answer = door.request("POST", "/dicomweb/studies", given, multipart(instance(study)))
    assert answer.headers["Content-Type"] == expected
    assert f"{ROOT}.{study}.1.1" in answer.text


@pytest.mark.parametrize("path", ["/series", "/instances", f"/studies/{ROOT}.1/series"])
def test_only_studies_are_stored_to(door: Door, path: str) -> None:
    answer = store(door, multipart(instance()), path=path)
    assert (answer.status, answer.body) == (405, b"")


def test_a_large_part_is_stored_byte_for_byte(door: Door, study: int) -> None:
    body = instance(study, Rows=2048, Columns=1024, PixelData=bytes(range(256)) * 8192)
    assert store(door, pieces(multipart(body), 65536)).status == 200
    path = f"/dicomweb/studies/{ROOT}.{study}/series/{ROOT}.{study}.1/instances/{ROOT}.{study}.1.1"
    assert body in door.get(path, {"Accept": 'multipart/related; type="application/dicom"; transfer-syntax=*'}).body


@pytest.mark.skipif(which("curl") is None, reason="needs curl")
@pytest.mark.parametrize("path", ["/dicomweb/studies", "/dicom-web/studies/"])
def test_the_documented_curl_call_stores_every_file(door: Door, study: int, tmp_path: Path, path: str) -> None:
    if not isinstance(door, Socket):
        pytest.skip("curl needs a socket")
    files = []
    for number in (1, 2):
        file = tmp_path / f"{number}.dcm"
        file.write_bytes(instance(study, 1, number))
        files += ["-F", f"file=@{file};type=application/dicom"]
    curl = ["curl", "-sS", "-X", "POST", "-H", f"APIKey: {BUILT_IN_KEY}"]
    curl += ["-H", "Content-Type: multipart/related; type=application/dicom", *files, door.origin + path]
    done = subprocess.run(curl, capture_output=True, text=True, check=True)
    assert f"{ROOT}.{study}.1.2" in done.stdout
    assert len(stored(door, study)) == 2
