"""Subscriptions, switched on: who is told of what, in which form, and who is not."""

from __future__ import annotations

import os
import threading
from typing import Any

import pytest

from fhantom.fhir.subscriptions.watching import CURSOR
from fhantom.resources import store
from fhantom.settings import Settings
from fhantom.site import Site
from fhantom.world import SHARED, facts
from fhantom.world.locks import try_hold
from fhir_client import FhirClient, diagnostics, patient
from listener import Listener
from subscribing import began, given_up, of_criteria, of_topic, status_in, subscribed, topic, until

Resource = dict[str, Any]


@pytest.fixture(scope="module")
def module_settings() -> Settings:
    return Settings(ephemeral=True, subscriptions=True)


def test_what_fulfils_the_criteria_is_put_below_the_endpoint(r4: FhirClient, listener: Listener, fresh: str) -> None:
    path = subscribed(r4, of_criteria(listener, "Patient?gender=female", header=["X-Token: a b", "no header"]))
    r4.put(patient(f"{fresh}-m", gender="male"))
    r4.put(patient(f"{fresh}-f", gender="female"))
    call = listener.next()
    assert (call.method, call.path) == ("PUT", f"/hook/Patient/{fresh}-f")
    assert call.headers["x-token"] == "a b"
    assert call.headers["content-type"] == "application/fhir+json;charset=UTF-8"
    assert call.json() == r4.get(f"Patient/{fresh}-f").json()
    given_up(r4, path)


def test_a_requested_subscription_becomes_active(r4: FhirClient, listener: Listener) -> None:
    path = subscribed(r4, of_criteria(listener, "Patient?"))
    until(lambda: r4.get(path).json()["status"] == "active")
    assert r4.get(path).json()["meta"]["versionId"] == "2"
    given_up(r4, path)


def test_without_a_payload_the_endpoint_is_only_called(r4: FhirClient, listener: Listener, fresh: str) -> None:
    path = subscribed(r4, of_criteria(listener, "Patient?", payload=None))
    r4.put(patient(fresh))
    call = listener.next()
    assert (call.method, call.path, call.body) == ("POST", "/hook", b"")
    given_up(r4, path)


def test_a_payload_can_be_xml(r4: FhirClient, listener: Listener, fresh: str) -> None:
    path = subscribed(r4, of_criteria(listener, "Patient?", payload="application/fhir+xml"))
    r4.put(patient(fresh))
    assert listener.next().body.startswith(b'<Patient xmlns="http://hl7.org/fhir">')
    given_up(r4, path)


def test_each_version_is_told_as_it_was_written(r4: FhirClient, listener: Listener, fresh: str) -> None:
    path = subscribed(r4, of_criteria(listener, "Patient?gender=female"))
    for gender in ("female", "male", "female"):
        r4.put(patient(fresh, gender=gender))
    assert [listener.next().json()["meta"]["versionId"] for _ in range(2)] == ["1", "3"]
    given_up(r4, path)


def test_a_criterion_can_look_at_other_resources(r4: FhirClient, listener: Listener, fresh: str) -> None:
    path = subscribed(r4, of_criteria(listener, "Observation?subject:Patient.family=Chained"))
    for name in ("Chained", "Other"):
        r4.put(patient(f"{fresh}{name}", name=[{"family": name}]))
        subject = {"reference": f"Patient/{fresh}{name}"}
        seen = {"resourceType": "Observation", "id": f"{fresh}{name}", "status": "final", "code": {"text": "x"}}
        assert r4.put({**seen, "subject": subject}).status == 201
    assert listener.next().json()["id"] == f"{fresh}Chained"
    given_up(r4, path)
    assert listener.calls.empty()


def test_whoever_switches_off_is_told_no_more(r4: FhirClient, listener: Listener, fresh: str) -> None:
    off, on = (subscribed(r4, of_criteria(listener, "Patient?", header=[f"X: {name}"])) for name in ("off", "on"))
    until(lambda: r4.get(off).json()["status"] == "active")
    assert r4.put({**r4.get(off).json(), "status": "off"}).status == 200
    r4.put(patient(fresh))
    assert listener.next().headers["x"] == "on"
    given_up(r4, off, on)
    assert listener.calls.empty()


def held(site: Site) -> int:
    """The lease of the shared world: nobody reads its log until it is closed."""
    while (lease := try_hold(site.worlds.folder.world(SHARED) / "subscriptions.lease")) is None:
        threading.Event().wait(0.001)
    return lease


def is_read_to_the_end(site: Site) -> bool:
    with site.worlds.open().reading() as connection:
        return facts.get(connection, CURSOR) == str(store.latest(connection))


