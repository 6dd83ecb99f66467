"""Many FHIR resources from Bundles, NDJSON and single files."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from fhantom.clock import Clock
from fhantom.loading import bulk
from fhantom.loading.report import Fate, Report
from fhantom.loading.sources import Source, below
from fhantom.resources import store
from fhantom.settings import Settings
from fhantom.site import Site
from fhantom.world import World, Worlds
from shelves import patient

SETTINGS = Settings(ephemeral=True)
Json = dict[str, Any]


def observation(id: str, subject: str) -> Json:
    whole = {"resourceType": "Observation", "id": id, "status": "final", "code": {"text": "any"}}
    return {**whole, "subject": {"reference": subject}}


def bundle(*resources: Json, type: str = "transaction") -> Source:
    """A Bundle as Synthea writes it: entries call each other by `urn:uuid:` and their ids."""
    entries = [
        {"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource, "request": {"method": "POST", "url": "x"}}
        for resource in resources
    ]
    whole = {"resourceType": "Bundle", "type": type, "entry": entries}
    return Source("bundle.json", json.dumps(whole, indent=2).encode())


def ndjson(*resources: Json) -> Source:
    return Source("all.ndjson", b"\n".join(json.dumps(resource).encode() for resource in resources))


def load(site: Site, *sources: Source, **more: Any) -> Report:
    report = Report()
    bulk.load(site.worlds, SETTINGS, "R4", sources, report.note, **more)
    return report


def texts(world: World, release: str = "R4") -> dict[str, Json]:
    """What is stored, by reference."""
    found = {}
    with world.reading() as connection:
        for resource_type in store.counts(connection, release):  # type: ignore[arg-type]
            for stored in store.all_of(connection, release, resource_type):  # type: ignore[arg-type]
                [body] = store.bodies(world, [stored])
                found[stored.reference] = json.loads(body)
    return found


@pytest.mark.parametrize("jobs", [1, 2])
def test_entries_of_a_bundle_name_each_other_by_what_they_are_stored_as(site: Site, jobs: int) -> None:
    source = bundle(observation("o", "urn:uuid:p"), patient("p"))
    assert load(site, source, jobs=jobs).counts == {("FHIR", Fate.STORED): 2}
    assert texts(site.worlds.open())["Observation/o"]["subject"] == {"reference": "Patient/p"}


def test_each_line_of_ndjson_is_a_resource(site: Site) -> None:
    assert (
        load(site, ndjson(patient("a"), patient("b"), observation("o", "Patient/a"))).counts["FHIR", Fate.STORED] == 3
    )
    assert set(texts(site.worlds.open())) == {"Patient/a", "Patient/b", "Observation/o"}


def test_a_bad_line_spoils_only_itself_and_is_told_by_its_number(site: Site) -> None:
    source = Source("x.ndjson", ndjson(patient("a")).body + b'\n{"resourceType": \n' + ndjson(patient("b")).body, 41)
    report = load(site, source)
    assert report.counts == {("FHIR", Fate.STORED): 2, ("FHIR", Fate.REFUSED): 1}
    assert [name for name, _ in report.remarks] == ["x.ndjson line 42"]


@pytest.mark.parametrize("kind", ["document", "history"])
def test_a_bundle_that_is_more_than_its_entries_is_kept_as_it_is(site: Site, kind: str) -> None:
    whole = {"resourceType": "Bundle", "id": "b", "type": kind, "entry": [{"resource": patient("p")}]}
    load(site, Source("b.json", json.dumps(whole).encode()))
    found = texts(site.worlds.open())
    assert list(found) == ["Bundle/b"]
    assert found["Bundle/b"]["entry"][0]["resource"]["resourceType"] == "Patient"


@pytest.mark.parametrize("kind", ["batch", "collection", "searchset"])
def test_a_bundle_that_only_carries_resources_is_unpacked(site: Site, kind: str) -> None:
    load(site, bundle(patient("p"), type=kind))
    assert list(texts(site.worlds.open())) == ["Patient/p"]


def test_what_refers_to_a_later_source_waits_for_it(site: Site) -> None:
    sources = ndjson(observation("o", "Patient/later")), ndjson(*(patient(f"p{at}") for at in range(1000)))
    report = load(site, *sources, ndjson(patient("later")))
    assert report.counts == {("FHIR", Fate.STORED): 1002}


def test_what_refers_to_nothing_is_refused_and_so_is_what_refers_to_that(site: Site) -> None:
    lost = observation("lost", "Patient/nobody")
    child = {**observation("child", "Patient/p"), "hasMember": [{"reference": "Observation/lost"}]}
    report = load(site, bundle(patient("p"), lost, child))
    assert report.counts == {("FHIR", Fate.STORED): 1, ("FHIR", Fate.REFUSED): 2}
    assert report.remarks == [
        ("bundle.json entry 2", "it refers to Patient/nobody, which is not there"),
        ("bundle.json entry 3", "it refers to Observation/lost, which is not there"),
    ]


def test_a_name_that_no_entry_has_is_refused(site: Site) -> None:
    report = load(site, bundle(observation("o", "urn:uuid:nobody")))
    assert report.remarks == [("bundle.json entry 1", "it refers to urn:uuid:nobody, which is no entry of its Bundle")]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_reference_by_a_search_becomes_what_it_finds_whatever_the_order(site: Site, jobs: int) -> None:
    identifier = [{"system": "urn:x", "value": "9"}]
    sources = bundle(observation("o", "Patient?identifier=urn:x|9")), ndjson(patient("p", identifier=identifier))
    assert load(site, *sources, jobs=jobs).counts == {("FHIR", Fate.STORED): 2}
    assert texts(site.worlds.open())["Observation/o"]["subject"] == {"reference": "Patient/p"}


@pytest.mark.parametrize(
    ("people", "reason"),
    [
        ([], "which is not there"),
        ([patient("a", gender="male"), patient("b", gender="male")], "which is more than one"),
    ],
    ids=["none", "two"],
)
def test_a_reference_by_a_search_that_is_not_to_one_is_refused(site: Site, people: list[Json], reason: str) -> None:
    load(site, ndjson(*people))
    report = load(site, ndjson(observation("o", "Patient?gender=male")))
    assert report.remarks == [("all.ndjson", f"it refers to Patient?gender=male, {reason}")]


def test_loading_again_reads_nothing_again_and_changes_nothing(site: Site) -> None:
    source = bundle(patient("p"), observation("o", "urn:uuid:p"))
    load(site, source)
    before = texts(site.worlds.open())
    assert load(site, source).counts == {("FHIR", Fate.UNCHANGED): 2}
    assert texts(site.worlds.open()) == before


def test_a_source_that_was_refused_in_part_is_read_again_and_the_rest_of_it_is_unchanged(site: Site) -> None:
    source = ndjson(patient("p"), observation("o", "Patient/later"))
    load(site, source)
    load(site, ndjson(patient("later")))
    assert load(site, source).counts == {("FHIR", Fate.UNCHANGED): 1, ("FHIR", Fate.STORED): 1}


def test_what_has_gone_on_since_an_earlier_load_of_a_refused_source_does_not_go_back(site: Site) -> None:
    source = ndjson(patient("p"), observation("o", "Patient/nobody"))
    load(site, source)
    load(site, ndjson(patient("p", gender="female")))
    before = texts(site.worlds.open())
    assert load(site, source).counts == {("FHIR", Fate.UNCHANGED): 1, ("FHIR", Fate.REFUSED): 1}
    assert texts(site.worlds.open()) == before


def test_within_one_load_the_later_of_two_has_the_last_word(site: Site) -> None:
    load(site, ndjson(patient("q")))
    first, second = patient("p", gender="male"), patient("p", gender="female")
    load(site, ndjson(first, second, first))
    assert texts(site.worlds.open())["Patient/p"]["gender"] == "male"


def _only_patients_all_male(resource: Json) -> Iterable[Json]:
    if resource["resourceType"] == "Patient":
        yield {**resource, "gender": "male"}


def test_resources_can_be_mended_or_left_out(site: Site) -> None:
    report = load(site, bundle(patient("p"), observation("o", "urn:uuid:p")), mend=_only_patients_all_male)
    assert report.counts == {("FHIR", Fate.STORED): 1, ("FHIR", Fate.SKIPPED): 1}
    assert texts(site.worlds.open())["Patient/p"]["gender"] == "male"


@pytest.mark.parametrize(
    ("resource", "reason"),
    [
        (patient("p", birthDate="tomorrow"), "birthDate"),
        ({"resourceType": "Nonsense", "id": "n"}, "no such resource type"),
        (patient("no/id"), "is no id"),
    ],
    ids=["value", "type", "id"],
)
def test_a_resource_that_is_not_fhir_spoils_only_itself(site: Site, resource: Json, reason: str) -> None:
    report = load(site, ndjson(patient("good"), resource))
    assert report.counts == {("FHIR", Fate.STORED): 1, ("FHIR", Fate.REFUSED): 1}
    assert reason in report.remarks[0][1]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b'{"resourceType": "Bundle", "type": "batch", "entry": [{}',
        b"[]",
        b"\xff\xfe",
        b'{"a": 1}',
        b"{1: 2}",
    ],
    ids=["nothing", "brace", "torn Bundle", "list", "not text", "no type", "no name"],
)
def test_a_text_that_is_no_resource_is_refused_by_name(site: Site, text: bytes) -> None:
    report = load(site, Source("bad.json", text), ndjson(patient("good")))
    assert report.counts == {("FHIR", Fate.REFUSED): 1, ("FHIR", Fate.STORED): 1}
    assert [name for name, _ in report.remarks] == ["bad.json"]


def test_ids_that_the_server_assigns_later_are_not_those_of_what_was_loaded(site: Site) -> None:
    load(site, ndjson(patient("1000"), patient("1234"), patient("9" * 60)))
    with site.worlds.open().writing() as connection:
        assert store.assign_ids(connection, "R4", 1) == ["1235"]


def test_a_resource_without_id_gets_one_that_repeats(site: Site) -> None:
    nameless = {"resourceType": "Patient", "gender": "male"}
    load(site, ndjson(nameless))
    before = set(texts(site.worlds.open()))
    load(site, ndjson(nameless, patient("other")))
    assert set(texts(site.worlds.open())) == before | {"Patient/other"}


def test_a_load_into_the_world_of_a_key_leaves_the_others_alone(site: Site) -> None:
    load(site, ndjson(patient("p")), key="mine")
    assert texts(site.worlds.open()) == {}
    assert list(texts(site.worlds.open("mine"))) == ["Patient/p"]


def test_files_that_others_refer_to_come_first(tmp_path: Path) -> None:
    names = ["Ann_Doe.json", "Condition.ndjson", "Encounter.000.ndjson", "Patient.ndjson", "organizations.json"]
    for name in [*names, ".hidden.json", "notes.txt"]:
        (tmp_path / name).write_text("{}\n")
    order = ["organizations.json", "Patient.ndjson", "Encounter.000.ndjson", "Condition.ndjson", "Ann_Doe.json"]
    assert [source.name for source in below(tmp_path)] == order


def test_a_long_ndjson_file_comes_in_pieces_that_know_their_lines(tmp_path: Path) -> None:
    line = json.dumps(patient("p", text={"status": "generated", "div": "x" * 1000}))
    (tmp_path / "Patient.ndjson").write_text(f"{line}\n" * 3000)
    pieces = list(below(tmp_path))
    assert len(pieces) > 2
    assert all(len(piece.body) < 2_000_000 for piece in pieces)
    assert pieces[1].first == pieces[0].body.count(b"\n") + 1


def test_a_stored_search_parameter_counts_for_what_was_loaded(site: Site) -> None:
    parameter = {
        "resourceType": "SearchParameter",
        "id": "s",
        "url": "urn:s",
        "status": "active",
        "code": "pet",
        "base": ["Patient"],
        "type": "token",
        "expression": "Patient.maritalStatus",
    }
    load(site, ndjson(patient("p", maritalStatus={"coding": [{"code": "M"}]}), parameter))
    world = site.worlds.open()
    with world.reading() as connection:
        assert "pet" in store.model_of(world, connection, "R4").parameters("Patient")


def test_another_process_sees_what_was_loaded(site: Site, world: World) -> None:
    load(site, ndjson(*(patient(f"p{at}") for at in range(20))), jobs=2)
    other = Worlds(site.worlds.folder, SETTINGS, Clock())
    assert len(texts(other.open())) == 20
    other.close()
