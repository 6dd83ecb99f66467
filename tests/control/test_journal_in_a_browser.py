"""The journal's page in a real browser: it follows along, filters, and keeps to its policy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from browser import PHONE, Opener, browser, scrolls_sideways, tab
from browsing.watching import Watched
from doors import Socket, listening
from fhantom.app import create_app
from fhantom.site import Site

__all__ = ["browser", "tab"]

pytestmark = pytest.mark.long
SCRIPT = "<script>document.title='taken'</script>"


@pytest.fixture
def server(site: Site) -> Iterator[Socket]:
    with listening(create_app(site)) as socket:
        yield socket


def articles(page: Any) -> list[str]:
    found: list[str] = page.locator("article.entry .url").all_inner_texts()
    return found


def test_requests_appear_while_the_page_is_open(server: Socket, tab: Opener) -> None:
    server.get("/fhir/Patient?name=before")
    page = tab()
    page.goto(f"{server.origin}/_fhantom/")
    assert articles(page) == ["/fhir/Patient?name=before"]
    server.get("/fhir/Patient?name=after")
    page.locator("article.entry.new").wait_for(timeout=15_000)
    assert articles(page) == ["/fhir/Patient?name=after", "/fhir/Patient?name=before"]
    assert "following, 2 of 2 requests" in page.locator("#following").inner_text()


def test_a_paused_page_does_not_follow_until_told(server: Socket, tab: Opener) -> None:
    page = tab()
    page.goto(f"{server.origin}/_fhantom/")
    assert page.locator("#none").is_visible()
    page.get_by_role("button", name="Pause").click()
    server.get("/fhir/Patient?name=meanwhile")
    assert page.locator("#following").inner_text() == "paused"
    assert articles(page) == []
    page.get_by_role("button", name="Follow").click()
    page.locator("article.entry.new").wait_for(timeout=15_000)
    assert page.locator("#none").is_hidden()


def test_filters_hold_for_what_comes_in_later(server: Socket, tab: Opener) -> None:
    page = tab()
    page.goto(f"{server.origin}/_fhantom/")
    page.get_by_label("room").select_option("dicomweb")
    page.get_by_role("button", name="Show").click()
    server.get("/fhir/Patient")
    server.get("/dicomweb/studies?PatientName=Nobody")
    page.locator("article.entry.new").wait_for(timeout=15_000)
    assert articles(page) == ["/dicomweb/studies?PatientName=Nobody"]
    assert "room=dicomweb" in page.url


@pytest.mark.parametrize("later", [False, True], ids=["when the page is loaded", "when it follows"])
def test_what_clients_send_is_text_and_never_runs(server: Socket, tab: Opener, later: bool) -> None:
    page = tab()
    path = f"/fhir/Patient?name={SCRIPT}".replace("<", "%3C").replace(">", "%3E").replace("'", "%27")
    if not later:
        server.get(path, {"X-Mine": SCRIPT})
    page.goto(f"{server.origin}/_fhantom/")
    if later:
        server.get(path, {"X-Mine": SCRIPT})
        page.locator("article.entry.new").wait_for(timeout=15_000)
    page.locator("article.entry summary").click()
    assert SCRIPT in page.locator("article.entry pre").inner_text()
    assert page.title() == "Journal · fhantom"
    assert page.locator("article.entry script").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/_fhantom/", "/_fhantom/portability.html"])
def test_pages_fit_a_phone_in_light_and_dark(server: Socket, tab: Opener, path: str, scheme: str) -> None:
    server.get(f"/dicomweb/studies?PatientName={'x' * 300}&fuzzymatching=true&StudyDate=20200101-20210101")
    page = tab(viewport=PHONE, color_scheme=scheme)
    page.goto(f"{server.origin}{path}")
    assert page.locator("article.entry").count() == 1
    assert not scrolls_sideways(page)
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    red = int(re.findall(r"\d+", ground)[0])
    assert red < 64 if scheme == "dark" else red > 192


def test_the_portability_page_leads_to_the_request(server: Socket, tab: Opener) -> None:
    server.request("OPTIONS", "/dicomweb/studies")
    page = tab()
    page.goto(f"{server.origin}/_fhantom/")
    page.get_by_role("link", name="Portability").click()
    assert "1 request worked here and would have failed on the real server." in page.locator("main").inner_text()
    leads_to = page.get_by_role("link", name="OPTIONS /dicomweb/studies").get_attribute("href")
    assert server.get(str(leads_to)).json()["request"]["method"] == "OPTIONS"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/_fhantom/", "/_fhantom/portability.html"])
def test_pages_are_accessible(server: Socket, tab: Opener, path: str, scheme: str) -> None:
    server.get("/dicomweb/studies?PatientName=sim&fuzzymatching=true&foo=1")
    server.get("/fhir/Nothing")
    server.get("/fhir/Patient", {"X-Fhantom-Fault": "status=503"})
    page = tab(color_scheme=scheme)
    page.goto(f"{server.origin}{path}")
    assert Watched(page).accessibility() == []
