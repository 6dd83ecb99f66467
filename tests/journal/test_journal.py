import json
import os
import time
from datetime import date

import pytest

from doors import Door
from fhantom.journal import Journaling, Ring
from fhantom.journal.entry import Exchange, masked, pack, read
from fhantom.settings import BUILT_IN_KEY
from fhantom.site import Site
from fhantom.wire.context import TAKES_VIEWS
from fhantom.wire.notes import NOTES, Notes


def last(site: Site) -> dict[str, object]:
    entry: dict[str, object] = read(*site.ring.entries()[-1])
    return entry


def test_a_request_is_journaled_with_its_answer(door: Door, module_site: Site) -> None:
    answer = door.get("/fhir/Patient/nobody?x=y", {"X-Mine": "seen"})
    entry = last(module_site)
    request, response = entry["request"], entry["response"]
    assert isinstance(request, dict) and isinstance(response, dict)
    assert (entry["room"], request["method"], request["url"]) == ("fhir", "GET", "/fhir/Patient/nobody?x=y")
    assert request["headers"]["x-mine"] == "seen"
    assert (response["status"], response["bodySize"]) == (answer.status, len(answer.body))


def test_secrets_are_masked_but_can_be_told_apart(door: Door, module_site: Site) -> None:
    door.get("/fhir/Patient", {"Authorization": "Bearer secret-token"})
    text = json.dumps(last(module_site))
    assert BUILT_IN_KEY not in text
    assert "secret-token" not in text
    assert masked("aaaa-1") != masked("aaaa-2")


def test_a_refused_request_is_journaled_too(door: Door, module_site: Site) -> None:
    door.get("/dicomweb/studies", {"apikey": "wrong"})
    response = last(module_site)["response"]
    assert isinstance(response, dict) and response["status"] == 403


@pytest.mark.parametrize("path", ["/_fhantom/health", "/assets/pages.css", "/favicon.ico"])
def test_control_routes_and_assets_of_pages_are_not_journaled(door: Door, module_site: Site, path: str) -> None:
    before = module_site.ring.written()
    door.get(path)
    assert module_site.ring.written() == before


def test_the_ring_keeps_the_newest_entries_in_their_order() -> None:
    ring = Ring(workers=0, size=4096)
    for moment in range(1, 1001):
        ring.append(moment, b'{"n":%d,"pad":"%s"}' % (moment, b"x" * (moment % 50)))
    kept = ring.entries()
    assert [moment for moment, _ in kept] == list(range(1001 - len(kept), 1001))
    assert all(json.loads(body)["n"] == moment for moment, body in kept)
    assert 20 < len(kept) < 200
    assert (ring.written(), ring.held()) == (1000, len(kept))
    assert ring.entries(after=995) == kept[-5:]


def test_an_entry_that_does_not_fit_is_left_out() -> None:
    ring = Ring(workers=0, size=1024)
    ring.append(1, b"{" + b"x" * 2000 + b"}")
    assert ring.entries() == []


@pytest.mark.parametrize(("server", "sent"), [({}, bytes), ({TAKES_VIEWS: True}, memoryview)], ids=["other", "own"])
def test_views_become_bytes_for_a_server_that_sends_nothing_else(
    module_site: Site, server: dict[str, object], sent: type
) -> None:
    journaling = Journaling(lambda environ, start: [memoryview(b"body")], module_site.ring, module_site.clock)
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/fhir/Patient", **server}
    (piece,) = journaling(environ, lambda *answer: None)
    assert (type(piece), bytes(piece)) == (sent, b"body")


def test_a_torn_entry_is_left_out() -> None:
    ring = Ring(workers=0, size=4096)
    for moment in range(1, 4):
        ring.append(moment, b"entry %d" % moment)
    ring._memory[ring._memory.find(b"entry 2")] = ord("X")
    assert ring.entries() == [(1, b"entry 1"), (3, b"entry 3")]


def test_a_value_of_a_type_of_its_own_is_told_as_text() -> None:
    notes = Notes(understood={"day": date(2026, 11, 22)})
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/fhir/Patient", NOTES: notes}
    packed = pack(0, Exchange(environ, "200 OK", [], 0, 0, 1.0, None))
    assert read(1, packed)["parsed"] == {"day": "2026-11-22"}


def test_a_cleared_journal_begins_anew() -> None:
    ring = Ring(workers=0, size=4096)
    ring.append(time.time_ns(), b"{}")
    ring.clear()
    later = time.time_ns() + 1
    ring.append(later, b"{}")
    assert [moment for moment, _ in ring.entries()] == [later]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_any_worker_reads_what_all_have_written() -> None:
    ring = Ring(workers=2, size=4096)
    for worker in range(2):
        child = os.fork()
        if child == 0:
            ring.append(10 + worker, b'{"worker":%d}' % worker)
            os._exit(0)
        os.waitpid(child, 0)
    ring.append(1, b'{"worker":"parent"}')
    assert [moment for moment, _ in ring.entries()] == [1, 10, 11]
