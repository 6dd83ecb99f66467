"""The page of the documentation that lists transfer syntaxes lists those that there are codecs for."""

from __future__ import annotations

import re
from pathlib import Path

from fhantom.dicom import transfer_syntax
from fhantom.pixels import codecs, encoders
from fhantom.pixels.frame_types import media_type_of

PAGE = Path(__file__).resolve().parents[2] / "docs" / "retrieval.md"
ROWS = re.findall(r"^\| (1\.2\.840\.10008[0-9.]*) [^|]*\| (\S+) \| yes \| ([^|]+) \|$", PAGE.read_text(), re.MULTILINE)


def test_every_syntax_that_is_read_or_written_has_its_row() -> None:
    listed = {uid for uid, _, _ in ROWS}
    compressed = {uid for uid in listed if transfer_syntax(uid).encapsulated}
    assert compressed == set(encoders.ENCODERS)
    assert all(codecs.decodes(uid) for uid in compressed)
    assert listed - compressed == {f"1.2.840.10008.1.2{suffix}" for suffix in ("", ".1", ".1.99", ".2")}


def test_the_media_types_are_those_of_the_answers() -> None:
    assert [name for _, name, _ in ROWS] == [media_type_of(transfer_syntax(uid)) for uid, _, _ in ROWS]
