"""What is looked at in a reply: a table of facets, each of which is a short text that two servers can differ in."""

from __future__ import annotations

import json
import re
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from fhantom.calibration.asking import Reply

# Headers whose presence says nothing: of the transport, or different by nature.
_PASSING = {
    *("date", "content-length", "connection", "keep-alive", "transfer-encoding", "content-type", "etag", "vary"),
    *("last-modified", "warning", "server", "x-powered-by", "location", "content-location", "content-encoding"),
    *("x-request-id", "x-correlation-id", "age", "via", "content-disposition", "x-cache"),
}
_TOLD = {"allow", "www-authenticate", "cache-control", "retry-after"}  # whose values count, too
_CORS = {"allow-origin", "allow-methods", "allow-headers", "expose-headers", "allow-credentials", "max-age"}
_LIMITS = re.compile(r"(x-)?ratelimit", re.IGNORECASE)
_CHANGING = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\b[0-9a-f]{16,}\b|\d{4}-\d\d-\d\dT[0-9:.+Z-]+|\d+")
_NUMBERED = re.compile(r"(HAPI-\d+): ")  # by which HAPI tells its refusals apart, whatever the words
_RETRIEVE_URL = "00081190"
_LONGEST = 300  # characters of a text that is compared


@dataclass(frozen=True, slots=True)
class Facet:
    """One thing to look at; `of` gets the reply and the base that was asked, and gives None where it is not there.

    Attributes:
        only: the questions that it is looked at for; all if empty.
    """

    name: str
    of: Callable[[Reply, str], str | None]
    only: tuple[str, ...] = ()


def describe(reply: Reply, base: str, question: str) -> dict[str, str]:
    """Every facet that the reply to a question has, by name."""
    facets = (facet for facet in FACETS if not facet.only or question in facet.only)
    found = ((facet.name, facet.of(reply, base)) for facet in facets)
    return {name: value for name, value in found if value is not None}


def link_bases(reply: Reply) -> set[str]:
    """Scheme and host of the addresses under which an answer tells where things are."""
    return {url.partition("/fhir")[0] if "/fhir" in url else _origin(url) for url in _addresses(reply)}


def recorded_headers(reply: Reply) -> dict[str, str]:
    """The headers that belong to an answer, without those that change or that any server adds."""
    return {name: value for name, value in reply.headers if name.lower() not in _PASSING and not _LIMITS.match(name)}


def content(reply: Reply) -> Any:
    """The body as JSON; None if it is none."""
    try:
        return json.loads(reply.body)
    except ValueError:
        return None


def _status(reply: Reply, base: str) -> str:
    return str(reply.status) if reply.status else f"no answer ({reply.reason})"


def _media_type(reply: Reply, base: str) -> str | None:
    told = reply.header("Content-Type")
    return None if told is None else told.partition(";")[0].strip().lower()


def _error_body(reply: Reply, base: str) -> str | None:
    """Form and words of a refusal, without what changes from request to request; of an OperationOutcome the code."""
    if reply.status < 400 or not reply.status:
        return None
    body = content(reply)
    if issue := _issue(body):
        number = _NUMBERED.match(str(issue.get("diagnostics", "")))
        return f"OperationOutcome {issue.get('code')}{f' {number[1]}' if number else ''}"
    if isinstance(body, dict):
        return _steady(f"JSON {json.dumps(body, sort_keys=True)}", reply, base)
    text = reply.body.decode("utf-8", "replace").strip()
    return _steady(text, reply, base) if text else "empty"


def _error_words(reply: Reply, base: str) -> str | None:
    """What an OperationOutcome says to people, which servers of one kind may put otherwise."""
    issue = _issue(content(reply)) if reply.status >= 400 else None
    return _steady(_NUMBERED.sub("", str(issue.get("diagnostics", "")), count=1), reply, base) if issue else None


def _issue(body: Any) -> dict[str, Any] | None:
    issues = body.get("issue") if isinstance(body, dict) and body.get("resourceType") == "OperationOutcome" else None
    return issues[0] if isinstance(issues, list) and issues and isinstance(issues[0], dict) else None


def _headers(reply: Reply, base: str) -> str:
    lines = []
    for name, value in reply.headers:
        lower = name.lower()
        if lower in _TOLD:
            lines.append(f"{lower}: {value}")
        elif lower not in _PASSING and not lower.startswith("access-control-") and not _LIMITS.match(lower):
            lines.append(lower)
    return ", ".join(sorted(set(lines)))


def _cors(reply: Reply, base: str) -> str | None:
    told = ((name.lower().removeprefix("access-control-"), value) for name, value in reply.headers)
    shown = {f"{name}: {', '.join(sorted(value.split(', ')))}" for name, value in told if name in _CORS}
    return "; ".join(sorted(shown)) or None


def _links(reply: Reply, base: str) -> str | None:
    bases = {"its own" if found == base else found for found in link_bases(reply)}
    return ", ".join(sorted(bases)) if bases else None


def _redirect(reply: Reply, base: str) -> str | None:
    return (reply.header("Location") or "").replace(base, "(the base)") if 300 <= reply.status < 400 else None


def _versions(reply: Reply, base: str) -> str | None:
    body = content(reply)
    told = []
    if reply.header("X-Powered-By"):
        told.append(f"powered by {reply.header('X-Powered-By')}")
    if isinstance(body, dict) and body.get("resourceType") == "CapabilityStatement":
        software = body.get("software", {})
        told.append(f"FHIR {body.get('fhirVersion')} by {software.get('name')} {software.get('version')}")
    elif isinstance(body, dict) and "DicomAet" in body:
        told.append(f"{body.get('Name')} {body.get('Version')}")
    return ", ".join(told) or None


def _limits(reply: Reply, base: str) -> str | None:
    told = sorted(f"{name}: {value}" for name, value in reply.headers if _LIMITS.match(name))
    return ", ".join(told) or None


FACETS: tuple[Facet, ...] = (
    Facet("status", _status),
    Facet("media type", _media_type),
    Facet("error body", _error_body),
    Facet("error words", _error_words),
    Facet("headers", _headers),
    Facet("CORS", _cors, only=("a preflight without a key", "a request of another origin")),
    Facet("link base", _links),
    Facet("redirect", _redirect),
    Facet("server", lambda reply, base: reply.header("Server")),
    Facet("versions", _versions),
    Facet("limits", _limits),
)
"""Everything that is compared, in the order in which it is told."""


def _addresses(reply: Reply) -> Iterator[str]:
    body = content(reply)
    if reply.status in (200, 201) and reply.header("Location"):
        yield str(reply.header("Location"))
    if isinstance(body, dict) and body.get("resourceType") == "Bundle":
        yield from (str(link.get("url")) for link in body.get("link", ()) if "://" in str(link.get("url")))
        yield from (str(entry["fullUrl"]) for entry in body.get("entry", ()) if "://" in entry.get("fullUrl", ""))
    if isinstance(body, list):
        for one in body:
            told = one.get(_RETRIEVE_URL, {}).get("Value", ()) if isinstance(one, dict) else ()
            yield from (str(url) for url in told)


def _origin(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}" if rest else ""


def _steady(text: str, reply: Reply, base: str) -> str:
    """The text without what differs by itself: addresses, times, numbers, and where the service lies."""
    path = urllib.parse.urlsplit(reply.url).path
    return _CHANGING.sub("#", text.replace(base, "").replace(path, "(path)"))[:_LONGEST]
