"""A photograph as a DICOM object: VL Photographic or Dermoscopic Photography, the JPEG inside as it was taken."""

from __future__ import annotations

import io
import json
from typing import Any

from fhantom import dicom
from fhantom.datasets.isic.codes import GENDERS, SITES, SKIN, UNPAIRED
from fhantom.datasets.isic.rows import Row
from fhantom.datasets.pieces import Piece, Unfit
from fhantom.dicom.assembling import BulkPart, assemble
from fhantom.dicom.codestreams import facts_of
from fhantom.dicom.editing import edit
from fhantom.dicom.uids import derived_uid

# SOP Class UID and modality (PS3.6 A, PS3.3 C.7.3.1.1.1).
SOP_CLASSES = {
    "photographic": ("1.2.840.10008.5.1.4.1.1.77.1.4", "XC"),
    "dermoscopic": ("1.2.840.10008.5.1.4.1.1.77.1.7", "DMS"),
}

# Attributes by which an object that came as DICOM is joined to its row.
_IDENTITY = ("00080018", "0020000D", "0020000E")
_PATIENT_ID, _IMAGE_COMMENTS = 0x00100020, 0x00204000

_SOI, _EOI = b"\xff\xd8", b"\xff\xd9"
_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})  # ITU-T T.81 table B.1; retired in DICOM
_QUALITY = 95  # of a progressive JPEG that is encoded anew

# What a dermoscopic photograph must have beside (PS3.3 A.32.11, C.8.12.13); empty where nobody wrote it down.
_DERMOSCOPIC = {
    "00080070": {"vr": "LO", "Value": ["unknown"]},  # Manufacturer
    "00081090": {"vr": "LO", "Value": ["unknown"]},  # ManufacturerModelName
    "00181000": {"vr": "LO", "Value": ["unknown"]},  # DeviceSerialNumber
    "00181020": {"vr": "LO", "Value": ["unknown"]},  # SoftwareVersions
    "00161001": {"vr": "CS"},  # LightSourcePolarization
    "00161002": {"vr": "DS"},  # EmitterColorTemperature
    "00161003": {"vr": "CS"},  # ContactMethod
    "00161005": {"vr": "DS"},  # OpticalMagnificationFactor
    "00201040": {"vr": "LO"},  # PositionReferenceIndicator
    "00280302": {"vr": "CS", "Value": ["NO"]},  # RecognizableVisualFeatures
}


def study_uid(row: Row) -> str:
    """One study a visit: a patient at an age."""
    return derived_uid("isic", row.patient, str(row.age))


def record(row: Row, sop: str) -> dict[str, Any]:
    """The header of a photograph, without what its pixels say.

    PS3.3 A.32.4 (VL Photographic). The CSV has no dates and no names, so there are none here.
    """
    sop_class_uid, modality = SOP_CLASSES[sop]
    site = SITES.get(row.site, SKIN)
    found: dict[str, Any] = {
        "00080005": _value("CS", "ISO_IR 192"),
        "00080008": {"vr": "CS", "Value": ["ORIGINAL", "PRIMARY"]},
        "00080016": _value("UI", sop_class_uid),
        "00080018": _value("UI", derived_uid("isic", row.image)),
        "00080020": {"vr": "DA"},
        "00080030": {"vr": "TM"},
        "00080050": _value("SH", f"{row.patient}-{row.age if row.age is not None else 'x'}"[:16]),
        "00080060": _value("CS", modality),
        "00080070": {"vr": "LO"},
        "00080090": {"vr": "PN"},
        "00081030": _value("LO", "Dermoscopy"),
        "0008103E": _value("LO", " ".join(part for part in (row.lesion or row.image, row.site) if part)[:64]),
        "00082218": {"vr": "SQ", "Value": [_coded(site.code, site.display)]},
        "00100010": {"vr": "PN", "Value": [{"Alphabetic": f"{row.patient}^"}]},
        "00100020": _value("LO", row.patient),
        "00100021": _value("LO", "ISIC"),
        "00100030": {"vr": "DA"},
        "00100040": _value("CS", GENDERS.get(row.sex, "O")) if row.sex else {"vr": "CS"},
        "00120062": _value("CS", "YES"),
        "00120063": _value("LO", "as published by the ISIC Archive"),
        "00180015": _value("CS", "SKIN"),
        "0020000D": _value("UI", study_uid(row)),
        "0020000E": _value("UI", derived_uid("isic", row.patient, str(row.age), row.lesion or row.image)),
        "00200010": {"vr": "SH"},
        "00200011": _value("IS", 1),
        "00200013": _value("IS", 1),
        "00200020": {"vr": "CS"},
        "00204000": _value("LT", row.image),
        "00280301": _value("CS", "NO"),
        "00400555": {"vr": "SQ"},
    }
    if row.site not in UNPAIRED:
        found["00200060"] = {"vr": "CS"}  # Laterality, which nobody wrote down (PS3.3 C.7.3.1)
    if row.age is not None:
        found["00101010"] = _value("AS", f"{row.age:03}Y")
    if sop == "dermoscopic":
        found |= _DERMOSCOPIC | {"00200052": _value("UI", derived_uid("isic", row.image, "frame of reference"))}
    return dict(sorted(found.items()))


