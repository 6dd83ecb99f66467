"""Commands that end by themselves."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import fhantom
from doors import Socket, listening
from fhantom.app import create_app
from fhantom.cli import main
from fhantom.cli.folders import user_cache, user_data
from fhantom.cli.healthcheck import healthcheck
from fhantom.readiness import Phase, Readiness
from fhantom.settings import BUILT_IN_KEY
from fhantom.site import Site
from fhantom.world import DataFolder


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands find an empty home and no settings in the environment."""
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.delenv("SIIM_API_KEY", raising=False)


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--version"])
    assert end.value.code == 0
    assert capsys.readouterr().out == f"fhantom {fhantom.__version__}\n"


def test_without_a_command_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "serve" in capsys.readouterr().out


def test_the_module_is_the_command() -> None:
    done = subprocess.run([sys.executable, "-m", "fhantom", "--version"], capture_output=True, text=True)
    assert done.stdout == f"fhantom {fhantom.__version__}\n"


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("fhantom: ") and "Traceback" not in printed.err
    return printed.err


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.7.7", "example.test"])
def test_on_a_network_the_built_in_key_is_refused(capsys: pytest.CaptureFixture[str], host: str) -> None:
    assert "built-in key" in refused(capsys, "serve", "--host", host)
    assert "built-in key" in refused(capsys, "serve", "--host", host, "--key", BUILT_IN_KEY)


def test_on_a_network_any_key_needs_a_second_flag(capsys: pytest.CaptureFixture[str]) -> None:
    assert "--any-key-on-network" in refused(capsys, "serve", "--host", "0.0.0.0", "--any-key")


def test_a_port_in_use_is_told_before_anything_is_touched(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        told = refused(capsys, "serve", "--port", port, "--data", str(tmp_path / "data"))
    assert f"port {port}" in told and "--port 0" in told
    assert not (tmp_path / "data").exists()


def test_an_unknown_seed_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    told = refused(capsys, "serve", "--port", "0", "--data", str(tmp_path), "--seed", "no-such-seed")
    assert "no-such-seed" in told


def test_a_data_folder_in_use_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    first = DataFolder(tmp_path)
    first.hold()
    assert "already serves" in refused(capsys, "serve", "--port", "0", "--data", str(tmp_path))
    first.release()


def test_data_of_a_newer_version_is_refused_and_left_as_it_is(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "FORMAT").write_text("999\n")
    assert "format 999" in refused(capsys, "serve", "--port", "0", "--data", str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["FORMAT"]


def test_a_schema_of_a_newer_version_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path, site: Site) -> None:
    with site.worlds.open().writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    site.worlds.close()
    told = refused(capsys, "serve", "--port", "0", "--data", str(site.worlds.folder.path))
    assert "9999" in told


def test_a_data_folder_that_is_a_file_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot use the data folder" in refused(capsys, "serve", "--port", "0", "--data", str(tmp_path / "file"))


def test_a_certificate_that_is_not_there_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    pem = str(tmp_path / "no.pem")
    told = refused(
        capsys,
        "serve",
        "--port",
        "0",
        "--data",
        str(tmp_path),
        "--tls-certificate",
        pem,
        "--tls-private-key",
        pem,
    )
    assert "no.pem" in told


@pytest.fixture
def server(site: Site) -> Iterator[tuple[Socket, Readiness]]:
    readiness = Readiness(Phase.READY)
    with listening(create_app(replace(site, readiness=readiness))) as door:
        yield door, readiness


def test_healthcheck_succeeds_once_the_server_is_ready(
    server: tuple[Socket, Readiness], capsys: pytest.CaptureFixture[str]
) -> None:
    door, readiness = server
    assert healthcheck(door.origin, timeout=5) == 0
    readiness.report(Phase.SEEDING, 1, 2)
    assert healthcheck(door.origin, timeout=5) == 1
    assert "seeding" in capsys.readouterr().err


def test_healthcheck_fails_where_nobody_listens(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        assert main(["healthcheck", "--url", url]) == 1
    assert "no answer" in capsys.readouterr().err


def test_folders_follow_the_xdg_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert user_data() == tmp_path / "fhantom"
    assert user_cache() == Path.home() / ".cache" / "fhantom"


@pytest.mark.parametrize(("platform", "part"), [("darwin", "Library"), ("win32", "AppData")])
def test_folders_are_where_other_systems_keep_them(monkeypatch: pytest.MonkeyPatch, platform: str, part: str) -> None:
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    monkeypatch.setattr(sys, "platform", platform)
    assert part in user_data().parts and part in user_cache().parts
    assert user_data() != user_cache()
