"""The data dictionary (PS3.6, with repeating groups), and the private elements whose creators are known.

The tables are read when the first of them is asked for; `scripts/make_dicom_tables.py` writes them.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple


class Entry(NamedTuple):
    """What PS3.6 says of an attribute.

    Attributes:
        vr: the first one where it allows several.
        vrs: all that it allows.
    """

    tag: int
    vr: str
    vm: str
    keyword: str
    name: str
    vrs: tuple[str, ...]


def lookup(tag: int) -> Entry | None:
    """The entry of a tag, also within a repeating group (6002,3000); None when PS3.6 has none."""
    entry = _attributes().get(tag)
    if entry is None:
        entry = next((rows[tag & mask] for mask, rows in _repeaters().items() if tag & mask in rows), None)
    return entry and entry._replace(tag=tag)


@lru_cache(16384)
def vrs_of(tag: int) -> tuple[str, ...]:
    """All VRs that a tag may have: `UL` for a group length, `LO` for a private creator, `UN` when unknown."""
    if tag & 0xFFFF == 0:
        return ("UL",)
    if is_private(tag):
        return ("LO",) if 0x10 <= tag & 0xFFFF <= 0xFF else ("UN",)
    entry = lookup(tag)
    return entry.vrs if entry else ("UN",)


def vr_of(tag: int) -> str:
    """The first of `vrs_of`."""
    return vrs_of(tag)[0]


def private_vr_of(creator: str, tag: int) -> str:
    """The VR of a private element by its creator; `UN` when unknown."""
    return _private().get(creator, {}).get(tag & 0xFFFF00FF, "UN")


def keyword_of(tag: int) -> str:
    """The keyword, or `""`; a private creator has none of its own."""
    entry = None if is_private(tag) else lookup(tag)
    return entry.keyword if entry else ""


def tag_of(keyword: str) -> int | None:
    """The tag of a keyword, which is case-sensitive; None when there is none."""
    return _keywords().get(keyword)


def keywords() -> Iterable[str]:
    """Every keyword of PS3.6."""
    return _keywords().keys()


def parse_tag(text: str) -> int | None:
    """A tag from a keyword (`PatientID`) or eight hex digits (`00100020`, any case); else None."""
    if len(text) == 8 and all(character in "0123456789abcdefABCDEF" for character in text):
        return int(text, 16)
    return tag_of(text)


def format_tag(tag: int) -> str:
    """Eight upper-case hex digits, as in DICOM JSON."""
    return f"{tag:08X}"


def is_private(tag: int) -> bool:
    """Whether its group is odd (PS3.5 7.8)."""
    return bool(tag & 0x10000)


def creator_tag(tag: int) -> int | None:
    """The element that names the creator of a private one (PS3.5 7.8.1); None when it has no block."""
    block = (tag & 0xFF00) >> 8
    return (tag & 0xFFFF0000) | block if is_private(tag) and block >= 0x10 else None


def table(name: str) -> list[list[str]]:
    """The rows and cells of a generated table."""
    content = (resources.files("fhantom.dicom") / "tables" / f"{name}.tsv").read_text("utf-8")
    return [line.split("\t") for line in content.splitlines()]


def _entry(row: list[str]) -> Entry:
    pattern, vrs, vm, keyword, name = row
    alternatives = tuple(vrs.split("|"))
    return Entry(int(pattern.replace("x", "0"), 16), alternatives[0], vm, keyword, name, alternatives)


@cache
def _attributes() -> dict[int, Entry]:
    return {entry.tag: entry for row in table("attributes") if "x" not in row[0] for entry in [_entry(row)]}


@cache
def _repeaters() -> dict[int, dict[int, Entry]]:
    """Rows whose tag holds an x, by the mask of the other digits."""
    by_mask: dict[int, dict[int, Entry]] = {}
    for row in table("attributes"):
        if "x" in row[0]:
            mask = int("".join("0" if digit == "x" else "F" for digit in row[0]), 16)
            entry = _entry(row)
            by_mask.setdefault(mask, {})[entry.tag] = entry
    return by_mask


@cache
def _keywords() -> dict[str, int]:
    return {entry.keyword: tag for tag, entry in _attributes().items() if entry.keyword}


@cache
def _private() -> dict[str, dict[int, str]]:
    rows = {}
    for creator, cells in table("private"):
        pairs = (cell.split("=") for cell in cells.split())
        rows[creator] = {int(tag[:4] + "00" + tag[4:], 16): vrs.split("|")[0] for tag, vrs in pairs}
    return rows
