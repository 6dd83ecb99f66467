"""Subscriptions whose endpoints fail, fall silent or are none; and what outlives a process."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fhantom.fhir.subscriptions import queue
from fhantom.fhir.subscriptions.rounds import MOST_FAILURES
from fhantom.settings import Settings
from fhantom.site import Site
from fhir_client import FhirClient, patient
from listener import Listener
from running import serving
from subscribing import began, given_up, of_criteria, of_topic, status_in, subscribed, topic, until


@pytest.fixture(scope="module")
def module_settings() -> Settings:
    return Settings(ephemeral=True, subscriptions=True)


@pytest.fixture(autouse=True)
def standing_clock(module_site: Site) -> Iterator[None]:
    """Time passes only as a test says."""
    module_site.clock.set(datetime(2026, 12, 1, tzinfo=UTC), speed=0)
    yield
    module_site.clock.set(None)


def failures(site: Site) -> int:
    """How often the one subscriber there is was not reached in a row."""
    with site.worlds.open().reading() as connection:
        return sum(watched.failures for watched in queue.watched(connection).values())


def test_a_failed_notification_is_sent_again_later(
    r4: FhirClient, module_site: Site, listener: Listener, fresh: str
) -> None:
    path = subscribed(r4, of_criteria(listener, "Patient?"))
    listener.status = 503
    r4.put(patient(fresh))
    first = listener.next()
    until(lambda: failures(module_site) == 1)
    listener.status = 200
    assert listener.calls.empty()
    module_site.clock.advance(1)
    assert listener.next() == first
    until(lambda: failures(module_site) == 0)
    given_up(r4, path)


def test_notifications_that_wait_keep_their_order(
    r4: FhirClient, module_site: Site, listener: Listener, fresh: str
) -> None:
    path = subscribed(r4, of_criteria(listener, "Patient?"))
    listener.status = 500
    for at in range(3):
        r4.put(patient(f"{fresh}{at}"))
    listener.next()
    until(lambda: failures(module_site) == 1)
    listener.status = 200
    module_site.clock.advance(1)
    assert [listener.next().path for _ in range(3)] == [f"/hook/Patient/{fresh}{at}" for at in range(3)]
    given_up(r4, path)


def test_an_endpoint_that_keeps_failing_is_given_up(
    r4: FhirClient, module_site: Site, listener: Listener, fresh: str
) -> None:
    path = subscribed(r4, of_criteria(listener, "Patient?"))
    listener.status = 500
    r4.put(patient(fresh))
    for attempt in range(1, MOST_FAILURES):
        listener.next()
        until(lambda attempt=attempt: failures(module_site) == attempt)
        module_site.clock.advance(2 ** (attempt - 1))
    listener.next()
    until(lambda: r4.get(path).json()["status"] == "error")
    assert "answered with 500" in r4.get(path).json()["error"]
    r4.put(patient(f"{fresh}-later"))
    assert failures(module_site) == 0
    given_up(r4, path)
    assert listener.calls.empty()


def test_a_subscription_in_error_begins_anew_when_it_is_requested(
    r4: FhirClient, listener: Listener, fresh: str
) -> None:
    path = subscribed(r4, {**of_criteria(listener, "Patient?"), "status": "error", "error": "it was"})
    assert r4.put({**r4.get(path).json(), "status": "requested"}).status == 200
    r4.put(patient(fresh))
    assert listener.next().path == f"/hook/Patient/{fresh}"
    assert "error" not in r4.get(path).json()
    given_up(r4, path)


def test_a_handshake_that_is_not_answered_leaves_it_inactive(
    r5: FhirClient, module_site: Site, listener: Listener, fresh: str
) -> None:
    url = f"http://example.org/{fresh}"
    r5.post(topic(url, {"resource": "Patient"}))
    listener.status = 404
    path = subscribed(r5, of_topic(listener, url))
    listener.next()
    until(lambda: failures(module_site) == 1)
    r5.put(patient(fresh))
    listener.status = 200
    module_site.clock.advance(1)
    assert status_in(listener.next().json())["type"] == "handshake"
    until(lambda: r5.get(path).json()["status"] == "active")
    given_up(r5, path)
    assert listener.calls.empty()


def test_silence_ends_with_a_heartbeat(r5: FhirClient, module_site: Site, listener: Listener, fresh: str) -> None:
    url = f"http://example.org/{fresh}"
    r5.post(topic(url, {"resource": "Patient"}))
    path = began(r5, listener, of_topic(listener, url, heartbeatPeriod=60))
    for _ in range(2):
        module_site.clock.advance(60)
        status = status_in(listener.next().json())
        assert (status["type"], status["eventsSinceSubscriptionStart"]) == ("heartbeat", 0)
        until(lambda: told(module_site) == module_site.clock.now_ms())
    given_up(r5, path)
    assert listener.calls.empty()


def told(site: Site) -> int:
    """When the one subscriber there is was last told something."""
    with site.worlds.open().reading() as connection:
        return sum(watched.told for watched in queue.watched(connection).values())


def test_a_subscription_ends_when_it_says(r4: FhirClient, module_site: Site, listener: Listener, fresh: str) -> None:
    path = subscribed(r4, {**of_criteria(listener, "Patient?"), "end": "2026-12-01T01:00:00Z"})
    r4.put(patient(fresh))
    listener.next()
    module_site.clock.advance(3600)
    r4.put(patient(f"{fresh}-later"))
    until(lambda: r4.get(path).json()["status"] == "off")
    given_up(r4, path)
    assert listener.calls.empty()


def test_a_redirect_is_not_followed(r4: FhirClient, module_site: Site, listener: Listener, fresh: str) -> None:
    path = subscribed(r4, of_criteria(listener, "Patient?"))
    listener.status = 307
    r4.put(patient(fresh))
    listener.next()
    until(lambda: failures(module_site) == 1)
    given_up(r4, path)
    assert listener.calls.empty()


def test_who_leaves_too_much_waiting_is_given_up(
    r4: FhirClient, module_site: Site, listener: Listener, fresh: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "LONGEST", 3)
    path = subscribed(r4, of_criteria(listener, "Patient?"))
    until(lambda: r4.get(path).json()["status"] == "active")
    listener.status = 500
    for at in range(5):
        r4.put(patient(f"{fresh}{at}"))
    until(lambda: r4.get(path).json()["status"] == "error")
    assert "more than 3" in r4.get(path).json()["error"]
    given_up(r4, path)


@pytest.mark.parametrize("arguments", [(), ("--subscriptions",)], ids=["off", "on"])
def test_nobody_is_told_unless_it_is_switched_on(
    tmp_path: Path, listener: Listener, arguments: tuple[str, ...]
) -> None:
    with serving(tmp_path, "--ephemeral", "--seed", "none", *arguments) as server:
        r4 = FhirClient(server.door, "/fhir-r4")
        path = subscribed(r4, of_criteria(listener, "Patient?"))
        r4.put(patient("told"))
        if arguments:
            assert listener.next().path == "/hook/Patient/told"
        else:
            assert r4.get(path).json()["status"] == "requested"
            assert r4.get("Subscription/1000/$status").status == 400
    assert listener.calls.empty()


def test_what_is_not_told_yet_outlives_every_process(tmp_path: Path, listener: Listener) -> None:
    listener.status = 500
    kept = ("--data", str(tmp_path / "kept"), "--seed", "none", "--subscriptions")
    with serving(tmp_path, *kept) as server:
        r4 = FhirClient(server.door, "/fhir-r4")
        subscribed(r4, of_criteria(listener, "Patient?"))
        r4.put(patient("told"))
        listener.next()
        for worker in server.workers:
            os.kill(worker, signal.SIGKILL)
        server.process.kill()
        server.process.wait(timeout=30)
    while not listener.calls.empty():
        listener.next()
    listener.status = 200
    with serving(tmp_path, *kept):
        assert listener.next().path == "/hook/Patient/told"
