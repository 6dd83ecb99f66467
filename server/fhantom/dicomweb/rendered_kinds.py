"""What kind of thing an instance is to look at, and the media types that each kind has (PS3.18 table 8.7.4-1)."""

from __future__ import annotations

from enum import Enum, auto
from typing import get_args

from fhantom.archive.retrieve import InstanceRow
from fhantom.dicom import transfer_syntax
from fhantom.pixels import reports
from fhantom.pixels.rendering import ImageType

IMAGES: tuple[ImageType, ...] = get_args(ImageType)
PDF, HTML, PLAIN = "application/pdf", "text/html", "text/plain"

_ENCAPSULATED_PDF = "1.2.840.10008.5.1.4.1.1.104.1"
_PRESENTATION_STATES = ("1.2.840.10008.5.1.4.1.1.11.1", "1.2.840.10008.5.1.4.1.1.11.2")  # of grey and of colours
_WAVEFORMS = "1.2.840.10008.5.1.4.1.1.9."


class Kind(Enum):
    """How an instance is shown."""

    IMAGE = auto()
    VIDEO = auto()
    DOCUMENT = auto()
    REPORT = auto()
    WAVEFORM = auto()
    PRESENTATION = auto()
    OTHER = auto()


def kind_of(row: InstanceRow) -> Kind:
    """The kind of an instance, by its transfer syntax, its frames and its SOP class."""
    if row.number_of_frames:
        return Kind.VIDEO if transfer_syntax(row.transfer_syntax_uid).video else Kind.IMAGE
    if row.sop_class_uid == _ENCAPSULATED_PDF:
        return Kind.DOCUMENT
    if row.sop_class_uid in _PRESENTATION_STATES:
        return Kind.PRESENTATION
    if reports.is_report(row.sop_class_uid):
        return Kind.REPORT
    return Kind.WAVEFORM if row.sop_class_uid.startswith(_WAVEFORMS) else Kind.OTHER


def media_types(row: InstanceRow, *, thumbnail: bool) -> tuple[str, ...]:
    """Those that an instance can be shown in, the default first; () if there is nothing to see."""
    kind = kind_of(row)
    if thumbnail or kind in (Kind.IMAGE, Kind.WAVEFORM, Kind.PRESENTATION):
        return IMAGES
    if kind is Kind.VIDEO:
        return (transfer_syntax(row.transfer_syntax_uid).media_type,)
    return {Kind.DOCUMENT: (PDF,), Kind.REPORT: (HTML, PLAIN)}.get(kind, ())
