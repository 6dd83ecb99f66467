"""What the writes count agrees with what is there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import fhantom_migrations
from fhantom.resources import store
from fhantom.resources.rows import fetch
from shelves import Shelf, coded, observation, patient

TWICE = {"coding": [{"system": "urn:a", "code": "x"}, {"system": "urn:b", "code": "x"}, {"system": "urn:a"}]}


def _filled(shelf: Shelf) -> None:
    people = [patient(f"p{at}", active=at % 2 == 0, birthDate=f"19{40 + at}-02") for at in range(6)]
    found = [observation(f"o{at}", f"Patient/p{at % 3}", code=coded(f"c{at % 4}", "urn:a")) for at in range(12)]
    shelf.put(*people, *found, observation("twice", code=TWICE), observation("bare"))
    shelf.put(observation("o1", code=coded("other")), observation("o2", "Patient/p1", code=TWICE))
    shelf.delete("Observation", "o3")
    shelf.delete("Observation", "twice")
    shelf.put(observation("o3", code=TWICE))


def _rows(shelf: Shelf, *statements: str) -> list[Sequence[Any]]:
    with shelf.world.reading() as connection:
        return [row for text in statements for row in fetch(connection, text)]


COUNTED = (
    "SELECT parameter, system, code, present FROM fhir_tally WHERE present ORDER BY 1, 2, 3",
    "SELECT type, shape, present FROM fhir_shape WHERE present ORDER BY 1, 2",
)
THERE = (
    "SELECT parameter, system, code, count(*) FROM fhir_token GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
    "SELECT type, shape, count(*) FROM fhir_resource WHERE digest IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2",
)


def test_tokens_and_shapes_are_counted_through_creates_updates_and_deletes(r4: Shelf) -> None:
    _filled(r4)
    assert _rows(r4, *COUNTED) == _rows(r4, *THERE)
    assert r4.page("Observation?code=x&_summary=count").total == 2
    assert r4.page("Observation?code=urn:b|x&_summary=count").total == 2
    assert r4.page("Observation?code=|other&_summary=count").total == 1
    assert r4.page("Observation?code:missing=true&_summary=count").total == 1
    assert r4.page("Observation?code:not=x&_summary=count").total == 11


def test_what_is_indexed_anew_is_counted_once(r4: Shelf) -> None:
    _filled(r4)
    before = _rows(r4, *COUNTED)
    store.reindex_all(r4.world, "R4")
    assert _rows(r4, *COUNTED) == before


def test_what_is_expunged_is_no_longer_counted(r4: Shelf) -> None:
    _filled(r4)
    with r4.world.writing() as connection:
        store.expunge(connection, "R4", "Observation", "o2")
    assert _rows(r4, *COUNTED) == _rows(r4, *THERE)
    assert r4.page("Observation?code=x&_summary=count").total == 1
    with r4.world.writing() as connection:
        store.expunge(connection, "R4")
    assert _rows(r4, *COUNTED) == []


def test_the_migration_counts_as_the_writes_do(r4: Shelf) -> None:
    _filled(r4)
    everything = (
        "SELECT * FROM fhir_tally WHERE present ORDER BY 1, 2, 3",
        "SELECT shape, type, present FROM fhir_shape WHERE present ORDER BY 1",
        "SELECT p.* FROM fhir_shape_parameter p JOIN fhir_shape s ON s.shape = p.shape AND s.present ORDER BY 1, 2, 3",
        "SELECT number, shape FROM fhir_resource WHERE digest IS NOT NULL ORDER BY 1",
    )
    before = _rows(r4, *everything)
    with r4.world.writing() as connection:
        path = connection.exec_driver_sql("PRAGMA database_list").fetchall()[0][2]
        for table in ("fhir_tally", "fhir_shape", "fhir_shape_parameter", "promised_text"):
            connection.exec_driver_sql(f"DROP TABLE {table}")
        for index in ("fhir_resource_shape", "fhir_resource_id"):
            connection.exec_driver_sql(f"DROP INDEX {index}")
        connection.exec_driver_sql("CREATE INDEX fhir_version_release ON fhir_version (release, sequence)")
        connection.exec_driver_sql("ALTER TABLE fhir_resource DROP COLUMN shape")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0005'")
    fhantom_migrations.upgrade(path)
    assert _rows(r4, *everything) == before
