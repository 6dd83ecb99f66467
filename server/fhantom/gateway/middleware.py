"""The gateway as WSGI middleware: what a request passes before it reaches a room."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from fhantom.errors import TooLarge
from fhantom.faults import connection
from fhantom.gateway import cors
from fhantom.gateway.browsers import is_open, sign_in_address, wants_page
from fhantom.gateway.draining import drain
from fhantom.gateway.explaining import explained
from fhantom.gateway.keys import KeyRing
from fhantom.gateway.learned import Learned
from fhantom.gateway.limits import CountedInput, RateLimit
from fhantom.gateway.origins import forwarded_address, forwarded_origin, link_origins, own_origin
from fhantom.gateway.paths import DATA_ROUTES, canonical, first_segment, resolve_alias
from fhantom.gateway.refusals import Reason, Refusal, Refusals, seeing
from fhantom.readiness import Phase
from fhantom.site import Site
from fhantom.wire.context import EXPIRED_KEY, FAULT, ORIGIN, PROFILE, REQUEST_ID, WORLD
from fhantom.world import SHARED
from fhantom.world.nights import Outage

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_SEEDING_WAIT = 1  # seconds; a first start is over within five

Headers = list[tuple[str, str]]


class Gateway:
    """Lets through to `app` what has an accepted key and keeps within the limits, and refuses the rest."""

    def __init__(self, app: WSGIApplication, site: Site) -> None:
        settings = site.settings
        self._app = app
        self._clock = site.clock
        self._open_world = site.worlds.open
        self._note_use = site.upkeep.note
        self._chance = site.worlds.chance
        self._nights = site.nights
        self._per_key = settings.worlds == "per-key"
        self._readiness = site.readiness
        self._is_ready = False
        self._keys = KeyRing(settings, site.clock)
        self._refusals = Refusals(settings)
        self._learned = Learned(site.profile)
        self._profile = site.profile
        self._cors = settings.cors
        self._aliases = settings.aliases
        self._trust_forwarded = settings.trust_forwarded
        self._origin = forwarded_origin if settings.trust_forwarded else own_origin
        self._link_origins = link_origins(settings)
        self._scope = settings.rate_limit_scope
        self._rate = RateLimit(settings.rate_limit, settings.rate_limit_window) if settings.rate_limit else None
        self._max_body = {
            "dicomweb": settings.max_body_stow,
            "fhir": settings.max_body_fhir,
            "other": settings.max_body_other,
        }

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = canonical(environ["PATH_INFO"])
        if self._aliases:
            path = resolve_alias(path)
        environ["PATH_INFO"] = path
        segment = first_segment(path)
        request_id = _request_id(environ) or self._chance.token()
        environ[REQUEST_ID] = request_id
        environ[ORIGIN] = self._origin(environ)
        added: Headers = [("X-Request-ID", request_id)]
        if segment == "_fhantom":
            return self._app(environ, _adding(added, environ, start_response))

        service = DATA_ROUTES.get(segment)
        if self._cors and service is not None:
            if cors.is_preflight(environ):
                start_response("200 OK", added + cors.preflight_headers(environ))
                return ()
            added += cors.ANSWER_HEADERS
        refusal = self._refusal(environ, request_id)
        if refusal is not None:
            if refusal.about_key and is_open(path, environ):  # its room gets no world
                return self._app(environ, _adding(added, environ, start_response))
            if refusal.about_key and (address := sign_in_address(path, environ)) is not None:
                refusal = seeing(address)
            return _refused(refusal, added, environ, start_response)
        refusal = self._learned.refusal(f"{environ['REQUEST_METHOD']} {segment}")
        if refusal is not None:
            return _refused(refusal, added, environ, start_response)
        if self._link_origins.get(segment) is not None:
            environ[ORIGIN] = self._link_origins[segment]
        environ[PROFILE] = self._profile
        name = environ.get("HTTP_APIKEY", "") if self._per_key else SHARED
        environ[WORLD] = self._open_world(name)
        if self._per_key:
            self._note_use(name)
        limit = self._max_body[service or "other"]
        if limit:
            return self._within(limit, environ, start_response, added)
        starting = _adding(added + self._learned.headers(segment), environ, start_response)
        if service is None:
            return self._learned.unless_missing(self._app, environ, starting)
        return self._app(environ, starting)

    def words(self, status: int) -> tuple[str, bytes]:
        """Media type and body of an answer of the gateway's own with a status."""
        return self._refusals.words(status)

    def close(self) -> None:
        """Forget the counts of its limits."""
        if self._rate is not None:
            self._rate.close()

    def _refusal(self, environ: WSGIEnvironment, request_id: str) -> Refusal | None:
        outage = self._nights.look()
        if outage is not None:
            return self._away(outage, environ, request_id)
        key = environ.get("HTTP_APIKEY")
        reason = Reason.EXPIRED_KEY if EXPIRED_KEY in environ else self._keys.check(key)
        if reason is not None:
            return self._learned.refusal(reason.value) or self._about_key(reason, environ, request_id)
        if not self._is_ready:
            if self._readiness.phase is not Phase.READY:
                return self._refusals.write(Reason.NOT_READY, request_id, wait=_SEEDING_WAIT)
            self._is_ready = True
        if self._rate is not None:
            wait = self._rate.wait(self._counted_by(key, environ), self._clock.now().timestamp())
            if wait is not None:
                return self._refusals.write(Reason.TOO_MANY, request_id, wait=wait)
        return None

    def _about_key(self, reason: Reason, environ: WSGIEnvironment, request_id: str) -> Refusal:
        hint = _hint(reason, environ)
        refusal = self._refusals.write(reason, request_id, hint=hint)
        if self._refusals.are_own and wants_page(environ):
            page = explained(self._refusals.message(reason, hint), environ["PATH_INFO"], environ)
            return refusal.as_page(page) if page else refusal
        return refusal

    def _away(self, outage: Outage, environ: WSGIEnvironment, request_id: str) -> Refusal:
        environ[FAULT] = "outage"
        if outage.kind == "refused":
            connection.reset(environ, "refuse")
        if outage.kind == "502":
            return self._refusals.write(Reason.NO_ANSWER, request_id)
        return self._refusals.write(Reason.AWAY, request_id, wait=outage.left)

    def _counted_by(self, key: str | None, environ: WSGIEnvironment) -> str:
        if self._scope == "key":
            return key or ""
        if self._scope == "server":
            return ""
        if self._trust_forwarded:
            return forwarded_address(environ)
        return str(environ.get("REMOTE_ADDR", ""))

    def _within(
        self, limit: int, environ: WSGIEnvironment, start_response: StartResponse, added: Headers
    ) -> Iterable[bytes]:
        """Answer 413 to a body above `limit`, whether its length was told or shows as it is read."""
        too_large = self._refusals.write(Reason.TOO_LARGE, environ[REQUEST_ID])
        length = environ.get("CONTENT_LENGTH") or "0"
        if length.isdigit() and int(length) > limit:
            return _refused(too_large, added, environ, start_response)
        stream = environ["wsgi.input"]
        environ["wsgi.input"] = counted = CountedInput(stream, limit)
        answer: list[Any] = []

        def remember(status: str, headers: Headers, exc_info: Any = None, /) -> Any:
            answer[:] = status, headers
            return answer.append

        body: Iterable[bytes] = ()
        with contextlib.suppress(TooLarge):
            body = self._app(environ, remember)
        environ["wsgi.input"] = stream
        if counted.exceeded:
            _close(body)
            return _refused(too_large, added, environ, start_response, untouched=False)
        status, headers = answer
        _adding(added, environ, start_response)(status, headers)
        return body


