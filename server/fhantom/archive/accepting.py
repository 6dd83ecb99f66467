"""Reading an object once: whether it can be kept, and all that will be kept of it. Touches nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from fhantom import dicom
from fhantom.archive import alike
from fhantom.archive.alike import PIXEL_DATA
from fhantom.archive.rows import ROW_TAGS, Record
from fhantom.dicom import records, syntaxes
from fhantom.dicom.dataset import Buffer, DicomFile

STUDY_INSTANCE_UID = "0020000D"
SERIES_INSTANCE_UID = "0020000E"
SOP_CLASS_UID = "00080016"
SOP_INSTANCE_UID = "00080018"
NUMBER_OF_FRAMES = "00280008"
ROWS = "00280010"

# Wider than PS3.5 9.1, since objects in the field break it, but nothing that would need quoting in a URL.
_UID = re.compile(r"[0-9A-Za-z._-]{1,128}")


class Reason(IntEnum):
    """Why an object was not kept (PS3.18 table I.2-2, PS3.7 annex C)."""

    PROCESSING_FAILURE = 0x0110
    DUPLICATE_SOP_INSTANCE = 0x0111
    OUT_OF_RESOURCES = 0xA700
    CANNOT_UNDERSTAND = 0xC000
    UNSUPPORTED_TRANSFER_SYNTAX = 0xC122


@dataclass(frozen=True, slots=True)
class Refusal:
    """An object that is not kept, for one of the reasons above; UIDs that could not be read are empty.

    Attributes:
        empty: keyword of the UID that it has without a value, if that is why.
        misspelt: keyword of the UID that holds what no UID does, if that is why.
    """

    reason: int
    message: str
    sop_class_uid: str = ""
    sop_instance_uid: str = ""
    empty: str = ""
    misspelt: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """An object that can be kept.

    Attributes:
        metadata: its DICOM JSON, as `dicom_json.encode` writes it.
        record: those of its attributes that the tables hold, parsed.
        size: length of its bytes, 0 for a record without bytes.
        number_of_frames: 0 for an object that is no image.
        pixel_offset, pixel_length: see `fhantom.archive.retrieve.InstanceRow`.
    """

    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    sop_class_uid: str
    transfer_syntax_uid: str
    metadata: bytes
    record: Record
    size: int = 0
    number_of_frames: int = 0
    pixel_offset: int | None = None
    pixel_length: int | None = None


def accept(buffer: Buffer, inline: int = 0) -> Accepted | Refusal:
    """What will be kept of a DICOM file, read once; `buffer` may be a map of a file of any size.

    Args:
        inline: size in bytes up to which the DICOM JSON holds binary values instead of references to them.
    """
    try:
        reading = alike.read(buffer, inline)
        file, record = reading.file, reading.record
        _check_pixels(file)
    except dicom.UnsupportedTransferSyntax as error:
        return Refusal(Reason.UNSUPPORTED_TRANSFER_SYNTAX, error.message)
    except dicom.DicomError as error:
        return Refusal(Reason.CANNOT_UNDERSTAND, error.message)
    # Encapsulated pixel data is not in the DICOM JSON, so that the file has to be asked.
    frames = _number_of_frames(record) if any(tag in file.dataset for tag in PIXEL_DATA) else 0
    offset, length = _pixel_place(file)
    return _checked(
        ("{" + ",".join(reading.members.values()) + "}").encode(),
        record,
        file.transfer_syntax.uid,
        len(buffer),
        number_of_frames=frames,
        pixel_offset=offset,
        pixel_length=length,
    )


def accept_record(record: Record, transfer_syntax_uid: str = syntaxes.EXPLICIT_VR_LITTLE_ENDIAN) -> Accepted | Refusal:
    """What will be kept of an object of which only the metadata is known: the same rows as from its bytes."""
    frames = _number_of_frames(record) if any(f"{tag:08X}" in record for tag in PIXEL_DATA) else 0
    kept = {tag: attribute for tag, attribute in record.items() if tag in ROW_TAGS}
    return _checked(records.encode(record), kept, transfer_syntax_uid, 0, number_of_frames=frames)


def _checked(
    metadata: bytes,
    record: Record,
    transfer_syntax_uid: str,
    size: int,
    *,
    number_of_frames: int,
    **pixels: int | None,
) -> Accepted | Refusal:
    sop_class_uid, sop_instance_uid, study, series = (
        _uid(record, tag) for tag in (SOP_CLASS_UID, SOP_INSTANCE_UID, STUDY_INSTANCE_UID, SERIES_INSTANCE_UID)
    )
    named = {
        "SOPClassUID": (SOP_CLASS_UID, sop_class_uid),
        "SOPInstanceUID": (SOP_INSTANCE_UID, sop_instance_uid),
        "StudyInstanceUID": (STUDY_INSTANCE_UID, study),
        "SeriesInstanceUID": (SERIES_INSTANCE_UID, series),
    }
    for keyword, (tag, uid) in named.items():
        if not _UID.fullmatch(uid):
            what = f"is {uid[:80]!r}, which is no UID" if uid else "is missing or empty"
            return Refusal(
                Reason.CANNOT_UNDERSTAND,
                f"{keyword} {what}",
                sop_class_uid=sop_class_uid,
                sop_instance_uid=sop_instance_uid,
                empty=keyword if not uid and tag in record else "",
                misspelt=keyword if uid else "",
            )
    if not _UID.fullmatch(transfer_syntax_uid):  # it stands in headers and in rows as it is
        return Refusal(
            Reason.UNSUPPORTED_TRANSFER_SYNTAX,
            f"TransferSyntaxUID is {transfer_syntax_uid[:80]!r}, which is no UID",
            sop_class_uid=sop_class_uid,
            sop_instance_uid=sop_instance_uid,
        )
    return Accepted(
        study_instance_uid=study,
        series_instance_uid=series,
        sop_instance_uid=sop_instance_uid,
        sop_class_uid=sop_class_uid,
        transfer_syntax_uid=transfer_syntax_uid,
        metadata=metadata,
        record=record,
        size=size,
        number_of_frames=number_of_frames,
        **pixels,
    )


def _uid(record: Record, tag: str) -> str:
    """Its text; of several values, which no UID has, all of them as DICOM writes them."""
    return "\\".join(str(value or "") for value in record.get(tag, {}).get("Value", ()))


def _number_of_frames(record: Record) -> int:
    """By the image's own words, since a record may leave its pixels unmentioned."""
    if ROWS not in record:
        return 0
    values: Any = record.get(NUMBER_OF_FRAMES, {}).get("Value") or [1]
    return values[0] if isinstance(values[0], int) and values[0] > 0 else 1


def _check_pixels(file: DicomFile) -> None:
    """Refuse fragments in a data set that has no VRs (PS3.5 A.4), which the real server's toolkit cannot read."""
    element = file.dataset.get(PIXEL_DATA[0])
    if element is None or element.fragments is None:
        return
    # The value follows VR, two reserved bytes and four of length; without VRs it would follow the tag's four.
    written = bytes(file.dataset.buffer[element.offset - 8 : element.offset - 6])
    if not written.isalpha():
        raise dicom.DicomError("Encapsulated pixel data needs a data set with explicit VRs")


def _pixel_place(file: DicomFile) -> tuple[int | None, int | None]:
    if file.inflated:
        return None, None
    for tag in PIXEL_DATA:
        if tag in file.dataset:
            element = file.dataset[tag]
            return element.offset, None if element.fragments is not None else element.length
    return None, None
