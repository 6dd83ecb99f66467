"""What only an instance has: its file, its tags, and the values in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request

from fhantom.archive.objects import blob_of, dicom_file, stored_bytes
from fhantom.dicom import Dataset
from fhantom.dicom.bulkdata import pieces
from fhantom.vna import describing, tags
from fhantom.vna.content import content_of
from fhantom.vna.errors import UnknownItem
from fhantom.vna.instances import entry_of, file_of, row_of
from fhantom.vna.names import Kind, find_above, name_of
from fhantom.vna.writing import written
from fhantom.wire.answers import ranged, ranged_pieces
from fhantom.wire.context import world_of

_INSTANCE = "/vna/instances/<id>"
_ENCAPSULATED_DOCUMENT = 0x00420011


def register(vna: Blueprint) -> None:
    """Add the routes."""
    views: dict[str, Callable[..., Response]] = {
        "/file": file,
        "/tags": all_tags,
        "/simplified-tags": lambda id: written(tags.simplified(file_of(id).dataset)),
        "/header": lambda id: written(tags.header(file_of(id).meta)),
        "/pdf": pdf,
        "/content": content,
        "/content/<path:path>": content,
    }
    for path, view in views.items():
        vna.add_url_rule(_INSTANCE + path, f"instance{path}", view)
    for kind in (Kind.PATIENT, Kind.STUDY, Kind.SERIES):
        root = f"/vna/{kind.plural}/<id>"
        vna.add_url_rule(f"{root}/instances-tags", f"{root} tags", _tags_below(kind))
        vna.add_url_rule(f"{root}/shared-tags", f"{root} shared tags", _shared(kind))


def file(id: str) -> Response:
    """The bytes as they were stored."""
    world, entry = world_of(request.environ), entry_of(id)
    row = row_of(world, entry)
    blob_of(world, row)  # or 404, naming what fetches it
    answer = ranged_pieces(lambda start, stop: stored_bytes(world, row, start, stop), row.size, "application/dicom")
    answer.headers["Content-Disposition"] = f'filename="{describing.file_uuid(entry)}.dcm"'
    return answer


def all_tags(id: str) -> Response:
    """Every element; `?short` and `?simplify` choose another form."""
    return written(_form()(file_of(id).dataset))


def pdf(id: str) -> Response:
    """The document that an encapsulated PDF holds."""
    dataset = file_of(id).dataset
    element = dataset.get(_ENCAPSULATED_DOCUMENT)
    if element is None:
        raise UnknownItem
    return ranged(b"".join(pieces(dataset, element)).rstrip(b"\0"), "application/pdf")


def content(id: str, path: str = "") -> Response:
    """What is at a place in the object: the bytes of a value, or the list of what is below."""
    found = content_of(file_of(id), [part for part in path.split("/") if part])
    return ranged(found, "application/octet-stream") if isinstance(found, bytes) else written(found)


def _datasets_below(kind: Kind, id: str) -> dict[str, Dataset]:
    """The objects of a level by their identifiers."""
    world = world_of(request.environ)
    with world.reading() as connection:
        entries = describing.instances_of(connection, find_above(world, connection, kind, id))
    return {name_of(one): dicom_file(world, row_of(world, one)).dataset for one in entries}


def _tags_below(kind: Kind) -> Callable[[str], Response]:
    def view(id: str) -> Response:
        form = _form()
        return written({name: form(dataset) for name, dataset in sorted(_datasets_below(kind, id).items())})

    return view


def _shared(kind: Kind) -> Callable[[str], Response]:
    def view(id: str) -> Response:
        """The texts that are the same in all objects of a level."""
        form = _form()
        first, *others = (form(dataset) for dataset in _datasets_below(kind, id).values())
        return written(
            {key: told for key, told in first.items() if _is_text(told) and all(one.get(key) == told for one in others)}
        )

    return view


def _is_text(told: Any) -> bool:
    return isinstance(told["Value"] if isinstance(told, dict) else told, str)


def _form() -> Callable[..., dict[str, Any]]:
    if "simplify" in request.args:
        return tags.simplified
    return tags.short if "short" in request.args else tags.full
