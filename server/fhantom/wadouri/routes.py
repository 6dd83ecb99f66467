"""The one route of WADO-URI: parse, look up, encode."""

from __future__ import annotations

from flask import Blueprint, Response, request

from fhantom.archive.objects import blob_of, dicom_file, stored_bytes
from fhantom.archive.retrieve import InstanceRow, instances_named
from fhantom.dicom import DicomError, read, transfer_syntax
from fhantom.dicom.deidentifying import deidentify
from fhantom.errors import BadRequest, NotFound
from fhantom.pixels.errors import NoCodec, UnreadablePixels
from fhantom.pixels.geometry import Region
from fhantom.pixels.rendering import Rendering
from fhantom.pixels.renderings import Renderings
from fhantom.pixels.transcoding import transcode
from fhantom.site import Site
from fhantom.wadouri import parameters
from fhantom.wadouri.errors import render_error
from fhantom.wadouri.portability import DEPARTURES
from fhantom.wire.answers import ranged, streamed
from fhantom.wire.context import world_of
from fhantom.wire.notes import notes_of
from fhantom.wire.portability import teller, warn
from fhantom.world import World

_QUALITY = 90


def blueprint(site: Site) -> Blueprint:
    """`/wadouri`, and the root of DICOMweb, where the JavaScript dicomweb-client asks."""
    room = Blueprint("wadouri", __name__)
    limit = site.settings.max_decoded_frame
    renderings = Renderings.bounded(site.settings.render_cache, limit)

    def retrieve() -> Response:
        return answer(world_of(request.environ), renderings, limit)

    room.after_request(warn)  # Flask calls the last one first
    room.after_request(teller(DEPARTURES, render_error, strict=site.settings.strict))
    for path in ("/wadouri", "/dicomweb"):
        room.add_url_rule(path, path, retrieve, provide_automatic_options=path == "/wadouri")
    return room


def answer(world: World, renderings: Renderings, max_frame_bytes: int) -> Response:
    """The object that the current request names, in the form that it names."""
    wanted = parameters.parse(request.args, request.headers.get("Accept"))
    notes = notes_of(request.environ)
    notes.understood = parameters.understood(wanted)
    notes.ignored += [name for name in request.args if name not in parameters.KNOWN]
    row = find(world, wanted)
    if wanted.content_type == parameters.DICOM:
        return _as_dicom(world, row, wanted, max_frame_bytes)
    return _as_image(world, row, wanted, renderings)


def find(world: World, wanted: parameters.Request) -> InstanceRow:
    """The instance; study and series are compared only if they are given, as Orthanc does.

    Raises:
        NotFound: there is none.
    """
    with world.reading() as connection:
        rows = instances_named(connection, wanted.sop_instance_uid)
    for row in rows:
        if wanted.study_instance_uid not in (None, row.study_instance_uid):
            continue
        if wanted.series_instance_uid not in (None, row.series_instance_uid):
            continue
        return row
    raise NotFound


def _as_dicom(world: World, row: InstanceRow, wanted: parameters.Request, max_frame_bytes: int) -> Response:
    target = transfer_syntax(wanted.transfer_syntax_uid or row.transfer_syntax_uid)
    anonymous = deidentify(dicom_file(world, row)) if wanted.anonymize else None
    if target.known and target.uid != row.transfer_syntax_uid:
        file = dicom_file(world, row) if anonymous is None else read(anonymous)
        try:
            return streamed(transcode(file, target, max_frame_bytes), parameters.DICOM)
        except (NoCodec, UnreadablePixels, DicomError):
            pass  # PS3.18 9.1.2.3.3 leaves the syntax to a server that cannot give the one asked for
    if anonymous is not None:
        return streamed(iter([anonymous]), parameters.DICOM, len(anonymous))
    return streamed(stored_bytes(world, row), parameters.DICOM, row.size)


def _as_image(world: World, row: InstanceRow, wanted: parameters.Request, renderings: Renderings) -> Response:
    if not row.number_of_frames:
        raise BadRequest(f"WADO-URI: instance {row.sop_instance_uid} has no pixels to show")
    rendering = Rendering(
        media_type=wanted.content_type,  # type: ignore[arg-type]
        quality=wanted.quality or _QUALITY,
        window=wanted.window,
        default_window="voi",  # recorded: Orthanc windows by the file here, though not in WADO-RS
        region=_region(world, row, wanted.region),
        viewport=wanted.viewport,
        annotation=wanted.annotation,
    )
    picture = renderings.frame(blob_of(row), lambda: dicom_file(world, row), wanted.frame_number, rendering)
    return ranged(picture, rendering.media_type)


def _region(world: World, row: InstanceRow, fraction: parameters.Fraction | None) -> Region | None:
    """The pixels of a region, which the query gives in parts of the whole."""
    if fraction is None:
        return None
    dataset = dicom_file(world, row).dataset
    rows, columns = dataset.integer(0x00280010, 0) or 0, dataset.integer(0x00280011, 0) or 0
    left, top = int(fraction.left * columns), int(fraction.top * rows)
    right, bottom = round(fraction.right * columns), round(fraction.bottom * rows)
    return Region(left, top, max(right - left, 1), max(bottom - top, 1))
