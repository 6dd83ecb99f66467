"""From stored values to grey levels: modality transformation and window (PS3.3 C.11.1, C.11.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from fhantom.dicom import Dataset
from fhantom.pixels.bands import bands_of, in_bands
from fhantom.pixels.errors import UnreadablePixels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]
    Grey = NDArray[Any]

WindowFunction = Literal["linear", "linear-exact", "sigmoid", "upper-half"]
"""Those of PS3.3 C.11.2.1.2 and C.11.2.1.3, and what Orthanc makes of the second: only what is above the centre."""


_WINDOW_CENTER, _WINDOW_WIDTH, _VOI_LUT_FUNCTION = 0x00281050, 0x00281051, 0x00281056
_INTERCEPT, _SLOPE = 0x00281052, 0x00281053
_LARGEST_SIGNED = 0x7FFF
_LARGEST, _LARGEST_OF_SMALL = 1e290, 1e30  # factors with which samples stay below what f8 and f4 hold
_MODALITY_LUT_SEQUENCE, _VOI_LUT_SEQUENCE = 0x00283000, 0x00283010
_LUT_DESCRIPTOR, _LUT_DATA = 0x00283002, 0x00283006
_SHARED_GROUPS, _PER_FRAME_GROUPS = 0x52009229, 0x52009230
_PIXEL_VALUE_TRANSFORMATION, _FRAME_VOI_LUT = 0x00289145, 0x00289132
_FUNCTIONS: dict[str, WindowFunction] = {"LINEAR_EXACT": "linear-exact", "SIGMOID": "sigmoid"}


@dataclass(frozen=True, slots=True)
class Window:
    """What range of values is spread over the grey levels."""

    center: float
    width: float
    function: WindowFunction = "linear"


@dataclass(frozen=True, slots=True)
class Lut:
    """A look-up table.

    Attributes:
        first: the value that its first entry stands for.
        data: the entries, in 16 bits each and the machine's byte order.
    """

    first: int
    bits: int
    data: bytes

    @property
    def entries(self) -> Array:
        """The entries as numbers."""
        import numpy

        return numpy.frombuffer(self.data, numpy.uint16)

    @property
    def top(self) -> int:
        """The greatest value that an entry can have, by its bits if those make sense."""
        return (1 << self.bits) - 1 if 8 <= self.bits <= 16 else max(int(self.entries.max()), 1)

    def apply(self, values: Array) -> Array:
        """The entries of the values; those outside of the table get its first or last one."""
        import numpy

        entries = self.entries
        index = numpy.clip(values.astype(numpy.int64) - self.first, 0, len(entries) - 1)
        found: Array = entries[index]
        return found

    def of_grey(self, levels: Grey) -> Grey:
        """Grey levels of others that are spread over all of its entries."""
        last = len(self.entries) - 1
        return looked_up(levels.astype("f8") * last / 255 + 0.5 + self.first, self)


@dataclass(frozen=True, slots=True)
class Modality:
    """How stored values become those of the modality: by a table, or by slope and intercept."""

    slope: float = 1.0
    intercept: float = 0.0
    lut: Lut | None = None

    def apply(self, stored: Array) -> Array:
        """The modality's values."""
        return self.rescaled(stored) if self.lut is None else self.lut.apply(stored)

    def rescaled(self, stored: Array) -> Array:
        """The values by slope and intercept alone, which is all that Orthanc knows of."""
        if self.slope == 1.0 and self.intercept == 0.0:
            return stored
        slope, intercept = (min(max(float(one), -_LARGEST), _LARGEST) for one in (self.slope, self.intercept))
        is_small = stored.dtype.itemsize <= 2 and max(abs(slope), abs(intercept)) < _LARGEST_OF_SMALL
        values: Array = stored.astype("f4" if is_small else "f8")
        return values * slope + intercept

    def span(self, bits: int, signed: bool) -> tuple[float, float]:
        """The least and the greatest value that it makes of stored ones of so many bits."""
        if self.lut is not None:
            return 0, self.lut.top
        least = -(1 << bits - 1) if signed else 0
        ends = (least * self.slope + self.intercept, (least + (1 << bits) - 1) * self.slope + self.intercept)
        return min(ends), max(ends)


