"""The links of searchsets and histories: self, next and the one before, as the real server writes them."""

from __future__ import annotations

from dataclasses import dataclass

from fhantom.definitions import Version
from fhantom.fhir.parameters import Pairs, commas, every, first, with_query, written

Link = tuple[str, str]

BEFORE: dict[Version, str] = {"R4": "previous", "R5": "prev"}
"""The relation of the page before: R4's value set says `previous`, R5's (IANA) `prev`."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Which part of a result a page shows, and whether there is more."""

    offset: int
    count: int
    more: bool


@dataclass(frozen=True, slots=True)
class Paging:
    """A kept search as links name it.

    Attributes:
        base: the server's base address, which the links of pages hang on.
        token: the value of `_getpages`.
        pairs: the search's own parameters; some go into the links.
    """

    base: str
    token: str
    pairs: Pairs
    pretty: bool

    def at(self, offset: int, count: int) -> str:
        """The address of a page; the order of its parameters is the real server's."""
        query: list[tuple[str, str]] = [
            ("_getpages", self.token),
            ("_getpagesoffset", str(offset)),
            ("_count", str(count)),
        ]
        if (form := first(self.pairs, "_format")) is not None:
            query.append(("_format", form))
        if self.pretty:
            query.append(("_pretty", "true"))
        query += [("_include", value) for value in every(self.pairs, "_include") if value]
        query.append(("_bundletype", "searchset"))
        for name in ("_elements", "_elements:exclude"):
            if values := commas(every(self.pairs, name)):
                query.append((name, ",".join(sorted(set(values)))))
        return f"{self.base}?{written(query)}"


def of_session(self_url: str, paging: Paging, part: Slice, version: Version) -> list[Link]:
    """The links of a page of a kept search."""
    links = [("self", self_url)]
    if part.more:
        links.append(("next", paging.at(part.offset + part.count, part.count)))
    if part.offset > 0:
        links.append((BEFORE[version], paging.at(max(0, part.offset - part.count), part.count)))
    return links


def of_offsets(url: str, part: Slice, version: Version, pairs: Pairs) -> list[Link]:
    """The links of a page that is found by `_offset`: of histories, and of searches that ask so."""
    links = [("self", with_query(url, pairs))]
    others = tuple(pair for pair in pairs if pair[0] not in ("_offset", "_count"))

    def at(offset: int) -> str:
        return with_query(url, (*others, ("_count", str(part.count)), ("_offset", str(offset))))

    if part.more:
        links.append(("next", at(part.offset + part.count)))
    if part.offset > 0:
        links.append((BEFORE[version], at(max(0, part.offset - part.count))))
    return links
