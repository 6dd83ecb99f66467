"""OPTIONS: what the service can do, and that the description follows the routes."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest

from doors import Door

_WADL = "{http://wadl.dev.java.net/2009/02}"


def described(door: Door, path: str = "") -> dict[str, Any]:
    answer = door.request("OPTIONS", f"/dicomweb{path}", {"Accept": "application/json"})
    assert answer.status == 200
    return {resource["path"]: resource["methods"] for resource in answer.json()["resources"]}


@pytest.mark.parametrize("accept", [None, "*/*", "application/vnd.sun.wadl+xml", "text/html"])
def test_the_description_is_wadl_unless_json_is_asked_for(door: Door, accept: str | None) -> None:
    answer = door.request("OPTIONS", "/dicomweb", {"Accept": accept})
    root = ElementTree.fromstring(answer.body)
    assert answer.headers["Content-Type"] == "application/vnd.sun.wadl+xml"
    assert root.tag == f"{_WADL}application"
    resources = root.find(f"{_WADL}resources")
    assert resources is not None
    assert resources.get("base") == f"{door.origin}/dicomweb"


def test_every_transaction_stands_at_its_resource(door: Door) -> None:
    found = described(door)
    assert {method: row["name"] for method, row in found["studies"].items()} == {"GET": "Search", "POST": "Store"}
    assert found["studies/{study}"]["GET"]["name"] == "Retrieve"
    assert found["studies/{study}/series/{series}/instances"]["GET"]["name"] == "Search"
    assert found["studies/{study}/metadata"]["GET"]["name"] == "RetrieveMetadata"
    assert "fuzzymatching" in found["series"]["GET"]["parameters"]
    assert "application/dicom" in found["studies"]["POST"]["consumes"]


def test_a_resource_describes_itself_and_what_lies_below(door: Door) -> None:
    assert set(described(door, "/instances")) == {"instances"}
    assert "studies/{study}/series" in described(door, "/studies")
    assert "series" not in described(door, "/studies")


def test_the_methods_of_a_resource_stand_in_allow(door: Door) -> None:
    answer = door.request("OPTIONS", "/dicomweb/studies")
    assert {"GET", "HEAD", "OPTIONS", "POST"} == set(answer.headers["Allow"].split(", "))


def test_getting_the_root_is_still_an_unknown_resource(door: Door) -> None:
    assert door.get("/dicomweb").status == 404
