"""The page that tells of every route is made from the tables, and forgets none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import route_page
from route_facts import ABSENT, ALWAYS, BETTER, FACTS, LACKING, MISSING_HERE, OPERATION_SETTINGS, SAME, SECTIONS

from fhantom.fhir.interactions import SYSTEM, TABLE
from fhantom.fhir.operations.table import OPERATIONS
from fhantom.settings import SETTINGS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "routes.md"
APP = route_page.route_map()
ROUTES = route_page.routes(APP)
LINES = PAGE.read_text().splitlines()


def cells(path: str) -> list[list[str]]:
    """Methods, verdict and words of each line about a path."""
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in LINES if line.startswith("| `")]
    return [row[1:] for row in rows if row[0] == f"`{path}`"]


def test_the_page_is_made_from_the_tables() -> None:
    assert PAGE.read_text() == route_page.routes_page(), "run scripts/generate_docs.py"


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.rule)
def test_every_route_stands_on_the_page_once(route: route_page.Route) -> None:
    [(methods, verdict, *_)] = cells(re.sub(r"<(?:[^:<>]*:)?(\w+)>", r"{\1}", route.rule))
    assert set(methods.split(", ")) == set(route.methods)
    assert verdict in (SAME, BETTER, ABSENT)
    assert sum(bool(re.match(section.rule, route.rule)) for section in SECTIONS) == 1


def test_what_is_left_out_of_the_page_only_says_that_nothing_is_there() -> None:
    rules = {rule.rule for rule in APP.url_map.iter_rules()}
    left = rules - {route.rule for route in ROUTES}
    assert left == {"/<path:path>", "/_fhantom/<path:path>", "/vna/<path:path>"}


@pytest.mark.parametrize("row", route_page.departures(), ids=lambda row: row.name)
def test_every_row_of_the_tables_concerns_some_route(row: route_page.Departure) -> None:
    assert row.name in ALWAYS or any(row in route_page.departing(route) for route in ROUTES)


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.rule)
def test_every_fact_is_told_of_some_route(fact: route_page.Fact) -> None:
    assert any(route_page.verdict(route) is fact for route in ROUTES)


@pytest.mark.parametrize(
    ("path", "verdict", "row"),
    [
        ("/dicomweb/studies", BETTER, "`qido-*`, `stow-*`"),
        ("/dicomweb/studies/{study}", BETTER, "`stow-*`"),
        ("/dicomweb/studies/{study}/thumbnail", ABSENT, "thumbnail"),
        ("/dicomweb/studies/{study}/bulkdata", ABSENT, "bulk-resources"),
        ("/dicomweb/studies/{study}/reject/{reason}", ABSENT, "reject"),
        ("/dicomweb", ABSENT, "wadouri-root"),
        ("/wadouri", BETTER, "`wadouri-*`"),
        ("[base]/_search", ABSENT, "--search-system"),
        ("/vna/system", SAME, ""),
        ("/_fhantom/reset", ABSENT, ""),
    ],
)
def test_a_route_is_told_by_its_rows(path: str, verdict: str, row: str) -> None:
    [(_, told, words)] = cells(path)
    assert told == verdict
    assert row in words


def test_every_interaction_and_operation_of_fhir_stands_on_the_page() -> None:
    text = "\n".join(LINES)
    assert [row.code for row in (*SYSTEM, *TABLE) if f"`{row.code}`" not in text and row.code] == []
    assert [row.name for row in OPERATIONS if f"/${row.name}`" not in text] == []
    listed = [line for line in LINES if "listed and refused" in line]
    assert len(listed) == sum(row.is_refused for row in OPERATIONS)
    assert all(f"| {LACKING} |" in line for line in listed)


def test_what_switches_an_operation_on_is_a_setting() -> None:
    flags = {setting.flag for setting in SETTINGS}
    assert set(OPERATION_SETTINGS) == {row.name for row in OPERATIONS if not row.is_told}
    assert set(OPERATION_SETTINGS.values()) <= flags


def test_what_is_missing_here_is_answered_by_no_route() -> None:
    adapter = APP.url_map.bind("")
    addresses = [address for named, _ in MISSING_HERE for address in re.findall(r"/[\w/-]+", named)]
    assert len(addresses) >= 3
    assert {adapter.match(address.rstrip("/"))[0].rpartition(".")[2] for address in addresses} == {"missing"}
