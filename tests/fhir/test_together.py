"""Clients at the same time: no update is lost, versions are whole, a condition creates once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from doors import Answer, InProcess
from fhantom.app import create_app
from fhantom.site import Site
from fhir_client import FhirClient, entry, patient

CLIENTS, TIMES = 4, 10
JSON_PATCH = "application/json-patch+json"


@pytest.fixture(params=["/fhir", "/fhir-r4"], ids=["R5", "R4"])
def server(site: Site, request: pytest.FixtureRequest) -> FhirClient:
    return FhirClient(InProcess(create_app(site)), request.param)


def together(work: Callable[[int], Answer], times: int = CLIENTS * TIMES) -> list[Answer]:
    """The answers of many calls, several at a time."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(work, range(times)))


def test_concurrent_updates_of_one_resource_lose_none(server: FhirClient) -> None:
    def update(at: int) -> Answer:
        return server.put(patient("shared", name=[{"family": f"F{at}"}]))

    answers = together(update)
    assert {answer.status for answer in answers} <= {200, 201}
    versions = sorted(int(answer.json()["meta"]["versionId"]) for answer in answers)
    assert versions == list(range(1, CLIENTS * TIMES + 1))
    history = server.get("Patient/shared/_history?_count=100").json()
    families = {row["resource"]["name"][0]["family"] for row in history["entry"]}
    assert families == {f"F{at}" for at in range(CLIENTS * TIMES)}


def test_concurrent_patches_all_take_effect(server: FhirClient) -> None:
    server.put(patient("patched", name=[{"family": "A"}]))

    def append(at: int) -> Answer:
        change = [{"op": "add", "path": "/name/-", "value": {"family": f"F{at}"}}]
        return server.send("PATCH", "Patient/patched", change, Content_Type=JSON_PATCH)

    assert {answer.status for answer in together(append)} == {200}
    assert len(server.get("Patient/patched").json()["name"]) == CLIENTS * TIMES + 1


def test_concurrent_creates_on_one_condition_create_once(server: FhirClient) -> None:
    person = {"resourceType": "Patient", "identifier": [{"system": "http://s", "value": "1"}]}
    condition = "identifier=http://s|1"
    answers = together(lambda at: server.post(person, If_None_Exist=condition))
    assert sorted({answer.status for answer in answers}) == [200, 201]
    assert [answer.status for answer in answers].count(201) == 1
    bundles = together(lambda at: server.bundle("transaction", entry("POST", "Patient", person, ifNoneExist=condition)))
    assert {answer.status for answer in bundles} == {200}
    assert len(server.found("Patient?identifier=http://s|1")) == 1


def test_of_concurrent_updates_with_one_if_match_one_succeeds(server: FhirClient) -> None:
    server.put(patient("guarded"))

    def update(at: int) -> Answer:
        return server.put(patient("guarded", name=[{"family": f"F{at}"}]), If_Match='W/"1"')

    statuses = [answer.status for answer in together(update)]
    assert (statuses.count(200), statuses.count(409)) == (1, CLIENTS * TIMES - 1)


def test_transactions_and_readers_never_see_half_of_one(server: FhirClient) -> None:
    def write(at: int) -> Answer:
        both: list[dict[str, Any]] = [
            entry("PUT", f"Patient/{name}", patient(name, name=[{"family": f"F{at}"}])) for name in ("one", "two")
        ]
        return server.bundle("transaction", *both)

    def write_or_read(at: int) -> Answer:
        return write(at) if at % 2 else server.get("Patient?_id=one,two")

    write(0)
    answers = together(write_or_read)
    assert {answer.status for answer in answers} == {200}
    for answer in answers:
        if answer.json()["type"] == "searchset":
            families = {row["resource"]["name"][0]["family"] for row in answer.json()["entry"]}
            assert len(families) == 1
