"""`fhantom compare` as a command."""

from __future__ import annotations

from pathlib import Path

import pytest

from calibration.odd_gateway import KEY, OddGateway
from doors import listening
from fhantom.app import create_app
from fhantom.cli import main
from fhantom.settings import Settings
from fhantom.site import Site


@pytest.fixture(scope="module")
def module_settings() -> Settings:
    return Settings(ephemeral=True, keys=(KEY,))


def test_a_live_server_is_compared_and_what_was_learned_is_saved(
    module_site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LIVE_KEY", KEY)
    profile = tmp_path / "profile.toml"
    with listening(OddGateway(create_app(module_site))) as door:
        to_save = ["--pace", "0", "--save", str(profile)]
        status = main(["compare", "--with", door.origin, "--key-env", "LIVE_KEY", *to_save])
    assert status == 0
    told = capsys.readouterr().out
    assert "5 questions, such as: no key; a wrong key; no key, over http\n  status: there 401\n" in told
    assert "a preflight without a key\n  status: there 401\n          here  200\n" in told
    assert f"fhantom serve --profile {profile} obeys it" in told
    assert KEY not in told + profile.read_text()


def test_a_key_that_is_not_accepted_is_told_of_at_once(
    module_site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LIVE_KEY", "mistyped")
    gateway = OddGateway(create_app(module_site))
    profile = tmp_path / "profile.toml"
    with listening(gateway) as door:
        asking = ["--with", door.origin, "--key-env", "LIVE_KEY", "--pace", "0", "--write", "--save", str(profile)]
        assert main(["compare", *asking]) == 1
    told = capsys.readouterr().err
    assert "does not accept the key in LIVE_KEY" in told
    assert "mistyped" not in told
    assert len(gateway.seen) < 15
    assert not profile.exists()


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--with", "hackathon.siim.org"], "must be an address"),
        (["--with", "https://hackathon.siim.org", "--pace", "0.5"], "only for a server on this machine"),
        (["--with", "http://127.0.0.1:1", "--key-env", "NO_SUCH_KEY"], "NO_SUCH_KEY is not set"),
        (["--with", "http://127.0.0.1:1", "--service", "ftp"], "'ftp' is no service"),
        ([], "needs --with"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    arguments: list[str], problem: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SIIM_API_KEY", "x")
    assert main(["compare", *arguments]) == 1
    assert problem in capsys.readouterr().err


def test_a_server_that_does_not_answer_is_told_of(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SIIM_API_KEY", "x")
    assert main(["compare", "--with", "http://127.0.0.1:1", "--pace", "0", "--service", "sole"]) == 1
    assert "no answer from http://127.0.0.1:1" in capsys.readouterr().err


def test_every_question_can_be_listed_without_asking_anybody(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "--list"]) == 0
    told = capsys.readouterr().out
    assert "no key: GET [fhir]/metadata, key: none" in told
    assert "a DELETE, R4: DELETE [fhir-r4]/Basic/{id}" in told
