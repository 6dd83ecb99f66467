"""The generator gives the same bytes again, and a validator that others wrote finds no fault (long tier)."""

from __future__ import annotations

import io
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pydicom
import pytest
from pydicom.uid import ExplicitVRLittleEndian

from fhantom_seed import open_seed

pytestmark = pytest.mark.long

# dciodvfy holds both that an OPT image needs these (C.8.17.7) and that it must not have them (C.7.6.16)
CONTRADICTIONS = (
    "ConcatenationFrameOffsetNumber",
    "InConcatenationNumber",
    "InConcatenationTotalNumber",
)


def test_generating_again_gives_the_same_manifest(tmp_path: Path) -> None:
    tools = open_seed().manifest["tools"]
    for tool, pinned in tools.items():
        try:
            if version(tool) != pinned:
                pytest.skip(f"{tool} is {version(tool)}, the seed was made with {pinned}")
        except PackageNotFoundError:
            pytest.skip(f"{tool} is not installed: pip install '.[seed]'")
    from fhantom_seed.generate import generate

    generate(tmp_path / "again")
    assert open_seed(tmp_path / "again").manifest == open_seed().manifest


def _errors(data: bytes, path: Path) -> list[str]:
    """What dciodvfy calls an error; it cannot read deflated data nor HTJ2K, which are put as explicit VR."""
    dataset = pydicom.dcmread(io.BytesIO(data))
    if dataset.file_meta.TransferSyntaxUID.name.startswith(("Deflated", "High-Throughput")):
        dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        if dataset["PixelData"].is_undefined_length:
            dataset.PixelData = b"\0" * (dataset.Rows * dataset.Columns * dataset.BitsAllocated // 8)
            dataset["PixelData"].is_undefined_length = False
            dataset["PixelData"].VR = "OW"
    dataset.save_as(path, enforce_file_format=True)
    shown = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True)
    lines = (shown.stdout + shown.stderr).splitlines()
    return [line for line in lines if line.startswith("Error") and not any(c in line for c in CONTRADICTIONS)]


def test_dciodvfy_finds_no_error_in_any_object(tmp_path: Path) -> None:
    if not shutil.which("dciodvfy"):
        pytest.skip("needs dciodvfy: apt-get install dicom3tools")
    found = {error for data in open_seed().instances() for error in _errors(data, tmp_path / "object.dcm")}
    assert found == set()
