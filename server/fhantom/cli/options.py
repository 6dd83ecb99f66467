"""Settings from the command line, the environment and a configuration file, all derived from one table."""

from __future__ import annotations

import argparse
import re
import tomllib
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any, Literal

from fhantom.cli.failure import Failure
from fhantom.profile import BadProfile
from fhantom.profile import load as load_profile
from fhantom.settings import SETTINGS, Setting, Settings

_LINK_BASE = re.compile(r"own|(?:https?://)?[A-Za-z0-9._-]+(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~/-]+)?")


class BadSetting(Failure):
    """A setting has a value that it cannot have; the message names it and where it was read."""


def load(arguments: Mapping[str, Any], environ: Mapping[str, str]) -> Settings:
    """Complete settings: of the command line, else `FHANTOM_*`, else `--config`, else `--profile`, else the defaults.

    Without any key of their own they take the value of `SIIM_API_KEY`. Raises BadSetting.
    """
    chosen = _from_profile(arguments.get("profile") or environ.get("FHANTOM_PROFILE"))
    config = arguments.get("config") or environ.get("FHANTOM_CONFIG")
    if config:
        chosen.update(_from_file(Path(config)))
    for setting in SETTINGS:
        text = environ.get(setting.variable)
        if text is not None:
            chosen[setting.name] = parse(setting, text, setting.variable)
        if arguments.get(setting.name) is not None:
            chosen[setting.name] = _from_flag(setting, arguments[setting.name])
    if not chosen.get("keys"):
        chosen.pop("keys", None)
        if environ.get("SIIM_API_KEY"):
            chosen["keys"] = (environ["SIIM_API_KEY"],)
    return _checked(Settings(**chosen))


def add_arguments(parser: argparse.ArgumentParser, groups: Iterable[str] | None = None) -> None:
    """Give `parser` one option per setting, none with a default, so that it is known what was written."""
    wanted = None if groups is None else set(groups)
    parser.add_argument("--config", metavar="FILE", help="read settings from a TOML file")
    headings: dict[str, Any] = {}
    for setting in SETTINGS:
        if wanted is not None and setting.group not in wanted:
            continue
        if setting.group not in headings:
            headings[setting.group] = parser.add_argument_group(setting.group)
        heading = headings[setting.group]
        help = setting.help.replace("%", "%%")
        if setting.type is bool:
            heading.add_argument(
                setting.flag,
                dest=setting.name,
                action=argparse.BooleanOptionalAction,
                default=None,
                help=help,
            )
        elif _is_tuple(setting):
            heading.add_argument(setting.flag, dest=setting.name, action="append", metavar="TEXT", help=help)
        else:
            heading.add_argument(setting.flag, dest=setting.name, metavar=describe(setting), help=help)


def as_arguments(given: Mapping[str, Any]) -> list[str]:
    """The command line that says again what was written on one."""
    words = ["--config", given["config"]] if given.get("config") else []
    for setting in SETTINGS:
        value = given.get(setting.name)
        if isinstance(value, bool):
            words.append(setting.flag if value else f"--no-{setting.flag.removeprefix('--')}")
        elif value is not None:
            words += [f"{setting.flag}={one}" for one in (value if isinstance(value, list) else [value])]
    return words


def parse(setting: Setting, text: str, source: str) -> Any:
    """The value that `text` stands for. Raises BadSetting, which names `source`."""
    if _is_tuple(setting):
        return tuple(part.strip() for part in text.split(",") if part.strip())
    choices = _choices(setting)
    if choices:
        for choice in choices:
            if str(choice) == text:
                return choice
        raise BadSetting(f"{source} must be one of {', '.join(map(str, choices))}, not {text!r}")
    try:
        return _PARSERS[_plain(setting.type)](text)
    except ValueError:
        raise BadSetting(f"{source} must be {_WORDS[_plain(setting.type)]}, not {text!r}") from None


