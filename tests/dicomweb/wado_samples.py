"""Instances that the WADO tests retrieve, and how multipart answers are taken apart."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from doors import Answer, Door
from fhantom import dicom
from fhantom.archive.ingest import Accepted, Incoming, accept, keep
from fhantom.dicom.syntaxes import transfer_syntax
from fhantom.pixels.transcoding import transcode
from fhantom.world import World
from instances import ROOT, dataset, encoded

STUDY = f"/dicomweb/studies/{ROOT}.1"
SERIES = f"{STUDY}/series/{ROOT}.1.1"
CT = f"{SERIES}/instances/{ROOT}.1.1.1"
MULTI = f"/dicomweb/studies/{ROOT}.2/series/{ROOT}.2.1/instances/{ROOT}.2.1.1"
JPEG = f"/dicomweb/studies/{ROOT}.3/series/{ROOT}.3.1/instances/{ROOT}.3.1.1"
SR = f"/dicomweb/studies/{ROOT}.4/series/{ROOT}.4.1/instances/{ROOT}.4.1.1"
VIDEO = f"/dicomweb/studies/{ROOT}.5/series/{ROOT}.5.1/instances/{ROOT}.5.1.1"
MISSING = f"{SERIES}/instances/1.2.3"

PIXELS = np.arange(4096, dtype="<u2").reshape(64, 64)
FRAMES = [bytes(range(start, start + 15)) for start in (0, 15, 30)]
CT_ATTRIBUTES: dict[str, Any] = {
    "Rows": 64,
    "Columns": 64,
    "BitsAllocated": 16,
    "BitsStored": 12,
    "HighBit": 11,
    "RescaleSlope": "1",
    "RescaleIntercept": "-1024",
    "WindowCenter": "40",
    "WindowWidth": "400",
    "PixelData": PIXELS.tobytes(),
}


def ct(number: int = 1) -> bytes:
    """A slice of 64 x 64 whose values count up."""
    made = dataset(1, 1, number, **CT_ATTRIBUTES)
    made["PixelData"].VR = "OW"
    return encoded(made)


def multi_frame() -> bytes:
    """Three odd-sized frames of 5 x 3."""
    content = b"".join(FRAMES)
    return encoded(dataset(2, Rows=5, Columns=3, NumberOfFrames=3, PixelData=content + b"\0"))


def jpeg() -> bytes:
    """A colour photograph in baseline JPEG."""
    y, x = np.mgrid[0:48, 0:40]
    samples = np.dstack([x * 6, y * 5, x + y]).astype("u1")
    made = dataset(3, Rows=48, Columns=40, SamplesPerPixel=3, PhotometricInterpretation="RGB")
    made.PlanarConfiguration, made.PixelData = 0, samples.tobytes()
    return b"".join(transcode(dicom.read(encoded(made)), transfer_syntax("1.2.840.10008.1.2.4.50")))


def report() -> bytes:
    """A report with an embedded document, nested binary values and no pixels."""
    item = Dataset()
    item.add_new(0x00281201, "OW", b"\1\2\3\4")
    pixels = dict.fromkeys(("Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit", "PixelData"))
    made = dataset(4, Modality="SR", AnatomicRegionSequence=Sequence([Dataset(), item]), **pixels)
    made.SOPClassUID = "1.2.840.10008.5.1.4.1.1.88.11"
    for keyword in ("SamplesPerPixel", "PhotometricInterpretation", "PixelRepresentation"):
        delattr(made, keyword)
    made.add_new(0x00420011, "OB", b"%PDF-1.4")
    made.MIMETypeOfEncapsulatedDocument = "application/pdf"
    return encoded(made)


def store(world: World, *bodies: bytes) -> None:
    """Keep the instances as STOW would."""
    incoming = []
    for body in bodies:
        accepted = accept(body)
        assert isinstance(accepted, Accepted)
        incoming.append(Incoming(accepted, body))
    keep(world, incoming)


def parts(answer: Answer) -> list[tuple[dict[str, str], bytes]]:
    """Headers, by lower-cased names, and bodies of a multipart answer."""
    found = re.search(r'boundary="?([^";]+)', answer.headers["Content-Type"])
    assert found is not None
    pieces = answer.body.split(b"--" + found.group(1).encode())
    assert pieces[0] == b"" and pieces[-1].startswith(b"--")
    out = []
    for piece in pieces[1:-1]:
        head, _, body = piece[2:].partition(b"\r\n\r\n")
        assert body.endswith(b"\r\n")
        pairs = (line.split(": ", 1) for line in head.decode().split("\r\n"))
        out.append(({name.lower(): value for name, value in pairs}, body[:-2]))
    return out


def retrieved(door: Door, path: str, accept: str | None = None) -> list[tuple[dict[str, str], bytes]]:
    """The parts of a successful multipart answer."""
    answer = door.get(path, {"Accept": accept})
    assert answer.status == 200, answer.body
    return parts(answer)
