"""Every route of the server beside the real server's, as a page of Markdown, from route map and rooms' tables."""

from __future__ import annotations

import re
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import flask
from route_facts import (
    ABSENT,
    ALWAYS,
    BETTER,
    FACTS,
    FAMILIES,
    LACKING,
    MISSING_HERE,
    OPERATION_SETTINGS,
    SAME,
    SECTIONS,
    Fact,
    Family,
)

from fhantom.app import rooms
from fhantom.clock import Clock
from fhantom.dicomweb import wado_portability
from fhantom.dicomweb.portability import DEPARTURES
from fhantom.fhir.interactions import SYSTEM, TABLE, Row
from fhantom.fhir.operations.table import OPERATIONS, Operation
from fhantom.settings import Settings
from fhantom.site import Site
from fhantom.wadouri import portability as wadouri_portability
from fhantom.wire.portability import Departure
from fhantom.world import DataFolder, Worlds

_ADDED_BY_FLASK = {"HEAD", "OPTIONS"}
_HEADING = ["| route | methods | verdict | rows, or why |", "| --- | --- | --- | --- |"]


@dataclass(frozen=True, slots=True)
class Route:
    """A path that a room answers, in Flask's form, and its methods."""

    rule: str
    methods: tuple[str, ...]


def departures() -> list[Departure]:
    """Every row that an answer's Warning can name, each once."""
    rows = (*DEPARTURES.values(), *wado_portability.DEPARTURES, *wadouri_portability.DEPARTURES)
    return list({row.name: row for row in rows}.values())


def route_map() -> flask.Flask:
    """The rooms over an empty folder, for their routes."""
    with tempfile.TemporaryDirectory() as folder:
        data, settings, clock = DataFolder(Path(folder)), Settings(ephemeral=True), Clock()
        data.create()
        site = Site(settings=settings, worlds=Worlds(data, settings, clock), clock=clock)
        try:
            return rooms(site)
        finally:
            site.close()


def routes(app: flask.Flask) -> list[Route]:
    """What is answered, without the rules that only say what is not there."""
    methods: dict[str, set[str]] = defaultdict(set)
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.endswith(".missing"):
            asked = set(rule.methods or ())
            methods[rule.rule] |= (asked - _ADDED_BY_FLASK) or asked
    return [Route(rule, tuple(sorted(methods[rule]))) for rule in sorted(methods)]


def family_of(row: Departure) -> Family:
    """The family of a row, by its name."""
    return next(family for family in FAMILIES if row.name.startswith(family.names))


def departing(route: Route) -> list[Departure]:
    """The rows that answers of a route can carry, without those of all routes."""
    found = []
    for row in departures():
        family = family_of(row)
        if row.name not in ALWAYS and family.method in route.methods and re.search(family.rule, route.rule):
            found.append(row)
    return found


def verdict(route: Route) -> Fact:
    """Same, better or not there, and why: by what is told of the address, else by the rows of its answers."""
    told = next((fact for fact in FACTS if re.fullmatch(fact.rule, route.rule)), None)
    if told is not None:
        return told
    rows = departing(route)
    unknown = [row for row in rows if row.status == 404]
    names = ", ".join(dict.fromkeys(_named(row) for row in unknown or rows))
    return Fact(route.rule, ABSENT if unknown else BETTER if rows else SAME, names)


def _named(row: Departure) -> str:
    """A row by its name, or as one of a family whose rows concern the same routes."""
    names = family_of(row).names
    return f"`{names}*`" if names.endswith("-") else f"`{row.name}`"


def routes_page() -> str:
    """All routes by room, then FHIR's interactions and operations, then what is not imitated."""
    found = routes(route_map())
    lines = [
        "# Route by route",
        "",
        "Whether each route is on the real server what it is here: the **same**; **better** here, by the rows of",
        "[the table](portability.md) that are named after it; **not there**, so that such a request works here alone;",
        "or **not here**. Answers of DICOMweb and WADO-URI that are better carry `Warning: 299 fhantom`, and",
        "`--strict` refuses what the real server refuses.",
        "",
        "The programs behind the real server's gateway were recorded. Of its addresses there is what its documentation",
        "says and what public clients ask; none of it was asked of the real server itself. Settings that add or change",
        "routes, such as `--subscriptions`, are off. Made from the route map and the rooms' tables by",
        "`scripts/generate_docs.py`.",
    ]
    for section in SECTIONS:
        rows = [route for route in found if re.match(section.rule, route.rule)]
        lines += ["", f"## {section.title}", "", *section.words, "", *_HEADING]
        lines += [_line(_written(route.rule), route.methods, verdict(route)) for route in rows]
        if section.has_tables:
            lines += [*_interactions(), *_operations()]
    lines += ["", "## On the real server and not here", "", "| address | what |", "| --- | --- |"]
    lines += [f"| `{address}` | {words} |" for address, words in MISSING_HERE]
    return "\n".join(lines) + "\n"


def _line(path: str, methods: Sequence[str], fact: Fact) -> str:
    return f"| `{path}` | {', '.join(methods)} | {fact.verdict} | {fact.words} |"


def _written(rule: str) -> str:
    """A rule as documentation writes it: `<int:number>` is `{number}`."""
    return re.sub(r"<(?:[^:<>]*:)?(\w+)>", r"{\1}", rule)


def _interactions() -> Iterator[str]:
    yield from ("", "By interaction, where `[base]` is either root:", "", *_HEADING)
    for row in (*SYSTEM, *TABLE):
        if row.code and not _is_refusal(row):
            switched = row.code == "search-system" and bool(row.pattern)
            told = Fact("", ABSENT, "answered with `--search-system`") if switched else Fact("", SAME, f"`{row.code}`")
            yield _line(_placed(row), row.methods, told)


def _placed(row: Row) -> str:
    """The pattern of an interaction, with names for its places."""
    names = iter(("{type}", "{id}", "{version}"))
    return "[base]/" + "/".join(next(names) if part == "{}" else part for part in row.pattern)


def _is_refusal(row: Row) -> bool:
    """POST to an instance, which both refuse."""
    return row.code == "create" and len(row.pattern) > 1


def _operations() -> Iterator[str]:
    yield from ("", "Operations, at the levels where the real server has them:", "", *_HEADING)
    for row in OPERATIONS:
        if row.is_refused:
            told = Fact("", LACKING, "listed and refused")
        elif row.is_told:
            told = Fact("", SAME, "")
        else:
            told = Fact("", ABSENT, f"answered with `{OPERATION_SETTINGS[row.name]}`")
        yield _line(_levels(row), row.methods, told)


def _levels(row: Operation) -> str:
    types = "{type}" if "*" in row.types else "|".join(row.types)
    levels = (
        ("", row.system),
        (f"/{types}", row.on_type),
        (f"/{types}/{{id}}", row.on_instance),
    )
    return "` `".join(f"[base]{path}/${row.name}" for path, there in levels if there).replace("|", "\\|")