def modality_of(dataset: Dataset, frame: int) -> Modality:
    """The modality transformation of a frame (from 1), from its functional groups or the data set itself."""
    found = map(modality_in, _holders(dataset, frame, _PIXEL_VALUE_TRANSFORMATION))
    return next((modality for modality in found if modality is not None), Modality())


def modality_in(holder: Dataset) -> Modality | None:
    """The modality transformation that a data set or item itself holds."""
    slope, intercept = holder.numbers(_SLOPE), holder.numbers(_INTERCEPT)
    if slope or intercept:
        return Modality(slope[0] if slope else 1.0, intercept[0] if intercept else 0.0)
    return next((Modality(lut=lut_of(item)) for item in holder.items_of(_MODALITY_LUT_SEQUENCE)), None)


def voi_of(dataset: Dataset, frame: int) -> Window | Lut | None:
    """The first window or VOI LUT that the file gives for a frame (from 1)."""
    signed = modality_of(dataset, frame).intercept < 0
    found = (window_of(holder, signed=signed) for holder in _holders(dataset, frame, _FRAME_VOI_LUT))
    return next((shown for shown in found if shown is not None), None)


def window_of(holder: Dataset, *, signed: bool) -> Window | Lut | None:
    """The first window or VOI LUT that a data set or item itself holds.

    Args:
        signed: whether the values before it may be negative, and with them the first one that a LUT maps.
    """
    centers, widths = holder.numbers(_WINDOW_CENTER), holder.numbers(_WINDOW_WIDTH)
    if centers and widths and widths[0] > 0:
        function = _FUNCTIONS.get(holder.text(_VOI_LUT_FUNCTION), "linear")
        return Window(centers[0], widths[0], function)
    return next((lut_of(item, signed=signed) for item in holder.items_of(_VOI_LUT_SEQUENCE)), None)


def _holders(dataset: Dataset, frame: int, macro: int) -> list[Dataset]:
    """Where attributes of a frame are looked for, first things first (PS3.3 C.7.6.16)."""
    found: list[Dataset] = []
    per_frame = dataset.items_of(_PER_FRAME_GROUPS)
    groups = [*per_frame[frame - 1 : frame], *dataset.items_of(_SHARED_GROUPS)[:1]]
    for group in groups:
        found.extend(group.items_of(macro)[:1])
    return [*found, dataset]


def lut_of(item: Dataset, *, signed: bool = False) -> Lut:
    """The table that an item holds (PS3.3 C.11.1.1, C.11.2.1.1).

    Raises:
        UnreadablePixels: it has no descriptor or no entries.
    """
    import numpy

    descriptor = item.numbers(_LUT_DESCRIPTOR)
    raw = bytes(item.raw(_LUT_DATA))
    if len(descriptor) != 3 or not raw:
        raise UnreadablePixels("a look-up table has no descriptor or no data")
    count, first, bits = int(descriptor[0]) & 0xFFFF or 65536, int(descriptor[1]), int(descriptor[2])
    wide = len(raw) >= 2 * count
    order = "<" if item.little_endian else ">"
    entries = numpy.frombuffer(raw[: len(raw) & ~1] if wide else raw, order + "u2" if wide else "u1")
    if signed and first > _LARGEST_SIGNED:  # its VR is US or SS; in implicit VR, and where writers err, it is not told
        first -= 1 << 16
    return Lut(first, bits, entries[:count].astype(numpy.uint16).tobytes())


