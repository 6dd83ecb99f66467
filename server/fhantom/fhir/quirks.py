"""Where the real server departs from the FHIR specification: what a server that follows it would answer.

The answer is the real server's either way; a request that meets a quirk is noted for the log.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from fhantom.fhir.exchange import Exchange
from fhantom.fhir.outcomes import Refusal

_PARTIAL = re.compile(r"(?:ge|gt|le|lt)\d{4}(?:-\d\d)?$")

_MISSING_OF_META = frozenset(f"{name}:missing" for name in ("_id", "_lastUpdated", "_profile", "_security", "_tag"))


@dataclass(frozen=True, slots=True)
class Quirk:
    """One departure.

    Attributes:
        clause: of the specification, with the page it is on.
        words: what a server that follows the clause would do.
        refusals: keys of the outcome table by which the real server shows it.
        parameter: whether a search meets it by one of its parameters, given name and value.
        met: whether a request meets it, if neither its answer nor a parameter tells.
    """

    name: str
    clause: str
    words: str
    refusals: tuple[str, ...] = ()
    parameter: Callable[[str, str], bool] | None = None
    met: Callable[[Exchange], bool] | None = None


def _searches(exchange: Exchange) -> bool:
    return exchange.method in ("GET", "POST") and exchange.path.count("/") == 0 and bool(exchange.pairs)


QUIRKS: tuple[Quirk, ...] = (
    Quirk(
        "partial-date-bounds",
        "FHIR search 3.2.1.5.8",
        "compare a partial date as the period that it is: ge1950 finds 1950-04-12",
        parameter=lambda name, value: bool(_PARTIAL.match(value)),
    ),
    Quirk(
        "name-with-blank",
        "FHIR search 3.2.1.5.10",
        "look for the words of a name in each of its parts: `Sally SIIM` finds Sally SIIM",
        parameter=lambda name, value: name.partition(":")[0] in ("name", "address") and " " in value.strip(),
    ),
    Quirk(
        "date-alternatives",
        "FHIR search 3.2.1.5.6",
        "take several dates by comma as alternatives",
        refusals=("1930",),
    ),
    Quirk(
        "date-approximation",
        "FHIR search 3.2.1.5.8",
        "take the prefix ap on a date",
        refusals=("1925",),
    ),
    Quirk(
        "quantity-outer-prefixes",
        "FHIR search 3.2.1.5.7",
        "take the prefixes sa and eb on a quantity",
        refusals=("1235",),
    ),
    Quirk(
        "unknown-parameter",
        "FHIR search 3.2.1.3",
        "ignore an unknown parameter if Prefer asks for handling=lenient",
        refusals=("0524", "1223"),
    ),
    Quirk(
        "meta-missing",
        "FHIR search 3.2.1.5.5.8",
        "compare `:missing` of _id, _lastUpdated, _tag, _security and _profile",
        parameter=lambda name, value: name in _MISSING_OF_META,
    ),
    Quirk(
        "not-an-absent-id",
        "FHIR search 3.2.1.5.5.9",
        "find everything by `_id:not` with an id that nothing has",
        parameter=lambda name, value: name == "_id:not",
    ),
    Quirk(
        "tag-system",
        "FHIR search 3.2.1.5.12",
        "find every label of a system by `system|`",
        refusals=("1218",),
    ),
    Quirk(
        "chained-id",
        "FHIR search 3.2.1.6.5",
        "follow a chain to _id for references to several types",
        parameter=lambda name, value: name.endswith("._id") and ":" not in name,
    ),
    Quirk(
        "has-modifier",
        "FHIR search 3.2.1.6.6",
        "take a modifier on the parameter that stands last in _has",
        refusals=("1209",),
    ),
    Quirk(
        "filter-not",
        "FHIR search filter 3.2.3.1",
        "take `not` in a _filter",
        parameter=lambda name, value: name == "_filter" and bool(re.search(r"\bnot\b", value)),
    ),
    Quirk(
        "since-and-at",
        "FHIR http 3.2.0.12",
        "answer a history with `_since` and `_at`",
        refusals=("0553",),
    ),
    Quirk(
        "total-none",
        "FHIR search 3.2.1.7.3",
        "leave the total out of the answer to _total=none",
        parameter=lambda name, value: name == "_total" and value == "none",
    ),
    Quirk(
        "if-match-conflict",
        "FHIR http 3.2.0.5",
        "answer 412 to an If-Match that is no longer current",
        refusals=("0989", "0974"),
    ),
    Quirk(
        "if-none-match-list",
        "FHIR http 3.2.0.3",
        "compare each of several versions in If-None-Match",
        met=lambda exchange: exchange.method in ("GET", "HEAD") and "," in exchange.header("if-none-match"),
    ),
    Quirk(
        "if-none-match-create",
        "FHIR http 3.2.0.7",
        "refuse a PUT with If-None-Match: * where the resource is there",
        met=lambda exchange: exchange.method == "PUT" and exchange.header("if-none-match") == "*",
    ),
    Quirk(
        "if-match-delete",
        "FHIR http 3.2.0.5",
        "compare the If-Match of a DELETE",
        met=lambda exchange: exchange.method == "DELETE" and bool(exchange.header("if-match")),
    ),
    Quirk(
        "everything-since",
        "FHIR patient-operation-everything",
        "leave out of $everything what did not change after _since",
        met=lambda exchange: exchange.path.endswith("$everything") and exchange.first("_since") is not None,
    ),
    Quirk(
        "expand-filter",
        "FHIR valueset-operation-expand",
        "leave out of $expand what the filter does not match",
        met=lambda exchange: exchange.path.endswith("$expand") and exchange.first("filter") is not None,
    ),
    Quirk(
        "lastn-max",
        "FHIR observation-operation-lastn",
        "show only the last observations of each code, one where max is absent, of those that are asked for",
        met=lambda exchange: exchange.path.endswith("$lastn"),
    ),
)

_BY_PARAMETER = tuple((quirk, quirk.parameter) for quirk in QUIRKS if quirk.parameter)
_BY_REQUEST = tuple((quirk, quirk.met) for quirk in QUIRKS if quirk.met)
_BY_REFUSAL = {key: quirk for quirk in QUIRKS for key in quirk.refusals}


def note(exchange: Exchange, refusal: Refusal | None = None) -> None:
    """Note for the log which quirks a request met, as its answer or its refusal shows."""
    met = [quirk for quirk, test in _BY_REQUEST if test(exchange)]
    if _searches(exchange):
        met += [quirk for name, value in exchange.pairs for quirk, test in _BY_PARAMETER if test(name, value)]
    if refusal is not None and (quirk := _BY_REFUSAL.get(refusal.key)) is not None:
        met.append(quirk)
    for quirk in dict.fromkeys(met):
        words = f"{quirk.name}: a server that follows {quirk.clause} would {quirk.words}"
        exchange.notes.quirks.append(words)
