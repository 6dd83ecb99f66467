"""Transfer syntaxes (PS3.5 annex A, PS3.6 table A-1): how a data set is written, and how its pixels are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from fhantom.dicom.uids import uid_name

IMPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2"
EXPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"
DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2.1.99"
EXPLICIT_VR_BIG_ENDIAN = "1.2.840.10008.1.2.2"
JPEG_BASELINE = "1.2.840.10008.1.2.4.50"
JPEG_EXTENDED = "1.2.840.10008.1.2.4.51"
JPEG_LOSSLESS = "1.2.840.10008.1.2.4.57"
JPEG_LOSSLESS_SV1 = "1.2.840.10008.1.2.4.70"
JPEG_LS_LOSSLESS = "1.2.840.10008.1.2.4.80"
JPEG_LS_NEAR_LOSSLESS = "1.2.840.10008.1.2.4.81"
JPEG_2000_LOSSLESS = "1.2.840.10008.1.2.4.90"
JPEG_2000 = "1.2.840.10008.1.2.4.91"
HTJ2K_LOSSLESS = "1.2.840.10008.1.2.4.201"
HTJ2K_LOSSLESS_RPCL = "1.2.840.10008.1.2.4.202"
HTJ2K = "1.2.840.10008.1.2.4.203"
RLE_LOSSLESS = "1.2.840.10008.1.2.5"

OCTET_STREAM = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class TransferSyntax:
    """One row of the table.

    Attributes:
        uid: e.g. `1.2.840.10008.1.2.4.90`.
        name: of PS3.6; the UID itself for one that PS3.6 does not know.
        explicit: VRs are written.
        little_endian: numbers outside of encapsulated pixel data are.
        deflated: the whole data set is (RFC 1951).
        encapsulated: pixel data is in fragments.
        lossy: the pixels may differ from those that were encoded.
        media_type: of a frame in WADO-RS (PS3.18 tables 8.7.3-2 to 8.7.3-5).
        known: False for a UID that the table lacks; it is read as explicit little endian (PS3.5 A.4).
    """

    uid: str
    name: str
    explicit: bool = True
    little_endian: bool = True
    deflated: bool = False
    encapsulated: bool = False
    lossy: bool = False
    media_type: str = OCTET_STREAM
    known: bool = True

    @property
    def video(self) -> bool:
        """Whether the fragments hold one stream of all frames."""
        return self.media_type.startswith("video/")


# Media type, and the UIDs below 1.2.840.10008.1.2 that it is for, those of lossy syntaxes marked `~`.
# JPIP (.4.94, .4.95, .4.204, .4.205) has no pixel data of its own and is not encapsulated (PS3.5 A.6).
_ENCAPSULATED = (
    (OCTET_STREAM, "1.98"),
    ("image/jpeg", "~4.50 ~4.51 ~4.52 ~4.53 ~4.54 ~4.55 ~4.56 4.57 4.58 ~4.59 ~4.60 ~4.61 ~4.62 ~4.63 ~4.64"),
    ("image/jpeg", "4.65 4.66 4.70"),
    ("image/jls", "4.80 ~4.81"),
    ("image/jp2", "4.90 ~4.91"),
    ("image/jpx", "4.92 ~4.93"),
    ("image/jphc", "4.201 4.202 ~4.203"),
    ("image/jxl", "4.110 4.111 ~4.112"),
    ("image/dicom-rle", "5"),
    ("video/mpeg2", "~4.100 ~4.100.1 ~4.101 ~4.101.1"),
    (
        "video/mp4",
        "~4.102 ~4.102.1 ~4.103 ~4.103.1 ~4.104 ~4.104.1 ~4.105 ~4.105.1 ~4.106 ~4.106.1 ~4.107 ~4.108",
    ),
    (OCTET_STREAM, "8.1"),  # Deflated Image Frame Compression, PS3.5 A.4.13
)


def transfer_syntax(uid: str) -> TransferSyntax:
    """The row of that UID; for an unknown one a row with `known` False."""
    row = transfer_syntaxes().get(uid)
    return row or TransferSyntax(uid, uid, encapsulated=True, known=False)


@cache
def transfer_syntaxes() -> dict[str, TransferSyntax]:
    """All rows by UID."""
    rows = [
        TransferSyntax(IMPLICIT_VR_LITTLE_ENDIAN, uid_name(IMPLICIT_VR_LITTLE_ENDIAN), explicit=False),
        TransferSyntax(EXPLICIT_VR_LITTLE_ENDIAN, uid_name(EXPLICIT_VR_LITTLE_ENDIAN)),
        TransferSyntax(DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN, uid_name(DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN), deflated=True),
        TransferSyntax(EXPLICIT_VR_BIG_ENDIAN, uid_name(EXPLICIT_VR_BIG_ENDIAN), little_endian=False),
    ]
    for media_type, suffixes in _ENCAPSULATED:
        for suffix in suffixes.split():
            uid = f"1.2.840.10008.1.2.{suffix.lstrip('~')}"
            lossy = suffix.startswith("~")
            rows.append(TransferSyntax(uid, uid_name(uid), encapsulated=True, lossy=lossy, media_type=media_type))
    for suffix in ("4.94", "4.95", "4.204", "4.205"):
        uid = f"1.2.840.10008.1.2.{suffix}"
        rows.append(TransferSyntax(uid, uid_name(uid), deflated=suffix in ("4.95", "4.205")))
    return {row.uid: row for row in rows}
