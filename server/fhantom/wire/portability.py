"""Where an answer departs from what the real server would have given, by tables that rooms keep.

A departure is noted for the journal and told to the client (`Warning: 299 fhantom "..."`). With the setting `strict`
the answer is the real server's refusal instead, so that a client can be tried as if against it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import cast
from wsgiref.types import WSGIEnvironment

from flask import Response, request
from werkzeug.datastructures import MultiDict

from fhantom import errors
from fhantom.profile import Profile
from fhantom.wire.context import PROFILE, world_of
from fhantom.wire.notes import Finding, notes_of
from fhantom.wire.orthanc import PLUGIN_FAILED, OrthancCode, RealFailure

_About = tuple[str, str, int, str | None, str, str, str, bool]
_NO_QUERY: MultiDict[str, str] = MultiDict()
_KNOWN_BYTES = 1024
RECORDED = "recorded from Orthanc 1.10.1 with plugin 1.7"


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer, as far as tables look at them.

    Attributes:
        resource: the path pattern of the route.
        status: of the answer.
        accept: the header's text, None without one.
        media_type: of the answer.
        ranged: whether the answer is a range of bytes.
    """

    method: str
    resource: str
    status: int
    accept: str | None
    content_type: str
    content_encoding: str
    media_type: str
    ranged: bool
    query: MultiDict[str, str]


@dataclass(frozen=True, slots=True)
class Departure:
    """One row of a table.

    Attributes:
        name: what findings call it.
        here: what fhantom does.
        there: what the real server does instead.
        status: its refusal's, None where it answers too, but otherwise.
        when: whether an exchange is such a case; None where the room itself notes it.
        newer: what later versions of it are known to do, empty if nothing is known.
        clause: of the standard that fhantom follows.
        imitated: whether `strict` answers as the real server does where that is no refusal.
        failure: what the real server calls it where its refusal is a failure of its own (500).
        refuses: whether `when` is asked of refusals (400 and above) instead of answers; None for both.
    """

    name: str
    here: str
    there: str
    status: int | None = None
    when: Callable[[Exchange], bool] | None = None
    newer: str = ""
    clause: str = ""
    imitated: bool = False
    failure: OrthancCode = PLUGIN_FAILED
    refuses: bool | None = False

    @property
    def message(self) -> str:
        """What differs, in one sentence."""
        return f"{self.there}, where here {self.here}"

    @property
    def evidence(self) -> str:
        """How that is known."""
        return f"{RECORDED}; {self.newer}" if self.newer else RECORDED

    @property
    def strictly(self) -> str:
        """What `strict` makes of it."""
        if self.status is not None:
            return f"refused with {self.status}"
        return "as there" if self.imitated else "as here"

    @property
    def refusal(self) -> errors.FhantomError:
        """The real server's refusal, for one that has a `status`."""
        if self.status is None or self.status >= 500:
            return RealFailure(self.failure)
        return _REFUSALS[self.status](self.there)


RANGE = Departure(
    "range",
    "a range of bytes is 206",
    "200 with the whole body",
    None,
    lambda exchange: exchange.ranged or exchange.status == 416,
    clause="RFC 9110 14.2",
    imitated=True,
    refuses=None,
)
"""The row of every room that sends bytes."""


_REFUSALS: dict[int, type[errors.FhantomError]] = {
    400: errors.BadRequest,
    404: errors.NotFound,
    415: errors.UnsupportedMediaType,
}


def teller(
    table: Sequence[Departure],
    render_error: Callable[[errors.FhantomError, WSGIEnvironment], Response],
    *,
    strict: bool,
) -> Callable[[Response], Response]:
    """What a room does to each of its answers: note the departures in it, or refuse for them.

    Args:
        render_error: the room's form of a refusal.
        strict: refuse where the real server does.
    """

    @lru_cache(maxsize=256)
    def known(about: _About) -> tuple[Departure, ...]:
        return tuple(found(table, Exchange(*about, _NO_QUERY)))

    def rows(response: Response) -> Iterable[Departure]:
        about = _about(response)
        if request.args or len(about[3] or "") > _KNOWN_BYTES:
            return found(table, Exchange(*about, request.args))
        return known(about)

    def tell(response: Response) -> Response:
        for departure in rows(response):
            is_refused_there = departure.status is not None and response.status_code < 400
            if strict and is_refused_there and not _refuted(request.environ, departure):
                response.close()
                return render_error(departure.refusal, request.environ)
            if not (strict and departure.imitated):
                depart(request.environ, departure)
        return response

    return tell


def depart_or_refuse(environ: WSGIEnvironment, departure: Departure) -> None:
    """Note a departure that a room has found itself; with the setting `strict`, refuse as the real server does.

    Raises:
        FhantomError: the real server's refusal.
    """
    if departure.status is not None and world_of(environ).settings.strict and not _refuted(environ, departure):
        raise departure.refusal
    depart(environ, departure)


def depart(environ: WSGIEnvironment, departure: Departure) -> None:
    """Note, once, that the answer to a request is not the real server's."""
    findings = notes_of(environ).findings
    if all(finding.row != departure.name for finding in findings) and not _refuted(environ, departure):
        fails = departure.status is not None
        evidence = _calibrated(environ, departure) or departure.evidence
        findings.append(Finding(departure.name, departure.message, evidence, fails, departure.clause))


def _refuted(environ: WSGIEnvironment, departure: Departure) -> bool:
    """Whether a live server was seen to answer what the table says that it refuses."""
    status = _learned(environ).rows.get(departure.name)
    return departure.status is not None and status is not None and status < 400


def _calibrated(environ: WSGIEnvironment, departure: Departure) -> str | None:
    """The evidence of a live server that was seen to do as the table says."""
    learned = _learned(environ)
    confirmed = departure.status is not None and learned.rows.get(departure.name) == departure.status
    return learned.evidence if confirmed else None


def _learned(environ: WSGIEnvironment) -> Profile:
    return cast(Profile, environ.get(PROFILE) or Profile())


def warn(response: Response) -> Response:
    """Tell the client what was noted of the request."""
    for header in warnings_in(request.environ):
        response.headers.add(*header)
    return response


def warnings_in(environ: WSGIEnvironment) -> list[tuple[str, str]]:
    """The headers that tell a client what was noted of its request."""
    findings = notes_of(environ).findings
    return [("Warning", f'299 fhantom "real server: {each.message} ({each.evidence})"') for each in findings]


def found(table: Iterable[Departure], exchange: Exchange) -> Iterator[Departure]:
    """The rows that an exchange is a case of."""
    refused = exchange.status >= 400
    return (row for row in table if row.when and row.refuses in (None, refused) and row.when(exchange))


def _about(response: Response) -> _About:
    """All of an exchange but its query, in the order of `Exchange`."""
    environ = request.environ
    return (
        environ["REQUEST_METHOD"],
        request.url_rule.rule if request.url_rule else "",
        response.status_code,
        environ.get("HTTP_ACCEPT"),
        environ.get("CONTENT_TYPE", ""),
        environ.get("HTTP_CONTENT_ENCODING", ""),
        response.mimetype or "",
        "Content-Range" in response.headers,
    )
