"""Why bytes, a record or a path were refused as DICOM."""

from __future__ import annotations

from fhantom.errors import BadRequest, NotFound


class DicomError(BadRequest):
    """The content does not follow PS3.5, PS3.10, PS3.18 annex F or PS3.19 annex A."""


class NotDicom(DicomError):
    """The bytes are neither a Part 10 file nor a data set."""


class Truncated(DicomError):
    """A length reaches beyond the end of what holds it."""


class LimitExceeded(DicomError):
    """Nesting, number of items or inflated size is above the reader's limit."""


class UnsupportedTransferSyntax(DicomError):
    """The transfer syntax cannot be read, or what was asked for cannot be written in it."""


class NoSuchElement(NotFound):
    """The tag path leads to nothing in this data set."""


class NoSuchTag(NoSuchElement):
    """A step of the tag path is neither a tag nor a keyword."""
