"""The list of questions: fixed, read-only unless told otherwise, and about rows that exist."""

from __future__ import annotations

from itertools import chain

import pytest

from fhantom.calibration.asking import filled
from fhantom.calibration.questions import PATHS, QUESTIONS, WRITES, Question
from fhantom.dicomweb import portability, wado_portability
from fhantom.wire.portability import Departure

EVERY = (*QUESTIONS, *WRITES)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_a_question_only_reads(question: Question) -> None:
    assert question.method in ("GET", "HEAD", "OPTIONS")
    assert question.body == ""


@pytest.mark.parametrize("question", WRITES, ids=lambda question: question.name)
def test_what_is_written_has_the_id_of_the_test(question: Question) -> None:
    assert "{id}" in question.path or "{id}" in question.body
    assert question.service in ("fhir", "fhir-r4")


def test_no_key_ever_goes_over_plain_http() -> None:
    plain = [question for question in EVERY if question.plain]
    assert plain
    assert {question.key for question in plain} == {"none"}


def test_names_and_services_are_known_and_names_are_unique() -> None:
    assert len({question.name for question in EVERY}) == len(EVERY)
    assert {question.service for question in EVERY} <= set(PATHS)


def test_each_row_that_is_probed_is_a_refusal_of_the_portability_table() -> None:
    values = chain(vars(portability).values(), vars(wado_portability).values())
    found = chain.from_iterable(value for value in values if isinstance(value, tuple))
    refusals = {row.name for row in found if isinstance(row, Departure) and row.status is not None}
    probed = {question.row for question in QUESTIONS} - {""}
    assert len(probed) > 5
    assert probed <= refusals


def test_no_question_asks_for_more_than_a_few_results() -> None:
    searches = [q for q in QUESTIONS if q.path.split("?")[0] in ("/Patient", "/studies", "/instances", "/_history")]
    few = ("_count=", "limit=", "_summary=count", "nobody-has-this", "no-such", "yesterday", "_text=x")
    assert searches
    assert [q.name for q in searches if q.method == "GET" and not any(word in q.path for word in few)] == []


def test_a_word_that_no_answer_told_leaves_the_question_unasked() -> None:
    assert filled("/studies/{study}", {"study": "1.2"}) == "/studies/1.2"
    assert filled("/studies/{study}", {"id": "x"}) is None
