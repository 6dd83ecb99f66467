"""Every recorded search of the real server finds the same here: matches, order, includes, totals, refusals."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import pytest

from fhantom.definitions import Version
from fhantom.definitions.canonical import parse_json
from fhantom.resources.refusal import SearchRefusal
from fhantom.resources.understanding import understand
from fhantom.world import World
from shelves import Json, Shelf

ORDER = (
    *("Organization", "Medication", "Practitioner", "PractitionerRole", "Patient", "AllergyIntolerance"),
    *("MedicationRequest", "Observation", "Endpoint", "ImagingStudy", "DiagnosticReport", "Specimen"),
    *("Condition", "ImagingSelection"),
)
"""The order in which the data set was stored before the recording."""

OTHERWISE = {
    "results.038": "the real server fails with 500",
    "results.040": "the room above refuses _query",
    "r4search.098": "the room above refuses the unknown type",
}

_WRITING = ("sc_", "tx")
_PLACEHOLDER = re.compile(r'urn:uuid:([0-9a-f-]{36})(?=")')
_SEARCH = re.compile(r"/fhir/([A-Z][A-Za-z]+)\?(.*)")


def _r5(shared: Path) -> list[Json]:
    names = sorted(shared.glob("hackathon-dataset/**/*.json"), key=str)
    found = [json.loads(name.read_bytes()) for name in names]
    return sorted(found, key=lambda resource: ORDER.index(resource["resourceType"]))


def _resolved(types: dict[str, str], match: re.Match[str]) -> str:
    return f"{types[match[0]]}/{match[1]}" if match[0] in types else match[0]


def _r4(shared: Path) -> list[Json]:
    found: list[Json] = []
    for name in sorted(shared.glob("samples/synthea_r4_smart/*.json")):
        bundle = json.loads(name.read_bytes())
        types = {entry["fullUrl"]: entry["resource"]["resourceType"] for entry in bundle["entry"]}
        text = _PLACEHOLDER.sub(partial(_resolved, types), json.dumps(bundle))
        for entry in json.loads(text)["entry"]:
            found.append({**entry["resource"], "id": entry["fullUrl"].rpartition("/")[2]})
    return found


def _cases(shared: Path, version: Version) -> Iterator[tuple[str, str, str, Any]]:
    with gzip.open(shared / "golden" / "hapi" / f"{version.lower()}.jsonl.gz", "rt") as lines:
        for line in lines:
            case = json.loads(line)
            asked = _SEARCH.fullmatch(case["request"]["path"])
            if asked and case["request"]["method"] == "GET" and not case["id"].startswith(_WRITING):
                body = case["response"].get("body") or ""
                if body.startswith("{"):
                    yield case["id"], asked[1], asked[2], json.loads(body)


def _answered(shelf: Shelf, resource_type: str, query: str) -> Any:
    pairs = [tuple(map(unquote_plus, pair.partition("=")[::2])) for pair in query.split("&") if pair]
    try:
        page = shelf.page(understand(shelf.model, resource_type, pairs))  # type: ignore[arg-type]
    except SearchRefusal as refusal:
        return f"HAPI-{refusal.number}"
    matches = [match.reference for match in page.matches]
    included = sorted(record.reference for record in page.includes)
    return [matches if "_sort" in query else sorted(matches), included, page.total, page.more]


def _recorded(body: Json, query: str) -> Any:
    if body["resourceType"] != "Bundle":
        return body["issue"][0]["diagnostics"].partition(":")[0]
    found: dict[str, list[str]] = {"match": [], "include": []}
    for entry in body.get("entry", []):
        resource = entry["resource"]
        found[entry["search"]["mode"]].append(f"{resource['resourceType']}/{resource['id']}")
    matches = found["match"] if "_sort" in query else sorted(found["match"])
    more = any(link["relation"] == "next" for link in body.get("link", []))
    return [matches, sorted(found["include"]), body.get("total"), more]


@pytest.mark.parametrize(("version", "resources", "fewest"), [("R5", _r5, 250), ("R4", _r4, 150)], ids=["R5", "R4"])
def test_recorded_searches_find_the_same(
    world: World, shared: Path, version: Version, resources: Any, fewest: int
) -> None:
    shelf, started = Shelf(world, version), world.clock.now_ms()
    # one after the other in time, as when they were recorded: some searches sort by it
    for at, resource in enumerate(resources(shared)):
        shelf.put(parse_json(version, json.dumps(resource).encode()), now=started + at)
    same, different = 0, []
    for id, resource_type, query, body in _cases(shared, version):
        if id in OTHERWISE:
            continue
        answer, recorded = _answered(shelf, resource_type, query), _recorded(body, query)
        same += answer == recorded
        if answer != recorded:
            different.append((id, query, answer, recorded))
    assert different == []
    assert same >= fewest
