"""PATCH in its three languages, also on a condition (FHIR http 3.2.0.6.3)."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

from fhantom.definitions import ParseRefusal
from fhantom.definitions.canonical import canonical
from fhantom.definitions.jsontext import DecimalText, load_json
from fhantom.definitions.xmlread import parse_xml
from fhantom.definitions.xmlwrite import dump_xml
from fhantom.fhir import bodies, conditions, drafts, patch_json, patch_path, patch_xml, strictness
from fhantom.fhir.exchange import Answer, Exchange
from fhantom.fhir.kept import rendered
from fhantom.fhir.negotiate import Encoding
from fhantom.fhir.outcomes import Refusal, cause_of
from fhantom.fhir.reading import present, version_headers
from fhantom.fhir.writing import ATTEMPTS, Done, answered, put, version_in
from fhantom.resources import store
from fhantom.resources.refusal import VersionConflict

Resource = dict[str, Any]
Patch = Callable[[Resource], Resource]

_READER = json.JSONDecoder(parse_float=DecimalText)


def _json_patch(exchange: Exchange, body: bytes) -> Patch:
    try:
        operations, _ = _READER.raw_decode(body.decode("utf-8", "replace").lstrip(" \t\r\n"))
    except (ValueError, RecursionError) as error:
        raise Refusal("1272", words=str(error)) from None

    def apply(resource: Resource) -> Resource:
        changed = patch_json.apply(resource, operations)
        strictness.check(exchange.definitions, changed, resource["resourceType"])
        return changed

    return apply


def _xml_patch(exchange: Exchange, body: bytes) -> Patch:
    def apply(resource: Resource) -> Resource:
        document = dump_xml(exchange.version, resource)
        try:
            return parse_xml(exchange.version, patch_xml.apply(document, body))
        except ParseRefusal as refusal:
            raise Refusal("patched XML", cause=cause_of(refusal)) from None

    return apply


def path_patch(exchange: Exchange, parameters: Resource) -> Patch:
    """The patch that a Parameters resource describes."""
    return lambda resource: patch_path.apply(exchange.definitions, resource, parameters)


def _json_path_patch(exchange: Exchange, body: bytes) -> Patch:
    parameters = bodies.parsed(exchange, Encoding.JSON, body, "Parameters")
    if b'"valueExtension"' in body:
        _take_extensions(exchange, parameters, load_json(body))
    return path_patch(exchange, parameters)


def _take_extensions(exchange: Exchange, parameters: Resource, sent: Resource) -> None:
    """Give the parts of a patch their extensions, which HAPI takes as values although Parameters cannot hold them."""
    for operation, own in zip(parameters.get("parameter", []), sent["parameter"], strict=False):
        for part, given in zip(operation.get("part", []), own.get("part", []), strict=False):
            if isinstance(extension := given.get("valueExtension"), dict):
                bare = {"resourceType": "Parameters", "parameter": [{"name": "x", "extension": [extension]}]}
                held = canonical(exchange.version, bare, "Parameters")["parameter"][0].get("extension")
                part |= {"valueExtension": held[0]} if held else {}


def _xml_path_patch(exchange: Exchange, body: bytes) -> Patch:
    return path_patch(exchange, bodies.parsed(exchange, Encoding.XML, body, "Parameters"))


LANGUAGES: dict[str, Callable[[Exchange, bytes], Patch]] = {
    "application/json-patch+json": _json_patch,
    "application/xml-patch+xml": _xml_patch,
    "application/fhir+json": _json_path_patch,
    "application/fhir+xml": _xml_path_patch,
}


def patch_of(exchange: Exchange, content_type: str, body: bytes) -> Patch:
    """The patch in a body. Refusal: 1964 or 1965 if its Content-Type is none that a patch has."""
    if not content_type:
        raise Refusal("1964")
    language = LANGUAGES.get(content_type.partition(";")[0].strip())  # HAPI tells capitals apart here
    if language is None:
        raise Refusal("1965", content_type=content_type)
    return language(exchange, body)


def patch(exchange: Exchange, resource_type: str, id: str, version: str = "") -> Answer:
    """Change a resource as the body says, in that version if the address names one; no change makes no version."""
    work = patch_of(exchange, exchange.header("content-type"), exchange.body)
    expected = version_in(version or exchange.header("if-match"))
    return _answered(exchange, patched(exchange, resource_type, id, work, expected))


def patch_where(exchange: Exchange, resource_type: str) -> Answer:
    """Change the one resource that the query's condition names."""
    work = patch_of(exchange, exchange.header("content-type"), exchange.body)
    url = f"{resource_type}?{exchange.query}"
    return _answered(exchange, patched_where(exchange, url, work))


def _answered(exchange: Exchange, done: Done) -> Answer:
    headers = version_headers(exchange, done.stored)
    return answered(exchange, done, tuple(pair for pair in headers if pair[0] != "ETag"))


def patched_where(exchange: Exchange, url: str, work: Patch) -> Done:
    """Patch the one resource that fulfils a match URL; no If-Match counts. Refusal: 0972 several, 0973 none."""
    with exchange.world.reading() as connection:
        stored = conditions.one(exchange, connection, url, "0972")
    if stored is None:
        raise Refusal("0973", url=url)
    done = patched(exchange, stored.type, stored.id, work, None)
    return Done(done.stored, done.code.replace("_PATCH", "_CONDITIONAL_PATCH"), url=url, body=done.body)


def patched(exchange: Exchange, resource_type: str, id: str, work: Patch, expected: int | None) -> Done:
    """Patch one resource; what other writers do in between is patched too, unless a version is expected."""
    reference = f"{resource_type}/{id}"
    for _ in range(ATTEMPTS):
        with exchange.world.reading() as connection:
            stored = present(exchange, store.read(connection, exchange.version, resource_type, id), reference)
            if expected is not None and stored.version != expected:
                raise Refusal("0974", version=expected)
            (body,) = store.bodies(exchange.world, (stored,))
            resource = result_of(exchange, load_json(rendered(stored, body)), work)
            labels = drafts.labels_of(exchange, connection, stored)
            draft = drafts.prepared(exchange, connection, resource, id, labels)
        try:
            written = put(exchange, draft, stored)
        except VersionConflict:
            continue
        code = "SUCCESSFUL_PATCH" if written.change else "SUCCESSFUL_PATCH_NO_CHANGE"
        return Done(written.stored, code, body=draft.body)
    raise Refusal("0974", version=stored.version)


def result_of(exchange: Exchange, resource: Resource, work: Patch) -> Resource:
    """A patched resource, canonical, its identity as it was. Refusal 1271 if it is none any more."""
    try:
        changed = canonical(exchange.version, work(copy.deepcopy(resource)), resource["resourceType"])
    except ParseRefusal as refusal:
        reference = f"{resource['resourceType']}/{resource['id']}"
        raise Refusal("1271", reference=reference, cause=cause_of(refusal)) from None
    return changed
