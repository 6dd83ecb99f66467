"""Files to elements: PS3.10 files, with and without preamble, and bare data sets."""

from __future__ import annotations

import zlib

from fhantom.dicom.charsets import LATIN_1
from fhantom.dicom.dataset import Buffer, Dataset, DicomFile
from fhantom.dicom.errors import DicomError, LimitExceeded, NotDicom, Truncated
from fhantom.dicom.parsing import LIMITS, LONG, SHORT, Limits, Parser
from fhantom.dicom.syntaxes import (
    EXPLICIT_VR_BIG_ENDIAN,
    EXPLICIT_VR_LITTLE_ENDIAN,
    IMPLICIT_VR_LITTLE_ENDIAN,
    TransferSyntax,
    transfer_syntax,
)

PREAMBLE_LENGTH = 128
_PIECE = 1 << 14  # bytes that are inflated at a time, to 16 MB at most
TRANSFER_SYNTAX_UID = 0x00020010
_META_GROUP = b"\2\0"
_HIGHEST_FIRST_GROUP = 0x0020  # a data set begins with 0008; text and other formats do not look like less


def read(buffer: Buffer, *, limits: Limits = LIMITS) -> DicomFile:
    """The file's elements; the buffer is referred to, not copied, and pixel data is not touched.

    A file without preamble, and a data set without meta information, are taken too. The first element tells
    how the data set is written where the meta information does not say, or says what cannot be.

    Raises:
        NotDicom, Truncated, LimitExceeded: the buffer cannot be followed to its end.
    """
    start = _meta_start(buffer)
    meta, start = _read_meta(buffer, start, limits)
    declared = meta.text(TRANSFER_SYNTAX_UID)
    syntax = transfer_syntax(declared) if declared else _guess(buffer, start)
    if syntax.deflated:
        inflated = inflate(buffer, start, limits.inflated)
        return DicomFile(meta, read_dataset(inflated, syntax, limits=limits), syntax, inflated=True)
    syntax = _agreed(buffer, start, syntax)
    return DicomFile(meta, read_dataset(buffer, syntax, start, limits=limits), syntax)


def read_meta(buffer: Buffer, *, limits: Limits = LIMITS) -> Dataset:
    """Group 0002 alone, for which the first few hundred bytes of a file are enough; empty when there is none.

    Raises:
        NotDicom, Truncated: it cannot be followed to its end.
    """
    return _read_meta(buffer, _meta_start(buffer), limits)[0]


def read_dataset(
    buffer: Buffer, syntax: TransferSyntax, start: int = 0, end: int | None = None, *, limits: Limits = LIMITS
) -> Dataset:
    """The elements of a data set without meta information, which is not deflated (any more)."""
    end = len(buffer) if end is None else end
    dataset, stop = Parser(buffer, syntax.explicit, syntax.little_endian, limits).dataset(start, end, LATIN_1)
    if stop != end:
        raise NotDicom(f"The data set goes on after a delimiter of nothing, at byte {stop}")
    return dataset


def inflate(buffer: Buffer, start: int, limit: int) -> bytearray:
    """The content of a deflated data set (PS3.5 A.5: RFC 1951, without header).

    Raises:
        LimitExceeded: it would be longer than `limit` bytes.
    """
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    content = bytearray()
    for place in range(start, len(buffer), _PIECE):
        try:
            content += inflater.decompress(buffer[place : place + _PIECE], limit - len(content) + 1)
        except zlib.error as error:
            raise NotDicom(f"The data set is not deflated: {error}") from error
        if len(content) > limit:
            raise LimitExceeded(f"The data set inflates to more than {limit} bytes")
    if not inflater.eof:
        raise Truncated("The deflated data set ends early")
    return content


def _meta_start(buffer: Buffer) -> int:
    """Where group 0002, or the data set if there is none, begins."""
    if bytes(buffer[PREAMBLE_LENGTH : PREAMBLE_LENGTH + 4]) == b"DICM":
        return PREAMBLE_LENGTH + 4
    return 0


def _read_meta(buffer: Buffer, start: int, limits: Limits) -> tuple[Dataset, int]:
    """Group 0002, explicit little endian (PS3.10 7.1), and where it ends; its group length may lie."""
    parser = Parser(buffer, explicit=True, little_endian=True, limits=limits)
    meta = Dataset(buffer, {}, True, LATIN_1)
    position = start
    while bytes(buffer[position : position + 2]) == _META_GROUP:
        length_size = 2 if bytes(buffer[position + 4 : position + 6]) in SHORT else 4
        field = position + 6 if length_size == 2 else position + 8
        length = int.from_bytes(buffer[field : field + length_size], "little")
        element, position = parser.dataset(position, field + length_size + length, LATIN_1)
        meta.elements.update(element.elements)
        if position > len(buffer):
            raise Truncated("The meta information ends early")
    return meta, position


def _guess(buffer: Buffer, start: int) -> TransferSyntax:
    """The syntax in which the first element makes sense."""
    head = bytes(buffer[start : start + 8])
    if len(head) < 8:
        raise NotDicom("There is no data set")
    explicit = head[4:6] in SHORT or head[4:6] in LONG
    little, big = int.from_bytes(head[:2], "little"), int.from_bytes(head[:2], "big")
    if explicit and big <= _HIGHEST_FIRST_GROUP < little:
        return transfer_syntax(EXPLICIT_VR_BIG_ENDIAN)
    if not 0 < little <= _HIGHEST_FIRST_GROUP:  # group 0000 is that of commands, never of data (PS3.7 6.3.1)
        raise NotDicom("Neither a Part 10 file nor a data set")
    return transfer_syntax(EXPLICIT_VR_LITTLE_ENDIAN if explicit else IMPLICIT_VR_LITTLE_ENDIAN)


def _agreed(buffer: Buffer, start: int, declared: TransferSyntax) -> TransferSyntax:
    """The declared syntax, or that in which the data set is really written."""
    try:
        seen = _guess(buffer, start)
    except DicomError:
        return declared
    if declared.explicit != seen.explicit and not declared.encapsulated:
        return seen
    return declared
