"""The one way in: what is kept, what is refused, and that rows are the same whichever way they came."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydicom.uid import RLELossless
from sqlalchemy import select

from fhantom.archive import tables
from fhantom.archive.ingest import (
    Accepted,
    Duplicates,
    Incoming,
    Outcome,
    Reason,
    Refusal,
    accept,
    accept_record,
    keep,
)
from fhantom.archive.retrieve import instances_named, instances_of
from fhantom.world import World
from instances import ROOT, dataset, encoded, instance


def accepted(body: bytes) -> Accepted:
    found = accept(body)
    assert isinstance(found, Accepted)
    return found


def stored(world: World, *bodies: bytes, duplicates: Duplicates = "keep") -> list[Outcome]:
    return keep(world, [Incoming(accepted(body), body) for body in bodies], duplicates)


def rows_of(world: World, table: Any) -> list[Any]:
    with world.reading() as connection:
        return list(connection.execute(select(table).order_by(table.c.id)).mappings())


def test_an_object_is_found_at_its_place_with_its_bytes_and_metadata(world: World) -> None:
    body = instance()
    assert stored(world, body) == [Outcome.STORED]
    with world.reading() as connection:
        (row,) = instances_of(connection, f"{ROOT}.1", f"{ROOT}.1.1", f"{ROOT}.1.1.1")
        assert instances_named(connection, f"{ROOT}.1.1.1") == [row]
    assert row.blob is not None
    assert world.blobs.read(row.blob) == body
    assert json.loads(world.texts.get(row.metadata))["00100020"]["Value"] == ["P1"]
    assert (row.size, row.number_of_frames, row.transfer_syntax_uid) == (len(body), 1, "1.2.840.10008.1.2.1")


def test_the_pixels_can_be_read_from_where_the_row_says(world: World) -> None:
    stored(world, instance())
    with world.reading() as connection:
        (row,) = instances_of(connection, f"{ROOT}.1")
    assert row.blob is not None
    assert row.pixel_offset is not None
    assert world.blobs.read(row.blob, row.pixel_offset, row.pixel_length) == bytes(range(16))


def test_encapsulated_pixels_have_a_place_but_no_length(world: World) -> None:
    made = dataset()
    encoded(made)
    made.compress(RLELossless, generate_instance_uid=False)
    found = accept(rle_file(made))
    assert isinstance(found, Accepted)
    assert found.pixel_offset is not None
    assert found.pixel_length is None
    assert found.number_of_frames == 1


def rle_file(made: Any) -> bytes:
    import io

    buffer = io.BytesIO()
    made.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def test_counts_and_modalities_follow_what_is_stored(world: World) -> None:
    stored(world, instance(1, 1, 1), instance(1, 1, 2), instance(1, 2, 1, Modality="PT"))
    (study,) = rows_of(world, tables.study)
    assert (study["number_of_series"], study["number_of_instances"]) == (2, 3)
    assert study["modalities"] == '"CT","PT"'
    assert sorted(row["number_of_instances"] for row in rows_of(world, tables.series)) == [1, 2]


def test_a_record_without_bytes_makes_the_same_rows(site: Any) -> None:
    from_bytes, from_record = site.worlds.open("one"), site.worlds.open("two")
    found = accepted(instance())
    described = accept_record(json.loads(found.metadata))
    assert isinstance(described, Accepted)
    keep(from_bytes, [Incoming(found, instance())])
    keep(from_record, [Incoming(described)])
    of_bytes_only = ("blob", "size", "pixel_offset", "pixel_length")
    for table in (tables.study, tables.series, tables.instance):
        ours = [{k: v for k, v in row.items() if k not in of_bytes_only} for row in rows_of(from_bytes, table)]
        theirs = [{k: v for k, v in row.items() if k not in of_bytes_only} for row in rows_of(from_record, table)]
        assert ours == theirs


def test_bytes_complete_an_instance_that_was_known_by_its_metadata(world: World) -> None:
    described = accept_record(json.loads(accepted(instance()).metadata))
    assert isinstance(described, Accepted)
    assert keep(world, [Incoming(described)]) == [Outcome.STORED]
    assert stored(world, instance()) == [Outcome.REPLACED]
    (row,) = rows_of(world, tables.instance)
    assert row["blob"] is not None
    assert rows_of(world, tables.study)[0]["number_of_instances"] == 1


@pytest.mark.parametrize(
    ("duplicates", "outcome", "name"),
    [
        ("keep", Outcome.KEPT_OLD, "Old"),
        ("overwrite", Outcome.REPLACED, "New"),
        ("refuse", Outcome.REFUSED, "Old"),
    ],
)
def test_another_object_under_the_same_uids_is_treated_as_the_setting_says(
    world: World, duplicates: Duplicates, outcome: Outcome, name: str
) -> None:
    stored(world, instance(PatientName="Old"))
    assert stored(world, instance(PatientName="New"), duplicates=duplicates) == [outcome]
    (study,) = rows_of(world, tables.study)
    assert study["patient_name"] == name.lower()
    assert (study["number_of_series"], study["number_of_instances"]) == (1, 1)


def test_the_same_bytes_again_change_nothing(world: World) -> None:
    assert stored(world, instance(), instance()) == [Outcome.STORED, Outcome.REPEATED]
    assert stored(world, instance()) == [Outcome.REPEATED]
    assert rows_of(world, tables.study)[0]["number_of_instances"] == 1


def test_an_overwritten_modality_leaves_the_study(world: World) -> None:
    stored(world, instance(Modality="CT"))
    stored(world, instance(Modality="MR"), duplicates="overwrite")
    assert rows_of(world, tables.study)[0]["modalities"] == '"MR"'


def test_one_sop_instance_uid_may_stand_in_two_series(world: World) -> None:
    uid = f"{ROOT}.77"
    stored(world, instance(1, 1, SOPInstanceUID=uid), instance(2, 1, SOPInstanceUID=uid))
    with world.reading() as connection:
        assert len(instances_named(connection, uid)) == 2


def test_one_study_under_two_patients_stays_one_study(world: World) -> None:
    stored(world, instance(1, 1, 1), instance(1, 1, 2, PatientID="OTHER"))
    assert len(rows_of(world, tables.study)) == 1


@pytest.mark.parametrize(
    ("missing", "sop_instance_uid"),
    [
        ("StudyInstanceUID", f"{ROOT}.1.1.1"),
        ("SeriesInstanceUID", f"{ROOT}.1.1.1"),
        ("SOPClassUID", f"{ROOT}.1.1.1"),
        ("SOPInstanceUID", ""),
    ],
)
@pytest.mark.parametrize("value", [None, ""], ids=["absent", "empty"])
def test_an_object_without_a_uid_is_refused_and_named_as_far_as_known(
    missing: str, sop_instance_uid: str, value: str | None
) -> None:
    refused = accept(instance(**{missing: value}))
    assert isinstance(refused, Refusal)
    assert refused.reason is Reason.CANNOT_UNDERSTAND
    assert refused.sop_instance_uid == sop_instance_uid
    assert missing in refused.message


@pytest.mark.parametrize("uid", ["../../etc/passwd", "1.2/3", "1 2", "1.2?x=1", "1.2%2f", "é"])
def test_a_uid_that_would_break_a_path_is_refused(uid: str) -> None:
    record = {**json.loads(accepted(instance()).metadata), "00080018": {"vr": "UI", "Value": [uid]}}
    assert isinstance(accept_record(record), Refusal)


@pytest.mark.parametrize("end", [b"\1\0", b'"\0', b"\r\n"], ids=["control", "quote", "line end"])
def test_a_transfer_syntax_that_would_break_a_header_or_a_row_is_refused(end: bytes) -> None:
    refused = accept(instance().replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2." + end))
    assert isinstance(refused, Refusal)
    assert "TransferSyntaxUID" in refused.message


@pytest.mark.parametrize("keyword", ["SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID"])
def test_two_uids_in_the_place_of_one_are_refused(keyword: str) -> None:
    refused = accept(instance(**{keyword: ["1.2.3", "4.5"]}))
    assert isinstance(refused, Refusal)
    assert keyword in refused.message


@pytest.mark.parametrize(
    "body",
    [b"", b"hello", instance()[:-4], instance()[:200], b"\0" * 4096],
    ids=["nothing", "text", "pixels cut", "header cut", "zeros"],
)
def test_what_is_not_a_whole_dicom_object_is_refused(body: bytes) -> None:
    refused = accept(body)
    assert isinstance(refused, Refusal)
    assert refused.message


def test_a_blob_writer_is_kept_like_bytes(world: World) -> None:
    body = instance()
    with world.blobs.receive() as writer:
        writer.write(body)
        assert keep(world, [Incoming(accepted(body), writer)]) == [Outcome.STORED]
    with world.reading() as connection:
        (row,) = instances_of(connection, f"{ROOT}.1")
    assert row.blob is not None
    assert world.blobs.read(row.blob) == body
