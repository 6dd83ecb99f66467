"""Objects that were damaged at random: no route fails over what of them is stored, and others stay as they are."""

from __future__ import annotations

import random
import tracemalloc
from collections.abc import Iterator

import pytest

from dicomweb.wado_samples import ct, jpeg, multi_frame, report, store
from doors import Door
from fhantom import dicom
from fhantom.dicom.syntaxes import transfer_syntax
from fhantom.pixels.transcoding import transcode
from fhantom.site import Site
from instances import MULTIPART, ROOT, dataset, encoded, multipart

pytestmark = pytest.mark.filterwarnings("ignore:Invalid value for VR:UserWarning")  # they are meant to be

OURS = b"the log has its trace"  # what an answer says of a failure that nobody foresaw
MOST = 64 << 20
_DICOM, _OCTETS = ("multipart/related; type=" + name for name in ("application/dicom", "application/octet-stream"))
_SYNTAXES = (
    "*", "1.2.840.10008.1.2", "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.5",
    "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.80",
    "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.201",
)  # fmt: skip

# What is asked of an instance below its path, with which Accept header.
ASKED = (
    *(("", f"{_DICOM}; transfer-syntax={uid}") for uid in _SYNTAXES),
    *(("/frames/1", f"{_OCTETS}; transfer-syntax={uid}") for uid in _SYNTAXES[:2]),
    *(("/frames/1", f"multipart/related; type={name}") for name in ("image/jpeg", "image/jls", "image/jp2")),
    *((path, None) for path in ("", "/metadata", "/frames", "/frames/2", "/rendered", "/thumbnail", "/pixeldata")),
    *((f"/bulk/{path}", None) for path in ("7fe00010", "00420011", "00082218/2/00281201")),
    *((path, None) for path in ("/bulkdata", "/rendered?annotation=overlay&viewport=9,9", "/frames/1/rendered")),
    *((path, "image/gif") for path in ("/rendered", "/rendered?window=1,2,sigmoid&iccprofile=srgb")),
    ("/metadata", 'multipart/related; type="application/dicom+xml"'),
    ("", "application/zip"),
)
WADOURI = (
    "",
    "&contentType=image/png&rows=7",
    "&contentType=application/dicom&anonymize=yes",
    "&contentType=text/plain",
)

# Element, and what is put in its place: lengths, numbers and names that lie.
_VALUES = {
    "Rows": (0, 1, 65535), "Columns": (0, 1, 65535), "NumberOfFrames": ("0", "2147483647", "-1"),
    "BitsAllocated": (0, 1, 3, 24, 64, 65535), "BitsStored": (0, 1, 99), "HighBit": (0, 99),
    "SamplesPerPixel": (0, 2, 3, 255), "PixelRepresentation": (1, 2, 999), "PlanarConfiguration": (1, 7),
    "PhotometricInterpretation": ("", "PALETTE COLOR", "YBR_FULL_422", "RGB", "ARGB", "X" * 16),
    "RescaleSlope": ("0", "1e300", "nan"), "WindowWidth": ("0", "-5", "1e-300"), "WindowCenter": ("1\\2\\3", "inf"),
    "SpecificCharacterSet": ("ISO 2022 IR 87", "nonsense", "ISO_IR 192", "\\ISO 2022 IR 149"),
    "FrameTime": ("0", "-1", "1e30"), "PixelAspectRatio": ("0\\0", "-1\\1"), "LossyImageCompression": ("XX",),
}  # fmt: skip


def damaged(chosen: random.Random, number: int) -> bytes:
    """One of the samples, some of its values replaced, and in some also some of its bytes."""
    made = dataset(number, Rows=9, Columns=7, PixelData=bytes(range(64)), PatientName="Müller^Jörg")
    for keyword in chosen.sample(sorted(_VALUES), chosen.randrange(1, 5)):
        setattr(made, keyword, chosen.choice(_VALUES[keyword]))
    body = encoded(made)
    if chosen.random() < 0.3:
        body = chosen.choice((ct, multi_frame, jpeg, report))()
    if chosen.random() < 0.5:
        torn = bytearray(body)
        for _ in range(chosen.randrange(1, 6)):
            torn[chosen.randrange(300, len(torn))] = chosen.choice((0, 1, 0x7F, 0xFF))
        body = bytes(torn)
    return body


def compressed(syntax: str, chosen: random.Random, number: int) -> bytes:
    """A compressed object with junk in the middle of its stream."""
    whole = dataset(number, Rows=32, Columns=32, PixelData=bytes(range(256)) * 4)
    torn = bytearray(b"".join(transcode(dicom.read(encoded(whole)), transfer_syntax(syntax))))
    for _ in range(chosen.randrange(1, 9)):
        torn[chosen.randrange(len(torn) // 2, len(torn))] = chosen.randrange(256)
    return bytes(torn)


@pytest.fixture(scope="module", autouse=True)
def content(module_site: Site) -> Iterator[None]:
    store(module_site.worlds.open(), ct(1))
    tracemalloc.start()
    yield
    tracemalloc.stop()


def asked(door: Door, place: str, uid: str, *, strict: bool) -> None:
    """Ask everything of an instance; what the real server fails over may fail strictly, in its words."""
    requests = [(f"/dicomweb{place}{path}", accept) for path, accept in ASKED]
    requests += [(f"/wadouri?requestType=WADO&objectUID={uid}{query}", None) for query in WADOURI]
    for path, accept in requests:
        tracemalloc.reset_peak()
        answer = door.get(path, {"Accept": accept})
        assert tracemalloc.get_traced_memory()[1] < MOST, (path, accept)
        if answer.status >= 500:
            assert strict and OURS not in answer.body, (path, accept, answer.body)
        elif answer.status >= 400:
            assert answer.json()["HttpStatus"] == answer.status, (path, accept)


def stored_and_asked(door: Door, seed: str, number: int, *, strict: bool) -> None:
    """Store two damaged objects, as far as they are taken, and ask everything of them."""
    chosen = random.Random(seed)
    syntaxes = [uid for uid in _SYNTAXES if uid not in ("*", "1.2.840.10008.1.2.4.201")]
    for body in (damaged(chosen, number), compressed(chosen.choice(syntaxes), chosen, number + 1)):
        answer = door.request("POST", "/dicomweb/studies", {"Content-Type": MULTIPART}, multipart(body))
        assert answer.status in (200, 400, 409), answer.body
        for item in answer.json().get("00081199", {}).get("Value", ()):
            url = item["00081190"]["Value"][0]
            asked(door, url.partition("/dicomweb")[2], item["00081155"]["Value"][0], strict=strict)
    rows = door.get(f"/dicomweb/instances?StudyInstanceUID={ROOT}.1&includefield=all")
    assert rows.status == 200 and rows.json()


@pytest.mark.parametrize("seed", range(3))
def test_a_damaged_object_is_refused_or_every_route_gets_over_it(door: Door, seed: int) -> None:
    stored_and_asked(door, f"default {seed}", 1000 + 2 * seed, strict=False)


@pytest.mark.parametrize("seed", range(3))
def test_a_damaged_object_fails_strictly_only_as_there(strict: Door, seed: int) -> None:
    stored_and_asked(strict, f"strict {seed}", 2000 + 2 * seed, strict=True)
