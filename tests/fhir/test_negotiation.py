from __future__ import annotations

import gzip
import json
from email.utils import parsedate_to_datetime

import pytest

from fhantom.fhir.negotiate import Encoding, acceptable, negotiate, wants_page
from fhir_client import FhirClient, patient

TYPES = {
    "application/fhir+json": ("application/fhir+json", Encoding.JSON),
    "application/json": ("application/fhir+json", Encoding.JSON),
    "text/json": ("application/fhir+json", Encoding.JSON),
    "application/json+fhir": ("application/json+fhir", Encoding.JSON),
    "application/fhir+json; fhirVersion=4.0": ("application/fhir+json", Encoding.JSON),
    "application/fhir+xml": ("application/fhir+xml", Encoding.XML),
    "application/xml": ("application/fhir+xml", Encoding.XML),
    "text/xml": ("application/fhir+xml", Encoding.XML),
    "application/xml+fhir": ("application/xml+fhir", Encoding.XML),
    "text/turtle": ("text/turtle", Encoding.TURTLE),
    "application/x-turtle": ("application/x-turtle", Encoding.TURTLE),
    "application/fhir+turtle": ("application/x-turtle", Encoding.TURTLE),
    "*/*": ("application/fhir+json", Encoding.JSON),
    "text/*": ("application/fhir+json", Encoding.JSON),
    "image/png": ("application/fhir+json", Encoding.JSON),
    "garbage": ("application/fhir+json", Encoding.JSON),
    "": ("application/fhir+json", Encoding.JSON),
    "image/png, application/fhir+xml": ("application/fhir+xml", Encoding.XML),
    "application/fhir+json;q=0.2, application/fhir+xml": ("application/fhir+xml", Encoding.XML),
    "application/fhir+xml;q=0.5, application/fhir+json;q=0.9": ("application/fhir+json", Encoding.JSON),
    "application/fhir+xml, application/fhir+json": ("application/fhir+json", Encoding.JSON),
    "application/fhir+xml;q=high": ("application/fhir+xml", Encoding.XML),
}


@pytest.mark.parametrize("accept", TYPES, ids=lambda accept: accept or "empty")
def test_every_accept_is_answered(accept: str) -> None:
    form = negotiate("", accept, "", None, False)
    assert (form.media_type, form.encoding) == TYPES[accept]


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("json", "application/fhir+json"),
        ("xml", "application/fhir+xml"),
        ("ttl", "application/x-turtle"),
        ("JSON", "application/fhir+xml"),
        ("rdf", "application/x-turtle"),
        ("ndjson", "application/fhir+ndjson"),
        ("application/fhir ndjson", "application/fhir+ndjson"),
        ("application/fhir xml", "application/fhir+xml"),
        ("application/json;charset=utf-8", "application/fhir+json"),
        ("", "application/fhir+xml"),
        ("bogus", "application/fhir+xml"),
    ],
)
def test_format_wins_over_accept_unless_it_is_unknown(name: str, media_type: str) -> None:
    assert negotiate(name, "application/fhir+xml", "", None, False).media_type == media_type


def test_without_accept_the_requests_own_type_decides() -> None:
    assert negotiate("", "", "application/fhir+xml", None, False).encoding is Encoding.XML


def test_a_page_is_for_those_who_like_html_best() -> None:
    assert wants_page("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
    assert not wants_page("application/fhir+json, text/html;q=0.5")
    assert not negotiate("", "text/html", "", None, from_address_bar=False).page


def test_qualities_are_read_in_the_order_given() -> None:
    assert acceptable("a/b;q=0.5, c/d ,;q=1") == (("a/b", 0.5), ("c/d", 1.0))


@pytest.fixture(scope="module")
def andy(fhir: FhirClient) -> str:
    name = [{"family": "SIIM", "given": ["Andy"]}]
    assert fhir.put(patient("andy", name=name)).status in (200, 201)
    return "Patient/andy"


def test_a_read_carries_its_version_in_headers(fhir: FhirClient, andy: str) -> None:
    answer = fhir.get(andy)
    assert answer.headers["ETag"] == 'W/"1"'
    assert answer.headers["Content-Location"] == f"{fhir.base}/{andy}/_history/1"
    assert answer.headers["X-Powered-By"].startswith("HAPI FHIR 8.8.0 REST Server (FHIR Server; FHIR ")
    assert answer.headers["X-Request-ID"]
    seconds = parsedate_to_datetime(answer.headers["Last-Modified"]).strftime("%Y-%m-%dT%H:%M:%S")
    assert answer.json()["meta"]["lastUpdated"].startswith(seconds)


def test_json_is_indented_as_the_real_server_does(fhir: FhirClient, andy: str) -> None:
    text = fhir.get(andy).text
    assert text.startswith('{\n  "resourceType": "Patient",\n  "id": "andy",\n  "meta": {\n')
    assert '"name": [ {\n    "family": "SIIM",\n    "given": [ "Andy" ]\n  } ]' in text


@pytest.mark.parametrize("value", ["false", "1", "yes"])
def test_any_pretty_but_true_takes_the_indentation_away(fhir: FhirClient, andy: str, value: str) -> None:
    answer = fhir.get(f"{andy}?_pretty={value}")
    assert "\n" not in answer.text
    assert answer.json() == fhir.get(andy).json()


@pytest.mark.parametrize("header", ['W/"1"', '"1"', "1"])
def test_a_version_that_the_client_has_is_not_sent_again(fhir: FhirClient, andy: str, header: str) -> None:
    answer = fhir.get(andy, If_None_Match=header)
    assert (answer.status, answer.body) == (304, b"")


def test_if_modified_since_compares_with_the_last_update(fhir: FhirClient, andy: str) -> None:
    assert fhir.get(andy, If_Modified_Since="Sat, 01 Jan 2039 00:00:00 GMT").status == 304
    assert fhir.get(andy, If_Modified_Since="Sat, 01 Jan 2000 00:00:00 GMT").status == 200
    assert fhir.get(andy, If_Modified_Since="yesterday").status == 200


def test_an_answer_is_compressed_for_who_takes_it(fhir: FhirClient, andy: str) -> None:
    answer = fhir.get("metadata", Accept_Encoding="gzip")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(answer.body))["resourceType"] == "CapabilityStatement"


