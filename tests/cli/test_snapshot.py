"""`fhantom snapshot`: states carried as files, of folders at rest and of running servers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from doors import Socket, listening
from fhantom.app import create_app
from fhantom.cli import main
from fhantom.site import Site
from fhantom.world import DataFolder

PATIENT = json.dumps({"resourceType": "Patient"}).encode()


@pytest.fixture
def door(site: Site) -> Socket:
    with listening(create_app(site)) as socket:
        yield socket  # type: ignore[misc]


def create(door: Socket) -> None:
    assert door.request("POST", "/fhir/Patient", {"Content-Type": "application/json"}, PATIENT).status == 201


def total(door: Socket) -> int:
    return int(door.get("/fhir/Patient?_summary=count").json()["total"])


def test_a_running_server_is_saved_and_put_back(door: Socket, tmp_path: Path) -> None:
    create(door)
    assert main(["snapshot", "save", str(tmp_path / "one.tar"), "--url", door.origin]) == 0
    create(door)
    assert main(["snapshot", "load", str(tmp_path / "one.tar"), "--url", door.origin]) == 0
    assert total(door) == 1
    assert door.get("/_fhantom/snapshots").json() == {"snapshots": []}
    assert [path.name for path in tmp_path.glob("*one*")] == ["one.tar"]


def test_a_file_fills_an_empty_data_folder_and_comes_out_of_it_the_same(door: Socket, tmp_path: Path) -> None:
    create(door)
    first, second = tmp_path / "first.tar", tmp_path / "second.tar"
    assert main(["snapshot", "save", str(first), "--url", door.origin]) == 0
    assert main(["snapshot", "load", str(first), "--data", str(tmp_path / "elsewhere")]) == 0
    assert main(["snapshot", "save", str(second), "--data", str(tmp_path / "elsewhere")]) == 0
    assert first.read_bytes() == second.read_bytes()


def test_a_folder_that_a_server_uses_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = DataFolder(tmp_path / "data")
    folder.hold()
    assert main(["snapshot", "save", str(tmp_path / "x.tar"), "--data", str(tmp_path / "data")]) == 1
    assert "give its address with --url" in capsys.readouterr().err
    folder.release()


@pytest.mark.parametrize(
    ("content", "problem"),
    [(None, "there is no file"), (b"no snapshot", "file: is not a whole snapshot")],
    ids=["missing", "damaged"],
)
def test_a_file_that_cannot_be_loaded_is_told_of(
    door: Socket, tmp_path: Path, content: bytes | None, problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "one.tar"
    if content is not None:
        file.write_bytes(content)
    for where in (["--url", door.origin], ["--data", str(tmp_path / "elsewhere")]):
        assert main(["snapshot", "load", str(file), *where]) == 1
        assert problem in capsys.readouterr().err
    assert total(door) == 0


def test_a_healthcheck_takes_a_port(door: Socket) -> None:
    assert main(["healthcheck", "--port", str(door.port)]) == 0
    assert main(["healthcheck", "--port", "1"]) == 1
