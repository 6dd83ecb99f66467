"""What a comparison teaches: a profile that makes this server answer as the other one does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fhantom.calibration.asking import Reply
from fhantom.calibration.comparing import Comparison
from fhantom.calibration.facets import content, link_bases, recorded_headers
from fhantom.profile import Profile, Recorded

# Headers by which a server tells its limits (the draft of the IETF, and what Kong writes); the last word is a period.
_LIMIT = re.compile(r"(?:x-)?ratelimit-limit(?:-(second|minute|hour|day))?", re.IGNORECASE)
_PERIODS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}

_SERVICE_HEADERS = ("X-Powered-By",)


def learn(comparison: Comparison, asked: str) -> Profile:
    """The profile of the other server; `asked` is the date."""
    return Profile(
        source=comparison.there,
        asked=asked,
        settings=_settings(comparison),
        answers=_answers(comparison),
        headers=_headers(comparison),
        rows=_rows(comparison),
        notes=tuple(_notes(comparison)),
    )


def _settings(comparison: Comparison) -> dict[str, Any]:
    found = {
        "auth_status": _auth_status(comparison),
        "cors": _cors(comparison),
        "aliases": _aliases(comparison),
        "link_base": _link_base(comparison, "a search, R5"),
        "link_base_r4": _link_base(comparison, "a search, R4"),
        "link_base_dicomweb": _link_base(comparison, "studies"),
        "hapi_version": _hapi_version(comparison),
        **_limits(comparison),
    }
    return {name: value for name, value in found.items() if value is not None}


def _auth_status(comparison: Comparison) -> int | None:
    reply = comparison.reply("no key") or comparison.reply("a wrong key")
    return reply.status if reply is not None and reply.status in (401, 403) else None


def _cors(comparison: Comparison) -> bool | None:
    reply = comparison.reply("a request of another origin")
    return None if reply is None else reply.header("Access-Control-Allow-Origin") is not None


def _aliases(comparison: Comparison) -> bool | None:
    replies = [comparison.reply("the older path of DICOMweb"), comparison.reply("the older path of FHIR")]
    known = [reply.status < 400 for reply in replies if reply is not None and reply.status]
    return any(known) if known else None


def _link_base(comparison: Comparison, question: str) -> str | None:
    reply = comparison.reply(question)
    bases = set() if reply is None else link_bases(reply)
    if len(bases) != 1:
        return None
    [base] = bases
    return "own" if base == comparison.there else base


def _hapi_version(comparison: Comparison) -> str | None:
    reply = comparison.reply("the capability statement, R5") or comparison.reply("the capability statement, R4")
    body = None if reply is None else content(reply)
    software = body.get("software") if isinstance(body, dict) else None
    is_hapi = isinstance(software, dict) and "HAPI" in str(software.get("name"))
    return str(software["version"]) if is_hapi and software and software.get("version") else None


def _limits(comparison: Comparison) -> dict[str, Any]:
    """Limits as the server tells them; none is provoked."""
    for compared in comparison.compared:
        for name, value in compared.there.headers if compared.there is not None else ():
            found = _LIMIT.fullmatch(name)
            if found and value.isdecimal():
                window = _PERIODS.get((found[1] or "minute").lower(), 60)
                return {"rate_limit": int(value), "rate_limit_window": window}
    return {}


def _answers(comparison: Comparison) -> dict[str, Recorded]:
    found = {}
    for compared in comparison.compared:
        reply, reason = compared.there, compared.question.answer
        if reason and reply is not None and reply.status >= 400:
            found[reason] = _recorded(reply)
    return found


def _recorded(reply: Reply) -> Recorded:
    headers = recorded_headers(reply)
    media_type = reply.header("Content-Type")
    if media_type:
        headers = {"Content-Type": media_type, **headers}
    return Recorded(reply.status, reply.body.decode("utf-8", "replace"), headers)


def _headers(comparison: Comparison) -> dict[str, Mapping[str, str]]:
    questions = {"fhir": "a search, R5", "fhir-r4": "a search, R4", "dicomweb": "studies"}
    found: dict[str, Mapping[str, str]] = {}
    for service, question in questions.items():
        reply = comparison.reply(question)
        told = {name: reply.header(name) for name in _SERVICE_HEADERS} if reply is not None else {}
        kept = {name: value for name, value in told.items() if value is not None}
        if kept:
            found[service] = kept
    return found


def _rows(comparison: Comparison) -> dict[str, int]:
    service = comparison.reply("studies")
    if service is None or service.status != 200:  # what does not answer at all refuses nothing in particular
        return {}
    return {
        compared.question.row: compared.there.status
        for compared in comparison.compared
        if compared.question.row and compared.there is not None and compared.there.status
    }


def _notes(comparison: Comparison) -> list[str]:
    return [
        *comparison.refusals,
        *(f"{url} was written and could not be removed" for url in comparison.left),
        *(f"{service} is not there" for service in comparison.absent),
        *(
            f"{len(one.questions)} questions: {one.facet} is {one.there or 'missing'}, here {one.here or 'missing'}"
            for one in comparison.repeated
        ),
        *(
            f"{one.question}: {one.facet} is {one.there or 'missing'}, here {one.here or 'missing'}"
            for one in comparison.single
        ),
    ]
