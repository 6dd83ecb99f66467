"""A pull under pseudonyms: nobody is recognised, and everything still belongs together."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from doors import Socket
from fhantom.datasets.catalogue import FOLDER
from fhantom.datasets.folder import manifest
from fhantom.datasets.job import Job, run
from fhantom.dicom import read as read_dicom
from fhantom.mirror.pull import Order, pull
from fhantom.settings import Settings
from fhantom.site import Site
from mirror.pulling import MRN, ONE, refused, resources, server


@pytest.fixture(scope="module")
def folder(live: Socket, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pseudonyms")
    live.request("DELETE", "/_fhantom/faults")
    pull(Order(live.origin, patient=MRN, has_pseudonyms=True), server(live), folder)
    return folder


def test_nothing_of_the_person_is_left_in_any_file(live: Socket, folder: Path) -> None:
    patient = json.loads(live.get(f"/fhir/Patient/{ONE}").body)
    secrets = [MRN, ONE, patient["birthDate"], patient["birthDate"].replace("-", ""), patient["name"][0]["family"]]
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        assert [secret for secret in secrets if secret.encode() in content] == [], path


def test_dicom_and_fhir_still_belong_together(folder: Path) -> None:
    found = {resource["resourceType"]: resource for resource in resources(folder)}
    files = [read_dicom(path.read_bytes()).dataset for path in folder.rglob("*.dcm")]
    assert {file.values(0x00100020) for file in files} == {(found["Patient"]["identifier"][0]["value"],)}
    assert {file.values(0x00100030)[0] for file in files} == {found["Patient"]["birthDate"].replace("-", "")}
    told = {
        identifier["value"].removeprefix("urn:oid:")
        for resource in resources(folder)
        if resource["resourceType"] == "ImagingStudy"
        for identifier in resource["identifier"]
        if identifier.get("system") == "urn:dicom:uid"
    }
    assert told == {file.values(0x0020000D)[0] for file in files}


def test_all_dates_have_moved_by_the_same_days(live: Socket, folder: Path) -> None:
    def days(text: str) -> date:
        return date.fromisoformat(text[:10])

    was = json.loads(live.get(f"/fhir/Encounter?patient={ONE}&_sort=date").body)["entry"]
    now = sorted(one["actualPeriod"]["start"] for one in resources(folder) if one["resourceType"] == "Encounter")
    born = json.loads(live.get(f"/fhir/Patient/{ONE}").body)["birthDate"]
    [patient] = [one for one in resources(folder) if one["resourceType"] == "Patient"]
    shift = days(born) - days(patient["birthDate"])
    assert shift.days >= 365
    assert [days(one["resource"]["actualPeriod"]["start"]) - shift for one in was] == [days(one) for one in now]


def test_references_lead_to_what_is_in_the_folder(folder: Path) -> None:
    names = {f"{one['resourceType']}/{one['id']}" for one in resources(folder)}
    told = {one[field]["reference"] for one in resources(folder) for field in ("subject", "encounter") if field in one}
    assert told and told <= names


def test_narratives_notes_and_free_texts_are_gone(folder: Path) -> None:
    for one in resources(folder):
        assert not {"text", "note", "conclusion", "presentedForm", "extension"} & one.keys()


def test_the_manifest_says_so_and_that_pixels_were_not_looked_at(folder: Path) -> None:
    told = manifest.read(folder)
    assert not told.has_people
    assert any("pixels were not looked at" in remark for remark in told.remarks)


def test_it_can_be_loaded(folder: Path, site: Site) -> None:
    assert refused(run(Job(FOLDER, site.worlds, Settings(ephemeral=True), folder))) == []
