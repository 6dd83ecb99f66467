"""HL7's own examples of R4 and R5, all of them: stored, found by each of their search values, and read back."""

from __future__ import annotations

import json
import os
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fhantom.definitions import Version, load
from fhantom.definitions.canonical import parse_json
from fhantom.definitions.jsontext import dump_json
from fhantom.resources import dates, store
from fhantom.resources.identity import without_identity
from fhantom.resources.numbers import parameter_number, resource_key
from fhantom.resources.records import Draft
from fhantom.resources.tables import INDEXES
from fhantom.resources.understanding import understand
from fhantom.world import World
from shelves import Shelf

pytestmark = pytest.mark.long

PACKAGES: dict[Version, str] = {
    "R4": "hl7.fhir.r4.examples-4.0.1.tgz",
    "R5": "hl7.fhir.r5.examples-5.0.0.tgz",
}
CACHE = Path(os.environ.get("FHANTOM_PACKAGES", Path.home() / ".cache" / "fhantom-packages"))
LABELS = ("_tag", "_security")
Pairs = list[tuple[str, str]]


def examples(version: Version) -> Iterator[bytes]:
    path, known = CACHE / PACKAGES[version], load(version)
    if not path.exists():
        pytest.skip(f"needs {path.name} in {CACHE}; the tests of the definitions fetch it")
    with tarfile.open(path) as archive:
        for member in archive:
            name = member.name.removeprefix("package/")
            if name.endswith(".json") and "/" not in name and known.is_resource(name.partition("-")[0]):
                stream = archive.extractfile(member)
                assert stream is not None
                yield stream.read()


def escaped(text: str) -> str:
    for mark in "\\,|$":
        text = text.replace(mark, f"\\{mark}")
    return text


def moment(milliseconds: int) -> str:
    whole = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    return whole.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def queries(draft: Draft, codes: dict[int, tuple[str, str]]) -> Iterator[Pairs]:
    """A search for each row that the resource has in the index; those of what it contains are not in `codes`."""
    systems = dict(draft.index.get("system", ()))
    index = {
        table: [row for row in draft.index.get(table, ()) if row[1 if table == "reference" else 0] in codes]
        for table in INDEXES
    }
    for number, _, exact in index["string"]:
        code, kind = codes[number]
        if code not in LABELS:  # the real server keeps no displays of them to compare with
            yield [(f"{code}:text" if kind != "string" else f"{code}:exact", escaped(exact))]
    for number, value, system in index["token"]:
        yield [(codes[number][0], f"{escaped(systems.get(system, ''))}|{escaped(value)}")]
    for number, low, high, *_ in index["date"]:
        code = codes[number][0]
        if low > dates.EARLIEST and high < dates.LATEST:
            yield [(code, f"ge{moment(low)}"), (code, f"le{moment(high)}")]
    for number, value in index["number"]:
        yield [(codes[number][0], repr(value))]
    for number, value, system, unit in index["quantity"]:
        yield [(codes[number][0], f"{value!r}|{escaped(systems.get(system, ''))}|{escaped(unit)}")]
    for number, uri in index["uri"]:
        if codes[number][0] != "_source":
            yield [(codes[number][0], escaped(uri))]
    targets = {resource_key(draft.release, each.type, each.id): each for each in draft.references if each.type}
    for target, number in index["reference"]:
        if target in targets:
            yield [(codes[number][0], f"{targets[target].type}/{targets[target].id}")]


def numbered(version: Version, resource_type: str) -> dict[int, tuple[str, str]]:
    parameters = load(version).search_parameters(resource_type)
    return {
        parameter_number(version, resource_type, code): (code, parameter.type) for code, parameter in parameters.items()
    }


@pytest.mark.parametrize("version", ["R4", "R5"])
def test_every_example_is_found_by_each_of_its_values(world: World, version: Version) -> None:
    shelf = Shelf(world, version)
    drafts: dict[str, Draft] = {}
    for body in examples(version):
        resource = parse_json(version, body)
        kept = without_identity(resource, resource.get("meta", {}))
        draft = shelf.model.prepare(kept, dump_json(kept), resource.get("id", "none"))
        drafts[f"{draft.type}/{draft.id}"] = draft
    world.texts.put_many([draft.body for draft in drafts.values()])
    with world.writing() as connection:
        store.put_many(connection, list(drafts.values()), 1)
    asked, lost = 0, []
    with world.reading() as connection:
        model = store.model_of(world, connection, version)
        for name, draft in drafts.items():
            record = store.read(connection, version, draft.type, draft.id or "")
            assert record is not None
            assert store.bodies(world, [record]) == [draft.body]
            for pairs in queries(draft, numbered(version, draft.type)):
                search = understand(model, draft.type, [("_id", draft.id or ""), *pairs])
                asked += 1
                if not store.search(world, connection, search).matches:
                    lost.append((name, json.dumps(pairs)))
    assert lost == []
    assert asked > 10 * len(drafts)
