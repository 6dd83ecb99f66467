"""Transfer syntaxes (PS3.6 A-1): how a data set is written, and how its pixels are."""

from __future__ import annotations

from dataclasses import dataclass

IMPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2"
EXPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"
DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2.1.99"
EXPLICIT_VR_BIG_ENDIAN = "1.2.840.10008.1.2.2"


@dataclass(frozen=True, slots=True)
class TransferSyntax:
    """One row of the table.

    Attributes:
        uid: e.g. `1.2.840.10008.1.2.4.90`.
        name: of PS3.6; the UID itself for one that PS3.6 does not know.
        explicit: VRs are written.
        little_endian: numbers outside of pixel data are.
        deflated: the whole data set is (RFC 1951).
        encapsulated: pixel data is in fragments.
        lossy: the pixels may differ from those that were encoded.
        media_type: of one frame in WADO-RS (PS3.18 table 8.7.3-2); `application/octet-stream` if uncompressed.
        known: False for a UID that the table lacks; it is read as explicit little endian (PS3.5 A.4).
    """

    uid: str
    name: str
    explicit: bool = True
    little_endian: bool = True
    deflated: bool = False
    encapsulated: bool = False
    lossy: bool = False
    media_type: str = "application/octet-stream"
    known: bool = True


def transfer_syntax(uid: str) -> TransferSyntax:
    """The row of that UID; for an unknown one a row with `known` False."""
    ...
