"""`fhantom keys make`."""

from __future__ import annotations

import stat
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import pytest

from fhantom.cli import main
from fhantom.cli.keys import new_keys, sheet_of
from fhantom.cli.options import load
from running import serving


@pytest.fixture
def sheet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """The sheet of 30 keys."""
    path = tmp_path / "sheet.html"
    assert main(["keys", "make", "30", "--out", str(path), "--url", "http://10.0.0.7:8080"]) == 0
    assert f"fhantom serve --config {tmp_path / 'sheet.toml'}" in capsys.readouterr().out
    return path


def test_the_settings_file_is_one_that_serve_takes(sheet: Path) -> None:
    settings = load({"config": str(sheet.with_suffix(".toml"))}, {})
    assert len(set(settings.keys)) == 30
    assert settings.worlds == "per-key"


def test_the_sheet_has_a_card_with_address_key_and_code_for_each(sheet: Path) -> None:
    text = sheet.read_text()
    for key in tomllib.loads(sheet.with_suffix(".toml").read_text())["key"]:
        assert text.count(key) == 1
    assert text.count("<svg") == text.count("http://10.0.0.7:8080") == 30
    assert "<script" not in text


@pytest.mark.skipif(not hasattr(stat, "S_IRUSR"), reason="POSIX permissions")
def test_nobody_else_reads_the_files(sheet: Path) -> None:
    for path in (sheet, sheet.with_suffix(".toml")):
        assert path.stat().st_mode & 0o077 == 0


def test_everything_on_the_sheet_is_escaped() -> None:
    page = sheet_of(["a-key"], "http://host/?a=1&b=<script>alert(1)</script>")
    assert "<script>" not in page
    ElementTree.fromstring(page.split("<body>")[1].split("</body>")[0].strip())


def test_keys_can_be_read_aloud_and_are_different() -> None:
    keys = new_keys(1000)
    assert len(set(keys)) == 1000
    assert not set("".join(keys)) & set("il10o ,\"'<>&")


@pytest.mark.parametrize("count", ["0", "-1", "1001"])
def test_an_absurd_number_is_refused(count: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys", "make", "--out", str(tmp_path / "sheet.html"), "--", count]) == 1
    assert "from 1 to 1000" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_does_not_exist_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys", "make", "2", "--out", str(tmp_path / "none" / "sheet.html")]) == 1
    assert "sheet.html: No such file or directory" in capsys.readouterr().err


def test_a_server_started_with_the_file_gives_each_key_its_own_world(sheet: Path, tmp_path: Path) -> None:
    first, second = tomllib.loads(sheet.with_suffix(".toml").read_text())["key"][:2]
    options = ("--ephemeral", "--seed", "none", "--config", str(sheet.with_suffix(".toml")))
    with serving(tmp_path, *options) as server:
        headers = {"apikey": first, "Content-Type": "application/fhir+json"}
        assert server.door.request("POST", "/fhir/Patient", headers, b'{"resourceType": "Patient"}').status == 201
        asked = [server.door.get("/fhir/Patient?_summary=count", {"apikey": key}) for key in (first, second)]
        assert [answer.json()["total"] for answer in asked] == [1, 0]
        assert server.door.get("/fhir/Patient", {"apikey": "fhantom-local-key"}).status == 403
