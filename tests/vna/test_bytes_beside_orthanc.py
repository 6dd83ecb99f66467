"""Frames, attachments, archives and the log of changes of a real Orthanc and of this server, for the same files."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from typing import Any

import pydicom
import pytest

from vna.peer import PROGRAM
from vna.test_beside_orthanc import Pair, every, in_any_order, pair, plain

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(PROGRAM is None, reason="needs Orthanc (Debian package orthanc)"),
]
__all__ = ["pair"]  # a fixture

VALUES = ("image-uint8", "image-uint16", "image-int16")


def both(pair: Pair, path: str, method: str = "GET", body: bytes = b"") -> tuple[Any, Any]:
    theirs, ours = pair.theirs.request(method, path, {}, body), pair.ours.request(method, f"/vna{path}", {}, body)
    assert theirs.status == ours.status, (path, theirs.body[:300], ours.body[:300])
    return theirs, ours


def test_the_bytes_of_a_frame_are_the_stored_ones(pair: Pair) -> None:
    compared = 0
    for identifier in every(pair, "instances"):
        for number in pair.theirs.get(f"/instances/{identifier}/frames").json():
            path = f"/instances/{identifier}/frames/{number}/raw"
            if pair.theirs.get(path).status == 500:  # there are no pixels, which is the request's fault and no failure
                assert pair.ours.get(f"/vna{path}").status == 400
                continue
            theirs, ours = both(pair, path)
            assert theirs.body == ours.body, path
            theirs, ours = both(pair, f"{path}.gz")
            assert ours.headers["Content-Type"] == theirs.headers["Content-Type"]
            assert gzip.decompress(ours.body) == pair.ours.get(f"/vna{path}").body
            compared += 1
    assert compared > 15


@pytest.mark.parametrize("kind", VALUES)
def test_stored_values_are_the_same_in_a_png(pair: Pair, kind: str) -> None:
    import numpy
    from PIL import Image

    compared = 0
    for identifier in every(pair, "instances"):
        path = f"/instances/{identifier}/frames/0/{kind}"
        theirs, ours = pair.theirs.get(path), pair.ours.get(f"/vna{path}")
        tags = pair.ours.get(f"/vna/instances/{identifier}/simplified-tags").json()
        is_grey = tags.get("PhotometricInterpretation", "").startswith("MONOCHROME")
        assert ours.status == (200 if is_grey else 415), identifier  # Orthanc reads fewer compressed ones
        if theirs.status == 200:
            one, other = (numpy.asarray(Image.open(io.BytesIO(answer.body))) for answer in (theirs, ours))
            assert one.dtype == other.dtype and (one == other).all(), identifier
            compared += 1
    assert compared > 10


@pytest.mark.parametrize(
    "part", ["size", "compressed-size", "md5", "compressed-md5", "is-compressed", "data", "compressed-data"]
)
def test_attachments_are_the_same(pair: Pair, part: str) -> None:
    for identifier in every(pair, "instances"):
        theirs, ours = both(pair, f"/instances/{identifier}/attachments/dicom/{part}")
        assert (theirs.body, theirs.headers["Content-Type"]) == (ours.body, ours.headers["Content-Type"])


@pytest.mark.parametrize("path", ["attachments/x", "attachments/x/size", "metadata/x", "content/0009-1001/0/0"])
def test_what_an_instance_does_not_have_is_refused_alike(pair: Pair, path: str) -> None:
    theirs, ours = both(pair, f"/instances/{every(pair, 'instances')[0]}/{path}")
    assert bool(theirs.body) == bool(ours.body)
    if theirs.body:
        assert theirs.json()["OrthancStatus"] == ours.json()["OrthancStatus"]


@pytest.mark.parametrize("path", ["PatientName", "0010-0010", "7fe0-0010", "0040-a730", "0040-a730/0", "0008-1140/0"])
def test_values_within_an_object_are_the_same(pair: Pair, path: str) -> None:
    for identifier in every(pair, "instances"):
        theirs, ours = both(pair, f"/instances/{identifier}/content/{path}")
        if theirs.status == 200:
            assert theirs.headers["Content-Type"] == ours.headers["Content-Type"], identifier
            assert theirs.body == ours.body or theirs.json() == ours.json()


def names(answer: Any) -> list[str]:
    return sorted(zipfile.ZipFile(io.BytesIO(answer.body)).namelist())


def instances(answer: Any) -> set[str]:
    archive = zipfile.ZipFile(io.BytesIO(answer.body))
    found = (archive.read(name) for name in archive.namelist() if name != "DICOMDIR")
    return {pydicom.dcmread(io.BytesIO(file), stop_before_pixels=True, force=True).SOPInstanceUID for file in found}


@pytest.mark.parametrize("kind", ["patients", "studies", "series"])
@pytest.mark.parametrize("form", ["archive", "media"])
def test_archives_hold_the_same_files_under_the_same_names(pair: Pair, kind: str, form: str) -> None:
    compared = 0
    for identifier in every(pair, kind):
        theirs, ours = both(pair, f"/{kind}/{identifier}/{form}")
        if form == "media" and not zipfile.is_zipfile(io.BytesIO(theirs.body)):
            continue  # it breaks off where an object lacks what a DICOMDIR must tell
        compared += 1
        assert names(theirs) == names(ours), identifier
        assert instances(theirs) == instances(ours)
        for header in ("Content-Type", "Content-Disposition"):
            assert theirs.headers[header] == ours.headers[header]
    assert compared > 5


def test_the_directory_of_a_medium_names_every_file(pair: Pair) -> None:
    for identifier in every(pair, "patients"):
        archive = zipfile.ZipFile(io.BytesIO(pair.ours.get(f"/vna/patients/{identifier}/media").body))
        directory = pydicom.dcmread(io.BytesIO(archive.read("DICOMDIR")))
        told = {
            "/".join(one.ReferencedFileID) for one in directory.DirectoryRecordSequence if "ReferencedFileID" in one
        }
        assert told == set(archive.namelist()) - {"DICOMDIR"}


@pytest.mark.parametrize("form", ["create-archive", "create-media"])
def test_an_archive_of_many_resources_holds_each_instance_once(pair: Pair, form: str) -> None:
    wanted = [*every(pair, "studies")[:3], *every(pair, "instances")[:4]]
    for body in (wanted, {"Resources": wanted, "Synchronous": True}):
        theirs, ours = both(pair, f"/tools/{form}", "POST", json.dumps(body).encode())
        assert instances(theirs) == instances(ours)
        assert names(theirs) == names(ours)


def test_the_log_tells_what_came_in_the_same_order(pair: Pair) -> None:
    theirs, ours = (
        door.get(f"{root}/changes?limit=1000").json() for door, root in ((pair.theirs, ""), (pair.ours, "/vna"))
    )
    kinds = ("NewPatient", "NewStudy", "NewSeries", "NewInstance")
    logs = [
        [
            (one["ChangeType"], one["ResourceType"], one["Path"], one["ID"])
            for one in log["Changes"]
            if one["ChangeType"] in kinds
        ]
        for log in (theirs, ours)
    ]
    assert logs[0] == logs[1]
    assert (theirs["Done"], ours["Done"]) == (True, True)
    assert ours["Last"] >= ours["Changes"][-1]["Seq"]
    assert plain(sorted(theirs["Changes"][0])) == plain(sorted(ours["Changes"][0]))


def test_the_log_can_be_followed_in_steps(pair: Pair) -> None:
    whole = pair.ours.get("/vna/changes?limit=1000").json()["Changes"]
    found: list[Any] = []
    since, done = 0, False
    while not done:
        part = pair.ours.get(f"/vna/changes?since={since}&limit=7").json()
        found += part["Changes"]
        since, done = part["Last"], part["Done"]
    assert found == whole
    assert in_any_order(pair.ours.get("/vna/changes?last").json()["Changes"]) == whole[-1:]
    assert pair.ours.get(f"/vna/changes?since={since}").json() == {"Changes": [], "Done": True, "Last": since}
