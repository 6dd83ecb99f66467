"""What a control route takes: each input as a row that checks its values and describes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fhantom.errors import BadRequest

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter of a query, or one member of a JSON object.

    Attributes:
        says: what it is for, in one line.
        must: what its value must be, as refusals tell it.
        schema: the same as JSON Schema; `accepts` checks no less.
        default: what stands for a value that is not given.
    """

    name: str
    says: str
    must: str
    schema: Schema
    default: Any = None
    required: bool = False

    def of_text(self, text: str) -> Any:
        """The value that stands in a query. Raises BadRequest."""
        return self.of_json(_FROM_TEXT[self.schema.get("type", "string")](text))

    def of_json(self, value: Any) -> Any:
        """The value that stands in a JSON object. Raises BadRequest."""
        if not accepts(self.schema, value):
            raise BadRequest(f"{self.name}: must be {self.must}")
        return value


def text(name: str, says: str, *, must: str = "a text", pattern: str = "", required: bool = False) -> Field:
    """A field of characters, which the whole of `pattern` must fit."""
    schema: Schema = {"type": "string", "pattern": f"^(?:{pattern})$"} if pattern else {"type": "string"}
    return Field(name, says, must, schema, required=required)


def whole(name: str, says: str, *, least: int = 0, default: int | None = None) -> Field:
    """A field that counts."""
    must = f"a whole number from {least} up" if least else "a whole number"
    return Field(name, says, must, {"type": "integer", "minimum": least}, default)


def number(
    name: str, says: str, *, least: float, most: float, default: float | None = None, required: bool = False
) -> Field:
    """A field that measures."""
    schema = {"type": "number", "minimum": least, "maximum": most}
    return Field(name, says, f"a number from {least:g} to {most:g}", schema, default, required)


def choice(name: str, says: str, choices: tuple[str, ...], *, default: str | None = None) -> Field:
    """A field that is one of some words."""
    return Field(name, says, f"one of {', '.join(choices)}", {"type": "string", "enum": list(choices)}, default)


def flag(name: str, says: str) -> Field:
    """A field that is true or false, and false unless it is given."""
    return Field(name, says, "true or false", {"type": "boolean"}, default=False)


def moment(name: str, says: str, *, required: bool = False) -> Field:
    """A field that is a moment with its offset from UTC, or null."""
    must = "a moment with its offset, as 2026-12-01T09:00:00Z, or null"
    return Field(name, says, must, {"type": ["string", "null"], "format": "date-time"}, required=required)


def accepts(schema: Schema, value: Any) -> bool:
    """Whether a value fits a schema, as far as fields make use of JSON Schema."""
    types = schema.get("type", "string")
    if not any(_IS[type](value) for type in ([types] if isinstance(types, str) else types)):
        return False
    if value is None:
        return True
    checks = (
        "enum" not in schema or value in schema["enum"],
        "minimum" not in schema or value >= schema["minimum"],
        "maximum" not in schema or value <= schema["maximum"],
        "pattern" not in schema or re.search(schema["pattern"], value) is not None,
        "format" not in schema or _is_moment(value),
    )
    return all(checks)


def _is_moment(value: str) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < float("inf")


_IS: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": _is_number,
    "boolean": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "null": lambda value: value is None,
}


def _number_of(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text


_FROM_TEXT: dict[str, Callable[[str], Any]] = {
    "string": lambda text: text,
    "integer": lambda text: int(text) if text.isascii() and text.isdigit() and len(text) < 20 else text,
    "number": _number_of,
    "boolean": lambda text: {"true": True, "false": False}.get(text, text),
}