def spread(stored: Array, rescale: Callable[[Array], Array]) -> Grey:
    """Grey levels from the least to the greatest value, as Orthanc makes them when nobody names a window.

    Args:
        rescale: makes values of stored ones.
    """
    import numpy

    low, high = _extent(map(rescale, bands_of(stored)))
    if low == high:
        return numpy.zeros(stored.shape, numpy.uint8)
    return in_bands(stored, lambda band: _spread_between(rescale(band), low, high))


def _extent(bands: Iterable[Array]) -> tuple[float, float]:
    """The least and the greatest of the values that are finite."""
    import numpy

    ends = []
    for band in bands:
        low, high = band.min(), band.max()
        if not (numpy.isfinite(low) and numpy.isfinite(high)):
            finite = band[numpy.isfinite(band)]
            if not finite.size:
                continue
            low, high = finite.min(), finite.max()
        ends.append((float(low), float(high)))
    return min((low for low, _ in ends), default=0.0), max((high for _, high in ends), default=0.0)


def _spread_between(values: Array, low: float, high: float) -> Grey:
    import numpy

    if values.dtype.kind == "f" and not numpy.isfinite(values).all():
        values = numpy.nan_to_num(values, nan=low, posinf=high, neginf=low)
    kind = numpy.float32 if values.dtype.itemsize <= 2 else numpy.float64
    scaled: NDArray[Any] = values.astype(kind)
    numpy.subtract(scaled, kind(low), out=scaled)
    numpy.multiply(scaled, kind(255.0 / (high - low)), out=scaled)
    numpy.add(scaled, kind(0.5), out=scaled)
    return scaled.astype(numpy.uint8)


def spread_over(values: Array, low: float, high: float) -> Grey:
    """Grey levels from one value to another, which are black and white."""
    import numpy

    share = (values.astype(numpy.float64) - low) / max(high - low, 1e-9)
    return (numpy.clip(numpy.nan_to_num(share), 0.0, 1.0) * 255.0 + 0.5).astype(numpy.uint8)


def ranged(values: Array, bits: int) -> Grey:
    """Grey levels over all values that so many bits can have, as Orthanc's WADO-URI makes them without a window."""
    import numpy

    count = 1 << bits
    grey: Grey = (numpy.clip(values.astype(numpy.float64), 0, count - 1) * 255 / count).astype(numpy.uint8)
    return grey


def shaded(stored: Array, modality: Modality, chosen: Window | Lut) -> Grey:
    """Grey levels of stored values by a window or a VOI LUT."""

    def shade(band: Array) -> Grey:
        values = modality.apply(band)
        return looked_up(values, chosen) if isinstance(chosen, Lut) else windowed(values, chosen)

    return in_bands(stored, shade)


def windowed(values: Array, window: Window) -> Grey:
    """Grey levels by one of the three functions of PS3.3 C.11.2.1.2 and C.11.2.1.3."""
    import numpy

    x = values.astype(numpy.float64)
    center, width = window.center, window.width
    if window.function == "sigmoid":
        y = 1.0 / (1.0 + numpy.exp(numpy.clip(-4.0 * (x - center) / width, -700, 700)))
    elif width <= (1.0 if window.function == "linear" else 0.0):
        y = (x > center - width / 2).astype(numpy.float64)
    elif window.function == "linear-exact":
        y = (x - center) / width + 0.5
    elif window.function == "upper-half":
        y = numpy.where(x > center + width / 2, 1.0, (x - center) / width)
    else:
        y = (x - (center - 0.5)) / (width - 1.0) + 0.5
    y = numpy.clip(numpy.nan_to_num(y), 0.0, 1.0) * 255.0 + 0.5
    return y.astype(numpy.uint8)


def looked_up(values: Array, lut: Lut) -> Grey:
    """Grey levels by a VOI LUT."""
    import numpy

    entries = lut.apply(values).astype(numpy.float64)
    return (numpy.clip(entries / lut.top, 0.0, 1.0) * 255.0 + 0.5).astype(numpy.uint8)
