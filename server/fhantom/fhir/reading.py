"""Read and vread (FHIR http 3.2.0.2 and 3.2.0.3), with conditional reads and the raw form of a Binary."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from email.utils import parsedate_to_datetime

from fhantom.definitions.jsontext import dump_json, load_json
from fhantom.fhir import negotiate, parameters, showing
from fhantom.fhir.exchange import Answer, Exchange, Raw, http_date, instant
from fhantom.fhir.kept import rendered
from fhantom.fhir.operations.definitions import definition
from fhantom.fhir.outcomes import Refusal
from fhantom.fhir.parameters import names
from fhantom.resources import store
from fhantom.resources.records import Stored

_OF_SEARCHES = frozenset(("_contained", "_count", "_include", "_revinclude", "_sort", "_total"))
_ETAG = re.compile(r'(?:W/)?"([^"]*)"|([^"/,\s]+)')


def unsupported(exchange: Exchange) -> Refusal:
    """The refusal of a method and path that nothing here fits."""
    return Refusal("unsupported", method=exchange.method, path=exchange.path, parameters=names(exchange.pairs))


def version_url(exchange: Exchange, stored: Stored) -> str:
    """The address of this very version."""
    return f"{exchange.base}/{stored.reference}/_history/{stored.version}"


def version_headers(exchange: Exchange, stored: Stored) -> tuple[tuple[str, str], ...]:
    """ETag, Content-Location and Last-Modified of a version."""
    return (
        ("ETag", f'W/"{stored.version}"'),
        ("Content-Location", version_url(exchange, stored)),
        ("Last-Modified", http_date(stored.updated)),
    )


def present(exchange: Exchange, stored: Stored | None, reference: str) -> Stored:
    """`stored`, if it is there and no deletion. Refusal: 2001 never was, or 410 with its address."""
    if stored is None:
        raise Refusal("2001", reference=reference)
    if stored.change == "delete":
        gone = Refusal("deleted", time=instant(stored.updated))
        raise gone.carrying(("Location", version_url(exchange, stored)))
    return stored


def read(exchange: Exchange, resource_type: str, id: str, version: str = "") -> Answer:
    """A resource as it is, or as it was in `version`."""
    _check_parameters(exchange)
    reference = f"{resource_type}/{id}"
    with exchange.world.reading() as connection:
        if version:
            if store.read(connection, exchange.version, resource_type, id) is None:
                raise Refusal("2001", reference=reference)
            if not (version.isascii() and version.isdecimal()):
                raise Refusal("0978", version=version, reference=reference)
            stored = (
                store.vread(connection, exchange.version, resource_type, id, int(version))
                if len(version) < 10
                else None
            )
            if stored is None:
                raise Refusal("0979", version=version, reference=reference)
        else:
            stored = store.read(connection, exchange.version, resource_type, id)
            if stored is None and resource_type == "OperationDefinition":
                return _operation_definition(exchange, id)
        found = present(exchange, stored, reference)
        view = showing.view_of(exchange, connection, (resource_type,))
    if _unchanged(exchange, found):
        return Answer(304, lasts=True)
    return replace(answer_of(exchange, found, view), lasts=True)


def _check_parameters(exchange: Exchange) -> None:
    """Refuse parameters of searches: by 0384 those that shape an answer, and any that has a name of its own."""
    found = [name for name, _ in exchange.pairs if name.partition(":")[0] in _OF_SEARCHES]
    if any(not name.startswith("_") for name, _ in exchange.pairs):
        raise unsupported(exchange)
    if found:
        raise Refusal("0384", parameters=", ".join(found))


def _operation_definition(exchange: Exchange, id: str) -> Answer:
    """The definition of an operation that the capability statement names; none of them is stored."""
    made = definition(exchange.base, id)
    if made is None:
        raise Refusal("2001", reference=f"OperationDefinition/{id}")
    return Answer(200, (("Content-Location", f"{exchange.base}/OperationDefinition/{id}"),), dump_json(made))


def answer_of(exchange: Exchange, stored: Stored, view: showing.View) -> Answer:
    """The answer to a read of a version that is no deletion."""
    headers = version_headers(exchange, stored)
    (body,) = store.bodies(exchange.world, (stored,))
    if stored.type == "Binary" and not _asks_for_fhir(exchange):
        return Answer(200, headers, raw_binary(rendered(stored, body)))
    if exchange.is_entry and parameters.summary(exchange.pairs) == "text":
        return Answer(200, headers, rendered(stored, body))
    if parameters.summary(exchange.pairs) == "text":
        narrative = load_json(rendered(stored, body)).get("text", {}).get("div")
        content = Raw("text/html;charset=UTF-8", str("null" if narrative is None else narrative).encode())
        return Answer(200, headers, content)
    return Answer(200, headers, showing.shown(exchange, view, stored, body))


def _unchanged(exchange: Exchange, stored: Stored) -> bool:
    tag = _ETAG.fullmatch(exchange.header("if-none-match"))  # the real server reads one tag, not a list
    if tag and str(stored.version) in tag.groups():
        return True
    if since := exchange.header("if-modified-since"):
        try:
            moment = parsedate_to_datetime(since)
        except ValueError:
            return False  # RFC 9110 13.1.3: a date that is none is ignored
        return stored.updated // 1000 <= moment.timestamp()
    return False


def _asks_for_fhir(exchange: Exchange) -> bool:
    """Whether a Binary is wanted as a resource: only if one of FHIR's own types is asked for by name."""
    if exchange.first("_format"):
        return True
    kinds = {name for name, _ in negotiate.acceptable(exchange.header("accept"))}
    return any(map(negotiate.is_fhir, kinds))


def raw_binary(resource: bytes) -> Raw:
    """The bytes that a Binary holds, under its own media type."""
    content = load_json(resource)
    data = base64.b64decode(str(content.get("data", "")), validate=False)
    return Raw(str(content.get("contentType") or "application/octet-stream"), data)
