"""An encoder of lossless JPEG (ITU-T T.81 annex H, process 14), vectorised over samples.

Every sample is predicted from its neighbours; the difference goes out as a Huffman code for its number of bits,
followed by those bits.
"""

from __future__ import annotations

import heapq
import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

_CHUNK = 1 << 16  # samples that are packed at a time
_CATEGORIES = 17  # H.1.2.2: differences of 0 to 16 bits
_LONGEST = 16  # bits of a code, B.2.4.2
_SOI, _EOI = b"\xff\xd8", b"\xff\xd9"
_JFIF = bytes.fromhex("ffe00010 4a46494600 0101 00 0001 0001 0000")  # version 1.1, square pixels, no thumbnail


LEFT, PLANE = 1, 6
"""Selection values (table H.1): the left neighbour; the upper one and half of the difference beside it."""


def encode(samples: Array, precision: int, selection: int = LEFT) -> bytes:
    """One image as a JPEG interchange stream.

    Args:
        samples: rows x columns, or rows x columns x components; negative ones are taken as two's complement.
        precision: bits of a sample, 2 to 16.
        selection: the predictor, `LEFT` or `PLANE`.
    """
    import numpy

    planes = samples[..., None] if samples.ndim == 2 else samples
    rows, columns, components = planes.shape
    differences = _differences(planes.astype(numpy.int64) & ((1 << precision) - 1), precision, selection)
    categories = _categories(differences)
    lengths = _code_lengths(numpy.bincount(categories, minlength=_CATEGORIES).tolist())
    symbols = sorted((length, symbol) for symbol, length in enumerate(lengths) if length)
    ids = range(1, components + 1)
    frame = struct.pack(">BHHB", precision, rows, columns, components)
    frame += b"".join(bytes((number, 0x11, 0)) for number in ids)
    counts = bytes(sum(length == wanted for length, _ in symbols) for wanted in range(1, _LONGEST + 1))
    table = b"\0" + counts + bytes(symbol for _, symbol in symbols)
    scan = bytes((components,)) + b"".join(bytes((number, 0)) for number in ids) + bytes((selection, 0, 0))
    head = _SOI + (_JFIF if components == 1 else b"")
    head += _segment(0xC3, frame) + _segment(0xC4, table) + _segment(0xDA, scan)
    packed = b"".join(_packed(differences, categories, symbols)).replace(b"\xff", b"\xff\0")
    # B.1.1.2: any marker may be preceded by fill bytes; one makes the length even, as a fragment's must be.
    fill = b"\xff" * ((len(head) + len(packed)) % 2)
    return head + packed + fill + _EOI


def _segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def _differences(planes: Array, precision: int, selection: int) -> Array:
    """The samples' differences from their predictions, interleaved, from -32767 to 32768 (H.1.2.1)."""
    import numpy

    predicted = numpy.empty_like(planes)
    predicted[:, 1:] = planes[:, :-1]
    if selection == PLANE:
        left, above, corner = planes[1:, :-1], planes[:-1, 1:], planes[:-1, :-1]
        predicted[1:, 1:] = above + ((left - corner) >> 1)
    predicted[1:, 0] = planes[:-1, 0]
    predicted[0, 0] = 1 << (precision - 1)
    modulo = (planes - predicted) & 0xFFFF
    return numpy.where(modulo > 32768, modulo - 65536, modulo).reshape(-1)


def _categories(differences: Array) -> Array:
    """The number of bits of each difference (table H.2)."""
    import numpy

    bits: Array = numpy.frexp(numpy.abs(differences).astype(numpy.float64))[1]
    return bits


def _code_lengths(frequencies: list[int]) -> list[int]:
    """Huffman code lengths, none all ones (K.2); equal ones in the rare case that some would be too long."""
    # Of values that are as rare as each other, figure K.1 takes the largest; what is joined keeps the first's value.
    heap = [(count, -symbol, [symbol]) for symbol, count in enumerate(frequencies) if count]
    heap.append((1, -_CATEGORIES, [_CATEGORIES]))  # takes the code of all ones, and is not written
    heapq.heapify(heap)
    lengths = [0] * (_CATEGORIES + 1)
    while len(heap) > 1:
        (count, value, first), (other, _, second) = heapq.heappop(heap), heapq.heappop(heap)
        for symbol in (*first, *second):
            lengths[symbol] += 1
        heapq.heappush(heap, (count + other, value, first + second))
    if max(lengths) > _LONGEST:
        return [5] * _CATEGORIES
    return lengths[:_CATEGORIES]


def _packed(differences: Array, categories: Array, symbols: list[tuple[int, int]]) -> Iterator[bytes]:
    """Codes and extra bits, packed into bytes; the last one is filled with ones (F.1.2.3)."""
    import numpy

    codes, lengths = numpy.zeros(_CATEGORIES, numpy.int64), numpy.zeros(_CATEGORIES, numpy.int64)
    code, previous = 0, 0
    for length, symbol in symbols:  # C.2: codes in ascending order of their lengths
        code <<= length - previous
        codes[symbol], lengths[symbol] = code, length
        code, previous = code + 1, length
    left = numpy.zeros(0, numpy.uint8)
    for start in range(0, len(differences), _CHUNK):
        chunk, category = differences[start : start + _CHUNK], categories[start : start + _CHUNK]
        extra = numpy.where(category < 16, category, 0)
        low = numpy.where(chunk > 0, chunk, chunk - 1) & ((1 << extra) - 1)
        total = lengths[category] + extra
        ends = numpy.cumsum(total)
        shift = numpy.repeat(ends, total) - numpy.arange(1, int(ends[-1]) + 1)
        bits = (numpy.repeat((codes[category] << extra) | low, total) >> shift) & 1
        bits = numpy.concatenate((left, bits.astype(numpy.uint8)))
        whole = len(bits) & ~7
        yield numpy.packbits(bits[:whole]).tobytes()
        left = bits[whole:]
    if len(left):
        yield numpy.packbits(numpy.concatenate((left, numpy.ones(8 - len(left), numpy.uint8)))).tobytes()
