"""What of a value goes into the index: one function for each type of value, chosen by type of parameter.

A function adds rows to the table that the parameter is compared by; rows lack the resource they belong to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from fhantom.resources import dates
from fhantom.resources.folding import LONGEST, folded
from fhantom.resources.numbers import resource_key, text_number, url_key
from fhantom.resources.places import parse_reference

_LONGEST_CODE = 200


class Rows:
    """The rows of one resource by index table, each once."""

    __slots__ = ("tables", "version")

    def __init__(self, version: Any) -> None:
        self.version = version
        self.tables: dict[str, set[tuple[Any, ...]]] = defaultdict(set)

    def string(self, parameter: int, text: object) -> None:
        if text:
            exact = str(text)[:LONGEST]
            self.tables["string"].add((parameter, folded(exact), exact))

    def token(self, parameter: int, system: str | None, code: object) -> None:
        number = text_number(system or "")
        if number:
            self.tables["system"].add((number, system))
        self.tables["token"].add((parameter, str(code or "")[:_LONGEST_CODE], number))

    def date(self, parameter: int, period: dates.Period | None) -> None:
        if period is not None:
            row = (parameter, period.low, period.high, period.low_day, period.high_day)
            self.tables["date"].add(row)

    def quantity(self, parameter: int, value: object, system: str | None, code: str | None) -> None:
        if value is not None:
            number = text_number(system or "")
            self.tables["quantity"].add((parameter, float(str(value)), number, code or ""))


Indexer = Callable[[Rows, "Indexed", Any], None]


class Indexed:
    """One parameter as indexers see it.

    Attributes:
        parameter: its number; `of_type` and `identifier` are those of what is kept beside its plain values.
        systems: for elements of type code, the system of each code that the element may have.
    """

    __slots__ = ("identifier", "of_type", "parameter", "systems")

    def __init__(self, parameter: int, of_type: int, identifier: int, systems: Mapping[str, str]) -> None:
        self.parameter = parameter
        self.of_type = of_type
        self.identifier = identifier
        self.systems = systems

    def with_systems(self, systems: Mapping[str, str]) -> Indexed:
        """The same with systems of other codes."""
        return Indexed(self.parameter, self.of_type, self.identifier, systems)


def _plain_string(rows: Rows, at: Indexed, value: Any) -> None:
    rows.string(at.parameter, value)


def _human_name(rows: Rows, at: Indexed, value: Mapping[str, Any]) -> None:
    for text in (value.get("family"), value.get("text"), *_each(value, "given", "prefix", "suffix")):
        rows.string(at.parameter, text)


def _address(rows: Rows, at: Indexed, value: Mapping[str, Any]) -> None:
    for key in ("text", "city", "district", "state", "country", "postalCode"):
        rows.string(at.parameter, value.get(key))
    for line in _each(value, "line"):
        rows.string(at.parameter, line)


def _contact_string(rows: Rows, at: Indexed, value: Mapping[str, Any]) -> None:
    rows.string(at.parameter, value.get("value"))


def _concept_string(rows: Rows, at: Indexed, value: Mapping[str, Any]) -> None:
    rows.string(at.parameter, value.get("text"))


def _each(value: Mapping[str, Any], *keys: str) -> list[Any]:
    return [item for key in keys for item in value.get(key) or ()]


def _plain_token(rows: Rows, at: Indexed, value: Any) -> None:
    text = "true" if value is True else "false" if value is False else str(value)
    rows.token(at.parameter, at.systems.get(text), text)


def _coding(rows: Rows, at: Indexed, value: Mapping[str, Any]) -> None:
    if value.get("code") or value.get("system"):
        rows.token(at.parameter, value.get("system"), value.get("code"))
    rows.string(at.parameter, value.get("display"))


def _concept(rows: Rows, at: Indexed, value: Mapping[str, Any]) -> None:
    rows.string(at.parameter, value.get("text"))
    for coding in value.get("coding") or ():
        _coding(rows, at, coding)


def _concept_of_reference(rows: Rows, at: Indexed, value: Mapping[str, Any]) -> None:
    _concept(rows, at, value.get("concept") or {})


def _identifier(rows: Rows, at: Indexed, value: Mapping[str, Any]) -> None:
    _identifier_token(rows, at.parameter, value)
    kind = value.get("type") or {}
    rows.string(at.parameter, kind.get("text"))
    for coding in kind.get("coding") or ():
        if value.get("value") and coding.get("code"):
            rows.token(at.of_type, f"{coding.get('system', '')}|{coding['code']}", value["value"])


def _identifier_token(rows: Rows, parameter: int, value: Mapping[str, Any]) -> None:
    if value.get("value") or value.get("system"):
        rows.token(parameter, value.get("system"), value.get("value"))


def _contact_token(rows: Rows, at: Indexed, value: Mapping[str, Any]) -> None:
    if value.get("value"):
        rows.token(at.parameter, value.get("system"), value["value"])


def _quantity_token(rows: Rows, at: Indexed, value: Mapping[str, Any]) -> None:
    if value.get("code"):
        rows.token(at.parameter, value.get("system"), value["code"])


def _date(rows: Rows, at: Indexed, value: str) -> None:
    rows.date(at.parameter, _period(value))


def _period_date(rows: Rows, at: Indexed, value: Mapping[str, Any]) -> None:
    rows.date(at.parameter, dates.Period.between(_period(value.get("start")), _period(value.get("end"))))


def _timing(rows: Rows, at: Indexed, value: Mapping[str, Any]) -> None:
    bounds = (value.get("repeat") or {}).get("boundsPeriod") or {}
    times = [*(value.get("event") or ()), bounds.get("start"), bounds.get("end")]
    periods = [period for text in times if (period := _period(text))]
    if periods:
        first = min(periods, key=lambda period: period.low)
        last = max(periods, key=lambda period: period.high)
        rows.date(at.parameter, dates.Period.between(first, last))


def _period(text: Any) -> dates.Period | None:
    try:
        return dates.parse(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _number(rows: Rows, at: Indexed, value: Any) -> None:
    rows.tables["number"].add((at.parameter, float(str(value))))


def _number_range(rows: Rows, at: Indexed, value: Mapping[str, Any]) -> None:
    for end in ("low", "high"):
        if (number := (value.get(end) or {}).get("value")) is not None:
            _number(rows, at, number)


def _quantity(rows: Rows, at: Indexed, value: Mapping[str, Any]) -> None:
    code = value.get("code") or value.get("unit")
    rows.quantity(at.parameter, value.get("value"), value.get("system"), code)


def _money(rows: Rows, at: Indexed, value: Mapping[str, Any]) -> None:
    rows.quantity(at.parameter, value.get("value"), "urn:iso:std:iso:4217", value.get("currency"))


def _range(rows: Rows, at: Indexed, value: Mapping[str, Any]) -> None:
    for end in ("low", "high"):
        _quantity(rows, at, value.get(end) or {})


def _sampled(rows: Rows, at: Indexed, value: Mapping[str, Any]) -> None:
    _quantity(rows, at, value.get("origin") or {})


def _uri(rows: Rows, at: Indexed, value: Any) -> None:
    rows.tables["uri"].add((at.parameter, str(value)))


def _reference(rows: Rows, at: Indexed, value: Mapping[str, Any]) -> None:
    if text := value.get("reference"):
        _reference_text(rows, at, text)
    identifier = value.get("identifier") or {}
    if identifier.get("value"):
        _identifier_token(rows, at.identifier, identifier)


def _reference_text(rows: Rows, at: Indexed, text: str) -> None:
    place = parse_reference(text)
    if place is not None:
        rows.tables["reference"].add((resource_key(rows.version, place.type, place.id), at.parameter))
    elif not text.startswith("#"):
        rows.tables["reference"].add((url_key(text), at.parameter))
        unversioned, bar, _ = text.partition("|")
        if bar:
            rows.tables["reference"].add((url_key(unversioned), at.parameter))


def _codeable_reference(rows: Rows, at: Indexed, value: Mapping[str, Any]) -> None:
    _reference(rows, at, value.get("reference") or {})


def _position(rows: Rows, at: Indexed, value: Mapping[str, Any]) -> None:
    latitude, longitude = value.get("latitude"), value.get("longitude")
    if latitude is not None and longitude is not None:  # one number each, under a parameter of its own
        rows.tables["number"].add((at.of_type, float(str(latitude))))
        rows.tables["number"].add((at.identifier, float(str(longitude))))


_STRINGS = ("string", "markdown", "code", "uri", "url", "canonical", "id", "oid", "uuid", "base64Binary")
_CODES = (
    *_STRINGS,
    "boolean",
    "integer",
    "positiveInt",
    "unsignedInt",
    "decimal",
    "date",
    "dateTime",
    "instant",
)
_QUANTITIES = ("Quantity", "Age", "Duration", "Distance", "Count", "SimpleQuantity")

INDEXERS: dict[str, dict[str, Indexer]] = {
    "string": {
        **dict.fromkeys(("string", "markdown", "code", "id", "uri", "url", "canonical"), _plain_string),
        "HumanName": _human_name,
        "Address": _address,
        "ContactPoint": _contact_string,
        "CodeableConcept": _concept_string,
    },
    "token": {
        **dict.fromkeys(_CODES, _plain_token),
        "Coding": _coding,
        "CodeableConcept": _concept,
        "CodeableReference": _concept_of_reference,
        "Identifier": _identifier,
        "ContactPoint": _contact_token,
        "Quantity": _quantity_token,
    },
    "date": {
        **dict.fromkeys(("date", "dateTime", "instant"), _date),
        "Period": _period_date,
        "Timing": _timing,
    },
    "number": {
        **dict.fromkeys(("decimal", "integer", "integer64", "positiveInt", "unsignedInt"), _number),
        "Range": _number_range,
    },
    "quantity": {
        **dict.fromkeys(_QUANTITIES, _quantity),
        "Money": _money,
        "Range": _range,
        "SampledData": _sampled,
    },
    "uri": dict.fromkeys(("uri", "url", "canonical", "oid", "uuid"), _uri),
    "reference": {
        "Reference": _reference,
        "CodeableReference": _codeable_reference,
        **dict.fromkeys(("canonical", "uri", "url"), _reference_text),
    },
    "special": {"Location.position": _position},
}
"""Parameter type to type of value to the function that indexes it; other values are not searched."""
