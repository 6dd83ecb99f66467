"""The part of FHIRPath that search parameters are written in, as a syntax tree (FHIRPath 2.0, grammar)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from fhantom.resources.refusal import UnusableExpression

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>'(?:[^'\\]|\\.)*')
      | (?P<number>\d+(?:\.\d+)?)
      | (?P<name>%?[A-Za-z_][A-Za-z0-9_]*|`[^`]+`|\$this)
      | (?P<mark>!=|[.()\[\]|=,])
    )""",
    re.VERBOSE,
)
_DEEPEST = 50


@dataclass(frozen=True, slots=True)
class Name:
    """A path's first word, or the element `name` of what `of` selects."""

    name: str
    of: Node | None = None


@dataclass(frozen=True, slots=True)
class Literal:
    """A string, number or boolean."""

    value: str | bool


@dataclass(frozen=True, slots=True)
class Call:
    """`of.name(arguments)`."""

    name: str
    of: Node | None
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """`of[position]`."""

    of: Node
    position: int


@dataclass(frozen=True, slots=True)
class Binary:
    """`left operator right`, the operator being one of | = != and or is as."""

    operator: str
    left: Node
    right: Node


Node = Name | Literal | Call | Item | Binary


def parse(expression: str) -> Node:
    """The tree of an expression. UnusableExpression if it is not written as search parameters are."""
    return _Parser(expression).whole()


class _Parser:
    def __init__(self, expression: str) -> None:
        self._expression = expression
        self._tokens = self._split(expression)
        self._at = 0
        self._depth = 0

    def _split(self, expression: str) -> list[tuple[str, str]]:
        tokens: list[tuple[str, str]] = []
        at = 0
        text = expression.rstrip()
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                raise UnusableExpression(expression)
            kind = match.lastgroup or ""
            tokens.append((kind, match[kind]))
            at = match.end()
        return [*tokens, ("end", "")]

    def whole(self) -> Node:
        node = self._either()
        if self._kind != "end":
            raise UnusableExpression(self._expression)
        return node

    @property
    def _kind(self) -> str:
        return self._tokens[self._at][0]

    @property
    def _word(self) -> str:
        return self._tokens[self._at][1]

    def _take(self, *words: str) -> str | None:
        if self._kind in ("mark", "name") and self._word in words:
            self._at += 1
            return self._tokens[self._at - 1][1]
        return None

    def _need(self, word: str) -> None:
        if self._take(word) is None:
            raise UnusableExpression(self._expression)

    def _level(self, operators: tuple[str, ...], below: Callable[[], Node]) -> Node:
        node = below()
        while (operator := self._take(*operators)) is not None:
            node = Binary(operator, node, below())
        return node

    def _either(self) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise UnusableExpression(self._expression)
        node = self._level(("or",), self._both)
        self._depth -= 1
        return node

    def _both(self) -> Node:
        return self._level(("and",), self._comparison)

    def _comparison(self) -> Node:
        return self._level(("=", "!="), self._union)

    def _union(self) -> Node:
        return self._level(("|",), self._typed)

    def _typed(self) -> Node:
        return self._level(("is", "as"), self._path)

    def _path(self) -> Node:
        node = self._term()
        while True:
            if self._take("."):
                node = self._member(node)
            elif self._take("["):
                if self._kind != "number":
                    raise UnusableExpression(self._expression)
                node = Item(node, int(float(self._word)))
                self._at += 1
                self._need("]")
            else:
                return node

    def _term(self) -> Node:
        if self._take("("):
            node = self._either()
            self._need(")")
            return node
        if self._kind in ("text", "number"):
            self._at += 1
            word = self._tokens[self._at - 1][1]
            return Literal(re.sub(r"\\(.)", r"\1", word[1:-1]) if word.startswith("'") else word)
        truth = self._take("true", "false")
        if truth is not None:
            return Literal(truth == "true")
        return self._member(None)

    def _member(self, of: Node | None) -> Node:
        if self._kind != "name":
            raise UnusableExpression(self._expression)
        name = self._word.strip("`")
        self._at += 1
        if not self._take("("):
            return Name(name, of)
        arguments: list[Node] = []
        while not self._take(")"):
            arguments.append(self._either())
            self._take(",")
        return Call(name, of, tuple(arguments))
