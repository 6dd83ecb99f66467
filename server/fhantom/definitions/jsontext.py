"""JSON text of FHIR resources: read without losing a digit, written in HAPI's own indentation.

Stored form: a resource is kept as the pretty text at depth 0, because HAPI's answers are pretty by default.
It goes into a Bundle by `indent`, one bytes.replace without parsing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from json.encoder import encode_basestring as quote
from typing import Any

from fhantom.definitions.refusal import ParseRefusal

FIRST_CHARACTER = re.compile(r"[ \t\r\n]*(.?)", re.DOTALL)
RELAXED = re.compile(r"""\"(?:[^"\\]|\\.)*+\"?|'(?:[^'\\]|\\.)*+'?|\+(?=\d)""", re.DOTALL)
"""Texts in either kind of quotes, be they closed or not, and the sign that JSON has no place for."""
ESCAPED = re.compile(r"""\\.|\"""", re.DOTALL)
LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class DecimalText(str):
    """A JSON number with a decimal point, as it was written (`1.00`); Decimal() and float() take it.

    Numbers without a point are int, whatever the type of the element.
    """

    __slots__ = ()


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")


read_at = json.JSONDecoder(parse_float=DecimalText, parse_constant=_refuse_constant).raw_decode
"""The value that begins at a place of a text, decimals as DecimalText, and where it ends. ValueError for none."""


def read_json(body: bytes) -> Any:
    """The value of a JSON text with decimals as DecimalText; ParseRefusal 1861, 1857 or 1859.

    Bytes that are no UTF-8 become replacement characters, whatever charset the client names, as in HAPI.
    """
    text = body.decode("utf-8", "replace")
    found = FIRST_CHARACTER.match(text)
    first = found[1] if found else ""
    if not first:
        raise ParseRefusal(1861, 1857, detail="there is nothing to parse")
    if first != "{":
        raise ParseRefusal(1861, 1859, detail="a FHIR resource is a JSON object", value=first)
    try:
        value = _value(text.strip(" \t\r\n"))
        return _without_lone_surrogates(value) if rb"\ud" in body.lower() else value
    except RecursionError:
        raise ParseRefusal(1861, detail="nested too deeply") from None
    except ValueError as broken:
        raise ParseRefusal(1861, detail=str(broken)) from None


def _value(text: str) -> Any:
    """The one value of a text, read once more as HAPI's lenient reader has it if it is no JSON. ValueError."""
    try:
        value, end = read_at(text)
    except ValueError:
        value, end = read_at(text := RELAXED.sub(_strictly, text))
    if end != len(text):
        raise ValueError(f"something follows the value at {end}")
    return value


def _strictly(found: re.Match[str]) -> str:
    """A token of the lenient reader as JSON has it: text in double quotes, a number without its plus."""
    token = found[0]
    if token[0] != "'":
        return "" if token == "+" else token
    inner = ESCAPED.sub(lambda part: {"\\'": "'", '"': '\\"'}.get(part[0], part[0]), token[1:-1])
    return f'"{inner}"'


def load_json(text: bytes) -> Any:
    """The value of a text that `dump_json` wrote, as it was."""
    return read_at(text.decode("utf-8"))[0]


def _without_lone_surrogates(value: Any) -> Any:
    """The value with `?` for code units that UTF-8 cannot hold, as Java writes them."""
    if isinstance(value, str):
        return type(value)(LONE_SURROGATE.sub("?", value)) if LONE_SURROGATE.search(value) else value
    if isinstance(value, dict):
        return {_without_lone_surrogates(key): _without_lone_surrogates(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_lone_surrogates(item) for item in value]
    return value


def dump_json(value: dict[str, Any], pretty: bool = True) -> bytes:
    """The JSON text of a canonical resource, indented by two spaces with `[ {` on one line, or compact."""
    parts: list[str] = []
    if pretty:
        _write_pretty(value, "\n  ", parts.append)
    else:
        _write_compact(value, parts.append)
    return "".join(parts).encode("utf-8", "replace")


def _scalar(value: Any) -> str:
    kind = value.__class__
    if kind is str:
        return quote(value)
    if kind is DecimalText:
        return str(value)
    if value is True:
        return "true"
    if value is False:
        return "false"
    return "null" if value is None else str(value)


def _write_pretty(value: dict[str, Any], line: str, put: Callable[[str], None]) -> None:
    """Write an object whose properties start with `line` (a newline and the indentation)."""
    before = "{" + line + '"'
    for key, item in value.items():
        kind = item.__class__
        if kind is str:
            put(f'{before}{key}": {quote(item)}')
        elif kind is dict:
            put(f'{before}{key}": ')
            _write_pretty(item, line + "  ", put)
        elif kind is list:
            put(f'{before}{key}": [')
            _write_list(item, line, put)
        else:
            put(f'{before}{key}": {_scalar(item)}')
        before = "," + line + '"'
    put("{ }" if before[0] == "{" else line[:-2] + "}")


def _write_list(items: list[Any], line: str, put: Callable[[str], None]) -> None:
    before = " "
    for item in items:
        if item.__class__ is dict:
            put(before)
            _write_pretty(item, line + "  ", put)
        else:
            put(before + _scalar(item))
        before = ", "
    put(" ]")


def _write_compact(value: Any, put: Callable[[str], None]) -> None:
    kind = value.__class__
    if kind is dict:
        before = '{"'
        for key, item in value.items():
            put(f'{before}{key}":')
            _write_compact(item, put)
            before = ',"'
        put("{}" if before == '{"' else "}")
    elif kind is list:
        before = "["
        for item in value:
            put(before)
            _write_compact(item, put)
            before = ","
        put("[]" if before == "[" else "]")
    else:
        put(_scalar(value))


def indent(text: bytes, depth: int) -> bytes:
    """Pretty text, written at depth 0, moved `depth` levels to the right (2 inside of a Bundle's entry)."""
    return text.replace(b"\n", b"\n" + b"  " * depth)


def compact(text: bytes) -> bytes:
    """The same resource as pretty text, without white space between tokens."""
    return dump_json(load_json(text), pretty=False)
