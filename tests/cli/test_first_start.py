"""The very first start, watched from outside."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from doors import Answer, Socket
from running import serving, start

NO_KEY: dict[str, str | None] = {"apikey": None}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def asked(door: Socket, path: str) -> Answer | None:
    try:
        return door.get(path, NO_KEY)
    except OSError:
        return None


@pytest.mark.parametrize("kind", ["gunicorn", "threaded"])
def test_progress_can_be_watched_until_the_data_is_there(tmp_path: Path, kind: str) -> None:
    port = free_port()
    process = start(tmp_path, "--port", str(port), "--ephemeral", "--server", kind)
    door = Socket("127.0.0.1", port)
    phases: list[str] = []
    refused: Answer | None = None
    while process.poll() is None:
        answer = asked(door, "/_fhantom/ready")
        if answer is not None and answer.status == 200:
            break
        if answer is not None:
            phases.append(answer.json()["phase"])
            refused = refused or door.get("/fhir/Patient")
    assert set(phases) <= {"starting", "seeding"} and "seeding" in phases
    assert refused is not None and refused.status in (200, 503)
    assert door.get("/fhir/Patient/siimandy").status == 200
    process.terminate()
    assert process.wait(timeout=30) == 0
    assert process.stdout is not None
    process.stdout.close()


def test_later_starts_load_nothing(tmp_path: Path) -> None:
    with serving(tmp_path, "--ephemeral"):
        pass
    process = start(tmp_path, "--ephemeral", stderr=-1)
    assert process.stdout is not None
    assert process.stdout.readline().startswith("ready ")
    process.terminate()
    _, told = process.communicate(timeout=30)
    assert "first start" not in told


def test_without_a_home_it_starts_too(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    nowhere = str(tmp_path / "file" / "cache")
    with serving(tmp_path, "--ephemeral", "--seed", "none", "--cache", nowhere) as server:
        assert server.door.get("/fhir/metadata").status == 200


def test_a_folder_can_be_the_seed(tmp_path: Path) -> None:
    seed = tmp_path / "seed"
    seed.mkdir()
    (seed / "patient.json").write_text('{"resourceType": "Patient", "id": "from-folder"}')
    (seed / "torn.json").write_text('{"resourceType": "Patient"')
    with serving(tmp_path, "--ephemeral", "--seed", str(seed)) as server:
        assert server.door.get("/fhir/Patient/from-folder").status == 200
        assert server.door.get("/fhir/Patient").json()["total"] == 1