def test_an_expunged_subscription_keeps_nobody_else_from_being_told(
    r4: FhirClient, module_site: Site, listener: Listener, fresh: str
) -> None:
    gone, path = (subscribed(r4, of_criteria(listener, "Patient?", header=[f"X: {name}"])) for name in ("gone", "on"))
    given_up(r4, gone)
    until(lambda: is_read_to_the_end(module_site))
    deleted = {"name": "expungeDeletedResources", "valueBoolean": True}
    lease = held(module_site)
    try:
        assert r4.send("POST", f"{gone}/$expunge", {"resourceType": "Parameters", "parameter": [deleted]}).status == 200
        r4.put(patient(fresh))
    finally:
        os.close(lease)
    assert listener.next().headers["x"] == "on"
    given_up(r4, path)


def test_what_was_written_before_is_not_told(r4: FhirClient, listener: Listener, fresh: str) -> None:
    r4.put(patient(f"{fresh}-before"))
    path = subscribed(r4, of_criteria(listener, "Patient?"))
    r4.put(patient(f"{fresh}-after"))
    assert listener.next().path == f"/hook/Patient/{fresh}-after"
    given_up(r4, path)


def test_every_entry_of_a_transaction_is_told(r4: FhirClient, listener: Listener, fresh: str) -> None:
    path = subscribed(r4, of_criteria(listener, "[Patient,Basic]"))
    entries = [
        {"resource": patient(f"{fresh}{at}"), "request": {"method": "PUT", "url": f"Patient/{fresh}{at}"}}
        for at in range(3)
    ]
    assert r4.bundle("transaction", *entries).status == 200
    assert [listener.next().path for _ in range(3)] == [f"/hook/Patient/{fresh}{at}" for at in range(3)]
    given_up(r4, path)


def test_an_event_of_r5_comes_in_a_bundle(r5: FhirClient, listener: Listener, fresh: str) -> None:
    url = f"http://example.org/{fresh}"
    made = r5.post(topic(url, {"resource": "Patient", "queryCriteria": {"current": "Patient?gender=female"}}))
    assert made.status == 201
    parameter = [{"name": "Authorization", "value": "Bearer x"}]
    path = began(r5, listener, of_topic(listener, url, parameter=parameter, content="full-resource"))
    r5.put(patient(f"{fresh}-m", gender="male"))
    r5.put(patient(fresh, gender="female"))
    call = listener.next()
    status = status_in(call.json())
    assert (call.method, call.path, call.headers["authorization"]) == ("POST", "/hook", "Bearer x")
    assert (status["type"], status["topic"], status["eventsSinceSubscriptionStart"]) == ("event-notification", url, 1)
    [event] = status["notificationEvent"]
    assert (event["eventNumber"], event["focus"]) == (1, {"reference": f"{r5.base}/Patient/{fresh}"})
    focus = call.json()["entry"][1]
    assert focus["resource"] == r5.get(f"Patient/{fresh}").json()
    assert focus["request"] == {"method": "POST", "url": "Patient"}
    given_up(r5, path)


@pytest.mark.parametrize(
    ("content", "entries", "has_focus"),
    [("empty", 1, False), ("id-only", 2, True)],
    ids=["empty", "id-only"],
)
def test_as_much_is_told_as_was_asked_for(
    r5: FhirClient, listener: Listener, fresh: str, content: str, entries: int, has_focus: bool
) -> None:
    url = f"http://example.org/{fresh}"
    r5.post(topic(url, {"resource": "http://hl7.org/fhir/StructureDefinition/Patient"}))
    path = began(r5, listener, of_topic(listener, url, content=content))
    r5.put(patient(fresh))
    told = listener.next().json()
    assert len(told["entry"]) == entries
    assert all("resource" not in entry for entry in told["entry"][1:])
    assert ("focus" in status_in(told)["notificationEvent"][0]) == has_focus
    given_up(r5, path)


def test_a_topic_can_ask_for_what_was_before(r5: FhirClient, listener: Listener, fresh: str) -> None:
    url = f"http://example.org/{fresh}"
    both = {"previous": "active=true", "resultForCreate": "test-fails", "current": "active=false", "requireBoth": True}
    r5.post(topic(url, {"resource": "Patient", "queryCriteria": both}))
    path = began(r5, listener, of_topic(listener, url))
    for active in (False, True, False):
        r5.put(patient(fresh, active=active))
    r5.put(patient(f"{fresh}-last", active=True))
    r5.put(patient(f"{fresh}-last", active=False))
    focuses = [status_in(listener.next().json())["notificationEvent"][0]["focus"] for _ in range(2)]
    assert [focus["reference"].rpartition("/")[2] for focus in focuses] == [fresh, f"{fresh}-last"]
    given_up(r5, path)


