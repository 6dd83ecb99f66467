"""What every level has beside its tags: metadata, and attached files, of which only an instance has one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from flask import Blueprint, Response, request

from fhantom.archive.hierarchy import Entry
from fhantom.archive.objects import stored_bytes
from fhantom.vna import describing
from fhantom.vna.errors import MissingItem, UnknownResource
from fhantom.vna.instances import entry_of, row_of
from fhantom.vna.names import Kind, find_above
from fhantom.vna.writing import plain, written
from fhantom.wire.answers import ranged_pieces
from fhantom.wire.context import world_of

_DICOM = "dicom"
_DICOM_TYPE = 1  # Orthanc's number of that kind of attachment

# What a stored file is told of; it is never compressed here.
_TEXTS: dict[str, Callable[[Entry], str]] = {
    "size": lambda entry: str(entry.size),
    "compressed-size": lambda entry: str(entry.size),
    "md5": lambda entry: _md5(entry),
    "compressed-md5": lambda entry: _md5(entry),
    "is-compressed": lambda entry: "0",
    "uuid": describing.file_uuid,
}
_DATA = {"data": "application/dicom", "compressed-data": "application/octet-stream"}


def register(vna: Blueprint) -> None:
    """Add the routes."""
    for kind in Kind:
        root = f"/vna/{kind.plural}/<id>"
        vna.add_url_rule(f"{root}/metadata", f"{root} metadata", _metadata(kind))
        vna.add_url_rule(f"{root}/metadata/<name>", f"{root} one metadata", _one_metadata(kind))
        vna.add_url_rule(f"{root}/attachments", f"{root} attachments", _attachments(kind))
        vna.add_url_rule(f"{root}/attachments/<name>", f"{root} attachment", _attachment(kind))
        vna.add_url_rule(f"{root}/attachments/<name>/<what>", f"{root} attachment part", _attachment(kind))


def _found(kind: Kind, id: str) -> dict[str, str]:
    world = world_of(request.environ)
    with world.reading() as connection:
        return describing.metadata_of(world, connection, find_above(world, connection, kind, id))


def _metadata(kind: Kind) -> Callable[[str], Response]:
    def view(id: str) -> Response:
        found = _found(kind, id)
        return written(found if "expand" in request.args else list(found))

    return view


def _one_metadata(kind: Kind) -> Callable[[str, str], Response]:
    def view(id: str, name: str) -> Response:
        found = _found(kind, id).get(name)
        if found is None:
            raise MissingItem
        return plain(found)

    return view


def _attachments(kind: Kind) -> Callable[[str], Response]:
    def view(id: str) -> Response:
        return written([_DICOM] if _stored(kind, id) is not None else [])

    return view


def _attachment(kind: Kind) -> Callable[..., Response]:
    def view(id: str, name: str, what: str = "") -> Response:
        entry = _stored(kind, id)
        if entry is None or name != _DICOM:
            raise MissingItem
        return _told(entry, what)

    return view


def _stored(kind: Kind, id: str) -> Entry | None:
    """The instance, if the level is theirs and its bytes are here. Raises UnknownResource."""
    if kind is not Kind.INSTANCE:
        _found(kind, id)
        return None
    entry = entry_of(id)
    return None if entry.blob is None else entry


def _told(entry: Entry, what: str) -> Response:
    if not what:
        return written(sorted((*_TEXTS, *_DATA, "info")))
    if what in _TEXTS:
        return plain(_TEXTS[what](entry))
    if what == "info":
        return written(_info(entry))
    if what not in _DATA:
        raise UnknownResource
    world = world_of(request.environ)
    row = row_of(world, entry)
    return ranged_pieces(lambda start, stop: stored_bytes(world, row, start, stop), row.size, _DATA[what])


def _info(entry: Entry) -> dict[str, object]:
    md5 = _md5(entry)
    return {
        "CompressedMD5": md5,
        "CompressedSize": entry.size,
        "ContentType": _DICOM_TYPE,
        "UncompressedMD5": md5,
        "UncompressedSize": entry.size,
        "Uuid": describing.file_uuid(entry),
    }


def _md5(entry: Entry) -> str:
    world = world_of(request.environ)
    digest = hashlib.md5(usedforsecurity=False)
    for piece in stored_bytes(world, row_of(world, entry)):
        digest.update(piece)
    return digest.hexdigest()
