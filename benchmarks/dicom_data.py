"""Synthetic DICOM objects of three sizes; UIDs, names and dates are patched into one template a kind."""

from __future__ import annotations

import functools
import io

ROOT = "1.2.826.0.1.3680043.10.1480.77"
BOUNDARY = "benchmark-boundary"
STOW_HEADERS = {
    "Content-Type": f'multipart/related; type="application/dicom"; boundary={BOUNDARY}',
    "Accept": "application/dicom+json",
}
_TINY = (
    "SpecificCharacterSet",
    "ImageType",
    "SOPClassUID",
    "SeriesDate",
    "StudyTime",
    "Modality",
    "Manufacturer",
    "StudyDescription",
    "ReferringPhysicianName",
    "PatientSex",
    "StudyID",
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
)


def uid(run: int, study: int, series: int | None = None, instance: int | None = None) -> str:
    """UIDs of one length, so that they can be patched without touching the lengths around them."""
    parts = [run, study, *(part for part in (series, instance) if part is not None)]
    return ".".join([ROOT, *(str(part + 10_000) for part in parts)])


@functools.cache
def template(kind: str) -> bytes:
    """ct: 512 x 512, 16 bit, 0.5 MB; small: 128 x 128, 39 KB; tiny: 8 x 8, about 1 KB.

    ct and small have the header of pydicom's CT_small.dcm, a scanner's with many private elements.
    """
    import numpy
    from pydicom import dcmread
    from pydicom.data import get_testdata_file
    from pydicom.dataset import Dataset
    from pydicom.uid import ExplicitVRLittleEndian

    data = dcmread(str(get_testdata_file("CT_small.dcm", download=False)))
    if kind == "ct":
        y, x = numpy.mgrid[0:512, 0:512]
        noise = numpy.random.default_rng(1).integers(0, 64, (512, 512))
        data.Rows = data.Columns = 512
        data.PixelData = (x * 2 + y + noise - 1024).astype("<i2").tobytes()
    elif kind == "tiny":
        tiny = Dataset()
        tiny.file_meta = data.file_meta
        for keyword in _TINY:
            if keyword in data:
                tiny[keyword] = data[keyword]
        tiny.Rows = tiny.Columns = 8
        tiny.PixelData = bytes(128)
        tiny.SeriesNumber = "1"
        data = tiny
    data["PixelData"].VR = "OW"
    data.pop("DataSetTrailingPadding", None)
    data.WindowCenter, data.WindowWidth = "40", "400"
    data.StudyInstanceUID, data.SeriesInstanceUID = uid(0, 0), uid(0, 0, 0)
    data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID = uid(0, 0, 0, 0)
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.PatientName, data.PatientID, data.AccessionNumber = "NAMEXXXX^TEST", "PIDXXXXX", "ACCXXXXX"
    data.StudyDate, data.PatientBirthDate, data.InstanceNumber = "20200101", "19700101", "10000"
    buffer = io.BytesIO()
    data.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def instance(kind: str, run: int, study: int, series: int, number: int) -> bytes:
    """One object; every patched element stands before the pixels."""
    body = template(kind)
    head, tail = body[:8192], body[8192:]
    patient = (run * 7919 + study) % 100_000
    date = f"20{10 + study % 15:02d}{1 + study % 12:02d}{1 + study % 28:02d}"
    for old, new in (
        (uid(0, 0, 0, 0), uid(run, study, series, number)),
        (uid(0, 0, 0), uid(run, study, series)),
        (uid(0, 0), uid(run, study)),
        ("NAMEXXXX", f"NAME{study % 10_000:04d}"),
        ("PIDXXXXX", f"PID{patient:05d}"),
        ("ACCXXXXX", f"ACC{patient:05d}"),
        ("20200101", date),
        ("IS\x06\x0010000 ", f"IS\x06\x00{number + 10_000} "),
    ):
        head = head.replace(old.encode(), new.encode())
    return head + tail


def stow_body(objects: list[bytes]) -> bytes:
    """One multipart/related body of several objects."""
    pieces = [b"--%s\r\nContent-Type: application/dicom\r\n\r\n%s\r\n" % (BOUNDARY.encode(), body) for body in objects]
    return b"".join([*pieces, b"--%s--\r\n" % BOUNDARY.encode()])
