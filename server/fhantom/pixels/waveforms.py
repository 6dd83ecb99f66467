"""Waveforms, such as an ECG, as a drawing: one strip a channel on squared paper (PS3.3 C.10.9)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fhantom.dicom import Dataset
from fhantom.pixels.errors import ImageTooLarge, NoPixels, UnreadablePixels

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image

    Array = NDArray[Any]

_WAVEFORM_SEQUENCE, _CHANNELS, _SAMPLES = 0x54000100, 0x003A0005, 0x003A0010
_FREQUENCY, _CHANNEL_DEFINITIONS = 0x003A001A, 0x003A0200
_CHANNEL_SOURCE, _CODE_MEANING, _SENSITIVITY = 0x003A0208, 0x00080104, 0x003A0210
_BITS_ALLOCATED, _INTERPRETATION, _DATA = 0x54001004, 0x54001006, 0x54001010
_TYPES = {"SB": "i1", "UB": "u1", "SS": "i2", "US": "u2", "SL": "i4", "UL": "u4"}

_PAPER, _FINE, _COARSE, _INK = (255, 252, 250), (250, 222, 218), (240, 180, 174), (20, 20, 20)
_SQUARE = 8  # pixels of a small square
_STRIP = 10 * _SQUARE  # height of a channel
_WIDTH = 1200
_MAX_CHANNELS = 64
_MAX_SAMPLES = 50_000_000


@dataclass(frozen=True, slots=True)
class Waveform:
    """One multiplex group.

    Attributes:
        values: channels x samples, as stored times the channel's sensitivity.
        names: of the channels.
        frequency: samples a second.
    """

    values: Array
    names: tuple[str, ...]
    frequency: float


def first_of(dataset: Dataset) -> Waveform:
    """The first multiplex group of an object.

    Raises:
        NoPixels: it has none.
        UnreadablePixels: the samples are not as their description says.
    """
    import numpy

    groups = dataset.items_of(_WAVEFORM_SEQUENCE)
    if not groups:
        raise NoPixels("The instance has no waveform")
    group = groups[0]
    channels, samples = group.integer(_CHANNELS, 0) or 0, group.integer(_SAMPLES, 0) or 0
    kind = _TYPES.get(group.text(_INTERPRETATION))
    raw = group.raw(_DATA)
    if channels * samples > _MAX_SAMPLES:
        raise ImageTooLarge(f"A waveform of {channels * samples} samples is not drawn")
    if kind is None or not 0 < channels <= _MAX_CHANNELS or samples < 2:
        raise UnreadablePixels("A waveform's description is not understood")
    dtype = numpy.dtype(("<" if group.little_endian else ">") + kind)
    if len(raw) < channels * samples * dtype.itemsize:
        raise UnreadablePixels("A waveform has fewer samples than it says")
    values = numpy.frombuffer(raw, dtype, channels * samples).reshape(samples, channels).T.astype("f8")
    definitions = group.items_of(_CHANNEL_DEFINITIONS)[:channels]
    for number, definition in enumerate(definitions):
        values[number] *= (definition.numbers(_SENSITIVITY) or (1.0,))[0]
    names = tuple(
        next((code.text(_CODE_MEANING) for code in definition.items_of(_CHANNEL_SOURCE)), "")
        for definition in definitions
    )
    return Waveform(values, names, (group.numbers(_FREQUENCY) or (1.0,))[0])


def draw(waveform: Waveform) -> Image:
    """The channels below each other, all to one scale."""
    import numpy
    from PIL import Image, ImageDraw

    channels = len(waveform.values)
    height = channels * _STRIP + _STRIP // 2
    image = Image.new("RGB", (_WIDTH, height), _PAPER)
    pen = ImageDraw.Draw(image)
    for step in range(0, max(_WIDTH, height), _SQUARE):
        colour = _COARSE if step % (5 * _SQUARE) == 0 else _FINE
        pen.line([(step, 0), (step, height)], colour)
        pen.line([(0, step), (_WIDTH, step)], colour)
    middles = numpy.median(waveform.values, axis=1, keepdims=True)
    around = waveform.values - middles
    scale = _STRIP * 0.6 / max(float(numpy.abs(around).max()), 1e-9)
    at = numpy.linspace(0, around.shape[1] - 1, _WIDTH).astype(int)
    for number in range(channels):
        level = _STRIP * number + _STRIP * 3 // 4
        heights = numpy.clip(level - around[number, at] * scale, 0, height - 1)
        pen.line(list(zip(range(_WIDTH), heights.tolist(), strict=True)), _INK)
        if number < len(waveform.names):
            pen.text((4, level - _STRIP // 2), waveform.names[number], _INK)
    return image
