"""The control routes as a table: each row says who may use a route, what it takes and what it answers.

The same row checks a request before the view is called and stands in the OpenAPI document (`openapi`), so that no
route and no field can be missing there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from flask import Blueprint, request

from fhantom.control.access import Who
from fhantom.control.asking import Asking
from fhantom.control.fields import Field, Schema, text
from fhantom.errors import BadRequest

KEY = text("key", "the apikey whose world is meant; without it the caller's own, or the shared one")
"""Of every route that is about a world."""


@dataclass(frozen=True, slots=True)
class Row:
    """One route.

    Attributes:
        path: the rule below `/_fhantom`, in Flask's form.
        says: what it does, in one sentence.
        query, body: what it takes; anything else is refused.
        raw, raw_type: schema and media type of a body that the view reads by itself.
        answer: the members of the JSON object that it answers, each with what it is; empty for no body.
        media_type: of an answer that is no JSON.
    """

    method: str
    path: str
    says: str
    who: Who = Who.WORLD
    query: tuple[Field, ...] = ()
    body: tuple[Field, ...] = ()
    raw: Schema | None = None
    raw_type: str = "application/json"
    status: int = 200
    answer: Mapping[str, str] = field(default_factory=dict)
    media_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class Given:
    """The checked inputs of one request by name, defaults included."""

    query: Mapping[str, Any]
    body: Mapping[str, Any]


class Routes:
    """Adds routes to the blueprint, each with its row; there is no other way in."""

    def __init__(self, control: Blueprint, asking: Asking) -> None:
        self._control = control
        self._asking = asking
        self.rows: list[Row] = []

    def add(self, row: Row) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Let a view answer a row's requests; it is called with `Given`, and the path's parameters by name."""
        self.rows.append(row)

        def register(view: Callable[..., Any]) -> Callable[..., Any]:
            @wraps(view)
            def answer(**path: str) -> Any:
                self._asking.admit(row.who)
                return view(Given(_query(row.query), _body(row)), **path)

            endpoint = f"{row.method} {row.path}".replace(".", " ")
            self._control.add_url_rule(row.path, endpoint, answer, methods=[row.method])
            return view

        return register


def _query(fields: Sequence[Field]) -> dict[str, Any]:
    known = {field.name: field for field in fields}
    _only(request.args, known, "no parameters")
    found = {name: known[name].of_text(text) for name, text in request.args.items()}
    return _complete(found, fields)


def _body(row: Row) -> dict[str, Any]:
    if row.raw is not None or not (row.body or request.method != "GET"):
        return {}
    content = request.get_json(force=True, silent=True) if request.get_data() else {}
    if not isinstance(content, dict):
        raise BadRequest("body: must be a JSON object")
    known = {field.name: field for field in row.body}
    _only(content, known, "no body")
    found = {name: known[name].of_json(value) for name, value in content.items()}
    return _complete(found, row.body)


def _only(given: Iterable[str], known: Mapping[str, Field], nothing: str) -> None:
    for name in given:
        if name not in known:
            raise BadRequest(f"{name}: is not known; this route takes {', '.join(known) or nothing}")


def _complete(found: dict[str, Any], fields: Sequence[Field]) -> dict[str, Any]:
    for one in fields:
        if one.required and one.name not in found:
            raise BadRequest(f"{one.name}: is missing; it must be {one.must}")
    return {one.name: found.get(one.name, one.default) for one in fields}
