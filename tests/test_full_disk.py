"""A disk that fills up: a clear error, nothing stored lost, the server still up."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from doors import Answer, Door
from running import serving, start

JSON = {"Content-Type": "application/fhir+json"}
_CHUNK = 64 * 1024


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 24 MB of its own."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root on Linux may mount a small file system")
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(disk)], capture_output=True)
    if mounted.returncode:
        pytest.skip("this system mounts no tmpfs")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def fill(disk: Path) -> Path:
    """A file that takes all room that is left."""
    filler = disk / "filler"
    with open(filler, "wb", buffering=0) as file:
        try:
            while file.write(b"\0" * _CHUNK):
                pass
        except OSError:
            pass
    return filler


def put(door: Door, id: str) -> Answer:
    patient = {"resourceType": "Patient", "id": id, "name": [{"family": id, "text": id * 2000}]}
    return door.request("PUT", f"/fhir/Patient/{id}", JSON, json.dumps(patient).encode())


def stow(door: Door, uid: str, size: int) -> Answer:
    """Store an object of about `size` bytes."""
    import io

    import pydicom
    from pydicom.data import get_testdata_file

    path = get_testdata_file("CT_small.dcm")
    assert isinstance(path, str)
    dataset = pydicom.dcmread(path)
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = uid
    dataset.add_new(0x00420011, "OB", b"\0" * size)
    content = io.BytesIO()
    dataset.save_as(content)
    body = b"--x\r\nContent-Type: application/dicom\r\n\r\n" + content.getvalue() + b"\r\n--x--\r\n"
    headers = {"Content-Type": 'multipart/related; type="application/dicom"; boundary=x'}
    return door.request("POST", "/dicomweb/studies", headers, body)


def test_a_full_disk_loses_nothing_and_writing_goes_on_when_there_is_room_again(
    small_disk: Path, tmp_path: Path
) -> None:
    with serving(tmp_path, "--seed", "none", "--data", str(small_disk / "data")) as server:
        door = server.door
        assert put(door, "before").status == 201
        assert stow(door, "1.2.3.1", 1000).status == 200
        filler = fill(small_disk)

        refused = put(door, "during")
        assert refused.status == 507
        assert refused.json()["resourceType"] == "OperationOutcome"
        answer = stow(door, "1.2.3.2", 4_000_000)
        assert answer.status in (409, 507)
        assert answer.body

        assert door.get("/fhir/Patient/before").status == 200
        assert door.get("/fhir/Patient/during").status == 404
        [found] = door.get("/dicomweb/instances").json()
        assert found["00080018"]["Value"] == ["1.2.3.1"]

        filler.unlink()
        assert put(door, "during").status == 201
        assert stow(door, "1.2.3.2", 4_000_000).status == 200


def test_a_disk_that_is_full_from_the_start_is_told(small_disk: Path, tmp_path: Path) -> None:
    fill(small_disk)
    process = start(tmp_path, "--seed", "none", "--data", str(small_disk / "data"), stderr=subprocess.PIPE)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert out == ""
    assert err.splitlines()[-1].startswith("fhantom: ")
    assert "Traceback" not in err
