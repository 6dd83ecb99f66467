"""Codes of systems that standards bodies define and no CodeSystem resource lists: languages, countries, units."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from fhantom.definitions.model import Coding
from fhantom.definitions.terminology import terminology
from fhantom.fhir.operations import units

COUNTRIES = "urn:iso:std:iso:3166"
LANGUAGES = "urn:ietf:bcp:47"
MEDIA_TYPES = "urn:ietf:bcp:13"
UNITS = "http://unitsofmeasure.org"

_VALUE_SETS = "http://hl7.org/fhir/ValueSet/"

# The value set of R4's definitions that names codes of a system: those in common use, not all that there are.
_NAMED = {
    COUNTRIES: f"{_VALUE_SETS}iso3166-1-2",
    LANGUAGES: f"{_VALUE_SETS}languages",
    UNITS: f"{_VALUE_SETS}ucum-common",
}


def is_shared(system: str) -> bool:
    """Whether codes of a system are known here without a CodeSystem."""
    return system == MEDIA_TYPES or system in _NAMED


def coding(system: str, code: str) -> Coding | None:
    """A code of such a system with its name, None if it is none; every media type is taken (HAPI 8.8.0, asked)."""
    if system == MEDIA_TYPES:
        return Coding(system, code) if code else None
    if system == UNITS:
        found = units.name_of(code, _codes(UNITS))
    else:
        found = _codes(system).get(code.lower() if system == LANGUAGES else code) if system in _NAMED else None
    if found and system == LANGUAGES:
        found = found.replace("(", "").replace(")", "")  # a region stands behind the language without more ado
    return Coding(system, code, found) if found else None


@cache
def _codes(system: str) -> Mapping[str, str]:
    value_set = terminology("R4").resource("ValueSet", _NAMED[system]) or {}
    rows = [row for part in value_set["compose"]["include"] for row in part.get("concept", ())]
    lower = system == LANGUAGES
    return {row["code"].lower() if lower else row["code"]: row.get("display", row["code"]) for row in rows}
