"""The value of a search key as the recorded Orthanc reads it, for `strict`: values are texts, and lists are plain."""

from __future__ import annotations

import re

from fhantom.archive.attributes import COLUMNS, MODALITIES_IN_STUDY
from fhantom.archive.query import AnyOf, Lies, Like, Test, Written
from fhantom.archive.values import RANGES, Kind, fold, kind_of
from fhantom.dicomweb.qido_parameters import Path, may_be_multiple
from fhantom.dicomweb.qido_values import Matching, test_of

# Texts that mean what they are: a number without zeros before it, a whole date or time, and ranges of them.
_PLAIN = {
    Kind.NUMBER: re.compile(r"0|-?[1-9]\d*"),
    Kind.DATE: re.compile(r"\d{8}|(?:\d{8})?-(?:\d{8})?"),
    Kind.TIME: re.compile(r"\d{6}|(?:\d{6})?-(?:\d{6})?"),
}


def recorded_test(path: Path, vr: str, text: str) -> Test | None:
    """What the value of a key asks for there; None when any value, or none at all, will do.

    Raises:
        ParameterOutOfRange: a wildcard where the VR allows none.
    """
    usual = test_of(vr, text, Matching())
    kind = kind_of(vr)
    by_column = path[0] == MODALITIES_IN_STUDY or path[0] in COLUMNS
    if usual is None or kind is Kind.UID:
        return usual
    if kind in RANGES and "-" in text and (text.startswith("-") or not _is_plain(kind, text)):
        low, _, high = text.partition("-")
        return Written(Lies(fold(low) or None, fold(high) or None))
    if "," in text:
        texts = AnyOf(tuple(fold(part.strip()) for part in text.split(",")))
        return texts if by_column and kind is Kind.TEXT and all(texts.values) else Written(texts)
    if (by_column or not may_be_multiple(path[-1])) and (kind is Kind.TEXT or _is_plain(kind, text)):
        return usual
    wild = kind is Kind.TEXT and ("*" in text or "?" in text)
    return Written(Like(fold(text)) if wild else AnyOf((fold(text),)))


def _is_plain(kind: Kind, text: str) -> bool:
    return kind in _PLAIN and _PLAIN[kind].fullmatch(text) is not None
