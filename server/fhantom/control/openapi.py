"""The control routes as an OpenAPI document, made of their own table."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from flask import Response, jsonify, request

from fhantom import __version__
from fhantom.control.access import TOKEN, Who
from fhantom.control.fields import Field
from fhantom.control.table import Given, Routes, Row
from fhantom.wire.context import origin_of

PREFIX = "/_fhantom"
_ROW = Row("GET", "/openapi.json", "This document.", Who.EVERYBODY)
_PARAMETER = re.compile(r"<(?:path:)?(\w+)>")

# Status -> what it says.
_REFUSALS = {
    400: "An input is not as it must be; the message begins with its name.",
    403: "The caller may not do this.",
    404: "There is no such thing.",
}


def register(routes: Routes) -> None:
    """Add the route of the document."""

    @routes.add(_ROW)
    def openapi(given: Given) -> Response:
        return jsonify(document(routes.rows, origin_of(request.environ)))


def document(rows: Iterable[Row], origin: str) -> dict[str, Any]:
    """The rows as OpenAPI 3.1."""
    paths: dict[str, dict[str, Any]] = {}
    for row in rows:
        paths.setdefault(PREFIX + _PARAMETER.sub(r"{\1}", row.path), {})[row.method.lower()] = _operation(row)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "fhantom: control routes",
            "version": __version__,
            "description": "What the real server does not have. On the machine itself no key is needed.",
        },
        "servers": [{"url": origin}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "apikey": {"type": "apiKey", "in": "header", "name": "apikey"},
                "token": {"type": "apiKey", "in": "header", "name": TOKEN[5:].replace("_", "-").title()},
            },
            "schemas": {
                "Refusal": {
                    "type": "object",
                    "properties": {"message": {"type": "string"}},
                    "required": ["message"],
                }
            },
        },
    }


def _operation(row: Row) -> dict[str, Any]:
    taken = [_named(name, "path", {"type": "string"}) for name in _PARAMETER.findall(row.path)]
    for field in row.query:
        taken.append(_named(field.name, "query", _schema(field), field.says, required=field.required))
    operation: dict[str, Any] = {
        "operationId": operation_id(row),
        "summary": row.says,
        "description": f"For {row.who}.",
        "parameters": taken,
        "responses": {str(row.status): _success(row)} | {str(status): _refusal(status) for status in _refusals(row)},
        "security": _security(row.who),
    }
    if row.body or row.raw is not None:
        content = {row.raw_type: {"schema": row.raw if row.raw is not None else _object(row.body)}}
        operation["requestBody"] = {"content": content, "required": any(field.required for field in row.body)}
    return operation


def operation_id(row: Row) -> str:
    """A name that no other row has."""
    return "_".join([row.method.lower(), *re.findall(r"\w+", row.path)])


def _named(name: str, place: str, schema: Any, says: str = "", *, required: bool = True) -> dict[str, Any]:
    named = {"name": name, "in": place, "required": required, "schema": schema}
    return named | {"description": says} if says else named


def _schema(field: Field) -> dict[str, Any]:
    schema = {**field.schema, "description": field.says}
    return schema if field.default is None else schema | {"default": field.default}


def _object(fields: Iterable[Field]) -> dict[str, Any]:
    fields = tuple(fields)
    return {
        "type": "object",
        "properties": {field.name: _schema(field) for field in fields},
        "required": [field.name for field in fields if field.required],
        "additionalProperties": False,
    }


def _success(row: Row) -> dict[str, Any]:
    if row.status == 204:
        return {"description": "It is done."}
    schema: dict[str, Any] = {}
    if row.media_type == "application/json":
        schema = {"type": "object", "properties": {name: {"description": says} for name, says in row.answer.items()}}
    return {"description": row.says, "content": {row.media_type: {"schema": schema}}}


def _refusals(row: Row) -> list[int]:
    met = {400: True, 403: row.who is not Who.EVERYBODY, 404: "<" in row.path}
    return [status for status, is_met in met.items() if is_met]


def _refusal(status: int) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Refusal"}
    return {"description": _REFUSALS[status], "content": {"application/json": {"schema": schema}}}


def _security(who: Who) -> list[dict[str, list[str]]]:
    """Each entry is one way in; the empty one is the machine itself."""
    ways: dict[Who, tuple[str, ...]] = {Who.EVERYBODY: (), Who.WORLD: ("apikey", "token"), Who.ALL: ("token",)}
    found: list[dict[str, list[str]]] = [{name: []} for name in ways[who]]
    return [{}, *found]
