"""The pages under other settings, and with more than fits on one of them."""

from __future__ import annotations

import base64
import json
from dataclasses import replace

import pytest

from doors import Door, InProcess
from fhantom.app import create_app
from fhantom.site import Site
from instances import MULTIPART, instance, multipart

HTML = {"Accept": "text/html"}


def opened(site: Site, **settings: object) -> InProcess:
    return InProcess(create_app(replace(site, settings=replace(site.settings, **settings))))  # type: ignore[arg-type]


def store(door: Door, count: int, **headers: str) -> None:
    entries = [
        {
            "resource": {"resourceType": "Patient", "id": f"p{n:02}", "name": [{"family": f"Many{n:02}"}]},
            "request": {"method": "PUT", "url": f"Patient/p{n:02}"},
        }
        for n in range(count)
    ]
    body = json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries}).encode()
    assert door.request("POST", "/fhir", {"Content-Type": "application/fhir+json", **headers}, body).status == 200


def test_lists_show_twenty_rows_and_lead_on(site: Site) -> None:
    door = opened(site)
    store(door, 45)
    files = multipart(*(instance(study, 1, 1) for study in range(1, 23)))
    assert door.request("POST", "/dicomweb/studies", {"Content-Type": MULTIPART}, files).status == 200
    pages = [door.get(f"/?page={number}", HTML).text for number in (1, 2, 3)]
    assert [page.count('<td data-label="Name" class="long">') for page in pages] == [20, 20, 5]
    assert ["page=2" in pages[0], "page=3" in pages[1], "page=4" in pages[2]] == [True, True, False]
    assert "45 patients" in pages[0]
    studies = [door.get(f"/studies?page={number}", HTML).text for number in (1, 2)]
    assert [page.count('<td data-label="Patient" class="long">') for page in studies] == [20, 2]
    assert "name=Many" in door.get("/?name=Many", HTML).text


@pytest.mark.parametrize("number", ["0", "-1", "x", "99999999999999999999"])
def test_a_page_number_that_is_none_is_no_error(site: Site, number: str) -> None:
    assert opened(site).get(f"/?page={number}", HTML).status == 200


def test_with_any_key_nobody_signs_in(site: Site) -> None:
    door = opened(site, any_key=True)
    page = door.get("/", {**HTML, "apikey": None})
    assert page.status == 200
    assert "Sign out" not in page.text
    assert "needs none" in door.get("/key", {**HTML, "apikey": None}).text


def test_with_worlds_of_their_own_a_page_shows_that_of_the_key(site: Site) -> None:
    door = opened(site, worlds="per-key", key_prefix="team_")
    store(door, 3, apikey="team_a")
    seen = []
    for key in ("team_a", "team_b"):
        cookie = f"fhantom-key={base64.urlsafe_b64encode(key.encode()).decode()}"
        seen.append(
            door.get("/", {**HTML, "apikey": None, "Cookie": cookie}).text.count('<td data-label="Name" class="long">')
        )
    assert seen == [3, 0]


def test_links_keep_the_prefix_of_a_proxy(site: Site) -> None:
    door = opened(site, trust_forwarded=True)
    forwarded = {"X-Forwarded-Host": "team.example", "X-Forwarded-Proto": "https", "X-Forwarded-Prefix": "/mock"}
    page = door.get("/", {**HTML, **forwarded}).text
    assert 'href="/mock/assets/pages.css"' in page
    assert "https://team.example/mock/fhir" in page
    answer = door.get("/", {**HTML, **forwarded, "apikey": None})
    assert answer.headers["Location"] == "/mock/sign-in?next=/"
    assert 'src="/mock/vna/assets/viewer.js"' in door.get("/vna/viewer", {**HTML, **forwarded, "apikey": None}).text
