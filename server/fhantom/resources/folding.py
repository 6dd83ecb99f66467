"""Strings without case and accents, as searches compare them (FHIR search 3.2.1.5.7)."""

from __future__ import annotations

import unicodedata

LONGEST = 768
"""Characters of a string that are indexed and compared; the rest of a longer one is not."""


def folded(text: str) -> str:
    """`text` in lower case with accents removed."""
    text = text[:LONGEST]
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(char for char in decomposed if not unicodedata.combining(char)).casefold()
