"""DCMTK's tools: what they read of objects is what is told of them, and each side decodes what the other compresses."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pydicom
import pytest
from pydicom.encaps import generate_frames

from dicomweb.wado_samples import CT, PIXELS, SR, ct, report, retrieved, store
from doors import Answer, Door
from fhantom.site import Site
from instances import MULTIPART, ROOT, dataset, encoded, multipart

DICOM_JSON, DICOM_XML = "application/dicom+json", "multipart/related; type=application/dicom+xml"
FILES = (
    "CT_small MR_small MR_small_bigendian MR_small_expb rtplan rtstruct test-SR reportsi waveform_ecg examples_palette"
)
CHARSET_FILES = "chrArab chrFren chrGerm chrGreek chrHbrw chrI2 chrKoreanMulti chrRuss chrX1 chrX2"
IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
UNTOLD = ("00080005", "FFFCFFFC")  # of character sets DCMTK tells only its own, and nothing of padding
Json = dict[str, Any]


def run(program: str, *arguments: str | Path) -> bytes:
    """What a program prints; without the program the test is skipped."""
    if shutil.which(program) is None:
        pytest.skip(f"needs DCMTK's {program}")
    done = subprocess.run([program, *map(str, arguments)], capture_output=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def ok(answer: Answer) -> Answer:
    assert answer.status == 200, answer.body
    return answer


def stow(door: Door, *bodies: bytes) -> None:
    ok(door.request("POST", "/dicomweb/studies", {"Content-Type": MULTIPART}, multipart(*bodies)))


@pytest.fixture(scope="module", autouse=True)
def content(module_site: Site) -> None:
    store(module_site.worlds.open(), ct(1), ct(2), report())


@pytest.fixture
def file(door: Door, tmp_path: Path) -> Path:
    """A file with an instance as it is stored."""
    path = tmp_path / "stored.dcm"
    path.write_bytes(ok(door.get(CT, {"Accept": "application/dicom; transfer-syntax=*"})).body)
    return path


def path_of(dataset: pydicom.Dataset) -> str:
    study, series = dataset.StudyInstanceUID, dataset.SeriesInstanceUID
    return f"/dicomweb/studies/{study}/series/{series}/instances/{dataset.SOPInstanceUID}"


def told(attributes: Json) -> Json:
    """What matters of a DICOM JSON object: no group lengths, of binary values only that they are there."""
    found = {}
    for tag, attribute in attributes.items():
        if tag[:4] == "0002" or tag[4:] == "0000" or tag in UNTOLD:
            continue
        if "InlineBinary" in attribute or "BulkDataURI" in attribute:
            found[tag] = attribute["vr"], "binary"
        else:
            found[tag] = attribute["vr"], [comparable(value) for value in attribute.get("Value", ())]
    return found


def comparable(value: Any) -> Any:
    """A value without what may be written in several ways."""
    if isinstance(value, dict):
        if not value.keys() <= {"Alphabetic", "Ideographic", "Phonetic"}:
            return told(value)
        names = {group: name.rstrip("^") for group, name in value.items()}
        return {group: name for group, name in names.items() if name} or None
    return float(f"{value:.6g}") if isinstance(value, int | float) else value


def differing(ours: Json, theirs: Json) -> Json:
    """What is told otherwise, but for private attributes that only this server knows the type of."""
    nothing = (None, None)
    return {
        tag: (ours.get(tag), theirs.get(tag))
        for tag in ours.keys() | theirs.keys()
        if ours.get(tag, nothing) != theirs.get(tag, nothing)
        and not (int(tag[:4], 16) % 2 and theirs.get(tag, nothing)[0] == "UN")
        and not (ours.get(tag, nothing)[1] == [None] and theirs.get(tag, nothing)[1] == [])
    }


@pytest.mark.parametrize(
    "name",
    [*(f"test_files/{name}" for name in FILES.split()), *(f"charset_files/{name}" for name in CHARSET_FILES.split())],
)
def test_metadata_is_what_dcm2json_tells(door: Door, name: str) -> None:
    path = Path(pydicom.__file__).parent / "data" / f"{name}.dcm"
    theirs = json.loads(run("dcm2json", path))
    stow(door, path.read_bytes())
    [ours] = ok(door.get(f"{path_of(pydicom.dcmread(path, force=True))}/metadata", {"Accept": DICOM_JSON})).json()
    assert differing(told(ours), told(theirs)) == {}


def model(parent: ElementTree.Element) -> Json:
    """Attributes of the Native DICOM Model (PS3.19 A.1) by tag, with their keyword and what they hold."""
    found: Json = {}
    for element in parent:
        tag, keyword, vr = (element.get(name, "") for name in ("tag", "keyword", "vr"))
        if tag[:4] == "0002" or tag in UNTOLD:
            continue
        if vr == "SQ":
            found[tag] = keyword, vr, [model(item) for item in element]
        elif element.find("{*}InlineBinary") is not None or element.find("{*}BulkData") is not None:
            found[tag] = keyword, vr, "binary"
        else:
            found[tag] = keyword, vr, [" ".join(" ".join(value.itertext()).split()) for value in element]
    return found


@pytest.mark.parametrize("instance", [CT, SR], ids=["image", "report"])
def test_metadata_in_xml_is_what_dcm2xml_tells(door: Door, tmp_path: Path, instance: str) -> None:
    file = tmp_path / "x.dcm"
    file.write_bytes(ok(door.get(instance, {"Accept": "application/dicom; transfer-syntax=*"})).body)
    theirs = ElementTree.fromstring(run("dcm2xml", "--native-format", file))
    [(_, body)] = retrieved(door, f"{instance}/metadata", DICOM_XML)
    assert model(ElementTree.fromstring(body)) == model(theirs)


@pytest.mark.parametrize(
    ("syntax", "program"),
    [
        ("1.2.840.10008.1.2.5", "dcmdrle"),
        ("1.2.840.10008.1.2.4.57", "dcmdjpeg"),
        ("1.2.840.10008.1.2.4.70", "dcmdjpeg"),
        ("1.2.840.10008.1.2.4.80", "dcmdjpls"),
        ("1.2.840.10008.1.2.1.99", "dcmconv"),
        ("1.2.840.10008.1.2.2", "dcmconv"),
        (IMPLICIT, "dcmconv"),
    ],
    ids=["RLE", "JPEG lossless", "JPEG lossless, first order", "JPEG-LS", "deflated", "big endian", "implicit"],
)
def test_dcmtk_decodes_what_is_transcoded(door: Door, tmp_path: Path, syntax: str, program: str) -> None:
    answer = ok(door.get(CT, {"Accept": f"application/dicom; transfer-syntax={syntax}"}))
    (tmp_path / "in.dcm").write_bytes(answer.body)
    assert pydicom.dcmread(tmp_path / "in.dcm").file_meta.TransferSyntaxUID == syntax
    run(program, "--write-xfer-little", tmp_path / "in.dcm", tmp_path / "out.dcm")
    assert pydicom.dcmread(tmp_path / "out.dcm").PixelData == PIXELS.tobytes()


@pytest.mark.parametrize(
    ("program", "options"),
    [("dcmcrle", ()), ("dcmcjpeg", ("+e1",)), ("dcmcjpls", ())],
    ids=["RLE", "JPEG lossless", "JPEG-LS"],
)
def test_what_dcmtk_compresses_is_decoded(
    door: Door, tmp_path: Path, file: Path, program: str, options: tuple[str, ...]
) -> None:
    run(program, *options, "--uid-always", file, tmp_path / "out.dcm")
    made = pydicom.dcmread(tmp_path / "out.dcm")
    stow(door, (tmp_path / "out.dcm").read_bytes())
    accept = "multipart/related; type=application/octet-stream; transfer-syntax={}"
    [(_, frame)] = retrieved(door, f"{path_of(made)}/frames/1", accept.format(EXPLICIT))
    assert frame == PIXELS.tobytes()
    [(_, stored)] = retrieved(door, f"{path_of(made)}/frames/1", accept.format("*"))
    assert stored == next(generate_frames(made.PixelData, number_of_frames=1))


def test_a_photograph_that_img2dcm_wraps_is_shown(door: Door, tmp_path: Path) -> None:
    picture = ok(door.get(f"{CT}/rendered", {"Accept": "image/jpeg"})).body
    (tmp_path / "x.jpg").write_bytes(picture)
    run("img2dcm", "--no-checks", tmp_path / "x.jpg", tmp_path / "x.dcm")
    made = pydicom.dcmread(tmp_path / "x.dcm")
    stow(door, (tmp_path / "x.dcm").read_bytes())
    assert ok(door.get(f"{path_of(made)}/rendered", {"Accept": "image/png"})).body.startswith(b"\x89PNG")
    [(_, frame)] = retrieved(door, f"{path_of(made)}/frames/1", "multipart/related; type=image/jpeg")
    assert frame == next(generate_frames(made.PixelData, number_of_frames=1))


def test_dcmtk_reads_the_files_and_the_dicomdir_of_an_archive(door: Door, tmp_path: Path) -> None:
    stow(door, *(encoded(dataset(7, 1, number)) for number in (1, 2)))
    answer = ok(door.get(f"/dicomweb/studies/{ROOT}.7?dicomdir=true", {"Accept": "application/zip"}))
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        archive.extractall(tmp_path)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 3
    for path in files:
        assert run("dcmftest", path).startswith(b"yes:")
    listed = run("dcmdump", "-q", "+P", "0004,1430", tmp_path / "DICOMDIR")
    assert [listed.count(kind) for kind in (b"[PATIENT]", b"[STUDY]", b"[SERIES]", b"[IMAGE]")] == [1, 1, 1, 2]