def test_a_deletion_is_told_if_the_topic_names_it(r5: FhirClient, listener: Listener, fresh: str) -> None:
    url = f"http://example.org/{fresh}"
    r5.post(topic(url, {"resource": "Patient", "supportedInteraction": ["delete"]}))
    path = began(r5, listener, of_topic(listener, url, content="full-resource"))
    r5.put(patient(fresh))
    r5.send("DELETE", f"Patient/{fresh}")
    [_, entry] = listener.next().json()["entry"]
    assert entry["request"] == {"method": "DELETE", "url": f"Patient/{fresh}"}
    assert "resource" not in entry
    given_up(r5, path)


def test_filters_narrow_a_topic(r5: FhirClient, listener: Listener, fresh: str) -> None:
    url = f"http://example.org/{fresh}"
    r5.post(topic(url, {"resource": "Patient"}))
    filters = [{"resourceType": "Patient", "filterParameter": "birthdate", "comparator": "ge", "value": "2000-01-01"}]
    path = began(r5, listener, of_topic(listener, url, filterBy=filters))
    r5.put(patient(f"{fresh}-old", birthDate="1950-01-01"))
    r5.put(patient(f"{fresh}-new", birthDate="2010-01-01"))
    focus = status_in(listener.next().json())["notificationEvent"][0]["focus"]
    assert focus["reference"].endswith(f"{fresh}-new")
    given_up(r5, path)


def test_the_status_tells_how_many_events_there_were(r5: FhirClient, listener: Listener, fresh: str) -> None:
    url = f"http://example.org/{fresh}"
    r5.post(topic(url, {"resource": "Patient"}))
    path = began(r5, listener, of_topic(listener, url))
    for at in range(2):
        r5.put(patient(f"{fresh}{at}"))
        listener.next()
    [entry] = r5.get(f"{path}/$status").json()["entry"]
    assert entry["resource"]["type"] == "query-status"
    assert entry["resource"]["eventsSinceSubscriptionStart"] == 2
    id = path.rpartition("/")[2]
    assert r5.get(f"Subscription/$status?id={id}").json()["total"] == 1
    given_up(r5, path)


def test_an_answer_says_that_the_real_server_would_tell_nobody(r4: FhirClient, listener: Listener) -> None:
    answer = r4.post(of_criteria(listener, "Patient?"))
    assert "nobody is told" in answer.headers["Warning"]
    given_up(r4, f"Subscription/{answer.json()['id']}")


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"status": None}, "HAPI-0008"),
        ({"criteria": "Patient?nonsense=x"}, "HAPI-0009"),
        ({"criteria": None}, "HAPI-0011"),
        ({"criteria": "Banana?x=y"}, "HAPI-0013"),
        ({"criteria": "Patient"}, "HAPI-0014"),
        ({"channel": {"endpoint": "http://127.0.0.1/"}}, "HAPI-0020"),
        ({"channel": {"type": "rest-hook"}}, "HAPI-0021"),
        ({"channel": {"type": "rest-hook", "endpoint": "http://127.0.0.1/", "payload": "text/plain"}}, "HAPI-1985"),
        ({"channel": {"type": "sms", "endpoint": "tel:1"}}, "sms"),
        ({"channel": {"type": "rest-hook", "endpoint": "http://192.0.2.1/"}}, "not this machine"),
        ({"channel": {"type": "rest-hook", "endpoint": "file:///etc/passwd"}}, "HAPI-2545"),
        ({"channel": {"type": "rest-hook", "endpoint": "http://[::1"}}, "no address"),
    ],
)
def test_what_could_not_be_told_is_refused(r4: FhirClient, listener: Listener, changes: Resource, number: str) -> None:
    asked = {**of_criteria(listener, "Patient?"), **changes}
    answer = r4.post({name: value for name, value in asked.items() if value is not None})
    assert answer.status == 422
    assert number in diagnostics(answer)


def test_a_topic_that_is_not_there_is_refused(r5: FhirClient, listener: Listener) -> None:
    answer = r5.post(of_topic(listener, "http://example.org/none"))
    assert (answer.status, "HAPI-2322" in diagnostics(answer)) == (422, True)


@pytest.mark.parametrize("criteria", ["Patient?nonsense=x", "nonsense=x"])
def test_a_topic_that_cannot_be_asked_is_refused(r5: FhirClient, criteria: str) -> None:
    wrong = topic("http://example.org/wrong", {"resource": "Patient", "queryCriteria": {"current": criteria}})
    answer = r5.post(wrong)
    assert (answer.status, "HAPI-2339" in diagnostics(answer)) == (422, True)


def test_what_is_off_may_be_as_it_likes(r4: FhirClient) -> None:
    answer = r4.post({"resourceType": "Subscription", "status": "off", "criteria": "?"})
    assert answer.status == 201
