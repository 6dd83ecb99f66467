"""Pictures that were made lately, so that a viewer that asks again does not wait again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fhantom.bounded import BoundedCache
from fhantom.dicom import DicomFile
from fhantom.pixels.rendering import Rendering, animate, render


@dataclass(frozen=True, slots=True)
class Renderings:
    """Renders frames, and keeps up to so many bytes of what it made.

    Attributes:
        max_frame_bytes: greatest size of a decoded frame; 0 is no limit.
    """

    cache: BoundedCache[bytes]
    max_frame_bytes: int

    @classmethod
    def bounded(cls, cache_bytes: int, max_frame_bytes: int) -> Renderings:
        """With a cache of its own."""
        return cls(BoundedCache(cache_bytes, len), max_frame_bytes)

    def frame(self, digest: bytes, open_file: Callable[[], DicomFile], number: int, wanted: Rendering) -> bytes:
        """Frame `number` (from 1) of the file of that digest; the file is opened only when it has to be."""
        key = (digest, number, wanted)
        picture = self.cache.get(key)
        if picture is None:
            picture = render(open_file(), number, wanted, self.max_frame_bytes)
            self.cache.put(key, picture)
        return picture

    def animation(
        self, digest: bytes, open_file: Callable[[], DicomFile], numbers: tuple[int, ...], wanted: Rendering
    ) -> bytes:
        """Those frames of the file of that digest, or all, as one GIF."""
        key = (digest, numbers, wanted)
        picture = self.cache.get(key)
        if picture is None:
            picture = animate(open_file(), numbers, wanted, self.max_frame_bytes)
            self.cache.put(key, picture)
        return picture
