"""DICOM that is stored shows in FHIR, in both versions, as the setting says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from doors import InProcess
from fhantom.app import create_app
from fhantom.archive.ingest import Accepted, Incoming, accept, keep
from fhantom.bridge.linking import link_changed
from fhantom.site import Site
from fhantom.world.worlds import Worlds
from instances import ROOT, instance

UID = f"{ROOT}.1"
LOCAL = {"Host": "localhost"}
FHIR = {"Content-Type": "application/fhir+json"}


@pytest.fixture
def linking(site: Site, request: pytest.FixtureRequest) -> Iterator[Site]:
    mode = getattr(request, "param", "immediate")
    settings = replace(site.settings, imaging_link=mode)
    linked = Site(settings, Worlds(site.worlds.folder, settings, site.clock), site.clock)
    yield linked
    linked.worlds.close()


def store(site: Site, *bodies: bytes) -> None:
    accepted = [accept(body) for body in bodies]
    assert all(isinstance(one, Accepted) for one in accepted)
    keep(site.worlds.open(), [Incoming(one, body) for one, body in zip(accepted, bodies, strict=True)])  # type: ignore[arg-type]


def found(site: Site, query: str, root: str = "/fhir") -> list[dict[str, Any]]:
    bundle = InProcess(create_app(site)).get(f"{root}/{query}").json()
    return [entry["resource"] for entry in bundle.get("entry", ())]


@pytest.mark.parametrize("root", ["/fhir", "/fhir-r4"])
def test_a_stored_study_is_an_imaging_study_with_its_patient_and_endpoint(linking: Site, root: str) -> None:
    body = instance(BodyPartExamined="CHEST", Laterality="L", TimezoneOffsetFromUTC="-0500")
    store(linking, body, instance(number=2))
    (study,) = found(linking, f"ImagingStudy?identifier=urn:dicom:uid|urn:oid:{UID}", root)
    assert study["started"] == "2020-01-15T10:15:00-05:00"
    assert (study["numberOfSeries"], study["numberOfInstances"]) == (1, 2)
    assert study["identifier"][1]["value"] == "ACC1"
    assert study["referrer"]["display"] == "Gregory House"
    coding = study["modality"][0] if root == "/fhir-r4" else study["modality"][0]["coding"][0]
    assert coding["code"] == "CT"
    site = study["series"][0]["bodySite"]
    assert (site if root == "/fhir-r4" else site["concept"]["coding"][0])["code"] == "816094009"
    assert [one["number"] for one in study["series"][0]["instance"]] == [1, 2]
    (patient,) = found(linking, "Patient?identifier=P1", root)
    assert study["subject"]["reference"] == f"Patient/{patient['id']}"
    assert (patient["name"][0]["family"], patient["gender"], patient["birthDate"]) == ("Doe", "male", "1970-01-01")
    (endpoint,) = found(linking, "Endpoint", root)
    assert study["endpoint"][0]["reference"] == f"Endpoint/{endpoint['id']}"


def test_more_of_a_study_makes_one_version_more(linking: Site) -> None:
    store(linking, instance())
    (first,) = found(linking, "ImagingStudy")
    store(linking, instance(number=2))
    store(linking, instance(number=3))
    (second,) = found(linking, "ImagingStudy")
    assert first["id"] == second["id"]
    assert (first["meta"]["versionId"], second["meta"]["versionId"]) == ("1", "2")
    assert second["numberOfInstances"] == 3


def test_what_a_client_wrote_is_not_overwritten_but_serves_as_the_link(linking: Site) -> None:
    app = InProcess(create_app(linking))
    written = {"resourceType": "Patient", "id": "mine", "identifier": [{"value": "P1"}]}
    study = {
        "resourceType": "ImagingStudy",
        "id": "mine",
        "status": "available",
        "identifier": [{"system": "urn:dicom:uid", "value": f"urn:oid:{UID}"}],
        "subject": {"reference": "Patient/mine"},
    }
    for resource in (written, study):
        path = f"/fhir/{resource['resourceType']}/mine"
        sent = app.request("PUT", path, {"Content-Type": "application/json"}, json.dumps(resource).encode())
        assert sent.status == 201
    store(linking, instance(), instance(study=2, PatientID="P1"))
    studies = {one["id"]: one for one in found(linking, "ImagingStudy")}
    assert "series" not in studies.pop("mine")
    (other,) = studies.values()
    assert other["subject"]["reference"] == "Patient/mine"


@pytest.mark.parametrize("linking", ["off"], indirect=True)
def test_by_default_the_two_are_not_linked_as_on_the_real_server(linking: Site) -> None:
    store(linking, instance())
    assert found(linking, "ImagingStudy") == []
    assert link_changed(linking.worlds.open()) == 0


@pytest.mark.parametrize("linking", ["manual"], indirect=True)
def test_manual_linking_waits_for_the_word(linking: Site) -> None:
    store(linking, instance())
    assert found(linking, "ImagingStudy") == []
    told = InProcess(create_app(linking)).request("POST", "/_fhantom/imaging/link", LOCAL)
    assert told.json() == {"studies": 1}
    assert len(found(linking, "ImagingStudy")) == 1


@pytest.mark.parametrize("linking", ["time"], indirect=True)
def test_linking_by_time_waits_by_the_clock(linking: Site) -> None:
    store(linking, instance())
    assert found(linking, "ImagingStudy") == []
    linking.clock.advance(linking.settings.imaging_link_delay + 1)
    assert len(found(linking, "ImagingStudy")) == 1
    linking.clock.set(None)


def test_an_object_with_odd_values_is_linked_without_them(linking: Site) -> None:
    store(
        linking,
        instance(StudyDate="20201399", StudyTime="x", PatientSex="U", PatientBirthDate="1970", SeriesNumber=None),
    )
    (study,) = found(linking, "ImagingStudy")
    assert "started" not in study
    (patient,) = found(linking, "Patient")
    assert not {"gender", "birthDate"} & set(patient)


@pytest.mark.parametrize(("root", "other"), [("/fhir", "/fhir-r4"), ("/fhir-r4", "/fhir")])
def test_what_a_client_wrote_in_one_version_is_the_link_in_both(site: Site, root: str, other: str) -> None:
    settings = replace(site.settings, imaging_link="immediate", mirror_versions=True)
    both = Site(settings, Worlds(site.worlds.folder, settings, site.clock), site.clock)
    identifier = [{"system": "urn:dicom:uid", "value": f"urn:oid:{UID}"}]
    mine = {"resourceType": "ImagingStudy", "id": "mine", "status": "available", "identifier": identifier}
    body = json.dumps({**mine, "subject": {"display": "somebody"}}).encode()
    written = InProcess(create_app(both)).request("PUT", f"{root}/ImagingStudy/mine", FHIR, body)
    assert written.status == 201
    assert [study["id"] for study in found(both, "ImagingStudy", other)] == ["mine"]
    store(both, instance())
    for each in (root, other):
        assert [study["id"] for study in found(both, "ImagingStudy", each)] == ["mine"]
    both.worlds.close()
