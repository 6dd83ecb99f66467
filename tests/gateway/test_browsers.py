"""What a browser may do with the cookie of its sign-in, and without."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from doors import InProcess
from fhantom.gateway import Gateway, SigningIn
from fhantom.settings import BUILT_IN_KEY
from fhantom.site import Site
from gateway.conftest import OpenGateway, echo

PAGE = "text/html,application/xhtml+xml,*/*;q=0.8"
DATA = ["/fhir/Patient", "/fhir-r4/Patient", "/dicomweb/studies", "/wadouri", "/sole", "/dicom-web/studies"]


def cookie(key: str = BUILT_IN_KEY) -> str:
    return f"other=1; fhantom-key={base64.urlsafe_b64encode(key.encode()).decode()}"


@pytest.fixture
def door(site: Site) -> InProcess:
    return InProcess(SigningIn(Gateway(echo, site)))


@pytest.mark.parametrize("path", ["/", "/patients/1", "/studies", "/vna/studies", "/vna/instances/1/preview"])
def test_the_cookie_counts_for_pages_and_the_viewer(door: InProcess, path: str) -> None:
    assert door.get(path, {"apikey": None, "Cookie": cookie()}).status == 200


@pytest.mark.parametrize("path", [*DATA, "//fhir/Patient", "/fhir-overview/fhir/Patient"])
def test_the_cookie_alone_does_not_count_for_data(door: InProcess, path: str) -> None:
    assert door.get(path, {"apikey": None, "Cookie": cookie()}).status == 403


@pytest.mark.parametrize("path", DATA)
def test_the_cookie_counts_for_data_when_a_script_of_the_pages_asks(door: InProcess, path: str) -> None:
    headers = {"apikey": None, "Cookie": cookie(), "X-Fhantom-Page": "1", "Sec-Fetch-Site": "same-origin"}
    assert door.get(path, headers).status == 200


@pytest.mark.parametrize("origin", ["cross-site", "same-site", "none"])
def test_a_mark_from_another_site_does_not_count(door: InProcess, origin: str) -> None:
    headers = {"apikey": None, "Cookie": cookie(), "X-Fhantom-Page": "1", "Sec-Fetch-Site": origin}
    assert door.get("/fhir/Patient", headers).status == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_the_cookie_changes_nothing_without_the_mark(door: InProcess, method: str) -> None:
    headers = {"apikey": None, "Cookie": cookie()}
    assert door.request(method, "/vna/studies/1", headers).status == 403
    assert door.request(method, "/vna/studies/1", {**headers, "X-Fhantom-Page": "1"}).status == 200


@pytest.mark.parametrize(
    "value",
    ["fhantom-key=", "fhantom-key=%%%", "fhantom-key=/w==", "=;;;", cookie("wrong"), cookie("a,b"), cookie("x\r\ny")],
    ids=["empty", "no base64", "no text", "no cookie", "wrong key", "two keys", "line break"],
)
def test_a_cookie_without_an_accepted_key_is_refused(door: InProcess, value: str) -> None:
    assert door.get("/", {"apikey": None, "Cookie": value}).status == 403


def test_the_header_wins_over_the_cookie(door: InProcess) -> None:
    assert door.get("/", {"apikey": "wrong", "Cookie": cookie()}).status == 403
    assert door.get("/fhir/Patient", {"apikey": BUILT_IN_KEY, "Cookie": cookie("wrong")}).status == 200


def test_the_cookies_key_leads_to_its_own_world(site: Site) -> None:
    per_key = replace(site, settings=replace(site.settings, worlds="per-key", key_prefix="team_"))
    door = InProcess(SigningIn(Gateway(echo, per_key)))
    assert door.get("/", {"apikey": None, "Cookie": cookie("team_7")}).json()["world"] == "team_7"


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("/", "/sign-in?next=/"),
        ("/patients/a", "/sign-in?next=/patients/a"),
        ("/search?kind=a&value=b", "/sign-in?next=/search%3Fkind%3Da%26value%3Db"),
    ],
)
def test_a_browser_without_a_key_is_sent_to_the_form(gateway: OpenGateway, path: str, address: str) -> None:
    answer = gateway().get(path, {"apikey": None, "Accept": PAGE})
    assert (answer.status, answer.headers["Location"]) == (303, address)


@pytest.mark.parametrize("path", ["/fhir/Patient", "/dicomweb/studies", "/vna/studies"])
def test_data_refuses_a_browser_like_everybody(gateway: OpenGateway, path: str) -> None:
    assert gateway().get(path, {"apikey": None, "Accept": PAGE}).status == 403


def test_a_form_of_another_page_is_not_sent_to_the_sign_in(gateway: OpenGateway) -> None:
    assert gateway().request("POST", "/studies", {"apikey": None, "Accept": PAGE}).status == 403


@pytest.mark.parametrize(
    ("path", "accept"),
    [
        ("/sign-in", "*/*"),
        ("/assets/pages.css", "text/css"),
        ("/vna/", PAGE),
        ("/vna/viewer?study=1", PAGE),
        ("/vna/assets/viewer.js", "*/*"),
        ("/vna/stone-webviewer/index.html?study=1.2", "*/*"),
        ("/vna/web-viewer/app/viewer.html?series=1", "*/*"),
        ("/vna/app/explorer.html", "*/*"),
    ],
)
@pytest.mark.parametrize("key", [None, "wrong"])
def test_what_asks_for_a_key_opens_without_one_and_sees_no_data(
    gateway: OpenGateway, path: str, accept: str, key: str | None
) -> None:
    answer = gateway().get(path, {"apikey": key, "Accept": accept})
    assert (answer.status, answer.json()["world"]) == (200, None)


@pytest.mark.parametrize("path", ["/vna", "/assets", "/sign-in/more", "/vna/assetsx", "/vna/app/explorer.htmlx"])
def test_what_only_looks_like_an_open_path_is_refused(gateway: OpenGateway, path: str) -> None:
    assert gateway().get(path, {"apikey": None, "Accept": "*/*"}).status == 403


def test_the_form_opens_with_an_expired_key(gateway: OpenGateway) -> None:
    settings: dict[str, Any] = {"key_expiry": datetime(2020, 1, 1, tzinfo=UTC)}
    assert gateway(**settings).get("/sign-in").status == 200
