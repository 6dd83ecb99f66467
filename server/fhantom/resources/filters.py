"""`_filter`: conditions joined by and, or, not (FHIR search filter)."""

from __future__ import annotations

import re
from collections.abc import Callable

from fhantom.resources.criteria import (
    AllOf,
    AnyOf,
    Condition,
    Modifier,
    NotCondition,
    Nothing,
    ParameterKey,
    StringCondition,
)
from fhantom.resources.folding import folded
from fhantom.resources.names import ParameterName, split_name
from fhantom.resources.refusal import SearchRefusal
from fhantom.resources.scope import Scope

Build = Callable[[Scope, ParameterName, str], Condition]

_TOKEN = re.compile(r'\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<mark>[()])|(?P<word>[^\s()"\']+))')
_NUMBER = re.compile(r"[\d.:TZ+-]+")
_PREFIXED = frozenset({"gt", "lt", "ge", "le"})
_EQUAL = frozenset({"eq", "re"})
# FHIR search filter 3.2.3.1, less ap, sa and eb
_OPERATORS = _PREFIXED | _EQUAL | {"ne", "co", "sw", "ew", "pr", "po", "ss", "sb", "in"}
_COMPARED = frozenset({"date", "number", "quantity"})
_DEEPEST = 20


def filter_condition(scope: Scope, text: str, build: Build) -> Condition:
    """The condition that a filter states.

    SearchRefusal tells where it cannot be read as the real server numbers it: 1052 a character, 1056 what stands
    after its end, 1057 a bracket, 1058, 1059 and 1068 what joins, 1063 and 1064 an operator, 1065 to 1067 a value; 1206
    for an unknown parameter.
    """
    return _Reader(scope, text, build).whole()


class _Reader:
    def __init__(self, scope: Scope, text: str, build: Build) -> None:
        self._scope, self._text, self._build = scope, text, build
        self._words = self._split(text)
        self._at = 0
        self._depth = 0

    def _split(self, text: str) -> list[str]:
        words: list[str] = []
        at, text = 0, text.rstrip()
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                raise self._refusal("1052")
            words.append(match[match.lastgroup or 0])
            at = match.end()
        return words

    def _refusal(self, number: str) -> SearchRefusal:
        return SearchRefusal(number, value=self._text)

    def whole(self) -> Condition:
        condition = self._either()
        if self._at == len(self._words):
            return condition
        if self._words[self._at] == ")":
            raise self._refusal("1056")
        raise self._unjoined()

    def _unjoined(self) -> SearchRefusal:
        """What is wrong with a word that should join two comparisons."""
        if self._words[self._at][0].isalpha():
            return self._refusal("1059")
        return self._refusal("1058" if self._words[self._at - 1] == ")" else "1068")

    def _next(self) -> str:
        if self._at >= len(self._words):
            raise self._refusal("1063")
        self._at += 1
        return self._words[self._at - 1]

    def _take(self, word: str) -> bool:
        if self._at < len(self._words) and self._words[self._at] == word:
            self._at += 1
            return True
        return False

    def _either(self) -> Condition:
        found = [self._both()]
        while self._take("or"):
            found.append(self._both())
        return found[0] if len(found) == 1 else AnyOf(tuple(found))

    def _both(self) -> Condition:
        found = [self._one()]
        while self._take("and"):
            found.append(self._one())
        return found[0] if len(found) == 1 else AllOf(tuple(found))

    def _one(self) -> Condition:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._refusal("1057")
        try:
            if self._take("not"):  # the real server does not know it
                raise self._refusal("1056")
            if self._take("("):
                inner = self._either()
                if not self._take(")"):
                    raise self._refusal("1057")
                return inner
            return self._comparison(self._next(), self._next(), self._next())
        finally:
            self._depth -= 1

    def _comparison(self, path: str, operator: str, value: str) -> Condition:
        self._scope.spend()
        if operator not in _OPERATORS:
            raise self._refusal("1064" if operator[0].isalpha() else "1063")
        if value in ("(", ")"):
            raise self._refusal("1065")
        if value == '""':
            raise self._refusal("1055")
        if value[0].isdigit() and not _NUMBER.fullmatch(value):  # an id may have to be put in quotation marks
            raise self._refusal("1059")
        if operator == "pr" and value.lower() not in ("true", "false"):
            raise self._refusal("1066")
        if value.startswith('"'):
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        value = value.replace(",", "\\,")
        name = split_name(path)
        key = self._scope.key(name.code)
        if ":" in path or (key is None and not name.code.startswith("_")):
            raise SearchRefusal("1206", parameter=path, type=self._scope.resource_type, valid=self._scope.valid())
        kind = key.type if key else ""
        if kind == "composite":
            raise SearchRefusal("1207", parameter=path)
        if kind == "reference" and operator not in ("eq", "ne"):
            raise SearchRefusal("1212", parameter=path, value=operator)
        if name.code == "_lastUpdated" or (operator == "in" and kind in ("", "token")):
            return Nothing()
        if operator in _EQUAL and kind == "string":
            return _of_text(key, Modifier.WHOLE, value)
        if operator in _EQUAL:
            return self._build(self._scope, name, value)
        if operator == "ne" and kind == "string":
            return NotCondition(_of_text(key, Modifier.WHOLE, value))
        if operator == "ne" and kind in _COMPARED:
            return self._build(self._scope, name, f"ne{value}")
        if operator == "ne":
            return NotCondition(self._build(self._scope, name, value))
        if operator in _PREFIXED:
            return self._build(self._scope, name, f"{operator}{value}")
        if operator == "pr":
            present = "false" if value == "true" else "true"
            return self._build(self._scope, _modified(name, Modifier.MISSING), present)
        if operator == "co":
            return self._build(self._scope, _modified(name, Modifier.CONTAINS), value)
        if operator == "sw":
            return self._build(self._scope, name, value)
        if operator == "ew" and kind == "string":
            return _of_text(key, Modifier.ENDS, value)
        raise SearchRefusal("filter operator", value=operator)


def _of_text(key: ParameterKey | None, modifier: Modifier, value: str) -> Condition:
    assert key is not None  # its type was asked for
    return StringCondition(key, modifier, (folded(value.replace("\\,", ",")),))


def _modified(name: ParameterName, modifier: Modifier) -> ParameterName:
    if name.chain:
        return ParameterName(name.text, name.code, name.modifier, f"{name.chain}:{modifier}")
    return ParameterName(f"{name.code}:{modifier}", name.code, modifier)
