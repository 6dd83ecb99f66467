"""Where searches and uploads depart from the real server's recorded answers; retrieval: `wado_portability`."""

from __future__ import annotations

from wsgiref.types import WSGIEnvironment

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
    _row(
        "patch",
        "PATCH and methods that nobody knows are 405 with Allow",
        "400 without a body, or 404 for those of WebDAV",
        "RFC 9110 15.5.6",
        status=400,
    ),
    _row(
        "method-override",
        "the method is the one that the request is sent with",
        "X-HTTP-Method-Override or _method in the query make it PUT or DELETE",
        "RFC 9110 9.1",
        imitated=False,
    ),
    _row(
        "forwarded-quoted",
        "the quotes around a host in Forwarded are none of its characters",
        "they stay in the addresses that are built of it",
        "RFC 7239 4",
        imitated=False,
    ),
    _row("reject", "objects can be rejected", "404", "IHE RAD TF-2 4.66", status=404),
    _row("qido-key-path", "a key may lie within a sequence", "it is ignored", "PS3.18 8.3.4.1.1"),
    _row("qido-key-private", "a private attribute is a key", "it is ignored", "PS3.18 8.3.4.1"),
    _row(
        "qido-key-below",
        "a key of a lower level counts, whichever series or instance meets it",
        "it finds nothing, or is asked of one instance alone",
        "PS3.18 8.3.4.1",
    ),
    _row("qido-key-above", "ModalitiesInStudy is a key of series and instances", "it finds nothing", "PS3.18 8.3.4.1"),
    _row("qido-uid-twice", "UIDs of path and query both count", "those of the query are ignored", "PS3.18 10.6.1.1"),
    _row(
        "qido-list",
        "each value of a list may be a pattern or a range, and an empty one is passed over",
        "they are compared as they stand, and an empty one finds what has no value",
        "PS3.4 C.2.2.2.2",
    ),
    _row("qido-key-count", "a computed count is a key", "it finds nothing", "PS3.4 table C.6-5"),
    _row("qido-list-backslash", "a backslash separates values", "it is taken out, and they are joined", "PS3.5 6.4"),
    _row("qido-fuzzy", "fuzzymatching finds names that are alike", "it is ignored", "PS3.4 C.2.2.2.1.1"),
    _row("qido-empty-values", "emptyvaluematching counts", "it is ignored", "PS3.18 8.3.4.5"),
    _row("qido-multiple-values", "multiplevaluematching counts", "it is ignored", "PS3.18 8.3.4.6"),
    _row(
        "qido-date-until",
        "a range without a beginning leaves out what has no date or time",
        "that is found, too",
        "PS3.4 C.2.2.2.5",
    ),
    _row(
        "qido-times",
        "a time or date that is written short or with separators is the moment that it means",
        "it is compared as text",
        "PS3.4 C.2.2.2.1",
    ),
    _row(
        "qido-numbers",
        "a number is compared by its value",
        "it is compared as text",
        "PS3.4 C.2.2.2.1",
    ),
    _row(
        "qido-decimals",
        "a decimal is compared by its value",
        "it is compared with what the file says, as text",
        "PS3.4 C.2.2.2.1",
    ),
    _row(
        "qido-any-value",
        "one of the values of an attribute has to match",
        "all of them together are compared as one text",
        "PS3.4 C.2.2.2.1",
    ),
    Departure(
        "qido-negative",
        "a negative limit or offset is 400",
        "500",
        500,
        clause="PS3.18 8.3.4.4",
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
    ),
    _row(
        "qido-values",
        "an included attribute comes with all of its values",
        "of several tags the first, and 400 for a number that is written with an exponent",
        "PS3.18 F.2",
    ),
    _row(
        "qido-include-computed",
        "counts and modalities of a study are told of its series and instances, too, and availability of all, where"
        " asked for",
        "they are left out",
        "PS3.18 8.3.4.3",
    ),
    _row(
        "qido-page",
        "limit and offset count the studies that are found",
        "they count those before ModalitiesInStudy is looked at",
        "PS3.18 8.3.4.4",
        imitated=False,
    ),
    _row("stow-single-part", "one object comes without multipart", "415", "PS3.18 10.5.1.2", status=415),
    _row("stow-metadata", "metadata and bulk data come apart", "415", "PS3.18 10.5.1.1", status=415),
    _row("stow-boundary", "a boundary may hold an equals sign", "415", "RFC 2046 5.1.1", status=415),
    _row("stow-encoding", "a compressed body is read", "200, and nothing is stored", "RFC 9110 8.4"),
    _row("stow-form-data", "multipart/form-data is 415", "200 without a body", "PS3.18 table 10.5.3-1"),
    _row(
        "stow-malformed",
        "a body without parts or without an end is told of with 400",
        "200, and what is not complete is lost",
        "PS3.18 table 10.5.3-1",
    ),
    _row(
        "stow-part-type",
        "a part without a type or with parameters to it is stored, one of another type told of",
        "it is lost with 200, and so are all after it",
        "RFC 2387 3.1",
        "parameters are read since plugin 1.19",
    ),
    _row("stow-uid-unknown", "UIDs that are written as UN are read", "400, and it is not stored", "PS3.5 6.2.2"),
    _row(
        "stow-uid-empty",
        "an object with an empty UID is refused with its reason",
        "200, and it is not stored",
        "PS3.18 table I.2-2",
        imitated=False,
    ),
    _row(
        "stow-uid-form",
        "an object with a UID that holds what no UID does is refused with its reason",
        "it is stored under that",
        "PS3.5 9.1",
        imitated=False,
    ),
    _row(
        "stow-part-length",
        "a part ends at its boundary, whatever its Content-Length says",
        "it is lost with 200, and so are all after it",
        "RFC 2046 5.1.1",
        imitated=False,
    ),
    _row(
        "stow-xml",
        "an answer in XML leaves out what is empty",
        "empty sequences have an empty Value",
        "PS3.19 A.1.6",
        imitated=False,
    ),
    _row(
        "stow-other-patient",
        "a study that comes under another patient stays one study",
        "there are two of the same UID afterwards, and neither can be retrieved",
        "PS3.3 A.1.2",
        imitated=False,
    ),
)

DEPARTURES: dict[str, Departure] = {row.name: row for row in _ROWS}


def depart(environ: WSGIEnvironment, row: str) -> None:
    """Note that the answer to this request is not the real server's; with `strict`, refuse what that refuses."""
    portability.depart_or_refuse(environ, DEPARTURES[row])
