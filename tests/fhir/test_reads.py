from __future__ import annotations

import pytest

from fhir_client import FhirClient, diagnostics, patient


@pytest.fixture(scope="module", autouse=True)
def stored(fhir: FhirClient) -> None:
    if fhir.get("Patient/read").status == 200:
        return  # the other door's tests have written it
    fhir.put(patient("read", name=[{"family": "One"}]))
    fhir.put(patient("read", name=[{"family": "Two"}], gender="female"))
    fhir.put(patient("gone"))
    fhir.send("DELETE", "Patient/gone")


def test_a_version_can_be_read(fhir: FhirClient) -> None:
    assert fhir.get("Patient/read/_history/1").json()["name"] == [{"family": "One"}]
    assert fhir.get("Patient/read").json()["meta"]["versionId"] == "2"


@pytest.mark.parametrize(
    ("path", "status", "number"),
    [
        ("Patient/none", 404, "HAPI-2001"),
        ("Patient/none/_history/1", 404, "HAPI-2001"),
        ("Patient/none/_history", 404, "HAPI-2001"),
        ("Patient/read/_history/99", 404, "HAPI-0979"),
        ("Patient/read/_history/x", 404, "HAPI-0978"),
        ("Patient/a%20b", 404, "HAPI-2001"),
        ("patient/read", 404, "HAPI-0302"),
        ("Foo", 404, "HAPI-0302"),
        ("", 400, "HAPI-0287"),
        ("?_type=Patient", 400, "HAPI-0287"),
        ("?_getpages=bogus", 410, "HAPI-0417"),
    ],
)
def test_what_is_not_there_is_told_by_its_number(fhir: FhirClient, path: str, status: int, number: str) -> None:
    answer = fhir.get(path)
    assert answer.status == status
    assert diagnostics(answer).startswith(number)


@pytest.mark.parametrize(
    "path",
    [
        "Patient/read?foo=bar",
        "Patient/read/Observation",
        "Patient/read/*",
        "Patient/read/$foo",
        "Patient/$foo",
        "$foo",
        "_search",
        "Patient?_query=x",
        "Patient?_getpages=x&_getpagesoffset=20",
        "Patient/_search?_getpages=",
        "Patient/read/$export",
        "metadata/x",
        "?_getpages=",
    ],
)
def test_a_request_that_nothing_fits_is_not_supported(fhir: FhirClient, path: str) -> None:
    answer = fhir.get(path)
    issue = answer.json()["issue"][0]
    assert (answer.status, issue["code"]) == (400, "not-supported")


def test_a_deleted_resource_is_gone_and_tells_its_last_version(fhir: FhirClient) -> None:
    answer = fhir.get("Patient/gone")
    assert answer.status == 410
    assert answer.headers["Location"] == f"{fhir.base}/Patient/gone/_history/2"
    assert fhir.get("Patient/gone/_history/1").status == 200


def test_head_is_for_reads_and_metadata_only(fhir: FhirClient) -> None:
    assert fhir.send("HEAD", "Patient/read").headers["ETag"] == 'W/"2"'
    assert fhir.send("HEAD", "metadata").status == 200
    assert fhir.send("HEAD", "Patient?name=x").status == 400


def test_elements_and_summary_leave_a_part_that_says_so(fhir: FhirClient) -> None:
    part = fhir.get("Patient/read?_elements=gender").json()
    assert set(part) == {"resourceType", "id", "meta", "gender"}
    assert part["meta"]["tag"][0]["code"] == "SUBSETTED"
    assert fhir.get("Patient/read?_summary=true&_elements=gender").status == 400


def test_a_summary_of_text_is_the_narrative_alone(fhir: FhirClient) -> None:
    div = '<div xmlns="http://www.w3.org/1999/xhtml">Hello</div>'
    fhir.put(patient("narrative", text={"status": "generated", "div": div}))
    answer = fhir.get("Patient/narrative?_summary=text")
    assert (answer.headers["Content-Type"], answer.text) == ("text/html;charset=UTF-8", div)


def test_a_slash_at_the_end_changes_nothing_but_the_self_link(fhir: FhirClient) -> None:
    assert fhir.get("Patient/read/").json() == fhir.get("Patient/read").json()
    assert fhir.get("Patient/?_id=read").json()["link"][0]["url"] == f"{fhir.base}/Patient/?_id=read"
