"""The frames of an instance as pictures, as their stored values, and as their stored bytes."""

from __future__ import annotations

import gzip
from collections.abc import Callable

from flask import Blueprint, Response, request

from fhantom.archive.hierarchy import Entry
from fhantom.archive.objects import blob_of, dicom_file
from fhantom.pixels import exact
from fhantom.pixels.errors import NoPixels, NoSuchFrame, UnreadablePixels
from fhantom.pixels.rendering import DefaultWindow, ImageType, Rendering
from fhantom.pixels.renderings import Renderings
from fhantom.site import Site
from fhantom.vna.errors import NoPicture, ParameterOutOfRange, UnknownItem, UnknownResource
from fhantom.vna.instances import entry_of, file_of, row_of
from fhantom.vna.writing import written
from fhantom.wire.answers import ranged
from fhantom.wire.context import world_of
from fhantom.wire.media import Offer, negotiate, parse_accept

_INSTANCE = "/vna/instances/<id>"
_FRAME = f"{_INSTANCE}/frames/<int:number>"
_QUALITY = 90
_TYPES: tuple[ImageType, ...] = ("image/png", "image/jpeg")

# How each kind of picture is windowed: spread over all values, or as the file says.
_PICTURES: dict[str, DefaultWindow] = {"preview": "orthanc", "rendered": "voi"}

# Stored values in a PNG: the type that they are cut off to.
_VALUES = {"image-uint8": "uint8", "image-uint16": "uint16", "image-int16": "int16"}

_KINDS = sorted((*_PICTURES, *_VALUES, "raw", "raw.gz"))

View = Callable[..., Response]


def register(vna: Blueprint, site: Site) -> None:
    """Add the routes."""
    limit = site.settings.max_decoded_frame
    renderings = Renderings.bounded(site.settings.render_cache, limit)
    vna.add_url_rule(f"{_INSTANCE}/frames", "frames", frames)
    vna.add_url_rule(_FRAME, "frame", kinds_of_frame)
    pictures = {name: _picture(renderings, window) for name, window in _PICTURES.items()}
    pictures |= {name: _values(kind, limit) for name, kind in _VALUES.items()}
    for name, view in pictures.items():
        vna.add_url_rule(f"{_INSTANCE}/{name}", f"instance {name}", view)
        vna.add_url_rule(f"{_FRAME}/{name}", f"frame {name}", view)
    vna.add_url_rule(f"{_FRAME}/raw", "frame raw", raw)
    vna.add_url_rule(f"{_FRAME}/raw.gz", "frame raw compressed", raw_compressed)


def frames(id: str) -> Response:
    """The numbers of the frames, from 0."""
    return written(list(range(max(entry_of(id).number_of_frames, 1))))


def kinds_of_frame(id: str, number: int) -> Response:
    """What a frame can be had as."""
    if number >= entry_of(id).number_of_frames:
        raise UnknownItem
    return written(_KINDS)


def raw(id: str, number: int) -> Response:
    """The bytes of a frame as they are stored."""
    return ranged(_raw(id, number), "application/octet-stream")


def raw_compressed(id: str, number: int) -> Response:
    """The same as a gzip file."""
    return ranged(gzip.compress(_raw(id, number), mtime=0), "application/gzip")


def _raw(id: str, number: int) -> bytes:
    try:
        return exact.raw(file_of(id), number + 1)
    except (NoPixels, NoSuchFrame):
        raise ParameterOutOfRange(f"There is no frame {number}") from None


def _values(kind: str, limit: int) -> View:
    def view(id: str, number: int = 0) -> Response:
        try:
            _pictured(id)
            return ranged(exact.grey(file_of(id), number + 1, kind, limit), "image/png")
        except NoSuchFrame:
            raise UnknownItem from None
        except (NoPixels, UnreadablePixels):
            raise NoPicture from None

    return view


def _picture(renderings: Renderings, window: DefaultWindow) -> View:
    def view(id: str, number: int = 0) -> Response:
        world, entry = world_of(request.environ), _pictured(id)
        offers = [Offer(name, False) for name in _TYPES]
        choice = negotiate(parse_accept(request.headers.get("Accept") or "*/*"), offers)
        row = row_of(world, entry)
        digest = blob_of(world, row)  # what is not here may still have pixels
        if row.number_of_frames == 0:
            raise NoPicture
        if choice is None or number >= row.number_of_frames:
            raise UnknownItem
        media_type = next(name for name in _TYPES if name == choice.offer.name)
        wanted = Rendering(media_type=media_type, quality=_quality(), default_window=window)
        picture = renderings.frame(digest, lambda: dicom_file(world, row), number + 1, wanted)
        return ranged(picture, media_type)

    return view


def _pictured(id: str) -> Entry:
    """The instance; a picture of an unknown one is refused without a word. Raises UnknownItem."""
    try:
        return entry_of(id)
    except UnknownResource:
        raise UnknownItem from None


def _quality() -> int:
    text = request.args.get("quality", str(_QUALITY))
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= 100):
        raise ParameterOutOfRange(f"Bad quality for a JPEG encoding (must be a number between 0 and 100): {text[:20]}")
    return int(text)