def prepare(piece: Piece, content: bytes) -> bytes:
    """What is stored of an image: a JPEG wrapped, DICOM with what joins it to its row. Raises Unfit."""
    told = json.loads(piece.note)
    row = Row(**told["row"])
    try:
        if content.startswith(_SOI):
            return wrap(row, content, told["sop"])
        return _joined(row, content)
    except dicom.DicomError as error:
        raise Unfit(error.message) from None


def wrap(row: Row, jpeg: bytes, sop: str) -> bytes:
    """The photograph as a Part 10 file; a progressive JPEG is encoded anew. Raises Unfit or DicomError."""
    if _EOI not in jpeg[-1024:]:
        raise Unfit("the JPEG breaks off before its end")
    header = record(row, sop)
    original = len(jpeg)
    if _process(jpeg) in _PROGRESSIVE:
        jpeg = _baseline(jpeg)
        header["00082111"] = _value("ST", f"progressive JPEG of {original} bytes encoded anew as baseline")
    facts = facts_of(jpeg)
    if facts is None:
        raise Unfit("it is no JPEG")
    ratio = facts.rows * facts.columns * facts.samples_per_pixel / original
    header["00282110"] = _value("CS", "01")
    header["00282112"] = {"vr": "DS", "Value": [round(max(ratio, 1.0), 2)]}
    header["00282114"] = _value("CS", "ISO_10918_1")
    header["7FE00010"] = {"vr": "OB", "BulkDataURI": "jpeg"}
    return assemble(header, {"jpeg": [BulkPart("image/jpeg", jpeg)]})


def _joined(row: Row, content: bytes) -> bytes:
    """An object that came as DICOM with what is missing, and with the patient of the CSV."""
    file = dicom.read(content)
    header, wanted = file.dataset, record(row, "photographic")
    changes = {tag: wanted[tag] for tag in _IDENTITY if not header.text(int(tag, 16))}
    if header.text(_PATIENT_ID) != row.patient:
        changes |= {"00100020": wanted["00100020"], "00100021": wanted["00100021"]}
        if was := header.text(_PATIENT_ID):
            changes["00101000"] = _value("LO", was)
    if header.text(_IMAGE_COMMENTS) != row.image:
        changes["00204000"] = wanted["00204000"]
    return edit(file, changes) if changes else content


def _process(jpeg: bytes) -> int:
    """The marker of the frame: which process of JPEG it is (ITU-T T.81 B.1.1.3); 0 without one."""
    at = 2
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF:
        marker = jpeg[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return marker
        at += 1 if marker == 0xFF else 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    return 0


def _baseline(jpeg: bytes) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    try:
        with Image.open(io.BytesIO(jpeg)) as image:
            image.save(buffer, "JPEG", quality=_QUALITY)
    except (OSError, ValueError) as error:
        raise Unfit(f"it cannot be decoded: {error}") from None
    return buffer.getvalue()


def _value(vr: str, value: object) -> dict[str, Any]:
    return {"vr": vr, "Value": [value]}


def _coded(code: str, meaning: str) -> dict[str, Any]:
    """An item of a code sequence (PS3.3 8.8)."""
    return {"00080100": _value("SH", code), "00080102": _value("SH", "SCT"), "00080104": _value("LO", meaning)}
