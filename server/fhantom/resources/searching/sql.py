"""Pieces of SQL with their values, and where a search can take its candidates from."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple


class Sql(NamedTuple):
    """A piece of SQL and the values of its question marks."""

    text: str
    values: tuple[Any, ...] = ()


TRUE = Sql("1")
# A value, not a literal: SQLite drops tables of which nothing can be wanted, and then misses the indexes named of them.
FALSE = Sql("?", (0,))
_FLAT = 100
_MANY = 5


def joined(word: str, pieces: Iterable[Sql], empty: Sql) -> Sql:
    """The pieces joined by AND or OR, in brackets; `empty` if there are none.

    Many pieces are joined in halves: SQLite refuses expressions that are nested deeper than 1,000.
    """
    found = list(pieces)
    if not found:
        return empty
    values = tuple(value for piece in found for value in piece.values)
    return Sql(_halved(f" {word} ", [piece.text for piece in found]), values)


def _halved(word: str, texts: list[str]) -> str:
    if len(texts) == 1:
        return texts[0]
    if len(texts) <= _FLAT:
        return f"({word.join(texts)})"
    half = len(texts) // 2
    return f"({_halved(word, texts[:half])}{word}{_halved(word, texts[half:])})"


def one_of(column: str, values: tuple[Any, ...]) -> Sql:
    """`column` equals one of the values."""
    if len(values) == 1:
        return Sql(f"{column} = ?", values)
    return Sql(f"{column} IN ({','.join('?' * len(values))})", values)


def one_of_keys(column: str, keys: tuple[int, ...]) -> Sql:
    """`column` equals one of the integers; however many there are, the statement is the same and known already."""
    if len(keys) < _MANY:
        return one_of(column, keys)
    return Sql(f"{column} IN (SELECT value FROM json_each(?))", (json.dumps(keys),))


@dataclass(frozen=True, slots=True)
class Source:
    """Rows that name resources: every one that fulfils the condition, perhaps several times.

    Attributes:
        tables: what stands behind FROM.
        number: the column with the resource's number.
        where: which rows.
        is_ordered: whether an index gives the rows in the order of `number`.
        is_unique: whether every resource is named once.
        is_typed: whether only resources of the searched type can be named.
        by_resource: the index that a test of one resource goes by. SQLite would prefer one with more columns,
            and then walk through many resources' rows for the one it was asked about.
    """

    tables: str
    number: str
    where: Sql
    is_ordered: bool = False
    is_unique: bool = False
    is_typed: bool = True
    by_resource: str = ""


def exists(source: Source, number: str) -> Sql:
    """Whether the resource of that number is in the source."""
    tables = f"{source.tables} INDEXED BY {source.by_resource}" if source.by_resource else source.tables
    text = f"EXISTS (SELECT 1 FROM {tables} WHERE {source.number} = {number} AND {source.where.text})"
    return Sql(text, source.where.values)


def as_table(source: Source, alias: str) -> str:
    """The source as a table with the one column `number`; its values are those of `source.where`."""
    return f"(SELECT {source.number} AS number FROM {source.tables} WHERE {source.where.text}) {alias}"


def nested(number: str) -> int:
    """How deep below the searched resource a test stands, told by the alias in `number` (`t2.number`: 2)."""
    digits = number.partition(".")[0].lstrip("abcdefghijklmnopqrstuvwxyz")
    return int(digits or 0)
