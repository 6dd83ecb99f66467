"""What the service can do, as WADL or JSON (PS3.18 8.9, annex H): read off the routes, so that it cannot be wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from xml.sax.saxutils import quoteattr

from werkzeug.routing import Rule

from fhantom.wire import media

WADL = "application/vnd.sun.wadl+xml"
JSON = "application/json"
_NAMESPACE = "http://wadl.dev.java.net/2009/02"

_DICOM = ('multipart/related; type="application/dicom"', "application/dicom", "application/zip")
_SEARCH_PARAMETERS = (
    "{attributeID}",
    "includefield",
    "limit",
    "offset",
    "fuzzymatching",
    "emptyvaluematching",
    "multiplevaluematching",
    "accept",
)
_RENDERED_PARAMETERS = ("accept", "annotation", "quality", "viewport", "window", "iccprofile")


class Transaction(NamedTuple):
    """One row: what a method on a resource does, the types that it answers with, and its query parameters."""

    name: str
    produces: tuple[str, ...]
    parameters: tuple[str, ...] = ("accept",)
    consumes: tuple[str, ...] = ()


_SEARCH = Transaction(
    "Search",
    ("application/dicom+json", 'multipart/related; type="application/dicom+xml"', "text/csv"),
    _SEARCH_PARAMETERS,
)
_STORE = Transaction(
    "Store",
    ("application/dicom+json", "application/dicom+xml"),
    (),
    (
        'multipart/related; type="application/dicom"',
        'multipart/related; type="application/dicom+json"',
        'multipart/related; type="application/dicom+xml"',
        "application/dicom",
    ),
)
_RETRIEVE = Transaction("Retrieve", _DICOM)

# By the last fixed segment of a route; PS3.18 tables 10.4.1-1 to 10.4.1-5 and 10.6.1-1.
_BY_SEGMENT: dict[str, Transaction] = {
    "metadata": Transaction(
        "RetrieveMetadata", ("application/dicom+json", 'multipart/related; type="application/dicom+xml"')
    ),
    "frames": Transaction(
        "RetrieveFrames", ('multipart/related; type="application/octet-stream"', "application/octet-stream")
    ),
    "bulk": Transaction(
        "RetrieveBulkdata", ('multipart/related; type="application/octet-stream"', "application/octet-stream")
    ),
    "rendered": Transaction("RetrieveRendered", ("image/jpeg", "image/png", "image/gif"), _RENDERED_PARAMETERS),
    "thumbnail": Transaction("RetrieveThumbnail", ("image/jpeg", "image/png"), ("accept", "viewport")),
}
_BY_SEGMENT["bulkdata"] = _BY_SEGMENT["bulk"]
_SEARCHED = frozenset(("studies", "series", "instances"))
_VARIABLE = re.compile(r"<(?:[a-z]+:)?([a-z_]+)>")


class Resource(NamedTuple):
    """A path template below the service, and what each method does there."""

    path: str
    methods: dict[str, Transaction]


def resources(rules: Iterable[Rule], prefix: str, below: str) -> list[Resource]:
    """The resources at and below the route `below`, in the order of their paths."""
    found: dict[str, dict[str, Transaction]] = {}
    for rule in rules:
        if not rule.rule.startswith(prefix) or not rule.rule.startswith(below):
            continue
        methods = found.setdefault(rule.rule.removeprefix(prefix).strip("/"), {})
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            if transaction := _transaction(rule.rule, method):
                methods[method] = transaction
    return [Resource(_VARIABLE.sub(r"{\1}", path), found[path]) for path in sorted(found) if found[path]]


def _transaction(rule: str, method: str) -> Transaction | None:
    segments = rule.strip("/").split("/")
    fixed = [segment for segment in segments if not segment.startswith("<")]
    if method == "POST":
        return _STORE
    if fixed[-1] in _BY_SEGMENT:
        return _BY_SEGMENT[fixed[-1]]
    if segments[-1] in _SEARCHED:
        return _SEARCH
    return _RETRIEVE if fixed[-1] in _SEARCHED else None


def choose(accept: str) -> str:
    """WADL unless the client takes JSON and not WADL."""
    accepted = media.parse_accept(accept)
    if any(one.media.includes(WADL) for one in accepted):
        return WADL
    return JSON if any(one.media.includes(JSON) for one in accepted) else WADL


def encode(form: str, found: Iterable[Resource], service: str) -> bytes:
    """The description in that form."""
    if form == JSON:
        return json.dumps({"base": service, "resources": [_as_json(one) for one in found]}, indent=1).encode()
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<application xmlns="{_NAMESPACE}">']
    lines.append(f"<resources base={quoteattr(service)}>")
    for resource in found:
        lines += _as_wadl(resource)
    return "\n".join([*lines, "</resources>", "</application>", ""]).encode()


def _as_json(resource: Resource) -> dict[str, Any]:
    methods = {
        method: {
            "name": transaction.name,
            "parameters": list(transaction.parameters),
            "consumes": list(transaction.consumes),
            "produces": list(transaction.produces),
        }
        for method, transaction in resource.methods.items()
    }
    return {"path": resource.path, "methods": methods}


def _as_wadl(resource: Resource) -> Iterator[str]:
    yield f"<resource path={quoteattr(resource.path)}>"
    for variable in re.findall(r"{(\w+)}", resource.path):
        yield f'<param name={quoteattr(variable)} style="template" required="true"/>'
    for method, transaction in resource.methods.items():
        yield f"<method name={quoteattr(method)} id={quoteattr(f'{transaction.name} {resource.path}')}>"
        yield "<request>"
        yield from (f'<param name={quoteattr(name)} style="query"/>' for name in transaction.parameters)
        yield from (f"<representation mediaType={quoteattr(name)}/>" for name in transaction.consumes)
        yield '</request><response status="200">'
        yield from (f"<representation mediaType={quoteattr(name)}/>" for name in transaction.produces)
        yield "</response></method>"
    yield "</resource>"
