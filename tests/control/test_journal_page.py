"""The journal and the portability report as pages: what they show, and that nothing in them is taken for code."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from doors import Answer, Door
from fhantom.dicomweb.portability import DEPARTURES
from fhantom.wire.browser import CONTENT_SECURITY_POLICY

HERE: dict[str, str | None] = {"Host": "localhost", "apikey": None}
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def empty(door: Door) -> None:
    assert door.request("DELETE", "/_fhantom/requests", HERE).status == 204


def page(door: Door, path: str = "/_fhantom/") -> Answer:
    answer = door.get(path, HERE)
    assert answer.status == 200
    assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    return answer


class _Words(HTMLParser):
    """The text of a page outside of its `pre`, where entries stand as JSON."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._raw = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._raw += tag == "pre"

    def handle_endtag(self, tag: str) -> None:
        self._raw -= tag == "pre"

    def handle_data(self, data: str) -> None:
        if not self._raw:
            self.found.append(data)


def words(answer: Answer) -> str:
    parser = _Words()
    parser.feed(answer.text)
    return " ".join(" ".join(parser.found).split())


def test_the_page_tells_how_a_search_was_understood(door: Door) -> None:
    door.get("/dicomweb/studies?PatientName=Si*&StudyDate=2020-2026&foo=1&fuzzymatching=true")
    told = words(page(door))
    assert "GET /dicomweb/studies?PatientName=Si*&StudyDate=2020-2026&foo=1&fuzzymatching=true 200 OK" in told
    assert "understood level study, include PatientName, StudyDate PatientName sounds like si*" in told
    assert "StudyDate is within 20200000, 20269999" in told
    assert "ignored foo" in told
    assert "nearly there are no studies at all" in told


def test_the_page_tells_what_the_real_server_answers_otherwise(door: Door) -> None:
    door.get("/dicomweb/studies?PatientWeight=70.5")
    told = words(page(door))
    assert "differs there" in told
    assert f"{DEPARTURES['qido-decimals'].message} (qido-decimals, " in told


def test_a_fault_is_shown(door: Door) -> None:
    door.get("/fhir/Patient", {"X-Fhantom-Fault": "status=503"})
    assert "503 Service Unavailable" in words(page(door))
    assert "fault status" in words(page(door))


@pytest.mark.parametrize(
    "path",
    [f"/fhir/Patient?name={SCRIPT}", f"/{SCRIPT}", '/fhir/Patient?name="><img src=x onerror=alert(1)>'],
    ids=["query", "path", "attribute"],
)
def test_what_clients_send_is_escaped(door: Door, path: str) -> None:
    door.get(path.replace(" ", "%20").replace("<", "%3C").replace(">", "%3E"), {"X-Mine": SCRIPT})
    text = page(door).text
    scripts = re.findall(r"<script[^>]*>", text)
    assert scripts == ['<script src="/_fhantom/assets/journal.js" defer>']
    assert "<img src=x" not in text


@pytest.mark.parametrize(
    ("filters", "shown"),
    [
        ("method=DELETE", ["DELETE /fhir/Patient/a"]),
        ("room=dicomweb", ["GET /dicomweb/studies?PatientID=x"]),
        ("status=4xx", ["GET /fhir/Nothing"]),
        ("contains=NOTHING", ["GET /fhir/Nothing"]),
        ("what=found nothing", ["GET /dicomweb/studies?PatientID=x"]),
        ("what=quirk", []),
        ("method=&room=&status=&contains=&what=anything", ["GET /fhir/Nothing", "GET /dicomweb/studies?PatientID=x"]),
    ],
)
def test_filters_show_fewer_requests(door: Door, filters: str, shown: list[str]) -> None:
    door.get("/dicomweb/studies?PatientID=x")
    door.request("DELETE", "/fhir/Patient/a")
    door.get("/fhir/Nothing")
    text = page(door, f"/_fhantom/?{filters.replace(' ', '%20')}").text
    found = re.findall(r'class="method">(\w+)</span>\s*<code class="url">([^<]*)<', text)
    assert [f"{method} {url}" for method, url in found] == shown


def test_the_page_asks_for_what_came_since(door: Door) -> None:
    door.get("/fhir/Patient?name=first")
    newest = re.search(r'data-newest="(\d+)"', page(door).text)
    assert newest is not None
    door.get("/fhir/Patient?name=second")
    rows = page(door, f"/_fhantom/rows?after={newest[1]}").text
    assert "name=second" in rows and "name=first" not in rows
    later = re.search(r'data-newest="(\d+)"', rows)
    assert later is not None and int(later[1]) > int(newest[1])


def test_the_report_separates_what_fails_there_from_what_differs(door: Door) -> None:
    door.request("OPTIONS", "/dicomweb/studies")
    door.get("/dicomweb/studies?PatientWeight=70.5")
    door.get("/dicomweb/studies?PatientWeight=80.5")
    told = door.get("/_fhantom/portability", HERE).json()
    assert (told["failing"], told["differing"]) == (1, 2)
    assert [(found["row"], found["fails"], found["count"]) for found in told["findings"]] == [
        ("options", True, 1),
        ("qido-decimals", False, 2),
    ]
    assert told["findings"][0]["evidence"].startswith("recorded")
    assert told["findings"][0]["requests"][0]["url"] == "/dicomweb/studies"
    shown = words(page(door, "/_fhantom/portability.html"))
    assert "1 request worked here and would have failed on the real server." in shown
    assert "2 more would have got another answer there." in shown
    assert "options fails there" in shown and "known by recorded from Orthanc" in shown


def test_a_request_that_failed_here_too_is_no_finding(door: Door) -> None:
    door.get("/dicomweb/studies?fuzzymatching=true&limit=x")
    assert door.get("/_fhantom/portability", HERE).json()["findings"] == []


@pytest.mark.parametrize("name", ["journal.css", "journal.js"])
def test_assets_need_no_key_and_are_guarded(door: Door, name: str) -> None:
    answer = page(door, f"/_fhantom/assets/{name}")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert door.get(f"/_fhantom/assets/{name}", {**HERE, "If-None-Match": answer.headers["ETag"]}).status == 304


def test_other_files_are_no_assets(door: Door) -> None:
    assert door.get("/_fhantom/assets/pages.py", HERE).status == 404
