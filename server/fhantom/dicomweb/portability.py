"""Where this server does better than the real one, so that nobody relies on it unawares.

An answer that the real server would not have given carries `Warning: 299 fhantom "..."`, and the journal notes it.
With the setting `strict` searches and uploads are answered as recorded instead. One table drives both, and the page
`docs/portability.md`.
"""

from __future__ import annotations

from typing import NamedTuple
from wsgiref.types import WSGIEnvironment

from flask import Response

from fhantom.errors import UnsupportedMediaType
from fhantom.wire.notes import Finding, notes_of

RECORDED = "recorded from Orthanc 1.10.1 with plugin 1.7"
UNTIL_1_17 = f"{RECORDED}; answered since plugin 1.17"


class Departure(NamedTuple):
    """One row: what the real server does, and how that is known."""

    message: str
    evidence: str


DEPARTURES: dict[str, Departure] = {
    "head": Departure("HEAD is answered with 404", RECORDED),
    "options": Departure("OPTIONS is answered with 404", RECORDED),
    "qido-key-path": Departure("a key within a sequence is ignored, so that everything is returned", RECORDED),
    "qido-key-private": Departure("a private attribute as key is ignored", RECORDED),
    "qido-key-below": Departure("a key of a lower level finds nothing", RECORDED),
    "qido-key-count": Departure("a computed count as key finds nothing", RECORDED),
    "qido-list-backslash": Departure("the backslash of a list is taken out, so that nothing is found", RECORDED),
    "qido-fuzzy": Departure("fuzzymatching is accepted and ignored", RECORDED),
    "qido-empty-values": Departure("emptyvaluematching is ignored", RECORDED),
    "qido-multiple-values": Departure("multiplevaluematching is ignored", RECORDED),
    "qido-include-all": Departure("includefield=all is ignored", RECORDED),
    "qido-include-private": Departure("a private attribute in includefield is ignored", UNTIL_1_17),
    "qido-include-sequence": Departure("a sequence in includefield is ignored", UNTIL_1_17),
    "qido-include-path": Departure("a path in includefield is ignored", RECORDED),
    "qido-accept-parameter": Departure("the accept parameter is ignored", RECORDED),
    "qido-form": Departure("JSON is answered unless Accept names nothing but XML in one piece", RECORDED),
    "stow-single-part": Departure("a single object without multipart is refused with 415", RECORDED),
    "stow-metadata": Departure("metadata and bulk data are refused with 415", RECORDED),
    "stow-encoding": Departure("a compressed body is answered with 200, and nothing is stored", RECORDED),
}


def depart(environ: WSGIEnvironment, row: str) -> None:
    """Note that the answer to this request is not the real server's."""
    findings = notes_of(environ).findings
    if all(finding.row != row for finding in findings):
        findings.append(Finding(row, *DEPARTURES[row]))


def depart_or_refuse(environ: WSGIEnvironment, row: str, *, strict: bool) -> None:
    """Note it, or, with `strict`, refuse what the real server refuses with 415."""
    if strict:
        raise UnsupportedMediaType(DEPARTURES[row].message)
    depart(environ, row)


def warn(response: Response, environ: WSGIEnvironment) -> Response:
    """Tell the client what was noted."""
    for finding in notes_of(environ).findings:
        response.headers.add("Warning", f'299 fhantom "real server: {finding.message} ({finding.evidence})"')
    return response
