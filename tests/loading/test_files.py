"""What is found below a folder."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from fhantom.loading.files import content_of, stat_digest


def write(folder: Path, name: str, content: object) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())


def resource(type: str, id: str) -> dict[str, str]:
    return {"resourceType": type, "id": id}


def test_resources_come_in_the_order_of_the_upload_script_then_by_name(tmp_path: Path) -> None:
    write(tmp_path, "b/Condition/1.json", resource("Condition", "1"))
    write(tmp_path, "b/Patient/2.json", resource("Patient", "2"))
    write(tmp_path, "a/Patient/1.json", resource("Patient", "1"))
    write(tmp_path, "a/Basic/1.json", resource("Basic", "1"))
    write(tmp_path, "z/Organization/1.json", resource("Organization", "1"))
    found = [f"{found.type}/{found.id}" for found in content_of(tmp_path).resources]
    assert found == ["Organization/1", "Patient/1", "Patient/2", "Condition/1", "Basic/1"]


def test_dicom_is_known_by_its_suffix_or_by_its_preamble(tmp_path: Path) -> None:
    write(tmp_path, "images/IM-1.dcm", b"anything")
    write(tmp_path, "images/deep/OP000000", b"\0" * 128 + b"DICM...")
    write(tmp_path, "README.md", b"text")
    write(tmp_path, "short", b"")
    assert content_of(tmp_path).dicom == ["images/IM-1.dcm", "images/deep/OP000000"]


def test_hidden_files_and_folders_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path, ".git/objects/1.json", resource("Patient", "1"))
    write(tmp_path, ".hidden.dcm", b"")
    content = content_of(tmp_path)
    assert (content.resources, content.dicom, content.unreadable) == ([], [], [])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b'{"resourceType": "Patient", "id": ', "it is not JSON"),
        (b"[]", "not a FHIR resource"),
        (b'{"name": "package"}', "not a FHIR resource"),
        (b'{"resourceType": "Patient"}', "it has no id"),
        (b"\xff\xfe", "it is not JSON"),
    ],
    ids=["ends early", "list", "no type", "no id", "not text"],
)
def test_what_cannot_be_read_is_listed_with_its_reason(tmp_path: Path, text: bytes, reason: str) -> None:
    write(tmp_path, "bad.json", text)
    [(name, told)] = content_of(tmp_path).unreadable
    assert name == "bad.json"
    assert reason in told


def test_the_id_random_becomes_one_that_repeats(tmp_path: Path) -> None:
    write(tmp_path, "1.json", resource("Patient", "random"))
    write(tmp_path, "2.json", {**resource("Patient", "random"), "gender": "male"})
    first, second = (found.id for found in content_of(tmp_path).resources)
    assert first != second
    assert [first, second] == [found.id for found in content_of(tmp_path).resources]
    assert "random" not in (first, second)


def test_the_digest_of_a_folder_changes_with_its_files(tmp_path: Path) -> None:
    write(tmp_path, "a/1", b"one")
    digests = [stat_digest([tmp_path])]
    assert stat_digest([tmp_path]) == digests[0]
    write(tmp_path, "a/2", b"two")
    digests.append(stat_digest([tmp_path]))
    os.utime(tmp_path / "a" / "1", ns=(1, 1))
    digests.append(stat_digest([tmp_path]))
    (tmp_path / "a" / "1").unlink()
    digests.append(stat_digest([tmp_path]))
    assert len(set(digests)) == 4


def test_a_folder_that_is_not_there_has_a_digest_too(tmp_path: Path) -> None:
    assert stat_digest([tmp_path / "gone"]) == stat_digest([])
