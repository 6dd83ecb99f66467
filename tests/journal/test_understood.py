"""The journal tells what each room took a request for, and what of it had no effect."""

from __future__ import annotations

import json
from typing import Any

import pytest

from doors import Door
from fhantom.journal.entry import read
from fhantom.site import Site
from instances import dataset, encoded

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
DICOM = {"Content-Type": "application/dicom"}


def asked(door: Door, site: Site, method: str, path: str, body: bytes = b"", **headers: str) -> dict[str, Any]:
    """Send a request; the entry that the journal has of it."""
    door.request(method, path, {name.replace("_", "-"): value for name, value in headers.items()}, body)
    entry: dict[str, Any] = read(*site.ring.entries()[-1])
    return entry


SEARCHES: dict[str, tuple[str, dict[str, Any], list[str]]] = {
    "QIDO with a wildcard, a range and an unknown key": (
        "/dicomweb/studies?PatientName=Si*&StudyDate=2020-20261231&00081030=a,b&limit=3&foo=1",
        {
            "level": "study",
            "conditions": [
                ["PatientName", "is like", "si*"],
                ["StudyDate", "is within", ["20200000", "20261231"]],
                ["StudyDescription", "is one of", ["a,b", "a", "b"]],
            ],
            "limit": 3,
        },
        ["foo"],
    ),
    "QIDO below a study": (
        "/dicomweb/studies/1.2/series?SeriesNumber=7&InstanceCreationTime=10-12",
        {
            "level": "series",
            "study": "1.2",
            "conditions": [
                ["SeriesNumber", "is", 7],
                ["InstanceCreationTime", "is within", ["100000000000", "129999999999"]],
            ],
        },
        [],
    ),
    "QIDO with a pattern in a list": (
        "/dicomweb/studies?PatientID=*&StudyID=a,b*&offset=4&includefield=all",
        {
            "level": "study",
            "conditions": [
                ["PatientID", "is there", True],
                ["StudyID", "any of", [["is", "a"], ["is like", "a,b*"], ["is like", "b*"]]],
            ],
            "include": "all",
            "offset": 4,
        },
        [],
    ),
    "a FHIR search": (
        "/fhir/Patient?name:contains=An&birthdate=ge1950-02&birthdate=lt1960-01-02&_sort=-birthdate,_id&_count=5",
        {
            "interaction": "search-type",
            "type": "Patient",
            "conditions": [
                ["name:contains", "contains", "an"],
                ["birthdate", "is", ["ge 1950-02-28", "lt 1960-01-02"]],
            ],
            "count": 5,
            "sort": ["-birthdate", "_id"],
        },
        [],
    ),
    "a FHIR search by token, reference and quantity": (
        "/fhir-r4/Observation?code=http://loinc.org|1,2&subject=Patient/x&value-quantity=gt5||mg&code:not=3&date=2020",
        {
            "interaction": "search-type",
            "type": "Observation",
            "conditions": [
                ["code", "is", ["http://loinc.org|1", "2"]],
                ["subject", "is", "Patient/x"],
                ["value-quantity", "is", "gt 5 mg"],
                ["code:not", "is not", "3"],
                ["date", "is", "eq 2020-01-01 to 2020-12-31"],
            ],
            "count": 20,
        },
        [],
    ),
    "a FHIR search by chain": (
        "/fhir/Observation?patient.family=x&_has:Provenance:target:_id=1",
        {
            "interaction": "search-type",
            "type": "Observation",
            "conditions": [
                ["patient.family", "leads to", ["Patient.family", "begins with", "x"]],
                ["_has:Provenance:target:_id", "is referred to where", ["", "is", ""]],
            ],
            "count": 20,
        },
        [],
    ),
    "what a FHIR search passes over": (
        "/fhir/Patient?name=&gender=&gender:bar=male&_maxresults=3&birthdate=,",
        {
            "interaction": "search-type",
            "type": "Patient",
            "conditions": [["name", "is missing", False], ["gender:bar", "is", "male"], ["birthdate", "is", ","]],
            "count": 20,
        },
        ["gender=", "_maxresults=3", ":bar of gender:bar", "birthdate=,"],
    ),
}


