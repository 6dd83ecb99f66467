"""Rendered resources and thumbnails: which picture of which instance (PS3.18 10.4.1.1.3 and 10.4.1.1.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from werkzeug.datastructures import MultiDict

from fhantom.archive.objects import blob_of, dicom_file
from fhantom.archive.retrieve import InstanceRow
from fhantom.dicomweb import rendered_parameters
from fhantom.dicomweb.errors import BadFileFormat, ParameterOutOfRange
from fhantom.pixels.geometry import Viewport
from fhantom.pixels.rendering import DefaultWindow, ImageType, Rendering
from fhantom.pixels.renderings import Renderings
from fhantom.wire.media import Offer, negotiate, parse_accept
from fhantom.wire.multipart import Part
from fhantom.world import World

IMAGES: tuple[ImageType, ...] = ("image/jpeg", "image/png", "image/gif")
THUMBNAIL = Viewport(128, 128, padded=False)
QUALITY = 90


@dataclass(frozen=True, slots=True)
class Picture:
    """Something to look at."""

    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a request asks of a rendered resource."""

    rendering: Rendering
    multipart: bool


def parse(accept: str | None, query: MultiDict[str, str], default_window: DefaultWindow, *, thumbnail: bool) -> Wanted:
    """Read the Accept header, which `accept` in the query overrides (PS3.18 8.3.3.1), and the parameters.

    Raises:
        ParameterOutOfRange: no picture is of such a type (Orthanc answers 400, not 406).
        BadRequest: a parameter is malformed.
    """
    asked = query.get("accept", accept)
    offers = [Offer(name, multipart) for multipart in (False, True) for name in IMAGES]
    choice = negotiate(parse_accept("*/*" if asked is None else asked), offers)
    if choice is None:
        raise ParameterOutOfRange(f"Nothing is rendered as {(asked or 'nothing')[:200]}")
    parameters = rendered_parameters.parse(query)
    rendering = Rendering(
        media_type=cast(ImageType, choice.offer.name),
        quality=parameters.quality or QUALITY,
        window=parameters.window,
        default_window=default_window,
        region=parameters.region,
        viewport=parameters.viewport or (THUMBNAIL if thumbnail else None),
    )
    return Wanted(rendering, choice.offer.multipart)


def parse_frame(text: str) -> int:
    """The number of the one frame that is rendered.

    Raises:
        BadFileFormat: it is not one number.
        ParameterOutOfRange: it is below 1.
    """
    try:
        number = int(text)
    except ValueError:
        raise BadFileFormat(f"Not a frame number: {text[:80]}") from None
    if number < 1:
        raise ParameterOutOfRange(f"Inexistent frame index in this image: {number}")
    return number


def representative(rows: Sequence[InstanceRow]) -> InstanceRow:
    """The instance that stands for a series or study: the first one that has pixels, else the first."""
    return next((row for row in rows if row.number_of_frames and row.blob), rows[0])


def parts(rows: Iterable[InstanceRow], draw: Callable[[InstanceRow], Picture]) -> Iterator[Part]:
    """A part an instance that has pixels, each drawn when its turn comes."""
    for row in rows:
        if row.number_of_frames:
            picture = draw(row)
            yield Part.of((("Content-Type", picture.content_type),), picture.body)


def picture_of(world: World, row: InstanceRow, wanted: Rendering, renderings: Renderings, frame: int | None) -> Picture:
    """The picture of a frame, or of an instance: its first frame, or all of them where the type can move.

    Raises:
        ParameterOutOfRange: the instance has nothing to look at in that form.
        UnreadablePixels, NoCodec, ImageTooLarge: it cannot be decoded.
    """
    if not row.number_of_frames:
        raise ParameterOutOfRange(f"Instance {row.sop_instance_uid} has no pixels to render")
    digest = blob_of(row)
    if frame is None and wanted.media_type == "image/gif" and row.number_of_frames > 1:
        return Picture(wanted.media_type, renderings.animation(digest, lambda: dicom_file(world, row), wanted))
    body = renderings.frame(digest, lambda: dicom_file(world, row), frame or 1, wanted)
    return Picture(wanted.media_type, body)
