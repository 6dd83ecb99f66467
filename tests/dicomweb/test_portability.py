"""What the real server would not answer: told by a warning, and with `strict` answered as it does."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
from pydicom import Dataset

from doors import Door
from fhantom.archive.ingest import Accepted, Incoming, accept, keep
from fhantom.dicomweb.portability import DEPARTURES
from fhantom.site import Site
from instances import MULTIPART, ROOT, dataset, encoded, instance, multipart

_ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module", autouse=True)
def content(module_site: Site) -> None:
    private = dataset(1, 2, 1, Modality="SR", AnatomicRegionSequence=[Dataset()])
    private.AnatomicRegionSequence[0].CodeValue = "T-D1100"
    private.private_block(0x0009, "FHANTOM TEST", create=True).add_new(1, "LO", "private text")
    bodies = [instance(1, AccessionNumber=""), encoded(private), instance(2, PatientName="Roe^Jane")]
    incoming = []
    for body in bodies:
        accepted = accept(body)
        assert isinstance(accepted, Accepted)
        incoming.append(Incoming(accepted, body))
    keep(module_site.worlds.open(), incoming)


# Query, row, studies found, studies that the real server finds.
SEARCHES = [
    ("AnatomicRegionSequence.CodeValue=x", "qido-key-path", 0, 2),
    ("00091001=private*", "qido-key-private", 1, 2),
    ("Modality=SR", "qido-key-below", 1, 0),
    ("InstanceNumber=1", "qido-key-below", 2, 0),
    ("Rows=4", "qido-key-below", 2, 2),
    ("Modality=SR&ModalitiesInStudy=SR", "qido-key-below", 1, 1),
    ("PatientName=roe*,doe*", "qido-list", 2, 0),
    ("AccessionNumber=ACC2,", "qido-list", 1, 2),
    ("StudyDate=2020.01.15", "qido-times", 2, 0),
    ("Rows=04", "qido-numbers", 2, 0),
    ("NumberOfStudyRelatedSeries=2", "qido-key-count", 1, 0),
    ("PatientID=P1%5CP2", "qido-list-backslash", 2, 0),
    ("PatientName=roe&fuzzymatching=true", "qido-fuzzy", 1, 0),
    ("AccessionNumber=%22%22&emptyvaluematching=true", "qido-empty-values", 1, 0),
    ("ModalitiesInStudy=CT,SR&multiplevaluematching=true", "qido-multiple-values", 1, 2),
    ("includefield=all", "qido-include-all", 2, 2),
    ("includefield=InstanceAvailability", "qido-include-computed", 2, 2),
    ("includefield=00091001", "qido-include-private", 2, 2),
    ("includefield=AnatomicRegionSequence", "qido-include-sequence", 2, 2),
    ("includefield=AnatomicRegionSequence.CodeValue", "qido-include-path", 2, 2),
]


@pytest.mark.parametrize(
    "query",
    [
        "PatientID=P1,,P7",
        "AccessionNumber=%22%22&emptyvaluematching=true&PatientID=P2",
        "PatientName=roe*&fuzzymatching=true",
        "includefield=AnatomicRegionSequence&PatientID=P2",
        "Modality=MR",
        "ModalitiesInStudy=SR&StudyDate=-20200115",
        "accept=application/json",
    ],
)
def test_a_search_that_the_real_server_reads_otherwise_but_answers_alike_is_not_told(door: Door, query: str) -> None:
    warnings = door.get(f"/dicomweb/studies?{query}").headers.get_all("Warning") or []
    assert not [text for text in warnings if text.startswith("299 fhantom")]


def test_a_form_that_the_query_chooses_is_told(door: Door, strict: Door) -> None:
    answers = [one.get("/dicomweb/studies?accept=text/csv") for one in (door, strict)]
    forms = [answer.headers.get_content_type() for answer in answers]
    assert forms == ["text/csv", "application/dicom+json"]
    row = DEPARTURES["qido-accept-parameter"]
    assert any(row.message in text for text in answers[0].headers.get_all("Warning") or [])


@pytest.mark.parametrize(("query", "row", "ours", "theirs"), SEARCHES, ids=[f"{s[1]}: {s[0]}" for s in SEARCHES])
def test_a_search_beyond_the_real_server_is_told_and_strictly_answered_as_there(
    door: Door, strict: Door, query: str, row: str, ours: int, theirs: int
) -> None:
    answer, recorded = (one.get(f"/dicomweb/studies?{query}") for one in (door, strict))
    warnings = answer.headers.get_all("Warning") or []
    assert f'299 fhantom "real server: {DEPARTURES[row].message} ({DEPARTURES[row].evidence})"' in warnings
    assert (len(answer.json()), len(recorded.json())) == (ours, theirs)
    assert not [text for text in recorded.headers.get_all("Warning") or [] if text.startswith("299 fhantom")]


def test_included_attributes_are_missing_strictly(strict: Door) -> None:
    (plain,) = strict.get("/dicomweb/studies?PatientID=P1").json()
    (more,) = strict.get("/dicomweb/studies?PatientID=P1&includefield=all,00091001").json()
    assert plain == more


@pytest.mark.parametrize("accept_", ['multipart/related; type="application/dicom+xml"', "text/csv"])
def test_forms_beyond_the_real_server_are_told(door: Door, strict: Door, accept_: str) -> None:
    answer = door.get("/dicomweb/studies", {"Accept": accept_})
    assert DEPARTURES["qido-form"].message in answer.headers["Warning"]
    assert strict.get("/dicomweb/studies", {"Accept": accept_}).headers["Content-Type"] == "application/dicom+json"


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_methods_beyond_the_real_server_are_told(door: Door, strict: Door, method: str) -> None:
    assert "404" in door.request(method, "/dicomweb/studies").headers["Warning"]
    assert strict.request(method, "/dicomweb/studies").status == 404


def test_uploads_beyond_the_real_server_are_told(door: Door, strict: Door) -> None:
    header = {"Content-Type": "application/dicom"}
    answer = door.request("POST", "/dicomweb/studies", header, instance(1))
    assert DEPARTURES["stow-single-part"].message in "".join(answer.headers.get_all("Warning") or [])
    assert strict.request("POST", "/dicomweb/studies", header, instance(1)).status == 415


@pytest.mark.parametrize(
    "path", ["/studies?PatientName=Doe*&limit=0", "/series", f"/studies/{ROOT}.1/instances?Rows=4", "/instances"]
)
def test_what_the_real_server_answers_too_has_no_such_warning(door: Door, path: str) -> None:
    assert "Warning" not in door.get(f"/dicomweb{path}").headers


def test_an_ordinary_upload_has_no_such_warning(door: Door) -> None:
    answer = door.request("POST", "/dicomweb/studies", {"Content-Type": MULTIPART}, multipart(instance(1)))
    assert "299 fhantom" not in answer.headers.get("Warning", "")


def test_the_page_of_the_documentation_has_every_row() -> None:
    script = runpy.run_path(str(_ROOT / "scripts" / "generate_docs.py"))
    page = (_ROOT / "docs" / "portability.md").read_text()
    assert page == script["portability_page"](), "run scripts/generate_docs.py"
