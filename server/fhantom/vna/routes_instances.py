"""What only an instance has: its file, its tags and its pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request

from fhantom.archive.hierarchy import Entry
from fhantom.archive.objects import blob_of, dicom_file, stored_bytes
from fhantom.archive.retrieve import InstanceRow, instances_of
from fhantom.dicom import DicomFile
from fhantom.dicom.bulkdata import pieces
from fhantom.pixels.rendering import DefaultWindow, ImageType, Rendering
from fhantom.pixels.renderings import Renderings
from fhantom.site import Site
from fhantom.vna import describing, tags
from fhantom.vna.errors import ParameterOutOfRange, UnknownItem
from fhantom.vna.names import Kind, find, name_of
from fhantom.vna.writing import plain, written
from fhantom.wire.answers import ranged, ranged_pieces
from fhantom.wire.context import world_of
from fhantom.wire.media import Offer, negotiate, parse_accept
from fhantom.world import World

_INSTANCE = "/vna/instances/<id>"
_ENCAPSULATED_DOCUMENT = 0x00420011
_QUALITY = 90
_TYPES: tuple[ImageType, ...] = ("image/png", "image/jpeg")

# How each kind of picture is windowed: spread over all values, or as the file says.
_PICTURES: dict[str, DefaultWindow] = {"preview": "orthanc", "rendered": "voi"}


def register(vna: Blueprint, site: Site) -> None:
    """Add the routes."""
    renderings = Renderings.bounded(site.settings.render_cache, site.settings.max_decoded_frame)
    views: dict[str, Callable[..., Response]] = {
        "/file": file,
        "/tags": all_tags,
        "/simplified-tags": lambda id: written(tags.simplified(_file(id).dataset)),
        "/header": lambda id: written(tags.header(_file(id).meta)),
        "/metadata": metadata,
        "/metadata/<name>": one_of_metadata,
        "/attachments": lambda id: written(["dicom"] if _entry(id) else []),
        "/frames": frames,
        "/frames/<int:number>": pictures_of_frame,
        "/pdf": pdf,
    }
    for picture, window in _PICTURES.items():
        view = _picture(renderings, window)
        views |= {f"/{picture}": view, f"/frames/<int:number>/{picture}": view}
    for path, view in views.items():
        vna.add_url_rule(_INSTANCE + path, f"instance{path}", view)
    for kind in (Kind.PATIENT, Kind.STUDY, Kind.SERIES):
        path = f"/vna/{kind.plural}/<id>/instances-tags"
        vna.add_url_rule(path, path, _tags_below(kind))


def file(id: str) -> Response:
    """The bytes as they were stored."""
    world, entry = _world(), _entry(id)
    row = _row(world, entry)
    blob_of(world, row)  # or 404
    answer = ranged_pieces(lambda start, stop: stored_bytes(world, row, start, stop), row.size, "application/dicom")
    answer.headers["Content-Disposition"] = f'filename="{describing.file_uuid(entry)}.dcm"'
    return answer


def all_tags(id: str) -> Response:
    """Every element; `?short` and `?simplify` choose another form."""
    return written(_form()(_file(id).dataset))


def metadata(id: str) -> Response:
    """What is noted of an instance beside its tags."""
    found = describing.metadata(_world(), _entry(id))
    return written(found if "expand" in request.args else list(found))


def one_of_metadata(id: str, name: str) -> Response:
    """One of these."""
    found = describing.metadata(_world(), _entry(id)).get(name)
    if found is None:
        raise UnknownItem
    return plain(found)


def frames(id: str) -> Response:
    """The numbers of the frames, from 0."""
    return written(list(range(max(_entry(id).number_of_frames, 1))))


def pictures_of_frame(id: str, number: int) -> Response:
    """What a frame can be had as."""
    if number >= _entry(id).number_of_frames:
        raise UnknownItem
    return written(list(_PICTURES))


def pdf(id: str) -> Response:
    """The document that an encapsulated PDF holds."""
    dataset = _file(id).dataset
    element = dataset.get(_ENCAPSULATED_DOCUMENT)
    if element is None:
        raise UnknownItem
    return ranged(b"".join(pieces(dataset, element)).rstrip(b"\0"), "application/pdf")


def _picture(renderings: Renderings, window: DefaultWindow) -> Callable[..., Response]:
    def view(id: str, number: int = 0) -> Response:
        world, entry = _world(), _entry(id)
        offers = [Offer(name, False) for name in _TYPES]
        choice = negotiate(parse_accept(request.headers.get("Accept") or "*/*"), offers)
        row = _row(world, entry)
        digest = blob_of(world, row)  # what is not here may still have pixels
        if choice is None or number >= row.number_of_frames:
            raise UnknownItem
        media_type = next(name for name in _TYPES if name == choice.offer.name)
        wanted = Rendering(media_type=media_type, quality=_quality(), default_window=window)
        picture = renderings.frame(digest, lambda: dicom_file(world, row), number + 1, wanted)
        return ranged(picture, media_type)

    return view


def _tags_below(kind: Kind) -> Callable[[str], Response]:
    def view(id: str) -> Response:
        world, form = _world(), _form()
        with world.reading() as connection:
            entries = describing.instances_of(connection, find(world, connection, kind, id))
        found = {name_of(one): form(dicom_file(world, _row(world, one)).dataset) for one in entries}
        return written(dict(sorted(found.items())))

    return view


def _form() -> Callable[..., dict[str, Any]]:
    if "simplify" in request.args:
        return tags.simplified
    return tags.short if "short" in request.args else tags.full


def _quality() -> int:
    text = request.args.get("quality", str(_QUALITY))
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= 100):
        raise ParameterOutOfRange(f"Bad quality for a JPEG encoding (must be a number between 0 and 100): {text[:20]}")
    return int(text)


def _world() -> World:
    return world_of(request.environ)


def _entry(id: str) -> Entry:
    world = _world()
    with world.reading() as connection:
        found = find(world, connection, Kind.INSTANCE, id)
    assert isinstance(found, Entry)
    return found


def _row(world: World, entry: Entry) -> InstanceRow:
    with world.reading() as connection:
        uids = (entry.study_instance_uid, entry.series_instance_uid, entry.sop_instance_uid)
        rows = instances_of(connection, *uids)
    if not rows:  # taken out since
        raise UnknownItem
    return rows[0]


def _file(id: str) -> DicomFile:
    world, entry = _world(), _entry(id)
    return dicom_file(world, _row(world, entry))
