"""FHIR's own pages for a browser that is signed in, and what it is told where its cookie does not count."""

from __future__ import annotations

import base64
import json
import re
from html import unescape

import pytest

from doors import Door
from fhantom.settings import BUILT_IN_KEY
from instances import ROOT
from pages.conftest import SCRIPT

HTML = {"Accept": "text/html,*/*;q=0.8"}
COOKIE = f"fhantom-key={base64.urlsafe_b64encode(BUILT_IN_KEY.encode()).decode()}"
SIGNED_IN = {**HTML, "apikey": None, "Cookie": COOKIE}
SIGNED_OUT = {**HTML, "apikey": None}


def links(text: str) -> set[str]:
    return {unescape(one) for one in re.findall(r'href="([^"]+)"', text)}


@pytest.mark.parametrize(
    "path",
    ["/fhir/Patient/ada", "/fhir/Patient?name=lovelace", "/fhir/Patient/ada/_history", "/fhir-r4/Patient/ada"],
)
def test_a_signed_in_browser_reads_an_answer_as_a_page(filled: Door, path: str) -> None:
    answer = filled.get(f"/browse{path}", SIGNED_IN)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html;charset=UTF-8")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert f"GET {path}" in answer.text
    assert "Lovelace" in answer.text


def test_every_link_of_such_a_page_opens_with_the_cookie_alone(filled: Door) -> None:
    found: set[str] = set()
    for path in ("/fhir/Patient", "/fhir/Observation/o1", "/fhir/Patient/ada/_history", "/fhir/Patient?_count=1"):
        found |= links(filled.get(f"/browse{path}", SIGNED_IN).text)
    own = {one for one in found if one.startswith("/") and not one.startswith(("/vna", "/_fhantom"))}
    assert {"/browse/fhir/Patient/ada", "/browse/fhir/metadata"} <= own
    assert any("_getpages" in one for one in own)
    assert [one for one in own if filled.get(one, SIGNED_IN).status != 200] == []
    assert [one for one in found if one.startswith("http") and "/fhir" in one] == []


@pytest.mark.parametrize(
    "path", ["/fhir/Patient/evil", "/fhir/Patient?name=%3Cscript%3E", "/fhir/Patient/evil/_history"]
)
def test_nothing_stored_or_asked_for_is_markup_on_it(filled: Door, path: str) -> None:
    text = filled.get(f"/browse{path}", SIGNED_IN).text
    assert "<script" not in text and "<b>Bold" not in text
    assert SCRIPT not in text


def test_errors_are_pages_too(filled: Door) -> None:
    answer = filled.get("/browse/fhir/Patient/nobody", SIGNED_IN)
    assert (answer.status, answer.headers["Content-Type"]) == (404, "text/html;charset=UTF-8")
    assert "OperationOutcome" in answer.text


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_is_changed_that_way(filled: Door, method: str) -> None:
    key = {"Content-Type": "application/fhir+json"}
    body = json.dumps({"resourceType": "Patient", "id": "ada"}).encode()
    assert filled.request(method, "/browse/fhir/Patient/ada", key, body).status == 405
    assert filled.get("/fhir/Patient/ada").json()["name"][0]["family"] == "Lovelace"


@pytest.mark.parametrize(
    "path", ["/browse/dicomweb/studies", "/browse/_fhantom/openapi.json", "/browse/sole", "/browse"]
)
def test_no_other_room_is_reached_that_way(filled: Door, path: str) -> None:
    assert filled.get(path, SIGNED_IN).status == 404


def test_without_a_key_the_form_comes_first(filled: Door) -> None:
    answer = filled.get("/browse/fhir/Patient?name=a", SIGNED_OUT)
    assert (answer.status, answer.headers["Location"]) == (303, "/sign-in?next=/browse/fhir/Patient%3Fname%3Da")


@pytest.mark.parametrize("headers", [SIGNED_IN, SIGNED_OUT], ids=["signed in", "signed out"])
@pytest.mark.parametrize(
    ("path", "way"),
    [
        ("/fhir/Patient?name=lovelace", "/browse/fhir/Patient?name=lovelace"),
        ("/fhir-r4/Patient/ada", "/browse/fhir-r4/Patient/ada"),
        ("/dicomweb/studies?limit=1", "/search?kind=request&value=/dicomweb/studies%3Flimit%3D1"),
        ("/wadouri", "/studies"),
    ],
)
def test_a_browser_at_an_address_for_programs_is_told_what_leads_on(
    filled: Door, headers: dict[str, str | None], path: str, way: str
) -> None:
    answer = filled.get(path, headers)
    assert (answer.status, answer.headers["Content-Type"]) == (403, "text/html; charset=utf-8")
    assert way in links(answer.text)
    assert "apikey: $SIIM_API_KEY" in unescape(answer.text)
    assert filled.get(way, SIGNED_IN).status == 200
    assert "Lovelace" not in answer.text


def test_an_address_shows_as_text_in_the_refusal(filled: Door) -> None:
    text = filled.get("/fhir/Patient?name=%22%3E%3Cscript%3E&x='<script>", SIGNED_OUT).text
    assert "<script" not in text


@pytest.mark.parametrize("accept", ["application/fhir+json", "*/*"])
def test_a_script_is_refused_as_before(filled: Door, accept: str) -> None:
    answer = filled.get("/fhir/Patient", {"apikey": None, "Cookie": COOKIE, "Accept": accept})
    assert (answer.status, list(answer.json())) == (403, ["message"])


def test_a_signed_in_browser_sees_a_small_picture_of_each_study(filled: Door) -> None:
    answer = filled.get(f"/thumbnails/{ROOT}.1", SIGNED_IN)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "image/jpeg")
    assert f"/thumbnails/{ROOT}.1" in filled.get("/patients/ada", SIGNED_IN).text
    assert f"/thumbnails/{ROOT}.2" in filled.get("/studies", SIGNED_IN).text


@pytest.mark.parametrize("uid", ["1.2.3", "..%2f..%2fsystem", "1.2.3%2fmetadata", "%3Cscript%3E"])
def test_of_what_has_no_picture_the_icon_is_shown(filled: Door, uid: str) -> None:
    answer = filled.get(f"/thumbnails/{uid}", SIGNED_IN)
    assert answer.status in (302, 404)
    assert answer.headers.get("Location") in ("/assets/icon.svg", None)


def test_pictures_need_a_key_too(filled: Door) -> None:
    assert filled.get(f"/thumbnails/{ROOT}.1", {"apikey": None, "Accept": "image/*"}).status == 403
