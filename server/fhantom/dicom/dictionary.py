"""The data dictionary (PS3.6, with repeating groups), and the private elements whose creators are known."""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """What PS3.6 says of an attribute: `vr` is the first one where it allows several."""

    tag: int
    vr: str
    vm: str
    keyword: str
    name: str


def lookup(tag: int) -> Entry | None:
    """The entry of a tag, also within a repeating group (6002,3000)."""
    ...


def vr_of(tag: int) -> str:
    """The VR for a tag: `UL` for a group length, `LO` for a private creator, `UN` when unknown."""
    ...


def keyword_of(tag: int) -> str:
    """The keyword, or `""`."""
    ...


def tag_of(keyword: str) -> int | None:
    """The tag of a keyword."""
    ...


def parse_tag(text: str) -> int | None:
    """A tag from a keyword (`PatientID`) or eight hex digits (`00100020`), any case of the latter; else None."""
    ...


def format_tag(tag: int) -> str:
    """Eight upper-case hex digits, as in DICOM JSON."""
    ...
