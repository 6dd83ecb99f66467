"""Frames as pictures: decoded, cut, windowed, scaled, and written as JPEG, PNG or GIF."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from fhantom.dicom import Dataset, DicomFile
from fhantom.dicom.pixel_layout import PixelLayout, frame_bytes
from fhantom.pixels import annotation, colour, grayscale, overlays, profiles
from fhantom.pixels.bands import in_bands
from fhantom.pixels.errors import ImageTooLarge
from fhantom.pixels.frames import MAX_FRAME_BYTES, Frame, decode, stored_values
from fhantom.pixels.geometry import Region, Viewport
from fhantom.pixels.grayscale import Lut, Window
from fhantom.pixels.layouts import layout_of
from fhantom.pixels.presentation import Arrangement
from fhantom.pixels.profiles import IccProfile

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image

    Array = NDArray[Any]

ImageType = Literal["image/jpeg", "image/png", "image/gif"]
DefaultWindow = Literal["orthanc", "voi", "voi-or-range", "voi-or-any-range"]

_FRAME_TIME = 0x00181063
_RATES = (0x00082144, 0x00180040)  # RecommendedDisplayFrameRate, CineRate
_FORMATS: dict[ImageType, str] = {"image/jpeg": "JPEG", "image/png": "PNG", "image/gif": "GIF"}
_DEEPEST_RANGE = {"voi-or-range": 8, "voi-or-any-range": 16}
_JPEG_MAX_SIDE = 65500
_MAX_GIF_FRAMES = 500


@dataclass(frozen=True, slots=True)
class Rendering:
    """What picture is wanted of a frame.

    Attributes:
        quality: of JPEG, 1 to 100.
        window: None for the default one.
        default_window: `orthanc` spreads the frame's own values, `voi` takes the file's window or VOI LUT. Without
            either, `voi-or-range` shows all values that up to 8 bits can have, as they are; `voi-or-any-range`
            does so with any number of bits, as Orthanc in WADO-URI.
        region: the part of the source that is shown.
        viewport: the size of the picture.
        annotation: kinds of what is burned in.
        icc_profile: of colour pictures, that is embedded or applied.
        arrangement: what a presentation state does to the picture.
    """

    media_type: ImageType = "image/jpeg"
    quality: int = 90
    window: Window | None = None
    default_window: DefaultWindow = "orthanc"
    region: Region | None = None
    viewport: Viewport | None = None
    annotation: tuple[str, ...] = ()
    icc_profile: IccProfile = "no"
    arrangement: Arrangement | None = None

    @property
    def overlays(self) -> tuple[int, ...]:
        """Groups of the overlay planes that are drawn."""
        if annotation.OVERLAY in self.annotation:
            return overlays.GROUPS
        return self.arrangement.overlays if self.arrangement else ()


def render(file: DicomFile, number: int, wanted: Rendering, max_bytes: int = MAX_FRAME_BYTES) -> bytes:
    """Frame `number` (from 1) as a picture.

    Raises:
        NoPixels, NoSuchFrame: there is nothing to show.
        UnreadablePixels, NoCodec, ImageTooLarge: as `frames.decode`.
    """
    layout = layout_of(file, number)
    image = _image(file, layout, number, wanted, max_bytes)
    image, profile = profiles.apply(image, file.dataset, wanted.icc_profile)
    if wanted.annotation:
        image = annotation.burn(image, annotation.lines(file.dataset, wanted.annotation))
    return written(image, wanted, profile)


def animate(file: DicomFile, numbers: Sequence[int], wanted: Rendering, max_bytes: int = MAX_FRAME_BYTES) -> bytes:
    """Those frames (from 1), or all if there are none, as one animated GIF at the speed that the file asks for."""
    layout = layout_of(file, max(numbers, default=1))
    chosen = (numbers or range(1, len(layout.frames) + 1))[:_MAX_GIF_FRAMES]
    images = (_image(file, layout, number, wanted, max_bytes) for number in chosen)
    return _animated(images, max(_frame_time(file.dataset), 20.0))


def _frame_time(dataset: Dataset) -> float:
    """Milliseconds from one frame to the next (PS3.3 C.7.6.5)."""
    if times := [time for time in dataset.numbers(_FRAME_TIME)[:1] if time > 0]:
        return times[0]
    rates = (rate for tag in _RATES for rate in dataset.numbers(tag)[:1] if rate > 0)
    return min(1000 / next(rates, 10.0), 10_000.0)


def _image(file: DicomFile, layout: PixelLayout, number: int, wanted: Rendering, max_bytes: int) -> Image:
    from PIL import Image as Images

    frame = decode(layout, frame_bytes(file.dataset, layout, number), max_bytes)
    needed = 3 * frame.samples.size
    if frame.photometric_interpretation == "PALETTE COLOR" and 0 < max_bytes < needed:
        raise ImageTooLarge(f"The colours of a frame take {needed} bytes, above the limit of {max_bytes}")
    arrangement, region = wanted.arrangement, wanted.region
    inked = None
    if wanted.overlays:
        inked = overlays.drawn(file.dataset, layout, frame.samples, number, wanted.overlays, max_bytes)
    if arrangement is not None:
        inked = overlays.laid(arrangement.planes, inked, frame.samples)
        region = region or arrangement.area
    if region is not None:
        frame = Frame(region.cut(frame.samples), frame.photometric_interpretation, frame.bits_stored)
        inked = None if inked is None else region.cut(inked)
    if 0 in frame.samples.shape:  # a region outside of the image is black, as Orthanc has it
        image = Images.new("L", (1, 1))
    else:
        levels = _levels(file, layout, frame, number, wanted)
        image = Images.fromarray(levels if inked is None else overlays.painted(levels, inked))
    if arrangement is not None:
        image = arrangement.turned(image)
    return wanted.viewport.over(layout.columns, layout.rows).fit(image) if wanted.viewport is not None else image


def _levels(file: DicomFile, layout: PixelLayout, frame: Frame, number: int, wanted: Rendering) -> Array:
    """8-bit grey or RGB."""
    if frame.samples.ndim == 3:
        return colour.rgb(frame)
    if wanted.default_window != "orthanc" or wanted.window is not None or wanted.overlays or wanted.arrangement:
        frame = stored_values(frame, layout)  # else the bits beside a value are spread with it, as Orthanc does
    if frame.photometric_interpretation == "PALETTE COLOR":
        return colour.from_palette(file.dataset, frame.samples)
    if layout.bits_allocated == 1:
        frame = Frame(frame.samples * 255, frame.photometric_interpretation, 8)  # windowed so by Orthanc, too
    if wanted.arrangement is not None:
        return wanted.arrangement.grey(frame.samples, frame.bits_stored, wanted.window)
    grey = _grey(file, frame, number, wanted)
    return 255 - grey if frame.photometric_interpretation == "MONOCHROME1" else grey


def _grey(file: DicomFile, frame: Frame, number: int, wanted: Rendering) -> Array:
    stored = frame.samples
    modality = grayscale.modality_of(file.dataset, number)
    chosen: Window | Lut | None = wanted.window
    if chosen is None and wanted.default_window == "orthanc":
        return grayscale.spread(stored, modality.rescaled)
    if chosen is None:
        chosen = grayscale.voi_of(file.dataset, number)
    if chosen is not None:
        return grayscale.shaded(stored, modality, chosen)
    if frame.bits_stored > _DEEPEST_RANGE.get(wanted.default_window, 0):
        return grayscale.spread(stored, modality.apply)
    return in_bands(stored, lambda band: grayscale.ranged(modality.apply(band), frame.bits_stored))


def written(image: Image, wanted: Rendering, profile: bytes = b"") -> bytes:
    """An image in the media type that is wanted, with an ICC profile if one is given."""
    out = io.BytesIO()
    options: dict[str, Any] = {"icc_profile": profile} if profile else {}
    if wanted.media_type == "image/jpeg":
        options["quality"] = wanted.quality
    image.save(out, _FORMATS[wanted.media_type], **options)
    return out.getvalue()


def _animated(images: Iterable[Image], milliseconds: float) -> bytes:
    frames: Iterator[Image] = iter(images)
    first = next(frames)
    out = io.BytesIO()
    first.save(out, "GIF", save_all=True, append_images=frames, duration=round(milliseconds), loop=0)
    return out.getvalue()
