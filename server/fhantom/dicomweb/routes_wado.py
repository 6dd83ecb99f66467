"""The routes of WADO-RS (PS3.18 10.4): parse, look up, choose a form, stream."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from flask import Blueprint, Response, request

from fhantom.archive.objects import blob_of, dicom_file, with_bytes
from fhantom.archive.retrieve import InstanceRow
from fhantom.bounded import BoundedCache
from fhantom.dicom.syntaxes import EXPLICIT_VR_LITTLE_ENDIAN, TransferSyntax
from fhantom.dicomweb import (
    recorded,
    recorded_metadata,
    rendered,
    wado_bulkdata,
    wado_frames,
    wado_metadata,
    wado_objects,
    wado_zip,
)
from fhantom.dicomweb import wado_told as told
from fhantom.dicomweb.errors import UnknownResource
from fhantom.dicomweb.rendered_kinds import IMAGES
from fhantom.dicomweb.wado_places import Place, instance_at, instances_at, place_of
from fhantom.errors import BadRequest
from fhantom.pixels.frame_types import OCTET_STREAM, FrameType
from fhantom.pixels.layouts import Layouts
from fhantom.pixels.renderings import Renderings
from fhantom.site import Site
from fhantom.wire.answers import buffered, multipart, not_modified, ranged, ranged_pieces, streamed
from fhantom.wire.context import origin_of, world_of
from fhantom.wire.media import Choice, parse_accept
from fhantom.wire.portability import depart, depart_or_refuse
from fhantom.world import World

STUDY = "/studies/<study>"
SERIES = f"{STUDY}/series/<series>"
INSTANCE = f"{SERIES}/instances/<instance>"


def register(blueprint: Blueprint, site: Site) -> None:
    """Add the routes; those of one level differ only in how much of the path they have."""
    retrieval = Retrieval(
        site,
        Layouts(),
        Renderings.bounded(site.settings.render_cache, site.settings.max_decoded_frame),
    )
    views: list[tuple[str, Callable[..., Response]]] = [
        (INSTANCE + "/frames", retrieval.frames),
        (INSTANCE + "/frames/<numbers>", retrieval.frames),
        (INSTANCE + "/frames/<numbers>/rendered", retrieval.rendered),
        (INSTANCE + "/frames/<numbers>/thumbnail", retrieval.thumbnail),
        (INSTANCE + "/bulk/<path:path>", retrieval.bulkdata),
        (INSTANCE + "/bulkdata/<path:path>", retrieval.bulkdata),
    ]
    for level in (STUDY, SERIES, INSTANCE):
        views += [
            (level, retrieval.objects),
            (level + "/metadata", retrieval.metadata),
            (level + "/bulkdata", retrieval.all_bulkdata),
            (level + "/pixeldata", retrieval.pixeldata),
            (level + "/rendered", retrieval.rendered),
            (level + "/thumbnail", retrieval.thumbnail),
        ]
    for path, view in views:
        blueprint.add_url_rule(path, f"wado{path}", view)


@dataclass(frozen=True, slots=True)
class Retrieval:
    """The views, and what they keep between requests."""

    site: Site
    layouts: Layouts
    renderings: Renderings

    @property
    def strict(self) -> bool:
        """Whether to answer as the real server was recorded."""
        return self.site.settings.strict

    def objects(self, study: str, series: str | None = None, instance: str | None = None) -> Response:
        """Study, series or instance as DICOM objects."""
        world, limit = _world(), self.site.settings.max_decoded_frame
        choice = self._chosen(partial(wado_objects.choose, single=instance is not None), wado_objects.DICOM)
        asked = choice.transfer_syntax_uid
        found = wado_objects.as_sent(instances_at(world, Place(study, series, instance)))
        rows, left_out = wado_objects.split(world, found, asked)
        self._tell(rows, asked)
        if choice.offer == wado_objects.ZIP:
            dicomdir = wado_zip.with_dicomdir(request.args, _accept())
            answer = streamed(wado_zip.archive(world, rows, asked, limit, dicomdir), choice.offer.name)
        elif choice.offer == wado_objects.SINGLE:
            body, size = wado_objects.content(world, rows[0], asked, limit)
            answer = streamed(body, choice.offer.name, size)
        else:
            answer = multipart(wado_objects.parts(world, rows, asked, limit), choice.offer.name)
        if left_out:
            answer.status_code = 206  # PS3.18 table 10.4.3-1: some instances in none of the acceptable forms
        return answer

    def metadata(self, study: str, series: str | None = None, instance: str | None = None) -> Response:
        """Every attribute of the instances, without bulk data."""
        accept = _header() if self.strict else _accept()
        choice = wado_metadata.choose(accept)
        if choice is None or (self.strict and not recorded.takes_metadata(accept)):
            raise BadRequest(f"This WADO-RS plugin cannot generate the following content type: {accept}")
        world, base = _world(), _base()
        rows = instances_at(world, Place(study, series, instance))
        included = () if self.strict else wado_metadata.parse_includes(request.args.getlist("includefield"))
        validator = wado_metadata.etag(rows, base, choice.offer, included)
        if not (self.strict or "accept" in request.args or recorded.takes_metadata(accept)):
            depart(request.environ, told.ACCEPT_LIST)
        if not self.strict and (unchanged := not_modified(validator)) is not None:
            return unchanged
        if choice.offer == wado_metadata.XML:
            answer = multipart(
                list(wado_metadata.as_xml(world, rows, base, included, strict=self.strict)), choice.offer.name
            )
        else:
            pieces = list(wado_metadata.as_json(world, rows, base, included, strict=self.strict))
            if not self.strict and _loses(validator, pieces):
                depart(request.environ, told.EVERY_VALUE)
            answer = buffered(pieces, wado_metadata.JSON.name)
        answer.set_etag(validator)
        return answer

    def frames(self, study: str, series: str, instance: str, numbers: str = "") -> Response:
        """Frames by number, or all of them."""
        world = _world()
        asked = wado_frames.parse_numbers(numbers) if numbers else None
        row = instance_at(world, Place(study, series, instance))
        limit = self.site.settings.max_decoded_frame
        accept = recorded.accept_of_frames(_header()) if self.strict else _accept()
        frames = wado_frames.open_frames(world, row, self.layouts, accept, limit)
        self._tell([row], frames.form.target.uid)
        if frames.multipart and not (self.strict or "accept" in request.args):
            _tell_of_other_frames(accept, frames.form, frames.layout.transfer_syntax)
        chosen = frames.chosen(asked, first=2 if self.strict else 1)
        if told.has_lost_byte_order(row) and "transfer-syntax=*" in (accept or "").replace('"', ""):
            depart_or_refuse(request.environ, told.CONVERTED_FRAMES)
        if frames.layout.bits_allocated > 16:
            depart_or_refuse(request.environ, told.DEEP_PIXELS)
        if frames.multipart:
            return multipart(frames.parts(chosen, _base() + place_of(row).path), frames.content_type)
        return ranged(frames.single(chosen), frames.content_type)

    def bulkdata(self, study: str, series: str, instance: str, path: str) -> Response:
        """One value by its tag path."""
        world = _world()
        accept = recorded.accept(_header(), OCTET_STREAM) if self.strict else _accept()
        row = instance_at(world, Place(study, series, instance))
        for departure in wado_bulkdata.departures(path, row):
            if not (self.strict and departure.imitated):
                depart(request.environ, departure)
        found = wado_bulkdata.find(world, row, path, accept, strict=self.strict)
        choice = self._chosen(found.choose, OCTET_STREAM)
        if choice.offer.multipart:
            location = f"{wado_metadata.bulkdata_base(_base(), row)}/{path}"
            return multipart(found.parts(location, choice.offer.name), choice.offer.name)
        return ranged_pieces(found.cut, found.size, choice.offer.name)

    def all_bulkdata(self, study: str, series: str | None = None, instance: str | None = None) -> Response:
        """Every value that metadata refers to, and pixel data."""
        return self._all_bulkdata(Place(study, series, instance), pixels_only=False)

    def pixeldata(self, study: str, series: str | None = None, instance: str | None = None) -> Response:
        """Pixel data as it is stored."""
        return self._all_bulkdata(Place(study, series, instance), pixels_only=True)

    def _all_bulkdata(self, place: Place, *, pixels_only: bool) -> Response:
        world = _world()
        wado_bulkdata.check(_accept())
        rows = with_bytes(world, instances_at(world, place))
        parts = wado_bulkdata.all_of(world, rows, _base(), pixels_only=pixels_only)
        return multipart(parts, OCTET_STREAM)

    def rendered(
        self, study: str, series: str | None = None, instance: str | None = None, numbers: str = ""
    ) -> Response:
        """A picture."""
        return self._picture(Place(study, series, instance), numbers, thumbnail=False)

    def thumbnail(
        self, study: str, series: str | None = None, instance: str | None = None, numbers: str = ""
    ) -> Response:
        """A small picture."""
        if self.strict:
            raise UnknownResource
        return self._picture(Place(study, series, instance), numbers, thumbnail=True)

    def _picture(self, place: Place, numbers: str, *, thumbnail: bool) -> Response:
        world = _world()
        found = instances_at(world, place)
        rendering = rendered.parse(
            request.args, self.site.settings.default_window, thumbnail=thumbnail, strict=self.strict
        )
        frames = rendered.parse_frames(numbers, strict=self.strict) if numbers else ()
        rows = with_bytes(world, found)
        gallery = rendered.Gallery(world, self.renderings, rendering, frames, thumbnail)
        row = rendered.representative(world, rows, strict=self.strict)
        if self.strict:
            recorded.check_rendered(self.layouts, world, row)
        offer = gallery.choose(row, _header() if self.strict else _accept()).offer
        self._tell([row], EXPLICIT_VR_LITTLE_ENDIAN)
        if len(frames) > 1:
            depart(request.environ, told.FRAMES_RENDERED)
        if offer.name in IMAGES and not recorded.is_rendered(self.layouts, world, row):
            depart_or_refuse(request.environ, told.DRAWN)
        if offer.multipart:
            return multipart(gallery.parts(rows, offer.name), offer.name)
        picture = gallery.picture(row, offer.name)
        return ranged_pieces(picture.cut, picture.size, picture.content_type)

    def _tell(self, rows: Sequence[InstanceRow], asked: str) -> None:
        """Note what the table of departures cannot see of request and answer."""
        if told.decodes_jpeg_2000(rows, asked):
            depart_or_refuse(request.environ, told.DECODED_JPEG_2000)
        if told.depends_on_encoder(asked):
            world = _world()
            layouts = (
                self.layouts.of(blob_of(world, row), partial(dicom_file, world, row))
                for row in rows
                if row.number_of_frames
            )
            if any(told.is_recoded(layout, asked) for layout in layouts):
                depart(request.environ, told.RECODED)

    def _chosen(self, choose: Callable[[str | None], Choice], media_type: str) -> Choice:
        """The form that suits the client; noted is where the real server reads the Accept header otherwise."""
        header = _header()
        if self.strict:
            return choose(recorded.accept(header, media_type))
        if header is None or "accept" in request.args:
            return choose(_accept())
        theirs = recorded.chosen(header, media_type, choose)
        try:
            ours = choose(header)
        except BadRequest:
            if theirs is not None:
                depart(request.environ, told.ACCEPT_READ)
            raise
        if theirs is None and ours.offer.multipart:
            depart(request.environ, told.ACCEPT_LIST)
        elif theirs not in (None, ours):
            depart(request.environ, told.ACCEPT_READ)
        return ours


def _tell_of_other_frames(accept: str | None, form: FrameType, stored: TransferSyntax) -> None:
    """Note that the real server would have read an Accept header of frames otherwise, or found nothing in it."""
    try:
        theirs = parse_accept(recorded.accept_of_frames(accept))
    except BadRequest:
        theirs = ()
    expected = next(wado_frames.forms(theirs[0], stored), None) if theirs else None
    if form != expected:
        depart(request.environ, told.ACCEPT_LIST if expected is None else told.FRAMES_ACCEPT_LIST)


def _world() -> World:
    return world_of(request.environ)


def _base() -> str:
    """URL of the service, as links name it."""
    return origin_of(request.environ) + "/dicomweb"


def _accept() -> str | None:
    """What the client takes; `accept` in the query wins over the header (PS3.18 8.3.3.1)."""
    # Asked first, since to miss a key costs werkzeug an exception.
    return request.args["accept"] if "accept" in request.args else _header()


def _header() -> str | None:
    return request.headers.get("Accept")


def _loses(validator: str, pieces: list[bytes]) -> bool:
    """Whether the real server shows less of what has this ETag; looked for once, since that costs as much again."""
    found = _known_losses.get(validator)
    if found is None:
        found = any(map(recorded_metadata.is_lost, pieces))
        _known_losses.put(validator, found)
    return found


_known_losses: BoundedCache[bool] = BoundedCache(4_096, lambda found: 1)
