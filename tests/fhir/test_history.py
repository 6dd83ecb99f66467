from __future__ import annotations

import pytest

from fhir_client import FhirClient, diagnostics, patient


@pytest.fixture
def lived(fhir: FhirClient, fresh: str) -> str:
    """A patient that was created, updated, deleted and written again."""
    fhir.put(patient(fresh))
    fhir.put(patient(fresh, gender="male"))
    fhir.send("DELETE", f"Patient/{fresh}")
    fhir.put(patient(fresh, gender="other"))
    return f"Patient/{fresh}"


def test_a_history_tells_every_version_newest_first(fhir: FhirClient, lived: str) -> None:
    answer = fhir.get(f"{lived}/_history")
    bundle = answer.json()
    assert (bundle["type"], bundle["total"]) == ("history", 4)
    assert answer.headers["Content-Location"] == f"{fhir.base}/Bundle/{bundle['id']}"
    told = [(row["request"]["method"], row["response"]["status"], "resource" in row) for row in bundle["entry"]]
    assert told == [
        ("PUT", "200 OK", True),
        ("DELETE", "200 OK", False),
        ("PUT", "200 OK", True),
        ("POST", "201 Created", True),
    ]
    first = bundle["entry"][0]
    assert first["request"]["url"] == f"{lived}/_history/4"
    assert first["response"]["etag"] == 'W/"4"'
    assert {row["fullUrl"] for row in bundle["entry"]} == {f"{fhir.base}/{lived}"}


def test_a_history_pages_by_offset(fhir: FhirClient, lived: str) -> None:
    bundle = fhir.get(f"{lived}/_history?_count=1").json()
    assert bundle["link"][1] == {
        "relation": "next",
        "url": f"{fhir.base}/{lived}/_history?_count=1&_offset=1",
    }
    page = fhir.get(f"{lived}/_history?_count=1&_offset=1").json()
    assert page["entry"][0]["request"]["method"] == "DELETE"


@pytest.mark.parametrize(
    ("query", "entries"),
    [("_since=2039-01-01T00:00:00Z", 0), ("_at=2039-01-01", 1), ("_since=2000-01-01T00:00:00Z", 4), ("_at=2000", 0)],
)
def test_since_and_at_choose_versions_and_hide_the_total(
    fhir: FhirClient, lived: str, query: str, entries: int
) -> None:
    bundle = fhir.get(f"{lived}/_history?{query}").json()
    assert (len(bundle.get("entry", [])), "total" in bundle) == (entries, False)


def test_a_summary_counts_the_versions(fhir: FhirClient, lived: str) -> None:
    bundle = fhir.get(f"{lived}/_history?_summary=count").json()
    assert (bundle["total"], "entry" in bundle, "link" in bundle) == (4, False, False)


def test_a_moment_that_is_none_is_refused(fhir: FhirClient, lived: str) -> None:
    assert diagnostics(fhir.get(f"{lived}/_history?_since=bogus")).startswith("HAPI-1882")


@pytest.mark.parametrize("path", ["Patient/_history", "_history"])
def test_a_type_and_the_server_have_a_history_too(fhir: FhirClient, lived: str, path: str) -> None:
    bundle = fhir.get(f"{path}?_count=2").json()
    assert bundle["total"] >= 4
    assert [row["request"]["url"] for row in bundle["entry"]] == [
        f"{lived}/_history/4",
        f"{lived}/_history/3",
    ]