def _refused(
    refusal: Refusal,
    added: Headers,
    environ: WSGIEnvironment,
    start_response: StartResponse,
    untouched: bool = True,
) -> Iterable[bytes]:
    drain(environ, untouched=untouched)
    start_response(refusal.status, refusal.headers + added)
    return (refusal.body,)


def _adding(added: Headers, environ: WSGIEnvironment, start_response: StartResponse) -> StartResponse:
    def start(status: str, headers: Headers, exc_info: Any = None, /) -> Any:
        if status[0] == "4":
            drain(environ, untouched=False)
        names = {name.lower() for name, _ in added}
        return start_response(status, [pair for pair in headers if pair[0].lower() not in names] + added, exc_info)

    return start


def _request_id(environ: WSGIEnvironment) -> str | None:
    asked = environ.get("HTTP_X_REQUEST_ID")
    if asked is not None and _REQUEST_ID.fullmatch(asked):
        return str(asked)
    return None


def _hint(reason: Reason, environ: WSGIEnvironment) -> str:
    if reason is not Reason.NO_KEY:
        return ""
    if "HTTP_AUTHORIZATION" in environ:
        return " The header 'Authorization' is not read."
    if "apikey=" in environ.get("QUERY_STRING", "").lower():
        return " A key in the query is not read."
    return ""


def _close(body: Iterable[bytes]) -> None:
    close = getattr(body, "close", None)
    if close is not None:
        close()
