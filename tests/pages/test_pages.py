"""What the pages show, and that nothing of the data gets to run."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest

from doors import Answer, Door
from fhantom.site import Site
from fhantom.world import provenance
from fhantom.world.provenance import Licence, LoadedDataset
from instances import ROOT
from pages.conftest import SCRIPT

HTML = {"Accept": "text/html,*/*;q=0.8"}

PAGES = [
    "/",
    "/?name=lovelace",
    "/studies",
    "/patients/ada",
    "/patients/evil",
    "/r5/Patient/ada",
    "/r4/Patient/ada",
    "/r5/Patient/evil",
    "/r5/DiagnosticReport/report1",
    "/r5/Patient/ada/history",
    "/r5/Patient/ada/history/1",
    "/search?kind=patient&value=SIIM",
    "/search?kind=request&value=/dicomweb/studies",
    "/licences",
    "/key",
    "/sign-in",
]


class Links(HTMLParser):
    """The addresses that a page refers to, and what of it could run."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.addresses += [given[name] or "" for name in ("href", "src", "action") if name in given]
        if (tag == "script" and "src" not in given) or tag == "style" or "style" in given:
            self.inline.append(tag)
        self.inline += [name for name in given if name.startswith("on")]


def read(answer: Answer) -> Links:
    links = Links()
    links.feed(answer.text)
    return links


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_html_with_a_strict_policy_and_nothing_inline(filled: Door, path: str) -> None:
    answer = filled.get(path, HTML)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert read(answer).inline == []


@pytest.mark.parametrize("path", PAGES)
def test_a_stored_script_is_never_markup(filled: Door, path: str) -> None:
    text = filled.get(path, HTML).text
    assert "<script>" not in text
    assert "<b>Bold" not in text


@pytest.mark.parametrize(
    "path",
    ["/", "/studies", "/patients/ada", "/patients/evil", "/r5/Patient/evil", "/r5/DiagnosticReport/report1"],
    ids=["list", "DICOM tag", "description", "name", "resource", "conclusion"],
)
def test_a_stored_script_is_shown_as_text(filled: Door, path: str) -> None:
    shown = SCRIPT.replace("<", "&lt;").replace(">", "&gt;").replace("'", "&#39;")
    assert shown in filled.get(path, HTML).text


def test_a_narrative_is_shown_as_its_words(filled: Door) -> None:
    body = {
        "resourceType": "Patient",
        "id": "told",
        "text": {
            "status": "additional",
            "div": '<div xmlns="http://www.w3.org/1999/xhtml"><p>1 &lt;script&gt;x&lt;/script&gt;</p><p>Two</p></div>',
        },
    }
    headers = {"Content-Type": "application/fhir+json"}
    assert filled.request("PUT", "/fhir/Patient/told", headers, json.dumps(body).encode()).status in (200, 201)
    text = filled.get("/r5/Patient/told", HTML).text
    assert '<p class="narrative">1 &lt;script&gt;x&lt;/script&gt;\nTwo</p>' in text


def test_every_link_of_the_pages_leads_somewhere(filled: Door) -> None:
    addresses = {address for path in PAGES for address in read(filled.get(path, HTML)).addresses}
    own = sorted(one for one in addresses if one.startswith("/") and not one.startswith(("/vna", "/_fhantom")))
    assert len(own) > 20
    lost = [address for address in own if filled.get(address, HTML).status != 200 and address != "/sign-out"]
    assert lost == []


def test_the_first_page_lists_patients_with_their_studies_and_reports(filled: Door) -> None:
    text = filled.get("/?name=lovelace", HTML).text
    row = text[text.index("Ada Lovelace") : text.index("</tr>", text.index("Ada Lovelace"))]
    cells = [re.sub("<[^>]+>", "", cell).strip() for cell in re.findall(r"<td.*?</td>", row, re.DOTALL)]
    assert cells[:5] == ["1815-12-10", "female", "1", "2020-01-15", "1"]


def test_a_patients_page_leads_to_images_and_to_both_fhir_versions(filled: Door) -> None:
    addresses = read(filled.get("/patients/ada", HTML)).addresses
    assert f"/vna/viewer?StudyInstanceUIDs={ROOT}.1" in addresses
    assert f"/vna/viewer?StudyInstanceUIDs={ROOT}.2" in addresses  # FHIR does not know of it
    assert {"/r5/Patient/ada", "/r4/Patient/ada", "/r5/Patient/ada/history"} <= set(addresses)


def test_references_of_a_resource_are_links(filled: Door) -> None:
    assert "/r5/Patient/ada" in read(filled.get("/r5/Observation/o1", HTML)).addresses


def test_the_list_of_studies_goes_on_on_further_pages(door: Door, filled: Door) -> None:
    assert filled.get("/studies?page=2", HTML).status == 200
    assert "No images" in filled.get("/studies?page=2", HTML).text


def test_a_search_shows_its_request_in_three_languages_without_the_key(filled: Door) -> None:
    text = filled.get("/search?kind=patient&value=O%27Brien", HTML).text
    assert "GET /fhir/Patient?name=O%27Brien" in text
    assert all(language in text for language in ("curl", "Python", "JavaScript"))
    assert text.count("SIIM_API_KEY") >= 4
    assert "fhantom-local-key" not in text


def test_the_key_itself_is_shown_on_request(filled: Door) -> None:
    shown = "export SIIM_API_KEY=fhantom-local-key"
    assert shown in filled.get("/search?kind=patient&value=SIIM&key=show", HTML).text
    assert shown in filled.get("/key", HTML).text


@pytest.mark.parametrize("value", ["/sole", "https://elsewhere.example/", "//elsewhere.example/fhir", "/_fhantom/x"])
def test_the_search_makes_requests_to_the_data_routes_only(filled: Door, value: str) -> None:
    assert "<code>GET" not in filled.get(f"/search?kind=request&value={value}", HTML).text


@pytest.mark.parametrize("path", ["/no", "/patients/nobody", "/r5/Patient/nobody", "/r5/Nothing/1", "/assets/no.css"])
def test_what_is_not_there_is_told_in_the_form_that_is_asked_for(filled: Door, path: str) -> None:
    page, plain = filled.get(path, HTML), filled.get(path)
    assert (page.status, page.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert (plain.status, list(plain.json())) == (404, ["message"])


def test_a_deleted_resource_is_told_as_gone(filled: Door) -> None:
    headers = {"Content-Type": "application/fhir+json"}
    filled.request("PUT", "/fhir/Basic/b1", headers, b'{"resourceType":"Basic","id":"b1","code":{"text":"x"}}')
    filled.request("DELETE", "/fhir/Basic/b1")
    assert filled.get("/r5/Basic/b1", HTML).status == 410
    assert filled.get("/r5/Basic/b1/history", HTML).status == 200


def test_loaded_licences_are_read_from_the_worlds_facts(filled: Door, module_site: Site) -> None:
    licence = Licence("CC-BY-NC 4.0", "https://example.org/licence", "name ISDIS")
    skin = LoadedDataset("isic", "Skin <i>", "https://example.org/isic", "2026-11-22", (licence,), {"DICOM": 1200})
    with module_site.worlds.open().writing() as connection:
        provenance.note(connection, skin)
    text = filled.get("/licences", HTML).text
    expected = ("Skin &lt;i&gt;", "CC-BY-NC 4.0", 'href="https://example.org/isic"', "name ISDIS", "1,200 DICOM")
    assert [words for words in expected if words not in text] == []
    first = filled.get("/", HTML).text
    assert [words for words in ("Skin &lt;i&gt;", "CC-BY-NC 4.0", "name ISDIS") if words not in first] == []
