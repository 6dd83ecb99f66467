"""Structured reports and key object selections as text and HTML (PS3.3 C.17.3, PS3.18 10.4.1.1.3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from fhantom.dicom import Dataset

_CONTENT_SEQUENCE, _VALUE_TYPE, _CONCEPT_NAME = 0x0040A730, 0x0040A040, 0x0040A043
_CODE_MEANING, _NUMERIC_VALUE, _UNITS = 0x00080104, 0x0040A30A, 0x004008EA
_MEASURED_VALUE, _CONCEPT_CODE = 0x0040A300, 0x0040A168
_REFERENCED_SOP, _REFERENCED_SOP_INSTANCE_UID = 0x00081199, 0x00081155
_MAX_DEPTH = 40

# The value of a content item by its type, where it is one attribute (PS3.3 table C.17.3-7).
_VALUES = {
    "TEXT": 0x0040A160,
    "PNAME": 0x0040A123,
    "DATE": 0x0040A121,
    "TIME": 0x0040A122,
    "DATETIME": 0x0040A120,
    "UIDREF": 0x0040A124,
}
_HEADINGS = (
    ("Patient", 0x00100010),
    ("Patient ID", 0x00100020),
    ("Birth date", 0x00100030),
    ("Accession number", 0x00080050),
    ("Study", 0x00081030),
    ("Date", 0x00080023),
    ("Completion", 0x0040A491),
    ("Verification", 0x0040A493),
)
_REPORTS = "1.2.840.10008.5.1.4.1.1.88."
_STYLE = (
    "body{font-family:sans-serif;max-width:50em;margin:2em auto}dt{color:#555}li{margin:.2em 0;white-space:pre-line}"
)


@dataclass(frozen=True, slots=True)
class Line:
    """One content item.

    Attributes:
        depth: how many containers it stands in.
        name: what it is about; empty for one that says nothing of it.
        value: what it says; empty for a container.
    """

    depth: int
    name: str
    value: str


def lines(dataset: Dataset, depth: int = 0) -> Iterator[Line]:
    """The tree of content items, in the order in which it is read."""
    for item in dataset.items_of(_CONTENT_SEQUENCE):
        yield Line(depth, _meaning(item, _CONCEPT_NAME), _value(item))
        if depth < _MAX_DEPTH:
            yield from lines(item, depth + 1)


def title(dataset: Dataset) -> str:
    """The document's title."""
    return _meaning(dataset, _CONCEPT_NAME) or "Report"


def as_text(dataset: Dataset, charset: str = "utf-8") -> bytes:
    """The report in plain text; what the character set lacks is replaced."""
    out = [title(dataset), ""]
    out += [f"{name}: {value}" for name, value in _headings(dataset)]
    out.append("")
    for line in lines(dataset):
        text = ": ".join(filter(None, (line.name, line.value)))
        indent = "  " * line.depth
        out += [indent + row for row in (text or "-").splitlines()]
    return ("\n".join(out) + "\n").encode(charset, "replace")


def as_html(dataset: Dataset, charset: str = "utf-8") -> bytes:
    """The report as a page; nothing in it is active, and what the character set lacks is written by its number."""
    heading = escape(title(dataset))
    out = [f'<!doctype html><html lang="en"><head><meta charset="{charset}"><title>{heading}</title>']
    out.append(f"<style>{_STYLE}</style></head><body><h1>{heading}</h1><dl>")
    out += [f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in _headings(dataset)]
    out.append("</dl>")
    depth = -1
    for line in lines(dataset):
        out.append("<ul>" * (line.depth - depth) + "</ul>" * (depth - line.depth))
        depth = line.depth
        name = f"<b>{escape(line.name)}</b> " if line.name else ""
        out.append(f"<li>{name}{escape(line.value)}</li>")
    out.append("</ul>" * (depth + 1) + "</body></html>\n")
    return "".join(out).encode(charset, "xmlcharrefreplace")


def is_report(sop_class_uid: str) -> bool:
    """Whether objects of that class are structured reports or key object selections."""
    return sop_class_uid.startswith(_REPORTS)


def _headings(dataset: Dataset) -> Iterator[tuple[str, str]]:
    for name, tag in _HEADINGS:
        if value := dataset.text(tag).replace("^", " ").strip():
            yield name, value


def _meaning(dataset: Dataset, tag: int) -> str:
    return next((item.text(_CODE_MEANING) for item in dataset.items_of(tag)), "")


def _value(item: Dataset) -> str:
    kind = item.text(_VALUE_TYPE)
    if kind in _VALUES:
        return item.text(_VALUES[kind]).replace("^", " ").strip()
    if kind == "CODE":
        return _meaning(item, _CONCEPT_CODE)
    if kind == "NUM":
        measured = item.items_of(_MEASURED_VALUE)[:1]
        return " ".join(f"{one.text(_NUMERIC_VALUE)} {_meaning(one, _UNITS)}".strip() for one in measured)
    references = (one.text(_REFERENCED_SOP_INSTANCE_UID) for one in item.items_of(_REFERENCED_SOP))
    return ", ".join(f"{kind.lower()} {uid}" for uid in references)
