"""What fhantom's fixtures are for: data of its own, bad days on demand, a clock, and a look at what was sent."""

from __future__ import annotations

import pytest
import requests
from triage.worklist import Study, Worklist

STUDY = Study(uid="1.2.3", patient_id="TCGA-17-Z058", description="CT Chest", modalities=("CT",))


@pytest.fixture
def waited() -> list[float]:
    """The seconds that the client waited for, without waiting."""
    return []


@pytest.fixture
def worklist(fhantom, fhantom_session, waited) -> Worklist:
    return Worklist(fhantom_session, fhantom.url, wait=waited.append)


def test_a_days_studies_are_found(worklist, fhantom):
    [study] = worklist.studies("19860928")
    assert study.patient_id == "TCGA-17-Z058"
    assert "CT" in study.modalities
    fhantom.assert_requested("GET", "/dicomweb/studies", query={"StudyDate": "19860928"}, times=1)


def test_pages_are_asked_for_until_one_is_not_full(worklist, fhantom):
    studies = list(worklist.studies("19000101-20991231"))
    assert len({study.uid for study in studies}) == len(studies) > 20
    offsets = [request.query["offset"][0] for request in fhantom.journal]
    assert offsets == [str(10 * page) for page in range(len(offsets))]


@pytest.mark.fhantom(seed="empty")
def test_an_empty_archive_has_no_studies(worklist):
    assert list(worklist.studies("19860928")) == []


@pytest.mark.fhantom(faults=[{"path": "/dicomweb/*", "status": 429, "headers": {"Retry-After": "2"}, "times": 2}])
def test_the_client_waits_as_long_as_it_is_told_to(worklist, waited):
    assert len(list(worklist.studies("19860928"))) == 1
    assert waited == [2.0, 2.0]


@pytest.mark.parametrize(
    "fault", [{"kind": "reset"}, {"kind": "truncate", "after_bytes": 40}], ids=["reset", "truncate"]
)
def test_a_broken_connection_is_tried_again(worklist, waited, fhantom, fault):
    with fhantom.faults.add("/dicomweb/*", times=1, **fault) as broken:
        assert len(list(worklist.studies("19860928"))) == 1
    assert broken.hits == 1
    assert waited == [1]


def test_a_write_is_not_repeated_when_its_fate_is_unknown(worklist, fhantom):
    fhantom.faults.add("/fhir/*", method="POST", kind="truncate", after_bytes=40, times=1)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        worklist.note(STUDY, "look at this")
    fhantom.assert_requested("POST", "/fhir/Observation", times=1, fault="truncate")


def test_a_note_has_the_time_of_its_writing(worklist, fhantom, fhantom_session):
    fhantom.clock.set("2026-12-01T09:00:00Z")
    id = worklist.note(STUDY, "look at this")
    stored = fhantom_session.get(f"{fhantom.fhir_url}/Observation/{id}").json()
    assert stored["meta"]["lastUpdated"].startswith("2026-12-01T09:00:00")
    assert stored["valueString"] == "look at this"


def test_notes_are_gone_after_going_back(worklist, fhantom, fhantom_session):
    fhantom.snapshot("before")
    worklist.note(STUDY, "look at this")
    fhantom.restore("before")
    answer = fhantom_session.get(f"{fhantom.fhir_url}/Observation", params={"code:text": "triage"})
    assert answer.json()["total"] == 0
