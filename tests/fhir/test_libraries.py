"""Client libraries from PyPI, unchanged, against a real socket."""

from __future__ import annotations

import importlib
import json
from typing import Any

import pytest
import requests

from doors import Socket, listening
from fhantom.app import create_app
from fhantom.settings import BUILT_IN_KEY
from fhantom.site import Site
from fhir_client import FhirClient, entry, patient

COUNT = 30


@pytest.fixture(scope="module", params=["/fhir", "/fhir-r4"], ids=["R5", "R4"])
def base(request: pytest.FixtureRequest, module_site: Site) -> Any:
    """The address of a server that holds thirty patients and an observation of one."""
    with listening(create_app(module_site)) as socket:
        assert isinstance(socket, Socket)
        fhir = FhirClient(socket, request.param)
        entries = [
            entry(
                "PUT",
                f"Patient/p{at}",
                patient(f"p{at}", name=[{"family": "Library", "given": [f"G{at}"]}], birthDate="1980-01-02"),
            )
            for at in range(COUNT)
        ]
        observation = {
            "resourceType": "Observation",
            "id": "o",
            "status": "final",
            "code": {"text": "x"},
            "subject": {"reference": "Patient/p1"},
        }
        assert fhir.bundle("transaction", *entries, entry("PUT", "Observation/o", observation)).status == 200
        yield fhir.base


def test_fhirpy_reads_searches_pages_and_writes(base: str) -> None:
    fhirpy = pytest.importorskip("fhirpy")
    client = fhirpy.SyncFHIRClient(base, extra_headers={"apikey": BUILT_IN_KEY})
    people = client.resources("Patient").search(family="Library").limit(10)
    assert len(people.fetch_all()) == COUNT
    assert client.reference("Patient", "p1").to_resource()["birthDate"] == "1980-01-02"
    observations = client.resources("Observation").include("Observation", "patient").fetch_raw()
    assert [row.resource["resourceType"] for row in observations.entry] == ["Observation", "Patient"]
    made = client.resource("Patient", name=[{"family": "New"}])
    made.save()
    made["gender"] = "female"
    made.save()
    assert client.resources("Patient").search(_id=made["id"]).first()["gender"] == "female"
    with pytest.raises(fhirpy.base.exceptions.OperationOutcome, match="HAPI-1965"):
        made.patch(gender="male")  # it sends application/json, which the real server refuses too
    made.delete()
    with pytest.raises(fhirpy.base.exceptions.ResourceNotFound):
        client.reference("Patient", made["id"]).to_resource()


def test_fhirclient_reads_and_searches(base: str) -> None:
    module = pytest.importorskip("fhirclient.client")
    models = pytest.importorskip("fhirclient.models.patient")
    smart = module.FHIRClient(settings={"app_id": "tests", "api_base": base})
    smart.server.session.headers["apikey"] = BUILT_IN_KEY
    read = models.Patient.read("p1", smart.server)
    assert (read.name[0].family, read.birthDate.isostring) == ("Library", "1980-01-02")
    search = models.Patient.where(struct={"family": "Library", "_count": "10"})
    found = list(search.perform_resources_iter(smart.server))
    assert [person.name[0].family for person in found] == ["Library"] * COUNT


def test_fhirclient_writes_and_deletes(base: str) -> None:
    module = pytest.importorskip("fhirclient.client")
    models = pytest.importorskip("fhirclient.models.patient")
    smart = module.FHIRClient(settings={"app_id": "tests", "api_base": base})
    smart.server.session.headers["apikey"] = BUILT_IN_KEY
    made = models.Patient({"name": [{"family": "Smart"}]})
    made.id = made.create(smart.server)["id"]
    made.gender = "female"
    assert made.update(smart.server)["meta"]["versionId"] == "2"
    assert models.Patient.read(made.id, smart.server).gender == "female"
    made.delete(smart.server)
    with pytest.raises(requests.HTTPError, match="410"):
        models.Patient.read(made.id, smart.server)


@pytest.mark.parametrize(
    ("path", "model"),
    [
        ("Patient/p1", "Patient"),
        ("Observation/o", "Observation"),
        ("Patient?_count=5&_revinclude=Observation:subject", "Bundle"),
        ("Patient/p1/_history", "Bundle"),
        ("Patient/p1/$everything", "Bundle"),
        ("Patient/nobody", "OperationOutcome"),
        ("metadata", "CapabilityStatement"),
    ],
    ids=["patient", "observation", "search", "history", "everything", "outcome", "capabilities"],
)
def test_fhir_resources_takes_what_is_answered(base: str, path: str, model: str) -> None:
    models = importlib.import_module("fhir.resources.R4B" if base.endswith("-r4") else "fhir.resources")
    answer = requests.get(f"{base}/{path}", headers={"apikey": BUILT_IN_KEY}, timeout=10).json()
    read = models.get_fhir_model_class(model).model_validate(answer)
    assert read.get_resource_type() == answer["resourceType"]
    assert json.loads(read.model_dump_json()).keys() == answer.keys()
