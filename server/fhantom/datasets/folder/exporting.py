"""What a world holds now, as a seed folder."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from fhantom.archive import elsewhere, retrieve
from fhantom.archive.retrieve import InstanceRow
from fhantom.datasets.folder import manifest
from fhantom.datasets.folder.manifest import Manifest
from fhantom.datasets.folder.writing import (
    ELSEWHERE,
    METADATA,
    FolderWriter,
    elsewhere_line,
    fhir_path,
    record_line,
)
from fhantom.datasets.keeping import VERSIONS, kind_of
from fhantom.definitions import Version
from fhantom.definitions.jsontext import dump_json, load_json
from fhantom.loading.dicom import KIND
from fhantom.loading.report import Progress
from fhantom.resources import reading
from fhantom.resources.records import Stored
from fhantom.world import World, provenance

_AT_ONCE = 500  # texts that are in memory at a time


def export(world: World, folder: Path, progress: Progress = lambda kind, done, of: None) -> Manifest:
    """Write all that is in a world at this moment into an empty folder; what is written meanwhile is not in it.

    Raises:
        OSError: the folder cannot be written to.
    """
    writer = FolderWriter(folder)
    with world.reading() as connection:
        for version in VERSIONS:
            _write_resources(world, connection, version, writer, progress)
        _write_instances(world, connection, writer, progress)
        for series, command in elsewhere.all_commands(connection).items():
            writer.line(ELSEWHERE, "elsewhere", elsewhere_line(series, command))
        loaded = provenance.loaded(connection)
        people = provenance.people(connection)
    made_at = world.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    writer.finish()
    told = Manifest(made_at, "a world of fhantom", writer.files, has_people=bool(people), datasets=loaded)
    manifest.write(folder, told)
    return told


def _write_resources(
    world: World, connection: Connection, version: Version, writer: FolderWriter, progress: Progress
) -> None:
    counts = reading.counts(connection, version)
    of, before = sum(counts.values()), 0
    for resource_type in counts:
        stored = reading.all_of(connection, version, resource_type)
        path = fhir_path(version, resource_type)
        for done, text in enumerate(_texts(world, stored), start=before + 1):
            writer.line(path, version, text)
            progress(kind_of(version), done, of)
        before += len(stored)


def _texts(world: World, stored: list[Stored]) -> Iterator[bytes]:
    for at in range(0, len(stored), _AT_ONCE):
        some = stored[at : at + _AT_ONCE]
        for one, body in zip(some, reading.bodies(world, some), strict=True):
            yield _text(one, body)


def _text(stored: Stored, body: bytes) -> bytes:
    resource = load_json(body)
    updated = datetime.fromtimestamp(stored.updated / 1000, UTC).isoformat(timespec="milliseconds")
    meta = {"versionId": str(stored.version), "lastUpdated": updated, **resource.pop("meta", {})}
    resource_type = resource.pop("resourceType")
    return dump_json({"resourceType": resource_type, "id": stored.id, "meta": meta, **resource}, pretty=False)


def _write_instances(world: World, connection: Connection, writer: FolderWriter, progress: Progress) -> None:
    of = retrieve.count_instances(connection)
    without_bytes: list[InstanceRow] = []
    for done, row in enumerate(retrieve.every_instance(connection), start=1):
        if row.blob is None:
            without_bytes.append(row)
        else:
            with world.blobs.open(row.blob) as content:
                writer.dicom(_uids(row), content)
        progress(KIND, done, of)
    for line in _records(world, without_bytes):
        writer.line(METADATA, "metadata", line)


def _uids(row: InstanceRow) -> tuple[str, str, str]:
    return row.study_instance_uid, row.series_instance_uid, row.sop_instance_uid


def _records(world: World, rows: list[InstanceRow]) -> Iterator[bytes]:
    for at in range(0, len(rows), _AT_ONCE):
        some = rows[at : at + _AT_ONCE]
        for row, metadata in zip(some, world.texts.get_many([row.metadata for row in some]), strict=True):
            yield record_line(metadata, row.transfer_syntax_uid)
