"""Whole Part 10 files: meta information, deflating, and data sets made from records."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from fhantom.dicom import charsets, values
from fhantom.dicom.charsets import Charset
from fhantom.dicom.dicom_json import SPECIFIC_CHARACTER_SET
from fhantom.dicom.encoding import Encoder
from fhantom.dicom.errors import DicomError
from fhantom.dicom.parsing import PIXEL_DATA, UNDEFINED
from fhantom.dicom.records import Record, text, values_of
from fhantom.dicom.syntaxes import EXPLICIT_VR_LITTLE_ENDIAN, TransferSyntax, transfer_syntax
from fhantom.dicom.uids import FHANTOM, Implementation

SOP_CLASS_UID, SOP_INSTANCE_UID = 0x00080016, 0x00080018
MAX_DS = 16

_UTF_8: Mapping[str, Any] = {"vr": "CS", "Value": ["ISO_IR 192"]}

BulkData = Callable[[str], bytes | Sequence[bytes]]
"""From a BulkDataURI, to the bytes; of encapsulated pixel data, to those of each frame."""


def write_record(record: Record, syntax: TransferSyntax, bulkdata: BulkData) -> bytes:
    """A whole Part 10 file from a record.

    Text is written in the SpecificCharacterSet that the record names, if that can hold it without escape
    sequences, else in UTF-8, and so named. Bulk data is little endian.

    Raises:
        DicomError: a value does not fit its VR, or a reference leads to nothing.
    """
    try:
        content = _Writer(syntax, bulkdata).data_set(record, charsets.LATIN_1)
    except charsets.Unencodable:
        content = _Writer(syntax, bulkdata).data_set(_in_utf_8({"00080005": _UTF_8, **record}), charsets.UTF_8)
    meta = file_meta(text(record, SOP_CLASS_UID), text(record, SOP_INSTANCE_UID), syntax.uid)
    return b"".join([meta, *(deflate([content]) if syntax.deflated else [content])])


def write_data_set(record: Record, syntax: TransferSyntax) -> bytes:
    """The elements of a record without references, its text in the SpecificCharacterSet that it names."""
    return _Writer(syntax, _no_bulkdata).data_set(record, charsets.LATIN_1)


def file_meta(
    sop_class_uid: str,
    sop_instance_uid: str,
    transfer_syntax_uid: str,
    implementation: Implementation = FHANTOM,
) -> bytes:
    """Preamble, `DICM` and group 0002 (PS3.10 7.1)."""
    encoder = Encoder(transfer_syntax(EXPLICIT_VR_LITTLE_ENDIAN))
    elements = [encoder.element(0x00020001, "OB", b"\0\1")]
    for tag, vr, value in (
        (0x00020002, "UI", sop_class_uid),
        (0x00020003, "UI", sop_instance_uid),
        (0x00020010, "UI", transfer_syntax_uid),
        (0x00020012, "UI", implementation.class_uid),
        (0x00020013, "SH", implementation.version_name),
    ):
        elements.append(encoder.element(tag, vr, value.encode("latin_1", "replace")))
    content = b"".join(elements)
    group_length = encoder.element(0x00020000, "UL", len(content).to_bytes(4, "little"))
    return b"\0" * 128 + b"DICM" + group_length + content


def deflate(pieces: Iterable[bytes | memoryview]) -> Iterator[bytes]:
    """The pieces deflated as one (PS3.5 A.5: RFC 1951, padded to an even length)."""
    deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    length = 0
    for piece in pieces:
        deflated = deflater.compress(piece)
        length += len(deflated)
        yield deflated
    last = deflater.flush()
    yield last + b"\0" * ((length + len(last)) % 2)


def encapsulated(encoder: Encoder, frames: Iterable[bytes]) -> Iterator[bytes]:
    """Pixel data, one fragment a frame; the offset table is filled if all are at hand (PS3.5 A.4)."""
    yield encoder.header(PIXEL_DATA, "OB", UNDEFINED)
    offsets: list[int] = []
    if isinstance(frames, Sequence):
        position = 0
        for frame in frames:
            offsets.append(position)
            position += 8 + len(frame) + len(frame) % 2
        if position > UNDEFINED:
            offsets = []
    table = b"".join(offset.to_bytes(4, "little") for offset in offsets)
    yield encoder.fragment_header(len(table)) + table
    for frame in frames:
        yield encoder.fragment_header(len(frame) + len(frame) % 2)
        yield frame if len(frame) % 2 == 0 else frame + b"\0"
    yield encoder.sequence_end()


def _no_bulkdata(uri: str) -> bytes:
    raise DicomError(f"Nothing is known of {uri[:200]!r}")


class _Writer:
    def __init__(self, syntax: TransferSyntax, bulkdata: BulkData) -> None:
        self.encoder = Encoder(syntax)
        self.syntax = syntax
        self.bulkdata = bulkdata

    def data_set(self, record: Record, charset: Charset) -> bytes:
        """The record's elements; group lengths and meta information in it are left out.

        Args:
            charset: of the data set around it, if the record names none.
        """
        if terms := values_of(record, SPECIFIC_CHARACTER_SET):
            charset = charsets.charset_of("\\".join(terms).encode("utf-8"))
        pairs = ((int(key, 16), attribute) for key, attribute in record.items())
        kept = ((tag, attribute) for tag, attribute in pairs if tag & 0xFFFF and tag >> 16 != 2)
        return b"".join(self._element(tag, attribute, charset) for tag, attribute in kept)

    def _element(self, tag: int, attribute: Mapping[str, Any], charset: Charset) -> bytes:
        vr = attribute["vr"]
        content = attribute.get("Value", [])
        if vr == "SQ":
            return self.encoder.sequence(tag, [self.data_set(item, charset) for item in content])
        if "BulkDataURI" in attribute:
            return self._bulk(tag, vr, self.bulkdata(attribute["BulkDataURI"]))
        if "InlineBinary" in attribute:
            return self._bulk(tag, vr, _decoded(attribute["InlineBinary"]))
        texts = [value_text(value, vr) for value in content]
        return self.encoder.element(tag, vr, self.encoder.value(vr, texts, charset) if texts else b"")

    def _bulk(self, tag: int, vr: str, value: bytes | Sequence[bytes]) -> bytes:
        if tag == PIXEL_DATA and self.syntax.encapsulated:
            frames = [value] if isinstance(value, bytes) else value
            return b"".join(encapsulated(self.encoder, frames))
        joined = value if isinstance(value, bytes) else b"".join(value)
        return self.encoder.element(tag, vr, self.encoder.binary(vr, joined))


def _in_utf_8(record: Record) -> Record:
    """The record with UTF-8 wherever a character set is named, tags ascending."""
    changed = {}
    for key, attribute in sorted(record.items()):
        if key == "00080005":
            attribute = _UTF_8
        elif attribute["vr"] == "SQ":
            attribute = {**attribute, "Value": [_in_utf_8(item) for item in attribute.get("Value", ())]}
        changed[key] = attribute
    return changed


def value_text(value: object, vr: str) -> str:
    """One of a record's values as it is written in a file; a DS is rounded to 16 characters (PS3.5 6.2)."""
    if value is None:
        return "nan" if vr in ("FD", "FL") else ""  # JSON has no other way to say that it is no number
    if vr == "DS" and isinstance(value, float):
        return next(text for digits in range(17, 0, -1) if len(text := f"{value:.{digits}g}") <= MAX_DS)
    if isinstance(value, Mapping):
        return "=".join(str(value.get(name) or "") for name in values.PERSON_NAME_GROUPS).rstrip("=")
    return repr(value) if isinstance(value, float) else str(value)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise DicomError(f"InlineBinary is not base64: {error}") from error
