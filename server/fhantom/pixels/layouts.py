"""The pixel layouts used last, by the digest of their file: a viewer asks for frames one by one."""

from __future__ import annotations

from collections.abc import Callable

from fhantom.bounded import BoundedCache
from fhantom.dicom import DicomFile, pixel_layout
from fhantom.dicom.pixel_layout import PixelLayout
from fhantom.pixels.errors import NoPixels, NoSuchFrame

_CAPACITY = 50_000  # frames


class Layouts:
    """A bounded memory of layouts; the files that they are of never change."""

    def __init__(self, capacity: int = _CAPACITY) -> None:
        self._cache: BoundedCache[PixelLayout] = BoundedCache(capacity, lambda layout: len(layout.frames) + 1)

    def of(self, digest: bytes, open_file: Callable[[], DicomFile]) -> PixelLayout:
        """The layout of the file of that digest, which is opened only if it was not asked for lately.

        Raises:
            NoPixels: the file has no pixel data.
            DicomError: it contradicts itself.
        """
        layout = self._cache.get(digest)
        if layout is None:
            layout = layout_of(open_file())
            self._cache.put(digest, layout)
        return layout


def layout_of(file: DicomFile, number: int | None = None) -> PixelLayout:
    """The layout of a file that has pixel data, and a frame of that number (from 1) if one is given.

    Raises:
        NoPixels, NoSuchFrame: it has none.
        DicomError: it contradicts itself.
    """
    layout = pixel_layout.of(file)
    if layout is None:
        raise NoPixels("The instance has no pixel data")
    if number is not None and not 1 <= number <= len(layout.frames):
        raise NoSuchFrame(f"Inexistent frame index in this image: {number}")
    return layout
