from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from fhantom.definitions import Version
from fhantom.fhir import quirks
from fhantom.fhir.exchange import Exchange
from fhantom.fhir.outcomes import Refusal
from fhantom.fhir.parameters import parse
from fhantom.world import World

ROOT = Path(__file__).resolve().parents[2]
REQUESTS = {
    "partial-date-bounds": ("GET", "Patient", "birthdate=ge1950", {}, ""),
    "name-with-blank": ("GET", "Patient", "name=Sally%20SIIM", {}, ""),
    "date-alternatives": ("GET", "Patient", "birthdate=1950,1960", {}, "1930"),
    "date-approximation": ("GET", "Patient", "birthdate=ap1950", {}, "1925"),
    "quantity-outer-prefixes": ("GET", "Observation", "value-quantity=sa1", {}, "1235"),
    "unknown-parameter": ("GET", "Patient", "foo=bar", {}, "0524"),
    "meta-missing": ("GET", "Patient", "_tag:missing=true", {}, ""),
    "not-an-absent-id": ("GET", "Patient", "_id:not=x", {}, ""),
    "tag-system": ("GET", "Patient", "_tag=http://x|", {}, "1218"),
    "chained-id": ("GET", "Observation", "subject._id=x", {}, ""),
    "has-modifier": ("GET", "Patient", "_has:Observation:patient:code:not=x", {}, "1209"),
    "filter-not": ("GET", "Patient", "_filter=not%20(gender%20eq%20male)", {}, ""),
    "since-and-at": ("GET", "Patient/_history", "_since=2020-01-01T00:00:00Z&_at=2021", {}, "0553"),
    "total-none": ("GET", "Patient", "_total=none", {}, ""),
    "if-match-conflict": ("PUT", "Patient/x", "", {"if-match": "1"}, "0989"),
    "if-none-match-list": ("GET", "Patient/x", "", {"if-none-match": 'W/"1", W/"2"'}, ""),
    "if-none-match-create": ("PUT", "Patient/x", "", {"if-none-match": "*"}, ""),
    "if-match-delete": ("DELETE", "Patient/x", "", {"if-match": "1"}, ""),
    "everything-since": ("GET", "Patient/x/$everything", "_since=2020", {}, ""),
    "expand-filter": ("GET", "ValueSet/$expand", "url=x&filter=y", {}, ""),
    "lastn-max": ("GET", "Observation/$lastn", "", {}, ""),
}


def noted(world: World, name: str, version: Version = "R5") -> list[str]:
    method, path, query, headers, number = REQUESTS[name]
    exchange = Exchange(version, method, path, world, "http://x/fhir", query, parse(query), headers)
    quirks.note(exchange, Refusal(number) if number else None)
    return exchange.notes.quirks


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_that_meets_a_quirk_is_noted_with_the_clause(world: World, name: str) -> None:
    (words,) = noted(world, name)
    assert words.startswith(f"{name}: a server that follows FHIR ")


def test_every_quirk_has_its_example() -> None:
    assert set(REQUESTS) == {quirk.name for quirk in quirks.QUIRKS}


def test_an_ordinary_request_meets_none(world: World) -> None:
    exchange = Exchange("R4", "GET", "Patient", world, "http://x/fhir", pairs=parse("name=Sally&_count=2"))
    quirks.note(exchange)
    assert exchange.notes.quirks == []


def test_the_page_of_quirks_is_made_from_the_table() -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "generate_docs.py"))
    assert (ROOT / "docs" / "fhir-quirks.md").read_text() == script["quirks_page"](), "run scripts/generate_docs.py"
