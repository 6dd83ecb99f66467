"""What a browser is shown of FHIR answers, and that nothing stored gets to run."""

from __future__ import annotations

import base64
import json

import pytest

from doors import Door

SCRIPT = "<script>alert('stored')</script>"
HTML = {"Accept": "text/html,application/xhtml+xml"}
ROOTS = pytest.mark.parametrize("root", ["/fhir", "/fhir-r4"])


@pytest.fixture(scope="module")
def filled(door: Door) -> Door:
    told = f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{SCRIPT.replace("<", "&lt;")}</p></div>'
    for root in ("/fhir", "/fhir-r4"):
        stored = [
            {
                "resourceType": "Patient",
                "id": "evil",
                "name": [{"family": SCRIPT}],
                "text": {"status": "generated", "div": told},
                "managingOrganization": {"reference": "Organization/o1"},
            },
            {"resourceType": "Organization", "id": "o1", "name": f"<img src=x onerror=alert(1)>{SCRIPT}"},
            {
                "resourceType": "Binary",
                "id": "page",
                "contentType": "text/html",
                "data": base64.b64encode(SCRIPT.encode()).decode(),
            },
        ]
        for resource in reversed(stored):
            path = f"{root}/{resource['resourceType']}/{resource['id']}"
            headers = {"Content-Type": "application/fhir+json"}
            assert door.request("PUT", path, headers, json.dumps(resource).encode()).status in (200, 201)
    return door


@ROOTS
@pytest.mark.parametrize("form", ["", "?_format=html/xml"], ids=["json", "xml"])
@pytest.mark.parametrize("path", ["/Patient/evil", "/Organization", "/Patient/evil/_history", "/Patient/none"])
def test_a_page_holds_no_markup_of_the_data_and_nothing_inline(filled: Door, root: str, path: str, form: str) -> None:
    answer = filled.get(root + path + form, HTML)
    assert answer.headers["Content-Type"] == "text/html;charset=UTF-8"
    assert "<script" not in answer.text
    assert "<img src=x" not in answer.text
    assert "<style" not in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@ROOTS
def test_references_are_links_to_the_same_fhir_version(filled: Door, root: str) -> None:
    text = filled.get(f"{root}/Patient/evil", HTML).text
    assert f'<a class="string" href="{root}/Organization/o1">' in text


@ROOTS
def test_an_address_shows_on_its_page_as_text(filled: Door, root: str) -> None:
    text = filled.get(f"{root}/Patient?name=%22%3E%3Cscript%3E", HTML).text
    assert "%22%3E%3Cscript%3E" in text
    assert '"><script>' not in text


@ROOTS
def test_a_stored_page_is_given_as_it_is_in_a_sandbox(filled: Door, root: str) -> None:
    answer = filled.get(f"{root}/Binary/page", HTML)
    assert (answer.body, answer.headers["Content-Security-Policy"]) == (SCRIPT.encode(), "sandbox")


@ROOTS
def test_a_script_gets_no_page_and_no_policy(filled: Door, root: str) -> None:
    answer = filled.get(f"{root}/Patient/evil", {"Accept": "application/fhir+json"})
    assert answer.json()["name"] == [{"family": SCRIPT}]
    assert "Content-Security-Policy" not in answer.headers