def describe(setting: Setting) -> str:
    """What a value looks like, in one word for `--help` and the documentation."""
    choices = _choices(setting)
    if choices:
        return "|".join(map(str, choices))
    if _is_tuple(setting):
        return "TEXT"
    return _METAVARS[_plain(setting.type)]


def _from_flag(setting: Setting, value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    return value if isinstance(value, bool) else parse(setting, value, setting.flag)


def _from_profile(path: str | None) -> dict[str, Any]:
    if not path:
        return {}
    try:
        found = load_profile(Path(path).expanduser())
    except BadProfile as error:
        raise BadSetting(str(error)) from None
    return _from_table(found.settings, Path(path))


def _from_file(path: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(path.read_text())
    except OSError as error:
        raise BadSetting(f"cannot read {path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSetting(f"{path} is not TOML: {error}") from None
    return _from_table(table, path)


def _from_table(table: Mapping[str, Any], path: Path) -> dict[str, Any]:
    known = {setting.word: setting for setting in SETTINGS}
    chosen = {}
    for word, value in table.items():
        if word not in known:
            raise BadSetting(f"{path} has an unknown setting {word!r}")
        chosen[known[word].name] = _from_toml(known[word], value, f"{word} in {path}")
    return chosen


def _from_toml(setting: Setting, value: Any, source: str) -> Any:
    if _is_tuple(setting) and isinstance(value, list):
        return tuple(str(item) for item in value)
    if isinstance(value, datetime | time):
        value = value.isoformat()
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return parse(setting, text, source)


def _checked(settings: Settings) -> Settings:
    for setting in SETTINGS:
        value = getattr(settings, setting.name)
        if isinstance(value, int) and value < 0:
            raise BadSetting(f"{setting.flag} must not be negative")
    for name in ("workers", "threads", "rate_limit_window"):
        if getattr(settings, name) < 1:
            raise BadSetting(f"--{name.replace('_', '-')} must be at least 1")
    if settings.nightly_outage > 600:
        raise BadSetting("--nightly-outage must be at most 600")
    for name in ("link_base", "link_base_r4", "link_base_dicomweb"):
        if not _LINK_BASE.fullmatch(getattr(settings, name) or "own"):
            raise BadSetting(f"--{name.replace('_', '-')} must be own, HOST[:PORT], or http[s]://HOST[:PORT]")
    if settings.port > 65535:
        raise BadSetting("--port must be at most 65535")
    if any(not key.strip() or "," in key or not key.isprintable() for key in settings.keys):
        raise BadSetting("a key must not be empty and has neither commas nor control characters")
    if bool(settings.tls_certificate) != bool(settings.tls_private_key):
        raise BadSetting("--tls-certificate and --tls-private-key go together")
    return settings


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _boolean(text: str) -> bool:
    if text.lower() in ("1", "true", "yes", "on"):
        return True
    if text.lower() in ("0", "false", "no", "off"):
        return False
    raise ValueError(text)


_PARSERS: dict[Any, Callable[[str], Any]] = {
    str: str,
    int: int,
    float: float,
    bool: _boolean,
    Path: lambda text: Path(text).expanduser(),
    datetime: _moment,
    time: time.fromisoformat,
}
_WORDS = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    datetime: "a date and time",
    time: "a time of day, as 03:00",
}
_METAVARS = {str: "TEXT", int: "N", float: "N", bool: "on|off", Path: "PATH", datetime: "TIME", time: "HH:MM"}


def _plain(type: Any) -> Any:
    """`int` of `int | None`."""
    if isinstance(type, types.UnionType) or typing.get_origin(type) is typing.Union:
        return next(member for member in typing.get_args(type) if member is not types.NoneType)
    return type


def _choices(setting: Setting) -> tuple[Any, ...]:
    plain = _plain(setting.type)
    return typing.get_args(plain) if typing.get_origin(plain) is Literal else ()


def _is_tuple(setting: Setting) -> bool:
    return typing.get_origin(setting.type) is tuple
