"""The pages in a real browser: a person signs in, finds a patient, sees the images and copies the request."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from browser import browser, scrolls_sideways
from browsing.watching import opened
from running import Server

pytestmark = pytest.mark.long
__all__ = ["browser"]  # a fixture

PAGES = {
    "patients": "/",
    "patients of R4": "/?fhir=r4",
    "none": "/?name=nobody",
    "images": "/studies",
    "patient": "/patients/siimandy",
    "resource": "/r5/DiagnosticReport/a508258761846499",
    "history": "/r5/Patient/siimandy/history",
    "search": "/search?kind=patient&value=SIIM",
    "licences": "/licences",
    "key": "/key",
    "error": "/nothing",
    "browse": "/browse/fhir/Patient?name=andy",
    "browse error": "/browse/fhir/Patient/nobody",
    "refused": "/fhir/Patient?name=andy",
    "journal": "/_fhantom/",
    "portability": "/_fhantom/portability.html",
}


def test_a_person_finds_a_patient_and_opens_the_images(browser: Any, seeded: Server) -> None:
    with opened(browser) as watched:
        page = watched.page
        page.goto(f"{seeded.door.origin}/studies")
        assert "/sign-in?next=/studies" in page.url
        page.fill("#key", "wrong")
        page.click("form.stacked button")
        page.wait_for_selector("[role=alert]")
        watched.complaints.clear()  # Chromium tells of the 403
        page.fill("#key", "fhantom-local-key")
        page.click("form.stacked button")
        page.wait_for_url(f"{seeded.door.origin}/studies")
        page.click("nav >> text=Patients")
        page.fill("#name", "andy")
        page.click("form[role=search] button")
        page.click("td a:has-text('Andy')")
        page.wait_for_url(re.compile("/patients/"))
        assert page.locator("h2:has-text('Reports')").count() == 1
        page.click("td[data-label=Images] a >> nth=0")
        page.wait_for_url(re.compile("/vna/viewer"))
        page.wait_for_selector("#canvas[data-address]")
        assert watched.complaints == []


def test_references_lead_from_resource_to_resource(browser: Any, seeded: Server) -> None:
    with opened(browser) as watched:
        watched.sign_in(seeded)
        watched.page.goto(f"{seeded.door.origin}/patients/siimandy")
        watched.page.click("td[data-label=FHIR] a:has-text('R4') >> nth=0")
        watched.page.wait_for_url(re.compile("/r4/ImagingStudy/"))
        watched.page.click("pre.json a:has-text('Patient/siimandy')")
        watched.page.wait_for_url(f"{seeded.door.origin}/r4/Patient/siimandy")
        assert watched.complaints == []


@pytest.mark.parametrize(
    ("kind", "value", "found"),
    [("patient", "SIIM", "10"), ("study", "SIIM*", "20"), ("request", "/fhir/Patient/siimandy", "1")],
)
def test_the_search_makes_the_request_that_it_shows(
    browser: Any, seeded: Server, kind: str, value: str, found: str
) -> None:
    with opened(browser) as watched:
        watched.sign_in(seeded)
        page = watched.page
        page.goto(f"{seeded.door.origin}/search")
        page.select_option("#kind", kind)
        page.fill("#value", value)
        page.click("form[role=search] button")
        page.wait_for_selector("#answer .outcome")
        assert page.inner_text("#answer .outcome").startswith("200 ")
        watched.expect_count("#answer .found li", int(found))
        assert "$SIIM_API_KEY" in page.inner_text("details.snippet >> nth=0")
        page.click("#answer .found a >> nth=0")
        page.wait_for_load_state("networkidle")
        assert watched.complaints == []


def test_an_address_for_programs_leads_to_the_answer_as_a_page(browser: Any, seeded: Server) -> None:
    with opened(browser) as watched:
        watched.sign_in(seeded)
        page = watched.page
        page.goto(f"{seeded.door.origin}/fhir/ImagingStudy?patient=siimandy&_count=2")
        watched.complaints.clear()  # Chromium tells of the 403
        page.click("text=Show this answer as a page")
        page.wait_for_url(re.compile("/browse/fhir/ImagingStudy"))
        page.click("pre.json a:has-text('_getpages')")  # the next page
        page.click("pre.json a:has-text('Patient/siimandy') >> nth=0")
        page.wait_for_url(f"{seeded.door.origin}/browse/fhir/Patient/siimandy")
        page.click(".facts a:has-text('XML')")
        assert watched.complaints == []


def test_after_signing_out_nothing_opens_any_more(browser: Any, seeded: Server) -> None:
    with opened(browser) as watched:
        watched.sign_in(seeded)
        watched.page.click("text=Sign out")
        watched.page.wait_for_selector("#key")
        watched.page.goto(f"{seeded.door.origin}/patients/siimandy")
        watched.page.wait_for_selector("#key")
        assert watched.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_every_page_passes_the_checker_of_accessibility(browser: Any, seeded: Server, size: str, scheme: str) -> None:
    found, wide = {}, []
    with opened(browser, size, scheme) as watched:
        watched.page.goto(f"{seeded.door.origin}/sign-in")
        found["sign-in"] = watched.accessibility()
        watched.picture(f"sign-in-{size}-{scheme}")
        watched.sign_in(seeded)
        for name, path in PAGES.items():
            watched.page.goto(seeded.door.origin + path)
            if name == "search":
                watched.page.wait_for_selector("#answer .outcome")
            found[name] = watched.accessibility()
            watched.picture(f"{name}-{size}-{scheme}")
            if scrolls_sideways(watched.page):
                wide.append(name)
    assert not any(found.values()), json.dumps(found, indent=2)
    assert wide == []


def test_the_pages_work_without_scripts(browser: Any, seeded: Server) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{seeded.door.origin}/sign-in")
    page.fill("#key", "fhantom-local-key")
    page.click("form.stacked button")
    page.fill("#name", "andy")
    page.click("form[role=search] button")
    assert page.locator("tbody tr:has-text('Andy')").count() == 1
    context.close()
