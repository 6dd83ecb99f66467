"""Names of UCUM units, spelled out factor by factor as the real server does: `kg/m2` is `(kilogram) / (meter ^ 2)`."""

from __future__ import annotations

import re
from collections.abc import Mapping

# What UCUM calls a unit where FHIR's list of common units says it otherwise (UCUM 4.2 to 4.5).
_NAMES = {
    "10*": "the number ten for arbitrary powers",
    "J": "Joule",
    "Pa": "Pascal",
    "T": "Tesla",
    "U": "Unit",
    "[lb_av]": "pound",
    "[oz_av]": "ounce",
    "eq": "equivalents",
    "l": "liter",
    "m[H2O]": "meter of water column",
    "m[Hg]": "meter of mercury column",
}

# UCUM 4.1, without the rarest.
_PREFIXES = {
    "T": "tera",
    "G": "giga",
    "M": "mega",
    "k": "kilo",
    "h": "hecto",
    "d": "deci",
    "c": "centi",
    "m": "milli",
    "u": "micro",
    "n": "nano",
    "p": "pico",
    "f": "femto",
}

_TOKEN = re.compile(r"\{[^{}]*\}|[./()]|(?:\[[^\[\]]*\]|[^./(){}\[\]])+")
_FACTOR = re.compile(r"(10\*|.*?[^\d+-])([+-]?\d+)?")
_OPERATORS = {".": " * ", "/": " / "}


def name_of(code: str, common: Mapping[str, str]) -> str | None:
    """A unit's name, None if it has a part that neither `common`, names by code, nor this module knows.

    An annotation in braces counts as the factor 1, and parentheses leave no trace.
    """
    tokens = _TOKEN.findall(code)
    is_closed = tokens.count("(") == tokens.count(")")
    if not tokens or "".join(tokens) != code or tokens[-1] in _OPERATORS or not is_closed:
        return None
    words, is_after_factor = "", False
    for token in tokens:
        if token in "()":
            continue
        if token in _OPERATORS:
            words += _OPERATORS[token]
            is_after_factor = False
            continue
        factor = _factor(token, common)
        if factor is None:
            return None
        words += f" * {factor}" if is_after_factor else factor
        is_after_factor = True
    return words or None


def _factor(token: str, common: Mapping[str, str]) -> str | None:
    if token.startswith("{"):
        return "1"
    if token.isdecimal():
        return token
    matched = _FACTOR.fullmatch(token)
    name = _atom(matched[1], common) if matched else None
    if matched is None or name is None:
        return None
    return f"({name} ^ {matched[2]})" if matched[2] else f"({name})"


def _atom(code: str, common: Mapping[str, str]) -> str | None:
    for names in (_NAMES, common):
        if code in names:
            return names[code]
        if code[:1] in _PREFIXES and code[1:] in names:
            return names.get(code) or _PREFIXES[code[0]] + names[code[1:]]
    return None
