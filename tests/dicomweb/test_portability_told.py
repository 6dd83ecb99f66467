"""What is told of answers that the real server would not give, but not imitated with `strict`."""

from __future__ import annotations

import pytest

from dicomweb import wado_samples
from dicomweb.wado_samples import CT, SR, ct, report
from doors import Answer, Door
from fhantom import dicom
from fhantom.dicomweb import wado_portability
from fhantom.dicomweb.portability import DEPARTURES
from fhantom.journal.entry import read
from fhantom.pixels.transcoding import transcode
from fhantom.site import Site
from instances import BOUNDARY, MULTIPART, dataset, encoded, instance, multipart

ROWS = DEPARTURES | {row.name: row for row in wado_portability.DEPARTURES}


def store(door: Door, body: bytes) -> Answer:
    return door.request("POST", "/dicomweb/studies", {"Content-Type": MULTIPART}, body)


def is_told(answer: Answer, row: str) -> bool:
    return any(ROWS[row].message in text for text in answer.headers.get_all("Warning") or [])


@pytest.mark.parametrize(("dates", "told"), [("-20990101", True), ("20000101-20990101", False), ("-", False)])
def test_a_range_without_a_beginning_is_told(door: Door, dates: str, told: bool) -> None:
    assert store(door, multipart(instance(77, StudyDate=""))).status == 200
    assert is_told(door.get(f"/dicomweb/studies?StudyDate={dates}"), "qido-date-until") is told


@pytest.mark.parametrize(
    ("name", "told"), [("Yamada^Tarou=\u5c71\u7530^\u592a\u90ce", True), ("Müller^Jörg", False), ("Doe^Jane", False)]
)
def test_names_that_the_real_server_loses_are_told(door: Door, name: str, told: bool) -> None:
    number = len(name)
    assert store(door, multipart(encoded(dataset(number, PatientName=name)))).status == 200
    answer = door.get(f"/dicomweb/studies?PatientID=P{number}")
    assert len(answer.json()) == 1
    assert is_told(answer, "qido-names") is told


WHOLE = multipart(instance(1))


@pytest.mark.parametrize("body", [b"", b"--boundary--", WHOLE[:-20]], ids=["empty", "another boundary", "no end"])
def test_a_body_that_is_not_whole_is_told(door: Door, body: bytes) -> None:
    answer = store(door, body)
    assert answer.status == 400
    assert is_told(answer, "stow-malformed")


@pytest.fixture(scope="module", autouse=True)
def content(module_site: Site) -> None:
    compressed = b"".join(transcode(dicom.read(ct(1)), dicom.transfer_syntax("1.2.840.10008.1.2.4.90")))
    wado_samples.store(module_site.worlds.open(), compressed, report())


OBJECT = 'multipart/related; type="application/dicom"'
FRAMES = 'multipart/related; type="application/octet-stream"'


@pytest.mark.parametrize(
    ("path", "accept", "told"),
    [
        pytest.param(CT, None, True, id="object decoded"),
        pytest.param(CT, f"{OBJECT}; transfer-syntax=*", False, id="object as stored"),
        pytest.param(f"{CT}/frames/1", FRAMES, True, id="frame decoded"),
        pytest.param(f"{CT}/frames/1", f"{FRAMES}; transfer-syntax=*", False, id="frame as stored"),
        pytest.param(f"{CT}/rendered", "image/png", True, id="rendered"),
        pytest.param(f"{CT}/metadata", None, False, id="metadata"),
    ],
)
def test_jpeg_2000_that_is_decoded_is_told(door: Door, path: str, accept: str | None, told: bool) -> None:
    answer = door.get(path, {"Accept": accept})
    assert answer.status == 200
    assert is_told(answer, "wado-jpeg-2000") is told


@pytest.mark.parametrize(
    ("path", "accept", "status", "row"),
    [
        pytest.param(f"{SR}/frames/1", None, 404, "wado-no-pixels", id="frames of a report"),
        pytest.param(CT, f"{OBJECT}; transfer-syntax=1.2.840.10008.1.2.4.50", 406, "wado-no-codec", id="16 bits"),
    ],
)
def test_a_refusal_that_is_a_failure_there_is_told(
    door: Door, path: str, accept: str | None, status: int, row: str
) -> None:
    answer = door.get(path, {"Accept": accept})
    assert answer.status == status
    assert is_told(answer, row)


def test_the_journal_shows_what_is_told(door: Door, module_site: Site) -> None:
    assert store(door, multipart(instance(78, PatientName="Miller^Anna"))).status == 200
    door.get("/dicomweb/studies?PatientName=Millar&fuzzymatching=true")
    entry = read(*module_site.ring.entries()[-1])
    assert [finding["row"] for finding in entry["findings"]] == ["qido-fuzzy"]


def test_every_row_names_a_clause_and_fits_into_a_header() -> None:
    for row in ROWS.values():
        words = row.message + row.evidence
        assert row.clause and words.isascii() and '"' not in words


def test_a_boundary_with_an_equals_sign_is_told(door: Door, strict: Door) -> None:
    body = multipart(instance(79)).replace(BOUNDARY.encode(), b"a=b")
    headers = {"Content-Type": 'multipart/related; type="application/dicom"; boundary="a=b"'}
    answer, recorded = (one.request("POST", "/dicomweb/studies", headers, body) for one in (door, strict))
    assert (answer.status, recorded.status) == (200, 415)
    assert is_told(answer, "stow-boundary")
