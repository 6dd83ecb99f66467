"""The one route of WADO-URI: parse, look up, encode."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flask import Blueprint, Response, request

from fhantom.archive.objects import blob_of, dicom_file, stored_bytes
from fhantom.archive.retrieve import InstanceRow, instances_named
from fhantom.dicom import DicomError, pixel_layout, read, syntaxes, transfer_syntax
from fhantom.dicom.deidentifying import deidentify
from fhantom.errors import BadRequest, NotFound
from fhantom.pixels import orthanc, reports
from fhantom.pixels.errors import NoCodec, UnreadablePixels
from fhantom.pixels.geometry import Region
from fhantom.pixels.grayscale import voi_of
from fhantom.pixels.presentation import state_of
from fhantom.pixels.rendering import Rendering
from fhantom.pixels.renderings import Renderings
from fhantom.pixels.transcoding import transcode
from fhantom.site import Site
from fhantom.wadouri import parameters
from fhantom.wadouri.errors import NoPicture, NoPresentation, render_error
from fhantom.wadouri.portability import DARK, DEEP, DEPARTURES, JPEG_2000
from fhantom.wire.answers import ranged, streamed
from fhantom.wire.context import UNRANGED, world_of
from fhantom.wire.notes import notes_of
from fhantom.wire.portability import depart, depart_or_refuse, teller, warn
from fhantom.world import World

_QUALITY = 90
_BITS_STORED, _PHOTOMETRIC = 0x00280101, 0x00280004


def blueprint(site: Site) -> Blueprint:
    """`/wadouri`, and the root of DICOMweb, where the JavaScript dicomweb-client asks."""
    room = Blueprint("wadouri", __name__)
    limit = site.settings.max_decoded_frame
    renderings = Renderings.bounded(site.settings.render_cache, limit)

    def retrieve() -> Response:
        return answer(world_of(request.environ), renderings, limit)

    def unranged() -> None:
        request.environ[UNRANGED] = True

    if site.settings.strict:
        room.before_request(unranged)
    room.after_request(warn)  # Flask calls the last one first
    room.after_request(teller(DEPARTURES, render_error, strict=site.settings.strict))
    for path in ("/wadouri", "/dicomweb"):
        room.add_url_rule(path, path, retrieve, provide_automatic_options=False)
    room.add_url_rule("/wadouri", "options", _options, methods=["OPTIONS"], provide_automatic_options=False)
    return room


def _options() -> Response:
    """The methods; no form is told, since there is no body."""
    response = Response(headers={"Allow": "GET, HEAD, OPTIONS"})
    del response.headers["Content-Type"]
    return response


def answer(world: World, renderings: Renderings, max_frame_bytes: int) -> Response:
    """The object that the current request names, in the form that it names."""
    strict = world.settings.strict
    query = {name: texts[-1] for name, texts in request.args.lists()}  # the last of a name counts, as in Orthanc
    try:
        if strict:
            wanted = parameters.parse(parameters.as_recorded(query), None)
        else:
            wanted = parameters.parse(query, request.headers.get("Accept"))
    except BadRequest:
        find(world, query)  # what is not there is 404, whatever it is asked for as
        raise
    notes = notes_of(request.environ)
    notes.understood = parameters.understood(wanted)
    notes.ignored += [name for name in request.args if name not in parameters.KNOWN]
    row = find(world, query)
    if wanted.content_type == parameters.DICOM:
        return _as_dicom(world, row, wanted, max_frame_bytes)
    if wanted.content_type in parameters.TEXTS:
        return _as_text(world, row, wanted)
    response = _as_image(world, row, wanted, renderings)
    if strict and wanted.content_type == "image/jpeg":
        response.content_type = "image/png"
    return response


def find(world: World, query: Mapping[str, str]) -> InstanceRow:
    """The instance; study and series are compared only if they are given, as Orthanc does.

    Raises:
        NotFound: there is none.
    """
    with world.reading() as connection:
        rows = instances_named(connection, query["objectUID"])
    for row in rows:
        if query.get("studyUID", "") not in ("", row.study_instance_uid):
            continue
        if query.get("seriesUID", "") not in ("", row.series_instance_uid):
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


def _as_text(world: World, row: InstanceRow, wanted: parameters.Request) -> Response:
    if not reports.is_report(row.sop_class_uid):
        raise parameters.unsupported(wanted.content_type)
    write = reports.as_html if wanted.content_type == "text/html" else reports.as_text
    charset = wanted.charset or "utf-8"
    body = write(dicom_file(world, row).dataset, charset)
    return Response(body, content_type=f"{wanted.content_type}; charset={charset}")


def _as_image(world: World, row: InstanceRow, wanted: parameters.Request, renderings: Renderings) -> Response:
    digest = blob_of(world, row)  # what is not here may still have pixels
    if not row.number_of_frames and wanted.content_type == "image/gif":
        raise parameters.unsupported(wanted.content_type)
    if not row.number_of_frames:
        raise NoPicture(f"WADO-URI: instance {row.sop_instance_uid} has no pixels to show")
    if row.transfer_syntax_uid in (syntaxes.JPEG_2000_LOSSLESS, syntaxes.JPEG_2000):
        depart_or_refuse(request.environ, JPEG_2000)
    elif not _is_shown_there(world, row):
        depart_or_refuse(request.environ, DEEP)
    strict = world.settings.strict
    if wanted.window is None and not strict and _is_dark_there(world, row, wanted.frame_number):
        depart(request.environ, DARK)
    rendering = Rendering(
        media_type=wanted.content_type,  # type: ignore[arg-type]
        quality=wanted.quality or _QUALITY,
        window=wanted.window,
        # Recorded: Orthanc windows by the file here, though not in WADO-RS.
        default_window="voi-or-any-range" if strict else "voi-or-range",
        region=_region(world, row, wanted.region),
        viewport=wanted.viewport,
        annotation=wanted.annotation,
    )
    if wanted.presentation is not None:
        rendering = _presented(world, row, wanted.presentation, wanted.frame_number, rendering)
    picture = renderings.frame(digest, lambda: dicom_file(world, row), wanted.frame_number, rendering)
    return ranged(picture, rendering.media_type)


def _is_shown_there(world: World, row: InstanceRow) -> bool:
    layout = pixel_layout.of(dicom_file(world, row))
    return layout is None or orthanc.is_drawn(layout)


def _is_dark_there(world: World, row: InstanceRow, frame: int) -> bool:
    dataset = dicom_file(world, row).dataset
    is_deep = (dataset.integer(_BITS_STORED, 0) or 0) > 8 and dataset.text(_PHOTOMETRIC).startswith("MONOCHROME")
    return is_deep and voi_of(dataset, frame) is None


def _presented(world: World, row: InstanceRow, place: tuple[str, str], frame: int, rendering: Rendering) -> Rendering:
    """The rendering as a presentation state has it.

    Raises:
        NoPresentation: the state is not stored.
        Malformed: it is none, or for another image.
    """
    series, uid = place
    with world.reading() as connection:
        found = [state for state in instances_named(connection, uid) if state.series_instance_uid == series]
    if not found:
        raise NoPresentation(f"WADO-URI: presentation state {uid[:80]} is not stored")
    state = state_of(dicom_file(world, found[0]).dataset)
    if state is None or not state.is_for(row.sop_instance_uid):
        raise parameters.Malformed(f"WADO-URI: {uid[:80]} is no presentation state of that image")
    limit = world.settings.max_decoded_frame
    return replace(rendering, arrangement=state.arrangement(row.sop_instance_uid, frame, limit))


def _region(world: World, row: InstanceRow, fraction: parameters.Fraction | None) -> Region | None:
    """The pixels of a region, which the query gives in parts of the whole."""
    if fraction is None:
        return None
    dataset = dicom_file(world, row).dataset
    rows, columns = dataset.integer(0x00280010, 0) or 0, dataset.integer(0x00280011, 0) or 0
    left, top = int(fraction.left * columns), int(fraction.top * rows)
    right, bottom = round(fraction.right * columns), round(fraction.bottom * rows)
    return Region(left, top, max(right - left, 1), max(bottom - top, 1))
