"""`_id`: one resource, several, all but some."""

from __future__ import annotations

import pytest

from shelves import Shelf, observation, patient


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("Patient?_id=a", ["a"], id="one"),
        pytest.param("Patient?_id=a,b", ["a", "b"], id="several"),
        pytest.param("Patient?_id=a&_id=b", [], id="both at once"),
        pytest.param("Patient?_id=Patient/a", ["a"], id="with its type"),
        pytest.param("Patient?_id=http://other/fhir/Patient/a", ["a"], id="as an address"),
        pytest.param("Patient?_id=Observation/a", [], id="with another type"),
        pytest.param("Patient?_id=|a", ["a"], id="as a token without a system"),
        pytest.param("Patient?_id:not=a", ["b", "c"], id="all but one"),
        pytest.param("Patient?_id:not=a,b", ["c"], id="all but several"),
        pytest.param("Observation?subject:Patient._id:not=a", ["o"], id="behind a chain"),
    ],
)
def test_ids_are_compared_with_and_without_types(r4: Shelf, query: str, found: list[str]) -> None:
    r4.put(*map(patient, "abc"), observation("a", "Patient/a"), observation("o", "Patient/b"))
    assert r4.ids(query) == found
