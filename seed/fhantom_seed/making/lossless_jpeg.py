"""A lossless JPEG encoder (ISO/IEC 10918-1 process 14, selection value 1): grey, predicted from the left.

Written here because no encoder for DICOM's most usual lossless JPEG is free of the GPL and easy to pin.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Length of the Huffman code of each category 0..15: that of Table K.3, carried on for 12 to 15 bits
CODE_LENGTHS = (2, 3, 3, 3, 3, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13)


def _codes() -> NDArray[np.int64]:
    """The canonical codes of CODE_LENGTHS (C.2)."""
    codes, code = [], 0
    for place, length in enumerate(CODE_LENGTHS):
        codes.append(code)
        following = CODE_LENGTHS[place + 1] if place + 1 < len(CODE_LENGTHS) else length
        code = (code + 1) << (following - length)
    return np.array(codes, dtype=np.int64)


def _differences(frame: NDArray[Any], bits: int) -> NDArray[np.int64]:
    """Each sample less its prediction: the sample to the left, above at the start of a row (H.1.2.1)."""
    samples = frame.astype(np.int64)
    predicted = np.empty_like(samples)
    predicted[:, 1:] = samples[:, :-1]
    predicted[1:, 0] = samples[:-1, 0]
    predicted[0, 0] = 1 << (bits - 1)
    return (samples - predicted).ravel()


def _entropy_coded(differences: NDArray[np.int64]) -> bytes:
    """Category code and additional bits of every difference, padded with ones and stuffed (F.1.2.3)."""
    size = np.abs(differences)
    category = np.where(size > 0, np.floor(np.log2(np.maximum(size, 1))).astype(np.int64) + 1, 0)
    extra = np.where(differences < 0, differences + (1 << category) - 1, differences)
    length = np.array(CODE_LENGTHS, dtype=np.int64)[category] + category
    word = (_codes()[category] << category) | extra
    column = np.arange(int(length.max()))
    shift = length[:, None] - 1 - column[None, :]
    stream = (word[:, None] >> np.maximum(shift, 0)) & 1
    bits = stream[shift >= 0].astype(np.uint8)
    padded = np.concatenate([bits, np.ones(-len(bits) % 8, dtype=np.uint8)])
    return np.packbits(padded).tobytes().replace(b"\xff", b"\xff\x00")


def _segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def encode(frame: NDArray[Any], bits: int) -> bytes:
    """One grey frame of unsigned samples of `bits` (2 to 15) bits."""
    rows, columns = frame.shape
    counts = bytes(CODE_LENGTHS.count(length) for length in range(1, 17))
    table = b"\x00" + counts + bytes(range(len(CODE_LENGTHS)))
    header = struct.pack(">BHHB", bits, rows, columns, 1) + b"\x01\x11\x00"
    scan = b"\x01\x01\x00" + b"\x01\x00\x00"
    return b"".join(
        (
            b"\xff\xd8",
            _segment(0xC3, header),
            _segment(0xC4, table),
            _segment(0xDA, scan),
            _entropy_coded(_differences(frame, bits)),
            b"\xff\xd9",
        )
    )
