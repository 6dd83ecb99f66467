"""Subscriptions where nobody is told: HAPI 8.8.0 refuses and marks them all the same, as it was asked."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_client import FhirClient, Resource, diagnostics

CHANNEL = {"type": "rest-hook", "endpoint": "http://127.0.0.1:9/x", "payload": "application/fhir+json"}
TRIGGER = {"resource": "Observation", "supportedInteraction": ["create"]}


def of_r4(**elements: Any) -> Resource:
    made = {"status": "requested", "criteria": "Observation?code=x", "reason": "r", "channel": CHANNEL, **elements}
    return {"resourceType": "Subscription", **{name: value for name, value in made.items() if value is not None}}


def of_r5(topic: str, **elements: Any) -> Resource:
    made = {"status": "requested", "topic": topic, "channelType": {"code": "rest-hook"}, "endpoint": "http://x/y"}
    return {"resourceType": "Subscription", **made, **elements}


def topic_of(url: str, criteria: str) -> Resource:
    trigger = {**TRIGGER, "queryCriteria": {"current": criteria}}
    return {"resourceType": "SubscriptionTopic", "url": url, "status": "active", "resourceTrigger": [trigger]}


@pytest.fixture
def r4(fhir: FhirClient) -> FhirClient:
    return FhirClient(fhir.door, "/fhir-r4")


@pytest.fixture
def r5(fhir: FhirClient) -> FhirClient:
    return FhirClient(fhir.door, "/fhir")


@pytest.mark.parametrize(
    ("elements", "code"),
    [
        pytest.param({}, "IN_MEMORY", id="a parameter of the resource"),
        pytest.param({"criteria": "[Observation]"}, "IN_MEMORY", id="a type"),
        pytest.param({"criteria": "Observation?subject.name=x"}, "DATABASE", id="a chain"),
        pytest.param({"criteria": "Patient?name:exact=x"}, "DATABASE", id="an exact string"),
    ],
)
def test_a_live_subscription_is_marked_with_its_strategy(r4: FhirClient, elements: Resource, code: str) -> None:
    (tag,) = r4.post(of_r4(**elements)).json()["meta"]["tag"]
    assert tag["code"] == code


def test_a_strategy_replaces_the_one_before(r4: FhirClient, fresh: str) -> None:
    r4.put({**of_r4(), "id": fresh})
    changed = r4.put({**of_r4(criteria="Observation?subject.name=x"), "id": fresh}).json()
    assert [tag["code"] for tag in changed["meta"]["tag"]] == ["DATABASE"]


def test_a_subscription_that_is_off_may_be_as_it_likes(r4: FhirClient) -> None:
    answer = r4.post(of_r4(status="off", criteria=None))
    assert (answer.status, "tag" in answer.json()["meta"]) == (201, False)


@pytest.mark.parametrize(
    ("elements", "number"),
    [
        ({"status": None}, "HAPI-0008"),
        ({"criteria": "Observation?foo=bar"}, "HAPI-0009: "),
        ({"criteria": None}, "HAPI-0011"),
        ({"criteria": "/Observation?code=x"}, "HAPI-0012"),
        ({"criteria": "bogus"}, "HAPI-0013"),
        ({"criteria": "Observation"}, "HAPI-0014"),
        ({"channel": {**CHANNEL, "type": "message"}}, "HAPI-0017"),
        ({"channel": {"type": "rest-hook"}}, "HAPI-0021"),
        ({"channel": {**CHANNEL, "payload": "text/plain"}}, "HAPI-1985"),
        ({"channel": {**CHANNEL, "endpoint": "x"}}, "HAPI-2545"),
    ],
)
def test_a_subscription_is_refused_by_its_number(r4: FhirClient, elements: Resource, number: str) -> None:
    answer = r4.post(of_r4(**elements))
    assert (answer.status, diagnostics(answer).startswith(number)) == (422, True)


def test_a_subscription_names_a_topic_that_is_stored(r5: FhirClient, fresh: str) -> None:
    url = f"http://topics/{fresh}"
    assert diagnostics(r5.post(of_r5(url))).startswith("HAPI-2322")
    assert r5.post(topic_of(url, "Observation?status=final")).status == 201
    assert r5.post(of_r5(url)).json()["meta"]["tag"][0]["code"] == "TOPIC"
    assert r5.post(of_r5(url, channelType={"code": "email"})).status == 201


@pytest.mark.parametrize(
    ("criteria", "number"),
    [
        ("status=final", "HAPI-0013"),
        ("Foo?x=y", "HAPI-0013"),
        ("Observation?foo=bar", "HAPI-2339"),
    ],
)
def test_a_topic_is_refused_by_its_number(r5: FhirClient, fresh: str, criteria: str, number: str) -> None:
    answer = r5.post(topic_of(f"http://topics/{fresh}", criteria))
    assert (answer.status, diagnostics(answer).startswith(number)) == (422, True)