def test_a_browser_gets_a_page_that_shows_the_resource_escaped(fhir: FhirClient) -> None:
    narrative = '<div xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></div>'
    fhir.put(patient("script", text={"status": "generated", "div": narrative}))
    answer = fhir.get("Patient/script", Accept="text/html,application/xhtml+xml;q=0.9")
    assert answer.headers["Content-Type"] == "text/html;charset=UTF-8"
    assert "<script>" not in answer.text
    assert "&lt;script&gt;" in answer.text


@pytest.mark.parametrize("form", ["html", "html/json", "html/xml", "text/html"])
def test_a_page_can_be_asked_for(fhir: FhirClient, andy: str, form: str) -> None:
    answer = fhir.get(f"{andy}?_format={form}")
    assert answer.text.startswith("<!DOCTYPE html>")
    assert "SIIM" in answer.text


def test_a_script_of_a_web_page_gets_the_resource_itself(fhir: FhirClient, andy: str) -> None:
    answer = fhir.get(andy, Accept="text/html", Origin="http://localhost:3000")
    assert answer.json()["id"] == "andy"


def test_an_error_takes_the_form_that_was_asked_for(fhir: FhirClient) -> None:
    answer = fhir.get("Patient/none", Accept="application/fhir+xml")
    assert answer.status == 404
    assert answer.text.startswith('<OperationOutcome xmlns="http://hl7.org/fhir">')


def test_a_page_that_is_asked_for_by_name_is_for_what_went_well(fhir: FhirClient, fresh: str) -> None:
    kind = fhir.get("Patient/none-at-all?_format=html").headers["Content-Type"]
    assert kind == "application/fhir+json;charset=UTF-8"
    assert fhir.get("Patient/none-at-all?_format=html", Accept="text/html").headers["Content-Type"][:9] == "text/html"
    assert fhir.send("PUT", f"Patient/{fresh}?_format=html", {"resourceType": "Patient", "id": fresh}).status == 200


def test_trace_is_refused_without_a_body_as_by_the_servlet_container(fhir: FhirClient) -> None:
    answer = fhir.send("TRACE", "Patient")
    allowed = "HEAD, DELETE, POST, GET, OPTIONS, PUT"
    assert (answer.status, answer.text, answer.headers["Allow"]) == (405, "", allowed)


@pytest.mark.parametrize("path", ["", "Patient", "Patient/x/_history/1"])
def test_a_method_that_is_none_of_rest_is_not_implemented(fhir: FhirClient, path: str) -> None:
    answer = fhir.send("PROPFIND", path)
    told = json.loads(answer.text)
    assert (answer.status, answer.headers["Content-Type"]) == (501, "application/json")
    assert list(told) == ["timestamp", "status", "error", "path"]
    assert (told["status"], told["error"]) == (501, "Not Implemented")
    assert told["path"].endswith(f"/{path}" if path else fhir.root)


@pytest.mark.parametrize("media_type", ["application/json", "text/xml", "application/dicom+json"])
def test_a_binary_takes_any_json_or_xml_that_is_not_fhir(fhir: FhirClient, media_type: str) -> None:
    written = fhir.send("POST", "Binary", b"<a/>", Content_Type=media_type)
    id = written.headers["Location"].split("/")[-3]
    read = fhir.get(f"Binary/{id}")
    assert (written.status, read.headers["Content-Type"], read.text) == (201, media_type, "<a/>")
