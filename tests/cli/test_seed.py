"""`fhantom seed`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fhantom.cli import main
from fhantom.world import DataFolder


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "clone"
    folder.mkdir()
    (folder / "siimone.json").write_text(json.dumps({"resourceType": "Patient", "id": "one"}))
    return folder


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    status = main([str(argument) for argument in arguments])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def test_an_empty_folder_is_listed_without_being_touched(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    status, out, _ = run(capsys, "seed", "list", "--data", tmp_path / "data")
    assert status == 0
    assert "is empty" in out and "embedded" in out and "hackathon" in out
    assert not (tmp_path / "data").exists()


def test_what_was_loaded_is_listed(capsys: pytest.CaptureFixture[str], tmp_path: Path, source: Path) -> None:
    data = tmp_path / "data"
    status, out, err = run(capsys, "seed", "hackathon", "--data", data, "--from", source)
    assert status == 0
    assert out.startswith("FHIR R5: 1 stored\nFHIR R4: 1 stored\nlicence: MIT")
    assert err == "FHIR R5 1/1\nFHIR R4 1/1\n"
    assert "loaded: 1 FHIR R4, 1 FHIR R5; MIT" in run(capsys, "seed", "list", "--data", data)[1]


def test_a_load_of_which_nothing_was_taken_ends_with_status_1(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, source: Path
) -> None:
    (source / "siimone.json").write_text("{")
    status, out, _ = run(capsys, "seed", "hackathon", "--data", tmp_path / "data", "--from", source)
    assert status == 1
    assert "1 refused" in out and "siimone.json: it is not JSON" in out


@pytest.mark.parametrize("folder", ["nowhere", "empty"])
def test_a_folder_with_nothing_to_load_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, folder: str
) -> None:
    (tmp_path / "empty").mkdir()
    status, out, err = run(capsys, "seed", "hackathon", "--data", tmp_path / "data", "--from", tmp_path / folder)
    assert (status, out) == (1, "")
    assert err.startswith("fhantom: ")


def test_loading_beside_a_running_server_is_said(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, source: Path
) -> None:
    held = DataFolder(tmp_path / "data")
    held.hold()
    status, _, err = run(capsys, "seed", "hackathon", "--data", held.path, "--from", source)
    held.release()
    assert status == 0
    assert "a server is using" in err
