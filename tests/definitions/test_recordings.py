"""HAPI's recorded answers as the oracle: the canonical form of what was sent is what HAPI gave back."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest

from fhantom.definitions import (
    DecimalText,
    ParseRefusal,
    Version,
    compact,
    dump_json,
    dump_xml,
    parse_json,
    parse_xml,
    read_json,
    subset,
)

Json = dict[str, Any]
VERSIONS: list[Version] = ["R4", "R5"]
SET_BY_THE_SERVER = ("versionId", "lastUpdated", "tag", "source")
DONE_BY_THE_STORE = ("create_obs.19",)  # cuts the version off a reference
OF_THE_REQUEST = ("base.put", "sc_binary.00")  # refused before, or not to be read as JSON


@cache
def cases(shared: Path, version: Version) -> list[Json]:
    with gzip.open(shared / "golden" / "hapi" / f"{version.lower()}.jsonl.gz", "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def writes(shared: Path, version: Version) -> Iterator[tuple[Json, str, bytes, str]]:
    """Each recorded POST or PUT of a resource: case, type that the URL names, body, HAPI's answer."""
    for case in cases(shared, version):
        request, answer = case["request"], case["response"].get("body")
        names = urlsplit(request["path"]).path.split("/")
        if request["method"] not in ("POST", "PUT") or not request["body"] or not answer:
            continue
        if "$" in request["path"] or "_search" in request["path"] or case["id"] in OF_THE_REQUEST:
            continue
        if "form" in str(request["headers"]):
            continue
        body = re.sub(r"\{\{\w+\}\}", "x", request["body"]).encode()
        yield case, names[2] if len(names) > 2 and names[2] else "Bundle", body, answer


def parsed(version: Version, case: Json, expected: str, body: bytes) -> Json:
    is_xml = "xml" in str(case["request"]["headers"].get("Content-Type"))
    return parse_xml(version, body, expected) if is_xml else parse_json(version, body, expected)


def comparable(resource: Json) -> Json:
    """The resource without what a server writes into it."""
    meta = {key: value for key, value in resource.get("meta", {}).items() if key not in SET_BY_THE_SERVER}
    rest = {key: value for key, value in resource.items() if key not in ("id", "meta")}
    return {**rest, "meta": meta} if meta else rest


@pytest.mark.parametrize("version", VERSIONS)
def test_what_hapi_stored_is_what_we_make_of_the_body(shared: Path, version: Version) -> None:
    compared = 0
    for case, expected, body, answer in writes(shared, version):
        if case["response"]["status"] not in (200, 201) or answer[:1] != "{" or case["id"] in DONE_BY_THE_STORE:
            continue
        stored = read_json(answer.encode())
        if stored["resourceType"] == expected != "Bundle":
            assert dump_json(comparable(parsed(version, case, expected, body))) == dump_json(comparable(stored)), case[
                "id"
            ]
            compared += 1
    assert compared > 50


@pytest.mark.parametrize("version", VERSIONS)
def test_what_hapi_refused_to_parse_is_refused_under_the_same_numbers(shared: Path, version: Version) -> None:
    compared = 0
    for case, expected, body, answer in writes(shared, version):
        numbers = tuple(map(int, re.findall(r"HAPI-(\d+)", answer)))
        if numbers[:1] != (450,):
            parsed(version, case, expected, body)
            continue
        with pytest.raises(ParseRefusal) as refused:
            parsed(version, case, expected, body)
        assert refused.value.numbers == numbers[1:], case["id"]
        named = re.search(r'\[element=\\?"(\w+)\\?"\]', answer)
        assert refused.value.element == named[1] if named else True, case["id"]
        compared += 1
    assert compared > 20


def sources(shared: Path, version: Version) -> Iterator[Json]:
    """The canonical resources that the recorded server was loaded with."""
    if version == "R5":
        for path in sorted((shared / "hackathon-dataset").rglob("*.json")):
            yield parse_json("R5", path.read_bytes())
        return
    for path in sorted((shared / "samples" / "synthea_r4_smart").glob("*.json")):
        bundle = json.loads(path.read_bytes(), parse_float=DecimalText)
        types = {entry["fullUrl"]: entry["resource"]["resourceType"] for entry in bundle["entry"]}
        for entry in bundle["entry"]:
            text = dump_json({**entry["resource"], "id": entry["fullUrl"].rpartition(":")[2]}).decode()
            for url, name in types.items():
                text = text.replace(f'"{url}"', f'"{name}/{url.rpartition(":")[2]}"')
            yield parse_json("R4", text.encode())


def answered(value: Any) -> Iterator[Json]:
    """Every stored resource, as loaded, in an answer: first versions with an id."""
    if isinstance(value, dict):
        if "resourceType" in value and value.get("meta", {}).get("versionId") == "1":
            yield value
        value = list(value.values())
    for item in value if isinstance(value, list) else []:
        yield from answered(item)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_loaded_resources_are_answered_as_we_keep_them_whole_or_subset(shared: Path, version: Version) -> None:
    loaded = {(r["resourceType"], r["id"]): r for r in sources(shared, version)}
    whole = parts = 0
    for case in cases(shared, version):
        body = case["response"].get("body") or ""
        query = parse_qs(urlsplit(case["request"]["path"]).query)
        for found in answered(read_json(body.encode())) if body[:1] == "{" else ():
            source = loaded.get((found["resourceType"], found["id"]))
            if source is None:
                continue
            if "SUBSETTED" in str(found["meta"]):
                elements = [name for names in query.get("_elements", []) for name in names.split(",")]
                source = subset(version, source, elements, *query.get("_summary", []))
                parts += 1
            whole += 1
            assert comparable(source) == comparable(found), case["id"]
    assert whole > 500
    assert parts > 15


@pytest.mark.parametrize("version", VERSIONS)
def test_json_answers_have_the_text_that_we_write(shared: Path, version: Version) -> None:
    compared = 0
    for case in cases(shared, version):
        body = (case["response"].get("body") or "").encode()
        if body[:1] != b"{":
            continue
        value = read_json(body)
        pretty = b"\n" in body
        assert dump_json(value, pretty) == body, case["id"]
        assert not pretty or compact(body) == dump_json(value, pretty=False), case["id"]
        compared += 1
    assert compared > 300


def element_form(node: ElementTree.Element) -> list[Any]:
    """An element without the white space that indentation puts between others."""
    return [node.tag, sorted(node.attrib.items()), (node.text or "").strip(), [element_form(child) for child in node]]


@pytest.mark.parametrize("version", VERSIONS)
def test_xml_answers_say_what_we_write_of_them(shared: Path, version: Version) -> None:
    compared = 0
    for case in cases(shared, version):
        body = case["response"].get("body") or ""
        if not body.startswith("<") or 'xmlns="http://hl7.org/fhir"' not in body[:200]:
            continue
        written = dump_xml(version, parse_xml(version, body.encode()))
        assert element_form(ElementTree.fromstring(written)) == element_form(ElementTree.fromstring(body)), case["id"]
        compared += 1
    assert compared > 5
