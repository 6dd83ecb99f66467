"""Settings from flags, environment and file."""

from __future__ import annotations

import argparse
import typing
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import pytest

from fhantom.cli.options import BadSetting, add_arguments, load
from fhantom.profile import Profile, dump
from fhantom.settings import BUILT_IN_KEY, SETTINGS, Settings


def settings(*flags: str, environ: dict[str, str] | None = None) -> Settings:
    parser = argparse.ArgumentParser(exit_on_error=False)
    add_arguments(parser)
    return load(vars(parser.parse_args(flags)), environ or {})


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "fhantom.toml"
    path.write_text(
        'port = 9001\nkey = ["from file"]\nretry_after = false\nkey_expiry = 2026-12-03T00:00:00Z\n'
        'auth_status = 401\nlink_base = "localhost:8080"\ndata = "somewhere"\n'
    )
    return path


def test_without_anything_said_the_defaults_hold() -> None:
    assert settings() == Settings()


def test_a_flag_goes_before_the_environment_and_that_before_the_file(config: Path) -> None:
    file = ("--config", str(config))
    assert settings(*file).port == 9001
    assert settings(*file, environ={"FHANTOM_PORT": "9002"}).port == 9002
    assert settings(*file, "--port", "9003", environ={"FHANTOM_PORT": "9002"}).port == 9003


def test_the_environment_can_name_the_file(config: Path) -> None:
    assert settings(environ={"FHANTOM_CONFIG": str(config)}).port == 9001


def test_a_file_has_values_of_every_type(config: Path) -> None:
    found = settings("--config", str(config))
    assert found.keys == ("from file",)
    assert found.retry_after is False
    assert found.key_expiry == datetime(2026, 12, 3, tzinfo=UTC)
    assert (found.auth_status, found.link_base) == (401, "localhost:8080")
    assert found.data == Path("somewhere")


VALUES: dict[Any, tuple[str, Any]] = {
    int: ("17", 17),
    str: ("text", "text"),
    Path: ("folder", Path("folder")),
    Path | None: ("folder", Path("folder")),
    time | None: ("03:00:00", time(3)),
    datetime | None: ("2026-12-03T00:00:00+00:00", datetime(2026, 12, 3, tzinfo=UTC)),
    tuple[str, ...]: ("one", ("one",)),
}


# These have tests of their own: certificate and key are refused without each other, a profile is read at once.
ALONE = [setting for setting in SETTINGS if not setting.name.startswith("tls_") and setting.name != "profile"]


@pytest.mark.parametrize("setting", ALONE, ids=lambda setting: setting.name)
def test_every_setting_is_read_from_flag_and_environment_alike(setting) -> None:  # type: ignore[no-untyped-def]
    if setting.type is bool:
        flag = setting.flag if not setting.default else setting.flag.replace("--", "--no-", 1)
        expected = not setting.default
        by_flag, by_variable = settings(flag), settings(environ={setting.variable: str(expected)})
    else:
        plain = setting.type
        choices = [c for part in (plain, *typing.get_args(plain)) for c in typing.get_args(part)]
        text, expected = VALUES.get(plain) or (str(choices[-1]), choices[-1])
        by_flag, by_variable = settings(setting.flag, text), settings(environ={setting.variable: text})
    assert getattr(by_flag, setting.name) == getattr(by_variable, setting.name) == expected


def test_certificate_and_private_key_go_together() -> None:
    found = settings("--tls-certificate", "a.pem", "--tls-private-key", "b.pem")
    assert (found.tls_certificate, found.tls_private_key) == (Path("a.pem"), Path("b.pem"))
    with pytest.raises(BadSetting, match="go together"):
        settings("--tls-certificate", "a.pem")


def test_a_profile_comes_before_the_defaults_and_after_everything_else(tmp_path: Path) -> None:
    profile, config = tmp_path / "profile.toml", tmp_path / "config.toml"
    learned = {"auth_status": 401, "link_base": "http://upstream:8080", "rate_limit": 5}
    profile.write_text(dump(Profile("https://live.example", "2026-12-01", learned)))
    config.write_text("rate_limit = 7\n")
    found = settings("--profile", str(profile), "--config", str(config), "--auth-status", "403")
    assert (found.auth_status, found.link_base, found.rate_limit) == (403, "http://upstream:8080", 7)
    assert found.profile == profile
    assert settings(environ={"FHANTOM_PROFILE": str(profile)}).auth_status == 401


@pytest.mark.parametrize(
    ("text", "problem"),
    [("format = 99", "format 99"), ("not toml", "is no profile"), ("format = 1", "is no profile")],
    ids=["format", "not TOML", "incomplete"],
)
def test_a_profile_that_cannot_be_obeyed_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "profile.toml").write_text(text)
    with pytest.raises(BadSetting, match=problem):
        settings("--profile", str(tmp_path / "profile.toml"))


@pytest.mark.parametrize("base", ["ftp://x", "a b", "own/../x?y"])
def test_a_link_base_that_is_no_address_is_refused(base: str) -> None:
    with pytest.raises(BadSetting, match="--link-base"):
        settings("--link-base", base)


def test_keys_can_be_given_several_times() -> None:
    assert settings("--key", "one", "--key", "two").keys == ("one", "two")
    assert settings(environ={"FHANTOM_KEY": "one, two"}).keys == ("one", "two")


def test_without_keys_the_one_of_the_real_server_is_accepted() -> None:
    environ = {"SIIM_API_KEY": "siimrsna_1"}
    assert settings(environ=environ).keys == ("siimrsna_1",)
    assert settings("--key", "mine", environ=environ).keys == ("mine",)
    assert settings(environ={"SIIM_API_KEY": ""}).keys == (BUILT_IN_KEY,)


@pytest.mark.parametrize("text", ["1", "true", "Yes", "on"])
def test_yes_has_many_spellings(text: str) -> None:
    assert settings(environ={"FHANTOM_EPHEMERAL": text}).ephemeral is True


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"FHANTOM_PORT": "http"}, "FHANTOM_PORT must be a whole number, not 'http'"),
        ({"FHANTOM_PORT": "70000"}, "at most 65535"),
        ({"FHANTOM_PORT": "-1"}, "--port must not be negative"),
        ({"FHANTOM_WORKERS": "0"}, "--workers must be at least 1"),
        ({"FHANTOM_RATE_LIMIT_WINDOW": "0"}, "--rate-limit-window must be at least 1"),
        ({"FHANTOM_TLS": "maybe"}, "FHANTOM_TLS must be true or false"),
        ({"FHANTOM_KEY_EXPIRY": "soon"}, "FHANTOM_KEY_EXPIRY must be a date and time"),
        ({"FHANTOM_GATEWAY_STYLE": "iis"}, "must be one of fhantom, nginx, kong"),
        ({"SIIM_API_KEY": "a,b"}, "neither commas"),
        ({"SIIM_API_KEY": "a\nb"}, "control characters"),
        ({"FHANTOM_CONFIG": "no/such/file.toml"}, "cannot read"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_bad_value_is_named_with_where_it_was_read(environ: dict[str, str], message: str) -> None:
    with pytest.raises(BadSetting, match=message):
        settings(environ=environ)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("prot = 1", "unknown setting 'prot'"),
        ("port =", "is not TOML"),
        ("port = true", "port in .* must be"),
    ],
    ids=["unknown", "not toml", "wrong type"],
)
def test_a_bad_file_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "fhantom.toml"
    path.write_text(text)
    with pytest.raises(BadSetting, match=message):
        settings("--config", str(path))
