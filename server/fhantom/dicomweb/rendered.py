"""Rendered resources and thumbnails: which picture of which instance (PS3.18 10.4.1.1.3 and 10.4.1.1.4)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from werkzeug.datastructures import MultiDict

from fhantom.archive.objects import blob_of, dicom_file
from fhantom.archive.retrieve import InstanceRow, instances_named
from fhantom.archive.storing import identifier
from fhantom.archive.values import written as written_value
from fhantom.dicom import Dataset, DicomFile, bulkdata
from fhantom.dicomweb import recorded, rendered_parameters, wado_frames
from fhantom.dicomweb.errors import BadFileFormat, ParameterOutOfRange
from fhantom.dicomweb.rendered_kinds import HTML, Kind, kind_of, media_types
from fhantom.dicomweb.wado_bulkdata import BulkData
from fhantom.pixels import cards, presentation, reports, waveforms
from fhantom.pixels.errors import NoSuchFrame
from fhantom.pixels.geometry import Viewport
from fhantom.pixels.presentation import PresentationState
from fhantom.pixels.rendering import DefaultWindow, ImageType, Rendering, written
from fhantom.pixels.renderings import Renderings
from fhantom.wire.media import Choice, Offer, negotiate, parse_accept
from fhantom.wire.multipart import Part
from fhantom.world import World

if TYPE_CHECKING:
    from PIL.Image import Image

THUMBNAIL = Viewport(128, 128, padded=False)
QUALITY = 90
MOVING: ImageType = "image/gif"

_MODALITY, _PIXEL_DATA, _ENCAPSULATED_DOCUMENT = 0x00080060, 0x7FE00010, 0x00420011
_DOCUMENT_LENGTH = 0x00420015


@dataclass(frozen=True, slots=True)
class Picture:
    """Something to look at.

    Attributes:
        size: its length in bytes.
        cut: from two positions to the bytes between them, in pieces.
    """

    content_type: str
    size: int
    cut: Callable[[int, int], Iterable[bytes]]

    @classmethod
    def of(cls, content_type: str, body: bytes) -> Picture:
        """One that is at hand."""
        return cls(content_type, len(body), lambda start, stop: [body[start:stop]])

    @property
    def body(self) -> bytes:
        """All of it."""
        return b"".join(self.cut(0, self.size))


@dataclass(frozen=True, slots=True)
class Gallery:
    """Makes the pictures that one request asks for.

    Attributes:
        rendering: what it asks of them; the media type is chosen for each.
        frames: those that it names, if it does.
        thumbnail: whether they are to be small, and everything has one.
    """

    world: World
    renderings: Renderings
    rendering: Rendering
    frames: tuple[int, ...]
    thumbnail: bool

    def choose(self, row: InstanceRow, accept: str | None) -> Choice:
        """The form that suits an Accept header; of several frames one picture only where that can move.

        Raises:
            ParameterOutOfRange: the instance is not shown in any that does (Orthanc answers 400, not 406).
            NoSuchFrame: it has not all the frames that are named.
        """
        names = media_types(row, thumbnail=self.thumbnail)
        offers = [Offer(name, multipart) for multipart in (False, True) for name in names]
        if len(self.frames) > 1:
            if (last := max(self.frames)) > row.number_of_frames or kind_of(row) is not Kind.IMAGE:
                raise NoSuchFrame(f"Inexistent frame index in this image: {last}")
            offers = [*(offer for offer in offers if offer.multipart), Offer(MOVING, False)]
        choice = negotiate(parse_accept("*/*" if accept is None else accept), offers)
        if choice is None:
            raise ParameterOutOfRange(f"Nothing is rendered as {(accept or 'nothing')[:200]}")
        return choice

    def picture(self, row: InstanceRow, media_type: str) -> Picture:
        """The picture of an instance, or of the frames that are asked for.

        Raises:
            UnreadablePixels, NoCodec, ImageTooLarge: it cannot be decoded.
        """
        kind = kind_of(row)
        if kind is Kind.IMAGE:
            return self._image(row, cast(ImageType, media_type))
        file = dicom_file(self.world, row)
        if kind is Kind.WAVEFORM:
            return self._drawn(media_type, lambda: waveforms.draw(waveforms.first_of(file.dataset)))
        state = presentation.state_of(file.dataset) if kind is Kind.PRESENTATION else None
        if state is not None and (presented := self._presented(state)) is not None:
            image, frame = presented
            arrangement = state.arrangement(image.sop_instance_uid, frame, self.renderings.max_frame_bytes)
            shown = replace(self.rendering, arrangement=arrangement)
            return replace(self, rendering=shown, frames=(frame,)).picture(image, media_type)
        if self.thumbnail:
            return self._drawn(media_type, lambda: cards.draw(file.dataset.text(_MODALITY)))
        if kind is Kind.REPORT:
            write = reports.as_html if media_type == HTML else reports.as_text
            return Picture.of(f"{media_type}; charset=utf-8", write(file.dataset))
        if kind is Kind.PRESENTATION:
            raise ParameterOutOfRange("The image that the presentation state is for is not stored")
        return _stored(file.dataset, _PIXEL_DATA if kind is Kind.VIDEO else _ENCAPSULATED_DOCUMENT, media_type)

    def _presented(self, state: PresentationState) -> tuple[InstanceRow, int] | None:
        """The first image that a presentation state is for and that is stored, and its frame."""
        with self.world.reading() as connection:
            for uid, frame in state.images:
                for row in instances_named(connection, uid):
                    if kind_of(row) is Kind.IMAGE:
                        return row, frame
        return None

    def _image(self, row: InstanceRow, media_type: ImageType) -> Picture:
        """A frame; several, or all if none is named, where the type can move."""
        wanted = replace(self.rendering, media_type=media_type)

        def open_file() -> DicomFile:
            return dicom_file(self.world, row)

        digest = blob_of(self.world, row)
        if media_type == MOVING and row.number_of_frames > 1 and len(self.frames) != 1:
            return Picture.of(media_type, self.renderings.animation(digest, open_file, self.frames, wanted))
        number = self.frames[0] if self.frames else 1
        return Picture.of(media_type, self.renderings.frame(digest, open_file, number, wanted))

    def _drawn(self, media_type: str, draw: Callable[[], Image]) -> Picture:
        image, viewport = draw(), self.rendering.viewport
        wanted = replace(self.rendering, media_type=cast(ImageType, media_type))
        return Picture.of(media_type, written(viewport.over(*image.size).fit(image) if viewport else image, wanted))

    def parts(self, rows: Iterable[InstanceRow], media_type: str) -> Iterator[Part]:
        """A part a frame that is named, or an instance that is shown in that type, each made when its turn comes."""
        galleries = [replace(self, frames=(number,)) for number in self.frames] or [self]
        for row in rows:
            for gallery in galleries if media_type in media_types(row, thumbnail=self.thumbnail) else ():
                picture = gallery.picture(row, media_type)
                yield Part((("Content-Type", picture.content_type),), picture.cut(0, picture.size), picture.size)


def parse(
    query: MultiDict[str, str], default_window: DefaultWindow, *, thumbnail: bool, strict: bool = False
) -> Rendering:
    """Read the parameters; with `strict`, those that the real server reads, as it does.

    Raises:
        BadRequest: one is malformed.
    """
    parameters = recorded.rendering(query) if strict else rendered_parameters.parse(query)
    return Rendering(
        quality=parameters.quality or QUALITY,
        window=parameters.window,
        default_window=default_window,
        region=parameters.region,
        viewport=parameters.viewport or (THUMBNAIL if thumbnail else None),
        annotation=parameters.annotation,
        icc_profile=parameters.icc_profile,
    )


def parse_frames(text: str, *, strict: bool) -> tuple[int, ...]:
    """The numbers of the frames that are rendered.

    Args:
        strict: take one number, as the real server does.

    Raises:
        BadFileFormat: they are no numbers.
        ParameterOutOfRange: one is below 1.
    """
    numbers = tuple(wado_frames.parse_numbers(text))
    if strict and len(numbers) > 1:
        raise BadFileFormat(f"Not a frame number: {text[:80]}")
    return numbers


def representative(world: World, rows: Sequence[InstanceRow], *, strict: bool) -> InstanceRow:
    """The instance that stands for a series or study: the first by Orthanc's names, as it was recorded.

    Args:
        strict: of all instances; else of those that have pixels, if any do.
    """
    shown = [] if strict else [row for row in rows if row.number_of_frames and row.blob]
    choice = shown or rows
    if len(choice) == 1:
        return choice[0]
    record = json.loads(world.texts.get(choice[0].metadata))
    patient_id = written_value(next(iter(record.get("00100020", {}).get("Value", ())), None))

    def name(row: InstanceRow) -> int:
        return identifier(patient_id, row.study_instance_uid, row.series_instance_uid, row.sop_instance_uid)

    return min(choice, key=name)


def _stored(dataset: Dataset, tag: int, media_type: str) -> Picture:
    """A document or video that the instance holds, passed on as it is."""
    element = dataset.get(tag)
    if element is None:
        raise ParameterOutOfRange("The instance does not hold what its SOP class says")
    held = BulkData(bulkdata.pieces(dataset, element), media_type)
    is_padded = tag == _ENCAPSULATED_DOCUMENT and dataset.integer(_DOCUMENT_LENGTH, 0) == held.size - 1
    return Picture(media_type, held.size - is_padded, held.cut)
