"""What is told of answers that the real server would not give, but not imitated with `strict`."""

from __future__ import annotations

import json

import pytest

from doors import Answer, Door
from fhantom.dicomweb.portability import DEPARTURES
from fhantom.site import Site
from instances import MULTIPART, dataset, encoded, instance, multipart


def store(door: Door, body: bytes) -> Answer:
    return door.request("POST", "/dicomweb/studies", {"Content-Type": MULTIPART}, body)


def is_told(answer: Answer, row: str) -> bool:
    return any(DEPARTURES[row].message in text for text in answer.headers.get_all("Warning") or [])


@pytest.mark.parametrize(("dates", "told"), [("-20990101", True), ("20000101-20990101", False), ("-", False)])
def test_a_range_without_a_beginning_is_told(door: Door, dates: str, told: bool) -> None:
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


def test_the_journal_shows_what_is_told(door: Door, module_site: Site) -> None:
    door.get("/dicomweb/studies?PatientName=no^one&fuzzymatching=true")
    entry = json.loads(module_site.ring.entries()[-1][1])
    assert [finding["row"] for finding in entry["findings"]] == ["qido-fuzzy"]


def test_every_row_names_a_clause_and_fits_into_a_header() -> None:
    for row in DEPARTURES.values():
        words = row.message + row.evidence
        assert row.clause and words.isascii() and '"' not in words
