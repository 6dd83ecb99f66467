"""How a search is nested: the plans that keep a million instances as quick as a thousand."""

from __future__ import annotations

import pytest

from fhantom.archive import sql
from fhantom.archive.query import AnyOf, Between, Condition, Level, Like, Query
from fhantom.archive.storing import identifier
from fhantom.world import World, cursor_of

PATIENT_NAME = Condition(("00100010",), "PN", Like("doe*"))
PATIENT_ID = Condition(("00100020",), "LO", AnyOf(("p1",)))
STUDY_DATE = Condition(("00080020",), "DA", Between(20200101, 20201231))
MODALITY = Condition(("00080060",), "CS", AnyOf(("ct",)))
MODALITIES = Condition(("00080061",), "CS", AnyOf(("ct",)))
STUDY_UID = Condition(("0020000D",), "UI", AnyOf(("1.2.3",)))
SOP_UID = Condition(("00080018",), "UI", AnyOf(("1.2.3.4",)))


def plan(world: World, query: Query) -> str:
    select = sql.select(query, sql.row_columns(query.level))
    with world.reading() as connection:
        rows = cursor_of(connection).execute(f"EXPLAIN QUERY PLAN {select.text}", select.parameters)
        return "\n".join(row[3] for row in rows)


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("conditions", [(), (MODALITY,), (MODALITIES,)], ids=["all", "modality", "modalities in study"])
def test_a_first_page_is_read_without_sorting(world: World, level: Level, conditions: tuple[Condition, ...]) -> None:
    assert "TEMP B-TREE" not in plan(world, Query(level, conditions=conditions))


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize(
    ("condition", "index"),
    [
        (PATIENT_NAME, "study_patient_name"),
        (PATIENT_ID, "study_patient_id"),
        (STUDY_DATE, "study_date"),
        (STUDY_UID, "sqlite_autoindex_study_1"),
        (SOP_UID, "sqlite_autoindex_instance_1"),
    ],
    ids=["name prefix", "patient id", "date range", "study uid", "sop uid"],
)
def test_a_selective_key_leads_through_its_index(world: World, level: Level, condition: Condition, index: str) -> None:
    assert index in plan(world, Query(level, conditions=(condition,)))


@pytest.mark.parametrize("level", Level)
def test_no_table_below_the_first_is_scanned(world: World, level: Level) -> None:
    found = plan(world, Query(level, conditions=(PATIENT_ID, MODALITY)))
    assert "SCAN" not in found


def test_ids_follow_the_digest_of_patient_and_uids() -> None:
    # SHA-1 of "P1|1.2.3" begins with ce42f924.
    assert identifier("P1", "1.2.3") >> 31 == 0xCE42F924