@pytest.mark.parametrize("case", SEARCHES)
def test_a_search_is_journaled_as_it_was_understood(door: Door, module_site: Site, case: str) -> None:
    path, understood, ignored = SEARCHES[case]
    entry = asked(door, module_site, "GET", path)
    parsed = {name: value for name, value in entry["parsed"].items() if name != "include" or value == "all"}
    assert (parsed, entry.get("ignored", [])) == (understood, ignored)
    assert (entry["response"]["status"], entry["matches"]) == (200, 0)


def test_a_search_that_came_as_a_form_is_journaled_with_it(door: Door, module_site: Site) -> None:
    entry = asked(door, module_site, "POST", "/fhir/Patient/_search", b"family=Form", **FORM)
    assert entry["parsed"]["conditions"] == [["family", "begins with", "form"]]
    assert entry["request"]["form"] == "family=Form"


INTERACTIONS = [
    ("GET", "/fhir/metadata", {"interaction": "capabilities"}),
    ("GET", "/fhir/Patient/a", {"interaction": "read", "type": "Patient", "id": "a"}),
    ("GET", "/fhir/Patient/a/_history/3", {"interaction": "vread", "type": "Patient", "id": "a", "version": "3"}),
    ("GET", "/fhir/Patient/_history", {"interaction": "history-type", "type": "Patient"}),
    ("DELETE", "/fhir-r4/Patient/a", {"interaction": "delete", "type": "Patient", "id": "a"}),
    ("GET", "/fhir/Patient/a/$everything", {"operation": "$everything", "on": ["Patient", "a"]}),
    (
        "GET",
        "/dicomweb/studies/1.2/metadata",
        {"resource": "/dicomweb/studies/<study>/metadata", "study": "1.2", "form": None},
    ),
    (
        "GET",
        "/wadouri?requestType=WADO&objectUID=1.2&rows=64&contentType=image/png&x=1",
        {
            "sop_instance_uid": "1.2",
            "content_type": "image/png",
            "frame_number": 1,
            "viewport": {"columns": None, "rows": 64, "padded": False},
        },
    ),
]


@pytest.mark.parametrize(("method", "path", "parsed"), INTERACTIONS, ids=[f"{m} {p}" for m, p, _ in INTERACTIONS])
def test_an_interaction_is_journaled_by_its_name(
    door: Door, module_site: Site, method: str, path: str, parsed: dict[str, Any]
) -> None:
    assert asked(door, module_site, method, path)["parsed"] == parsed


def test_an_upload_is_journaled_with_what_became_of_its_parts(door: Door, module_site: Site) -> None:
    entry = asked(door, module_site, "POST", "/dicomweb/studies", encoded(dataset()), **DICOM)
    assert entry["parsed"] == {"study": None, "stored": 1, "refused": 0}
    assert [found["row"] for found in entry["findings"]] == ["stow-single-part"]


def test_a_bundle_is_understood_with_what_its_entries_ask_for(door: Door, module_site: Site) -> None:
    search = {"request": {"method": "GET", "url": "Patient?birthdate=ge1950"}}
    write = {"request": {"method": "DELETE", "url": "Patient/nobody"}}
    bundle = {"resourceType": "Bundle", "type": "batch", "entry": [search, *[write] * 24]}
    headers = {"Content-Type": "application/fhir+json"}
    entry = asked(door, module_site, "POST", "/fhir", json.dumps(bundle).encode(), **headers)
    parsed = entry["parsed"]
    assert (parsed["interaction"], len(parsed["entries"]), parsed["more"]) == ("batch", 20, 5)
    first, second = parsed["entries"][:2]
    assert {**search["request"], "interaction": "search-type", "type": "Patient"}.items() <= first.items()
    assert [name for name, *_ in first["conditions"]] == ["birthdate"]
    assert second == write["request"]


def test_audit_events_are_counted(door: Door, module_site: Site) -> None:
    event = dict.fromkeys(("Pri", "Version", "Hostname", "App-name", "Procid", "Msg-id", "Msg"), "1")
    body = json.dumps({"Events": [{**event, "Timestamp": "2019-06-26 12:30:00.1"}] * 2}).encode()
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    entry = asked(door, module_site, "POST", "/sole/bulk-syslog-events", body, **headers)
    assert (entry["room"], entry["parsed"]) == ("sole", {"stored": 2})
