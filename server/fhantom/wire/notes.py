"""What a room has to say about a request beside its answer: read by the journal, never by the client."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from wsgiref.types import WSGIEnvironment

NOTES = "fhantom.notes"


@dataclass(frozen=True, slots=True)
class Finding:
    """An answer that the real server would not have given.

    Attributes:
        row: the row of the portability table that says so.
        message: what differs, in one sentence.
        evidence: recorded, source, or calibrated.
        fails: the real server refuses the request, where others get an answer of another kind.
        clause: of the standard that is followed here.
    """

    row: str
    message: str
    evidence: str
    fails: bool = False
    clause: str = ""


@dataclass(slots=True)
class Notes:
    """Gathered while one request is answered.

    Attributes:
        understood: the query as it was understood, in plain JSON values.
        ignored: parameters that had no influence on the answer.
        findings: where the answer departs from the real server's.
        quirks: where a server that follows the specification would have answered otherwise.
        matches: how many results were found, where that is known.
        form: the body, where a search came as one.
        refusal: why it was refused, in the words that the client got.
    """

    understood: Mapping[str, Any] | None = None
    ignored: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    quirks: list[str] = field(default_factory=list)
    matches: int | None = None
    form: str | None = None
    refusal: str | None = None


def notes_of(environ: WSGIEnvironment) -> Notes:
    """The notes of the request; a room adds to them."""
    if NOTES not in environ:
        environ[NOTES] = Notes()
    return cast(Notes, environ[NOTES])
