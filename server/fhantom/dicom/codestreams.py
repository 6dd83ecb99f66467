"""What the header of a compressed image says of it: JPEG, JPEG-LS, JPEG 2000 and HTJ2K. Nothing is decoded."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from fhantom.dicom import syntaxes
from fhantom.dicom.errors import DicomError

JP2_SIGNATURE = b"\0\0\0\x0cjP  "

# ITU-T T.81 table B.1, T.87 C.1.1, T.800 table A.2.
SOI, SOC = b"\xff\xd8", b"\xff\x4f"
SOS, APP14, SOF_55 = 0xDA, 0xEE, 0xF7
SIZ, CAP, COD = 0x51, 0x50, 0x52
NOT_FRAMES = (0xC4, 0xC8, 0xCC)  # DHT, JPG, DAC
RPCL = 2

# By start of frame. PS3.5 8.2.1: what each process is called.
PROCESSES = {0xC0: syntaxes.JPEG_BASELINE, 0xC1: syntaxes.JPEG_EXTENDED, 0xC3: syntaxes.JPEG_LOSSLESS}


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """The attributes of the image pixel module that the encoded image settles (PS3.3 C.7.6.3)."""

    transfer_syntax_uid: str
    rows: int
    columns: int
    samples_per_pixel: int
    bits: int
    signed: bool
    photometric_interpretation: str


def codestream_of(body: bytes) -> bytes:
    """The body itself, or the codestream of a JP2 file, which DICOM wants bare (PS3.5 A.4.4)."""
    if not body.startswith(JP2_SIGNATURE):
        return body
    position = 0
    while position + 8 <= len(body):
        length, kind = struct.unpack_from(">L4s", body, position)
        header = 8
        if length == 1 and position + 16 <= len(body):
            (length,) = struct.unpack_from(">Q", body, position + 8)
            header = 16
        end = position + length if length else len(body)
        if kind == b"jp2c":
            return body[position + header : end]
        if length and length < header:
            break
        position = end
    raise DicomError("The JP2 file holds no codestream")


def facts_of(codestream: bytes) -> ImageFacts | None:
    """What its header says; None when it is none of the codestreams that are known here.

    Raises:
        DicomError: it begins as one and breaks off, or contradicts itself.
    """
    try:
        if codestream.startswith(SOI):
            return _jpeg(codestream)
        if codestream.startswith(SOC):
            return _jpeg_2000(codestream)
    except (struct.error, IndexError) as error:
        raise DicomError("The header of the compressed image is broken") from error
    return None


def _segments(codestream: bytes) -> Iterator[tuple[int, bytes]]:
    """Markers with their parameters, up to and with the start of the first scan or tile."""
    position = 2
    while True:
        while codestream[position + 1] == 0xFF:
            position += 1  # fill bytes, T.81 B.1.1.2
        fill, marker, length = struct.unpack_from(">BBH", codestream, position)
        if fill != 0xFF or length < 2:
            raise DicomError("The header of the compressed image is broken")
        yield marker, codestream[position + 4 : position + 2 + length]
        position += 2 + length


def _jpeg(codestream: bytes) -> ImageFacts:
    frame, process, transform = b"", 0, None
    for marker, content in _segments(codestream):
        if marker == APP14 and content.startswith(b"Adobe"):
            transform = content[11]
        elif marker == SOF_55 or (0xC0 <= marker <= 0xCF and marker not in NOT_FRAMES):
            frame, process = content, marker
        elif marker == SOS:
            break
    precision, rows, columns, samples = struct.unpack_from(">BHHB", frame)
    components = frame[6 : 6 + 3 * samples]
    selection = content[1 + 2 * content[0]]  # predictor (T.81 B.2.3), or NEAR (T.87 C.2.3)
    if process == SOF_55:
        uid = syntaxes.JPEG_LS_NEAR_LOSSLESS if selection else syntaxes.JPEG_LS_LOSSLESS
    elif process == 0xC3 and selection == 1:
        uid = syntaxes.JPEG_LOSSLESS_SV1
    elif process in PROCESSES:
        uid = PROCESSES[process]
    else:
        raise DicomError("The JPEG process is none that DICOM still has")
    photometric = "MONOCHROME2"
    if samples == 3:
        lossy = syntaxes.transfer_syntax(uid).lossy and process != SOF_55
        rgb = transform == 0 or components[0::3] == b"RGB" or (transform is None and not lossy)
        photometric = "RGB" if rgb else ("YBR_FULL_422" if components[1] != components[4] else "YBR_FULL")
    return ImageFacts(uid, rows, columns, samples, precision, False, photometric)


def _jpeg_2000(codestream: bytes) -> ImageFacts:
    size, style, high_throughput = b"", b"", False
    for marker, content in _segments(codestream):
        if marker == SIZ:
            size = content
        elif marker == CAP:
            high_throughput = True
        elif marker == COD:
            style = content
            break
    columns, rows, left, top = struct.unpack_from(">4L", size, 2)
    samples, depth = struct.unpack_from(">HB", size, 34)
    progression, _, mixed = struct.unpack_from(">BHB", style, 1)
    reversible = style[9] == 1
    if high_throughput:
        lossless = syntaxes.HTJ2K_LOSSLESS_RPCL if progression == RPCL else syntaxes.HTJ2K_LOSSLESS
        uid = lossless if reversible else syntaxes.HTJ2K
    else:
        uid = syntaxes.JPEG_2000_LOSSLESS if reversible else syntaxes.JPEG_2000
    photometric = "MONOCHROME2"
    if samples == 3:
        photometric = ("YBR_RCT" if reversible else "YBR_ICT") if mixed else "RGB"
    return ImageFacts(uid, rows - top, columns - left, samples, (depth & 0x7F) + 1, depth > 0x7F, photometric)
