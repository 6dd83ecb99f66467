"""What `fhantom compare` learned of a live server, in the form that `serve --profile` obeys.

A TOML file without any key: settings that make this server answer alike, whole answers of its gateway, headers, and
how it answered where the tables of portability say that it refuses.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FORMAT = 1  # raised when an older fhantom could no longer obey the file


class BadProfile(Exception):
    """The file is no profile; the message says where."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """An answer as it came, without what differs from request to request."""

    status: int
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Profile:
    """What was learned.

    Attributes:
        source: the server's address.
        asked: when it was asked, as a date.
        settings: by the words of the configuration file.
        answers: of its gateway, by reason (`no key`, `wrong key`, `no path`, `DELETE fhir`).
        headers: that its answers carry, by service and name.
        rows: status of its answer to the question that probes a row of the portability table.
        notes: what was learned that no setting obeys, a sentence each.
    """

    source: str = ""
    asked: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    answers: Mapping[str, Recorded] = field(default_factory=dict)
    headers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def evidence(self) -> str:
        """How findings tell that they rest on it."""
        return f"calibrated against {self.source} on {self.asked}"


def load(path: Path) -> Profile:
    """The profile of a file. Raises BadProfile."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        if table.get("format") != FORMAT:
            raise BadProfile(f"{path} has profile format {table.get('format')}; this fhantom obeys {FORMAT}")
        answers = {
            reason: Recorded(int(one["status"]), str(one["body"]), _texts(one.get("headers", {})))
            for reason, one in table.get("answers", {}).items()
        }
        return Profile(
            source=str(table["source"]),
            asked=str(table["asked"]),
            settings=dict(table.get("settings", {})),
            answers=answers,
            headers={service: _texts(headers) for service, headers in table.get("headers", {}).items()},
            rows={name: int(status) for name, status in table.get("rows", {}).items()},
            notes=tuple(map(str, table.get("notes", ()))),
        )
    except OSError as error:
        raise BadProfile(f"cannot read {path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadProfile(f"{path} is no profile: {error}") from None


def dump(profile: Profile) -> str:
    """The profile as TOML, which `load` reads back."""
    lines = [
        f"format = {FORMAT}",
        f"source = {_value(profile.source)}",
        f"asked = {_value(profile.asked)}",
        "notes = [",
        *(f"  {_value(note)}," for note in profile.notes),
        "]",
    ]
    lines += _table("settings", profile.settings)
    lines += _table("rows", profile.rows)
    for service, headers in profile.headers.items():
        lines += _table(f"headers.{_value(service)}", headers)
    for reason, answer in profile.answers.items():
        lines += _table(f"answers.{_value(reason)}", {"status": answer.status, "body": answer.body})
        lines += _table(f"answers.{_value(reason)}.headers", answer.headers)
    return "\n".join(lines) + "\n"


def _table(name: str, values: Mapping[str, Any]) -> list[str]:
    return ["", f"[{name}]", *(f"{_value(key)} = {_value(value)}" for key, value in values.items())] if values else []


def _value(value: Any) -> str:
    # A JSON text is a basic string of TOML, but for DEL, which JSON leaves as it is.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _texts(table: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): str(text) for name, text in table.items()}
