"""The OpenAPI document of the control routes agrees with the routes, and the routes hold to it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from doors import Answer, Door, InProcess
from fhantom.app import create_app
from fhantom.control import routes as control
from fhantom.faults.rules import KINDS
from fhantom.settings import Settings
from fhantom.site import Site

Operation = tuple[str, str, dict[str, Any]]


@pytest.fixture(scope="module")
def module_settings() -> Settings:
    return Settings(ephemeral=True, worlds="per-key", keys=("alpha",))


@pytest.fixture(scope="module")
def document(module_site: Site) -> dict[str, Any]:
    """The document as a client gets it."""
    answer = InProcess(create_app(module_site)).get("/_fhantom/openapi.json", {"apikey": None})
    assert answer.status == 200
    found: dict[str, Any] = answer.json()
    return found


def operations(document: dict[str, Any]) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def ask(door: Door, method: str, path: str, body: bytes = b"", query: str = "") -> Answer:
    path = re.sub(r"\{\w+\}", "f1", path)
    headers = {"apikey": "alpha", "Host": "localhost", "Content-Type": "application/json"}
    return door.request(method, f"{path}{query}", headers, body)


def test_the_document_is_valid(document: dict[str, Any]) -> None:
    validate(document, cls=OpenAPIV31SpecValidator)


def test_every_route_is_in_the_document(document: dict[str, Any], module_site: Site) -> None:
    import flask

    app = flask.Flask("routes")
    app.register_blueprint(control.blueprint(module_site))
    served = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint not in ("static", "control.missing")
    }
    assert served == {(method, path) for method, path, _ in operations(document)}


def test_the_document_names_every_kind_of_fault_with_its_fields(document: dict[str, Any]) -> None:
    body = document["paths"]["/_fhantom/faults"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    kinds = {kind["properties"].pop("kind")["const"]: set(kind["properties"]) for kind in _actions(body)}
    assert kinds == {kind: set(fields) for kind, fields in KINDS.items()}


def _actions(body: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(json.dumps(body["properties"]["action"]["oneOf"]))
    return found


def test_operations_have_names_of_their_own(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert sorted(set(names)) == sorted(names)


def test_every_route_refuses_a_parameter_that_is_not_in_the_document(door: Door, document: dict[str, Any]) -> None:
    told = {}
    for method, path, _ in operations(document):
        answer = ask(door, method, path, query="?no-such-thing=1")
        told[method, path] = (answer.status, answer.json()["message"].partition(":")[0])
    assert set(told.values()) == {(400, "no-such-thing")}


def _wrong(schema: dict[str, Any]) -> Iterator[Any]:
    """Values that a schema does not allow."""
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    yield from (value for type, value in {"object": {"a": 1}, "boolean": True}.items() if type not in types)
    if "string" in types:
        yield 7
        if {"enum", "pattern", "format"} & set(schema):
            yield "no such thing"
    if {"integer", "number"} & set(types):
        yield from ("few", schema.get("minimum", 0) - 1)
        if "maximum" in schema:
            yield schema["maximum"] + 1


def test_bad_values_in_a_query_get_400_with_the_name_of_the_parameter(door: Door, document: dict[str, Any]) -> None:
    tried = 0
    for method, path, operation in operations(document):
        for parameter in operation["parameters"]:
            for value in _wrong(parameter["schema"]) if parameter["in"] == "query" else ():
                if parameter["schema"]["type"] == "string" and value != "no such thing":
                    continue  # every value of a query is a text
                answer = ask(door, method, path, query=f"?{parameter['name']}={value}".replace(" ", "%20"))
                assert answer.status == 400, (method, path, parameter["name"], value)
                assert answer.json()["message"].startswith(f"{parameter['name']}: must be ")
                tried += 1
    assert tried > 8


def test_bad_values_in_a_body_get_400_with_the_name_of_the_field(door: Door, document: dict[str, Any]) -> None:
    tried = 0
    for method, path, operation in operations(document):
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        for name, schema in (content or {"schema": {}})["schema"].get("properties", {}).items():
            for value in _wrong(schema) if "type" in schema else ():
                answer = ask(door, method, path, json.dumps({name: value}).encode())
                assert answer.status == 400, (method, path, name, value, answer.text)
                assert answer.json()["message"].partition(":")[0] in (name, "action.kind")
                tried += 1
    assert tried > 20


@pytest.mark.parametrize("body", [b"[]", b"{", b'"text"', b"\xff\xfe", b"1e999"])
def test_a_body_that_is_no_json_object_gets_400(door: Door, document: dict[str, Any], body: bytes) -> None:
    for method, path, operation in operations(document):
        if "application/json" in operation.get("requestBody", {}).get("content", {}):
            answer = ask(door, method, path, body)
            assert answer.status == 400, (method, path)
            assert answer.json()["message"].startswith(("body:", "fault:"))


def test_answers_have_the_members_that_the_document_names(door: Door, document: dict[str, Any]) -> None:
    bodies = {"/_fhantom/clock": {"now": None}, "/_fhantom/clock/advance": {"seconds": 1}}
    for method, path, operation in operations(document):
        if "{" in path or method == "DELETE":
            continue
        body = json.dumps(bodies.get(path, {})).encode() if "requestBody" in operation else b""
        answer = ask(door, method, path, body)
        if answer.headers["Content-Type"] != "application/json" or answer.status >= 400:
            continue
        schema = operation["responses"][str(answer.status)]["content"]["application/json"]["schema"]
        unknown = set(answer.json()) - set(schema["properties"] or answer.json())
        assert unknown == set(), (method, path)
