"""Versions, history, ids and integrity of stored resources."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from fhantom.resources import store
from fhantom.resources.refusal import VersionConflict
from shelves import Shelf, observation, patient


def test_a_new_resource_is_created_and_the_same_content_makes_no_version(r5: Shelf) -> None:
    created = r5.put(patient("1a", active=True), now=5)[0]
    again = r5.put(patient("1a", active=True), now=6)[0]
    assert (created.change, created.stored.version, created.stored.updated) == ("create", 1, 5)
    assert (again.change, again.stored) == (None, created.stored)


def test_an_update_makes_a_version_and_keeps_the_earlier(r5: Shelf) -> None:
    r5.put(patient("1a", active=True), now=1)
    updated = r5.put(patient("1a", active=False), now=2)[0]
    with r5.world.reading() as connection:
        first = store.vread(connection, "R5", "Patient", "1a", 1)
        assert store.vread(connection, "R5", "Patient", "1a", 3) is None
    assert (updated.change, updated.stored.version) == ("update", 2)
    assert first is not None and first.updated == 1
    assert store.bodies(r5.world, [first]) == [b'{"resourceType": "Patient", "active": true}']
    assert r5.ids("Patient?active=true") == []


def test_a_deletion_is_a_version_and_a_put_revives(r5: Shelf) -> None:
    r5.put(patient("1a", active=True))
    gone = r5.delete("Patient", "1a", now=7)
    assert gone is not None
    assert (gone.change, gone.stored.version, gone.stored.digest) == ("delete", 2, None)
    again = r5.delete("Patient", "1a")
    assert again is not None and again.change is None
    assert r5.delete("Patient", "never") is None
    assert r5.ids("Patient?") == []
    revived = r5.put(patient("1a", active=True))[0]
    assert (revived.change, revived.stored.version) == ("create", 3)
    assert r5.ids("Patient?active=true") == ["1a"]


def test_versions_of_fhir_live_apart(r4: Shelf, r5: Shelf) -> None:
    r4.put(patient("same", active=True))
    assert r5.ids("Patient?") == []
    assert r5.read("Patient", "same") is None
    r5.put(patient("same", active=False))
    assert r4.ids("Patient?active=true") == ["same"]
    assert r5.ids("Patient?active=false") == ["same"]


def test_an_expected_version_that_is_not_current_is_a_conflict(r5: Shelf) -> None:
    r5.put(patient("1a", active=True))
    draft = r5.draft(patient("1a", active=False))
    r5.world.texts.put(draft.body)
    for stale in (0, 2):
        with pytest.raises(VersionConflict) as caught, r5.world.writing() as connection:
            store.put(connection, draft, 1, expected=stale)
        assert caught.value.current == 1
    with r5.world.writing() as connection:
        assert store.put(connection, draft, 1, expected=1).stored.version == 2


def test_ids_are_assigned_from_1000_for_each_fhir_version(r4: Shelf, r5: Shelf) -> None:
    draft = r5.model.prepare({"resourceType": "Patient"}, b"{}")
    with r5.world.writing() as connection:
        assert store.create(connection, draft, 1).stored.id == "1000"
        assert store.create(connection, draft, 1).stored.id == "1001"
        assert store.assign_ids(connection, "R5", 2) == ["1002", "1003"]
        assert store.assign_ids(connection, "R4", 1) == ["1000"]
    with r5.world.writing() as connection:
        assert store.create(connection, draft, 1).stored.id == "1004"


def test_a_transaction_that_fails_leaves_no_trace(r5: Shelf) -> None:
    r5.put(patient("kept"))
    drafts = [r5.draft(patient("lost", active=True)), r5.draft(patient("kept", active=True))]
    r5.world.texts.put_many([draft.body for draft in drafts])
    with pytest.raises(RuntimeError), r5.world.writing() as connection:
        store.put_many(connection, drafts, 1)
        assert len(store.search(r5.world, connection, r5.understood("Patient?active=true")).matches) == 2
        raise RuntimeError
    assert r5.ids("Patient?") == ["kept"]
    assert r5.ids("Patient?active=true") == []
    with r5.world.reading() as connection:
        assert store.history(connection, "R5").total == 1
        assert store.counts(connection, "R5") == {"Patient": 1}


def test_the_history_of_a_release_goes_on_past_what_the_other_wrote_last(r5: Shelf, r4: Shelf) -> None:
    r5.put(*(patient(f"p{at}") for at in range(3)), observation("o"), patient("p3"))
    r4.put(*(patient(f"p{at}") for at in range(9)))
    with r5.world.reading() as connection:
        first = store.history(connection, "R5", count=2)
        rest = store.history(connection, "R5", count=2, offset=2)
        last = store.history(connection, "R5", count=2, offset=4)
    pages = [[entry.reference for entry in page.entries] for page in (first, rest, last)]
    assert pages == [["Patient/p3", "Observation/o"], ["Patient/p2", "Patient/p1"], ["Patient/p0"]]
    assert [(page.total, page.more) for page in (first, rest, last)] == [(5, True), (5, True), (5, False)]


def test_one_resource_twice_in_a_batch_makes_two_versions(r5: Shelf) -> None:
    first, other, second = r5.put(patient("1a", active=True), patient("2b"), patient("1a", active=False))
    assert [first.stored.version, other.stored.version, second.stored.version] == [1, 1, 2]
    assert r5.ids("Patient?active=false") == ["1a"]


def test_history_is_told_of_a_resource_a_type_and_the_whole(r5: Shelf, r4: Shelf) -> None:
    r5.put(patient("a", active=True), now=10)
    r5.put(observation("o"), now=20)
    r5.put(patient("a", active=False), now=30)
    r5.delete("Patient", "a", now=40)
    r4.put(patient("a"), now=50)
    with r5.world.reading() as connection:
        whole = store.history(connection, "R5")
        of_type = store.history(connection, "R5", "Patient", count=2)
        rest = store.history(connection, "R5", "Patient", count=2, offset=2)
        of_one = store.history(connection, "R5", "Patient", "a")
        since = store.history(connection, "R5", since=30)
        at = store.history(connection, "R5", "Patient", "a", at=(35, 36))
    assert [(entry.reference, entry.version) for entry in whole.entries] == [
        ("Patient/a", 3),
        ("Patient/a", 2),
        ("Observation/o", 1),
        ("Patient/a", 1),
    ]
    assert (whole.total, whole.more) == (4, False)
    assert ([entry.version for entry in of_type.entries], of_type.total, of_type.more) == ([3, 2], 3, True)
    assert ([entry.version for entry in rest.entries], rest.more) == ([1], False)
    assert [entry.change for entry in of_one.entries] == ["delete", "update", "create"]
    assert [entry.version for entry in since.entries] == [3, 2]
    assert [entry.version for entry in at.entries] == [2]


def test_references_without_their_target_are_told_in_order(r5: Shelf) -> None:
    r5.put(patient("here"), patient("gone"))
    r5.delete("Patient", "gone")
    draft = r5.draft(
        {
            "resourceType": "Observation",
            "subject": {"reference": "Patient/gone"},
            "performer": [{"reference": "Practitioner/never"}, {"reference": "Patient/here"}],
            "hasMember": [{"reference": "urn:uuid:1"}, {"reference": "#contained"}],
        }
    )
    with r5.world.reading() as connection:
        missing = store.unmet(connection, "R5", draft.references)
    assert [(reference.path, reference.text, state) for reference, state in missing] == [
        ("Observation.subject", "Patient/gone", "deleted"),
        ("Observation.performer", "Practitioner/never", "unknown"),
    ]


def test_who_refers_to_a_resource_is_told_while_they_are_there(r5: Shelf) -> None:
    r5.put(patient("p", link=[{"other": {"reference": "Patient/p"}}]), observation("o", "Patient/p"))
    with r5.world.reading() as connection:
        assert [each.reference for each in store.referrers(connection, "R5", "Patient", "p")] == ["Observation/o"]
    r5.put(observation("o"))
    with r5.world.reading() as connection:
        assert store.referrers(connection, "R5", "Patient", "p") == []


def test_expunged_resources_never_were(r5: Shelf) -> None:
    r5.put(patient("a", active=True), patient("b", active=True))
    r5.put(patient("a", active=False))
    with r5.world.writing() as connection:
        assert store.expunge(connection, "R5", "Patient", "a") == 2
    assert r5.read("Patient", "a") is None
    assert r5.ids("Patient?") == ["b"]
    with r5.world.writing() as connection:
        assert store.expunge(connection, "R5") == 1
        assert store.history(connection, "R5").total == 0
        assert store.counts(connection, "R5") == {"Patient": 0}


def test_concurrent_updates_of_one_resource_lose_none(r5: Shelf) -> None:
    r5.put(patient("1a", multipleBirthInteger=0))

    def add_one(_: int) -> None:
        while True:
            present = r5.read("Patient", "1a")
            assert present is not None
            (body,) = store.bodies(r5.world, [present])
            number = json.loads(body)["multipleBirthInteger"] + 1
            draft = r5.draft(patient("1a", multipleBirthInteger=number))
            r5.world.texts.put(draft.body)
            try:
                with r5.world.writing() as connection:
                    store.put(connection, draft, 1, expected=present.version)
                return
            except VersionConflict:
                continue

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add_one, range(24)))
    last = r5.read("Patient", "1a")
    assert last is not None and last.version == 25
    assert json.loads(store.bodies(r5.world, [last])[0])["multipleBirthInteger"] == 24
    with r5.world.reading() as connection:
        assert store.history(connection, "R5", "Patient", "1a").total == 25
