"""The instance that a request's path names: its entry, its row, its file."""

from __future__ import annotations

from flask import request

from fhantom.archive.hierarchy import Entry
from fhantom.archive.objects import dicom_file
from fhantom.archive.retrieve import InstanceRow, instances_of
from fhantom.dicom import DicomFile
from fhantom.vna.errors import UnknownItem
from fhantom.vna.names import Kind, find_above
from fhantom.wire.context import world_of
from fhantom.world import World


def entry_of(id: str) -> Entry:
    """The instance of that identifier. Raises UnknownResource, as Orthanc does where more follows in the path."""
    world = world_of(request.environ)
    with world.reading() as connection:
        found = find_above(world, connection, Kind.INSTANCE, id)
    assert isinstance(found, Entry)
    return found


def row_of(world: World, entry: Entry) -> InstanceRow:
    """What is needed to hand it out. Raises UnknownItem."""
    with world.reading() as connection:
        rows = instances_of(connection, entry.study_instance_uid, entry.series_instance_uid, entry.sop_instance_uid)
    if not rows:  # taken out since
        raise UnknownItem
    return rows[0]


def file_of(id: str) -> DicomFile:
    """Its elements. Raises UnknownResource, and NotFound that names what fetches it if only its metadata is stored."""
    world = world_of(request.environ)
    return dicom_file(world, row_of(world, entry_of(id)))
