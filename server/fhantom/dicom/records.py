"""Data sets in the form of parsed DICOM JSON: tag text -> {"vr": ..., "Value": [...]} (PS3.18 annex F)."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from fhantom.dicom import dictionary, values
from fhantom.dicom.dictionary import format_tag, parse_tag
from fhantom.dicom.errors import DicomError
from fhantom.dicom.parsing import LONG, SHORT

Record = Mapping[str, Mapping[str, Any]]

MAX_DEPTH = 64
VRS = frozenset(SHORT.values()) | frozenset(LONG.values())
FORMS = ("Value", "InlineBinary", "BulkDataURI")  # PS3.18 F.2.2: at most one of them


def parse_json(body: bytes) -> list[Record]:
    """One object or an array of them, in canonical form: upper-case tags, ascending, a VR at each.

    Raises:
        DicomError: not JSON, or not DICOM JSON.
    """
    try:
        parsed = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise DicomError(f"Not JSON: {error}") from error
    return [canonical(item) for item in (parsed if isinstance(parsed, list) else [parsed])]


def canonical(parsed: object, depth: int = 0) -> Record:
    """A parsed object as a record, its items included.

    Raises:
        DicomError: it does not follow the DICOM JSON model.
    """
    if not isinstance(parsed, dict):
        raise DicomError("A data set must be a JSON object")
    if depth > MAX_DEPTH:
        raise DicomError(f"Sequences are nested more than {MAX_DEPTH} deep")
    attributes = {}
    for key, attribute in parsed.items():
        name = _name_of(key)
        if name is None or not isinstance(attribute, dict):
            raise DicomError(f"{key!r} is no attribute")
        attributes[name] = _attribute(name, attribute, depth)
    return dict(sorted(attributes.items()))


def values_of(record: Record, tag: int) -> tuple[str, ...]:
    """The same text that `Dataset.values` gives for the data set that the record describes."""
    attribute = record.get(format_tag(tag), {})
    if not values.is_textual(attribute.get("vr", "")):
        return ()
    return tuple(_text(value) for value in attribute.get("Value", ()))


def text(record: Record, tag: int, default: str = "") -> str:
    """The first of `values_of`, or the default."""
    found = values_of(record, tag)
    return found[0] if found else default


def items_of(record: Record, tag: int) -> tuple[Record, ...]:
    """The items of a sequence; () when absent."""
    attribute = record.get(format_tag(tag), {})
    return tuple(attribute.get("Value", ())) if attribute.get("vr") == "SQ" else ()


def selected(record: Record, paths: Iterable[Sequence[str]]) -> Record:
    """The attributes that lie on the paths (tags, through sequences), ascending; items keep their places."""
    found: dict[str, Any] = {}
    for tag, *rest in paths:
        below = found.setdefault(tag, [])
        if below is not None:
            found[tag] = [*below, rest] if rest else None  # the whole attribute wins over a part of it
    return {
        tag: attribute if found[tag] is None else _with_items(attribute, found[tag])
        for tag, attribute in record.items()
        if tag in found
    }


def encode(record: Record) -> bytes:
    """The record as compact JSON, in the form of `dicom_json.encode`; references stay as they are."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


@lru_cache(maxsize=4096)  # data sets have the same few tags again and again
def _name_of(key: str) -> str | None:
    tag = parse_tag(key)
    return None if tag is None else format_tag(tag)


def _attribute(name: str, attribute: Mapping[str, Any], depth: int) -> dict[str, Any]:
    vr = attribute.get("vr", None) or dictionary.vr_of(int(name, 16))
    if vr not in VRS:
        raise DicomError(f"{name} has the unknown VR {vr!r}")
    forms = [form for form in FORMS if form in attribute and attribute[form] not in (None, [], "")]
    if len(forms) > 1:
        raise DicomError(f"{name} has both {forms[0]} and {forms[1]}")
    if not forms:
        return {"vr": vr}
    (form,) = forms
    content = attribute[form]
    if form != "Value":
        if not isinstance(content, str):
            raise DicomError(f"{name} has a {form} that is not text")
        return {"vr": vr, form: content}
    if not isinstance(content, list):
        raise DicomError(f"{name} has a Value that is not an array")
    if vr == "SQ":
        return {"vr": vr, "Value": [canonical({} if item is None else item, depth + 1) for item in content]}
    return {"vr": vr, "Value": [value if value.__class__ is str else _plain(name, vr, value) for value in content]}


def _plain(name: str, vr: str, value: Any) -> Any:
    """A number, a person's name or null."""
    if isinstance(value, (list, bool)) or (isinstance(value, dict) and vr != "PN"):
        raise DicomError(f"{name} has a value that is no {vr}")
    # A number beyond a double's range is read as infinite, which could not be written as JSON again.
    return None if value in (math.inf, -math.inf) else value


def _no_constant(text: str) -> None:
    raise ValueError(f"{text} is no JSON")


def _with_items(attribute: Mapping[str, Any], paths: Sequence[Sequence[str]]) -> Mapping[str, Any]:
    if attribute["vr"] != "SQ" or "Value" not in attribute:
        return attribute
    return {**attribute, "Value": [selected(item, paths) for item in attribute["Value"]]}


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        groups = [str(value.get(name) or "") for name in values.PERSON_NAME_GROUPS]
        return "=".join(groups).rstrip("=")
    return values.number_text(value) if isinstance(value, (int, float)) else str(value).strip(" \0")
