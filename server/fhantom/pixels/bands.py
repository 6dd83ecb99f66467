"""Large arrays a few rows at a time, so that the numbers between samples and grey levels take little memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

_PIXELS = 1 << 20


def bands_of(samples: Array) -> Iterator[Array]:
    """The rows of an image, in parts of about a million pixels."""
    rows = max(_PIXELS // max(samples.shape[1], 1), 1)
    for top in range(0, len(samples), rows):
        yield samples[top : top + rows]


def in_bands(samples: Array, shade: Callable[[Array], Array]) -> Array:
    """What `shade` makes of each row, by bands of them; it must treat every pixel by itself."""
    import numpy

    parts = bands_of(samples)
    first = shade(next(parts))
    if len(first) == len(samples):
        return first
    out = numpy.empty((len(samples), *first.shape[1:]), first.dtype)
    out[: len(first)] = first
    top = len(first)
    for part in parts:
        out[top : top + len(part)] = shade(part)
        top += len(part)
    return out
