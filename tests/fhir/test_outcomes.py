"""The table of refusals fits the readers that refuse."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import fhantom
from fhantom.definitions import ParseRefusal
from fhantom.errors import NotFound
from fhantom.fhir.outcome_rows import PARSING, SEARCHING
from fhantom.fhir.outcome_table import SUCCESSES, TABLE
from fhantom.fhir.outcomes import Refusal, cause_of, refusal_of, status_of, success, told
from fhantom.resources.refusal import SearchRefusal

PACKAGE = Path(fhantom.__file__).parent


def sources(*rooms: str) -> str:
    """The code of rooms, without the tables of outcomes themselves."""
    files = [file for room in rooms for file in sorted((PACKAGE / room).rglob("*.py"))]
    return "".join(file.read_text() for file in files if not file.name.startswith("outcome_"))


def test_every_refusal_of_a_search_has_its_words() -> None:
    assert set(re.findall(r'SearchRefusal\("(\d{4})"', sources("resources"))) <= set(TABLE)


def test_every_refusal_of_a_body_has_its_words() -> None:
    calls = re.findall(r"ParseRefusal\(([^\"]*?)(?:detail|value|\))", sources("definitions"))
    numbers = {int(number) for call in calls for number in re.findall(r"\d{4}", call)}
    assert numbers <= set(PARSING)


def test_no_row_is_left_over() -> None:
    code = sources("fhir", "resources")
    assert [key for key in TABLE if f'"{key}"' not in code] == []
    assert [key for key in SUCCESSES if key not in code and "CONDITIONAL" not in key] == []


def test_a_wrapped_refusal_has_both_numbers() -> None:
    refusal = Refusal("0989", reference="Patient/1", version=3)
    assert refusal.message.startswith("HAPI-0550: HAPI-0989: Patient/1/_history/3 ")
    assert status_of(refusal) == 409


def test_a_field_that_nobody_filled_stays_empty() -> None:
    assert "{" not in Refusal("0524").message


def test_a_search_refusal_is_told_in_this_rooms_words() -> None:
    found = refusal_of(SearchRefusal("0524", parameter="x", type="Patient", valid=("a", "b")))
    assert found.message.endswith('Patient has no search parameter "x"; the parameters there are: [a, b]')
    other = NotFound("nothing")
    assert refusal_of(other) is other


def test_the_cause_of_a_bad_body_chains_its_numbers() -> None:
    cause = cause_of(ParseRefusal(1861, 1859, value="["))
    assert cause.startswith("HAPI-1861: HAPI-1859: ")


def test_a_batch_replaces_the_issue_code() -> None:
    assert told(Refusal("unsupported"))["issue"][0]["code"] == "not-supported"
    assert told(Refusal("unsupported"), "exception")["issue"][0]["code"] == "exception"


@pytest.mark.parametrize("code", SUCCESSES)
def test_every_success_names_its_code(code: str) -> None:
    issue = success(code, reference="Patient/1", url="x", count=1)["issue"][0]
    assert issue["details"]["coding"][0]["code"] == code
    assert "{" not in issue["diagnostics"]


def test_searching_rows_are_part_of_the_table() -> None:
    assert set(SEARCHING) <= set(TABLE)
