"""Where searches and uploads depart from the real server's recorded answers; retrieval: `wado_portability`."""

from __future__ import annotations

from wsgiref.types import WSGIEnvironment

from fhantom.errors import UnsupportedMediaType
from fhantom.wire import portability
from fhantom.wire.portability import Departure

_SINCE_1_17 = "answered since plugin 1.17"


def _row(
    name: str,
    here: str,
    there: str,
    clause: str,
    newer: str = "",
    *,
    imitated: bool = True,
    status: int | None = None,
) -> Departure:
    return Departure(name, here, there, status, newer=newer, clause=clause, imitated=imitated)


_ROWS = (
    _row("head", "HEAD answers as GET does", "404 without a body", "RFC 9110 9.3.2", status=404),
    _row("options", "OPTIONS describes the capabilities", "404 without a body", "PS3.18 8.9", status=404),
    _row("qido-key-path", "a key may lie within a sequence", "it is ignored", "PS3.18 8.3.4.1.1"),
    _row("qido-key-private", "a private attribute is a key", "it is ignored", "PS3.18 8.3.4.1"),
    _row("qido-key-below", "a key of a lower level counts", "it finds nothing", "PS3.18 8.3.4.1"),
    _row("qido-key-count", "a computed count is a key", "it finds nothing", "PS3.4 table C.6-5"),
    _row("qido-list-backslash", "a backslash separates values", "it is taken out, and they are joined", "PS3.5 6.4"),
    _row("qido-fuzzy", "fuzzymatching finds names that are alike", "it is ignored", "PS3.4 C.2.2.2.1.1"),
    _row("qido-empty-values", "emptyvaluematching counts", "it is ignored", "PS3.18 8.3.4.5"),
    _row("qido-multiple-values", "multiplevaluematching counts", "it is ignored", "PS3.18 8.3.4.6"),
    _row(
        "qido-date-until",
        "a range of dates without a beginning leaves out what has no date",
        "that is found, too",
        "PS3.4 C.2.2.2.5",
        imitated=False,
    ),
    _row("qido-include-all", "includefield=all counts", "it is ignored", "PS3.18 8.3.4.3"),
    _row("qido-include-private", "private attributes are included", "they are not", "PS3.18 8.3.4.3", _SINCE_1_17),
    _row("qido-include-sequence", "sequences are included", "they are not", "PS3.18 8.3.4.3", _SINCE_1_17),
    _row("qido-include-path", "includefield may lead into sequences", "it is ignored", "PS3.18 8.3.4.1.1"),
    _row("qido-accept-parameter", "accept in the query counts", "it is ignored", "PS3.18 8.3.3.1"),
    _row(
        "qido-form",
        "the Accept header chooses among JSON, XML and CSV",
        "JSON unless it names nothing but XML in one piece",
        "PS3.18 8.7.3.5",
    ),
    _row(
        "qido-names",
        "text is complete, in ISO_IR 192",
        "characters outside Latin-1 are lost",
        "PS3.5 6.1.2.3",
        "complete since plugin 1.18",
        imitated=False,
    ),
    _row("stow-single-part", "one object comes without multipart", "415", "PS3.18 10.5.1.2", status=415),
    _row("stow-metadata", "metadata and bulk data come apart", "415", "PS3.18 10.5.1.1", status=415),
    _row("stow-encoding", "a compressed body is read", "200, and nothing is stored", "RFC 9110 8.4"),
    _row(
        "stow-malformed",
        "a body without parts or without an end is told of with 400",
        "200, and what is not complete is lost",
        "PS3.18 table 10.5.3-1",
        imitated=False,
    ),
)

DEPARTURES: dict[str, Departure] = {row.name: row for row in _ROWS}


def depart(environ: WSGIEnvironment, row: str) -> None:
    """Note that the answer to this request is not the real server's."""
    portability.depart(environ, DEPARTURES[row])


def depart_or_refuse(environ: WSGIEnvironment, row: str, *, strict: bool) -> None:
    """Note it, or, with `strict`, refuse what the real server does not store with 415."""
    if strict:
        raise UnsupportedMediaType(DEPARTURES[row].there)
    depart(environ, row)
