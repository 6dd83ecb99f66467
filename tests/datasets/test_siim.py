"""The SIIM hackathon data set: clones of both branches, old layouts, the submodule of images."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import pytest

from datasets.loads import count, load, refused, resources, tags, write
from fhantom.bridge.converting import convert
from fhantom.datasets.job import Unusable
from fhantom.datasets.siim import layout
from fhantom.loading.files import content_of
from fhantom.loading.report import Fate
from fhantom.site import Site
from instances import instance
from shelves import patient


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    folder = tmp_path / "hackathon-dataset"
    folder.mkdir()
    return folder


R5_ENDPOINT = {
    "resourceType": "Endpoint",
    "id": "e",
    "status": "active",
    "connectionType": [{"coding": [{"code": "dicom-wado-rs"}]}],
    "address": "https://example.org/dicomweb",
}


def test_the_published_files_fill_both_versions(site: Site, shared: Path) -> None:
    job = load(site, "siim", shared / "hackathon-dataset")
    assert (count(job, "FHIR R5"), count(job, "FHIR R5", Fate.REFUSED)) == (153, 0)
    assert count(job, "FHIR R4", Fate.SKIPPED) == 11  # ImagingSelection
    assert count(job, "FHIR R4") + count(job, "FHIR R4", Fate.REFUSED) == 142
    assert len(resources(site, "ImagingStudy", "R4")) == len(resources(site, "ImagingStudy", "R5")) == 50


def test_the_branch_fhir_r4_fills_r5_by_the_conversion(site: Site, shared: Path, clone: Path) -> None:
    for one in content_of(shared / "hackathon-dataset").resources:
        converted = convert("R5", json.loads(one.body))
        if converted is not None:
            write(clone, one.name, converted)
    assert layout.release_of(content_of(clone).resources, clone) == "R4"
    job = load(site, "siim", clone)
    assert count(job, "FHIR R4") == 142
    endpoint = resources(site, "Endpoint", "R5")[0]
    assert endpoint["connectionType"][0]["coding"][0]["code"] == "dicom-wado-rs"
    assert resources(site, "Endpoint", "R4")[0]["connectionType"]["code"] == "dicom-wado-rs"


def test_the_other_version_stays_empty_if_told(site: Site, clone: Path) -> None:
    write(clone, "siim_andy_1/Patient/p.json", patient("siimandy"))
    load(site, "siim", clone, options={"no_convert": True})
    assert len(resources(site, "Patient", "R5")) == 1
    assert resources(site, "Patient", "R4") == []


@pytest.mark.parametrize(
    ("files", "head", "release"),
    [
        ({"e.json": R5_ENDPOINT}, "", "R5"),
        ({"e.json": convert("R5", R5_ENDPOINT)}, "", "R4"),
        ({"p.json": patient("p")}, "", "R5"),
        ({"p.json": patient("p")}, "ref: refs/heads/fhir-r4", "R4"),
        ({"e.json": R5_ENDPOINT}, "ref: refs/heads/fhir-r4", "R5"),
    ],
    ids=["form of R5", "form of R4", "nothing to see", "branch", "form before branch"],
)
def test_the_version_is_seen_from_the_files(
    clone: Path, files: dict[str, dict[str, object]], head: str, release: str
) -> None:
    for name, resource in files.items():
        write(clone, name, resource)
    if head:
        (clone / ".git").mkdir()
        (clone / ".git" / "HEAD").write_text(f"{head}\n")
    assert layout.release_of(content_of(clone).resources, clone) == release


@pytest.mark.parametrize(
    ("name", "kind", "reason"),
    [
        ("BreastDx-01-0003/patient.json", "Patient", "early layout by collection"),
        ("TCGA-17-Z058/patient.json", "Patient", "early layout by collection"),
        ("fhir-data/Patient/patient.json", "Patient", "early layout, fhir-data"),
        ("patient.example.json", "Patient", "an example"),
        ("siim_sally_1/order.json", "MedicationOrder", "MedicationOrder is a type of DSTU2"),
    ],
)
def test_old_layouts_are_skipped_with_the_reason(site: Site, clone: Path, name: str, kind: str, reason: str) -> None:
    write(clone, name, {"resourceType": kind, "id": "old"})
    write(clone, "siim_andy_1/patient.json", patient("siimandy"))
    job = load(site, "siim", clone)
    assert count(job, "other files", Fate.SKIPPED) == 1
    assert reason in refused(job)[name.split("/")[-1]]
    assert [one["id"] for one in resources(site, "Patient")] == ["siimandy"]


def test_a_limit_takes_so_many_patients_with_their_images(site: Site, clone: Path) -> None:
    for number, name in enumerate(("Andy", "Joe"), start=1):
        write(clone, f"siim_{name.lower()}-tcga/Patient/p.json", patient(f"siim{name.lower()}"))
        path = clone / "hackathon-images" / f"{name} SIIM" / "Ct_Chest_NC - 0" / "HELICAL_2" / "IM-0001-0001.dcm"
        path.parent.mkdir(parents=True)
        path.write_bytes(instance(study=number))
    write(clone, "Organization/o.json", {"resourceType": "Organization", "id": "siim", "name": "SIIM"})
    job = load(site, "siim", clone, limit=1)
    assert [one["id"] for one in resources(site, "Patient", family="missing")] == []
    assert {one["id"] for one in resources(site, "Organization")} == {"siim"}
    assert count(job, "DICOM") == 1


def test_a_study_that_the_clone_tells_of_keeps_its_own_resource(site: Site, clone: Path) -> None:
    content = instance(PatientID="TCGA-1")
    uid = "1.2.826.0.1.3680043.8.498.4711.1"
    (clone / "a.dcm").write_bytes(content)
    study = {"resourceType": "ImagingStudy", "id": "a1", "status": "available"}
    study |= {"subject": {"reference": "Patient/siimandy"}}
    write(clone, "siim_andy_1/p.json", patient("siimandy", identifier=[{"value": "TCGA-1"}]))
    write(clone, "s.json", study | {"identifier": [{"system": "urn:dicom:uid", "value": uid}]})
    load(site, "siim", clone)
    assert [one["id"] for one in resources(site, "ImagingStudy")] == ["a1"]


def test_a_study_that_the_clone_does_not_tell_of_goes_to_the_patient_of_its_mrn(site: Site, clone: Path) -> None:
    (clone / "a.dcm").write_bytes(instance(PatientID="TCGA-1"))
    write(clone, "siim_andy_1/p.json", patient("siimandy", identifier=[{"value": "TCGA-1"}]))
    load(site, "siim", clone)
    for version in ("R5", "R4"):
        (study,) = resources(site, "ImagingStudy", version)  # type: ignore[arg-type]
        assert study["subject"] == {"reference": "Patient/siimandy"}
        assert tags(study)["urn:fhantom:dataset"] == "siim"


@pytest.mark.parametrize("state", ["missing", "empty", "there"])
def test_a_submodule_that_was_not_fetched_is_said(site: Site, clone: Path, state: str) -> None:
    write(clone, "siim_andy_1/patient.json", patient("siimandy"))
    (clone / ".gitmodules").write_text('[submodule "hackathon-images"]')
    if state != "missing":
        (clone / "hackathon-images").mkdir()
    if state == "there":
        shutil.copyfile(clone / ".gitmodules", clone / "hackathon-images" / "README.md")
    remarks = dict(load(site, "siim", clone).report.remarks)
    assert ("submodule" in remarks.get("hackathon-images", "")) == (state != "there")


def test_the_zip_that_github_makes_of_a_branch_is_read(site: Site, clone: Path, tmp_path: Path) -> None:
    write(clone, "hackathon-dataset-master/siim_andy_1/patient.json", patient("siimandy"))
    (clone / "hackathon-dataset-master" / "a.dcm").write_bytes(instance())
    archive = shutil.make_archive(str(tmp_path / "master"), "zip", clone)
    assert count(load(site, "siim", Path(archive)), "DICOM") == 1
    again = load(site, "siim", Path(archive))
    assert (count(again, "FHIR R5"), count(again, "DICOM"), count(again, "DICOM", Fate.UNCHANGED)) == (0, 0, 1)
    assert len(resources(site, "Patient", identifier="P1")) == 1


def test_nothing_of_a_zip_lands_outside_of_its_folder(site: Site, tmp_path: Path) -> None:
    archive = tmp_path / "evil.zip"
    text = json.dumps(patient("siimandy"))
    with zipfile.ZipFile(archive, "w") as opened:
        for name in ("../up.json", f"{tmp_path}/absolute.json", "siim_andy_1/patient.json"):
            opened.writestr(name, text)
    load(site, "siim", archive)
    assert [one["id"] for one in resources(site, "Patient")] == ["siimandy"]
    assert [one.name for one in tmp_path.iterdir() if one.suffix == ".json"] == []


def test_what_lies_nowhere_where_the_data_set_has_it_is_not_taken_for_it(site: Site, clone: Path) -> None:
    (clone / "any.dcm").write_bytes(instance(PatientID="TCGA-1"))
    write(clone, "bundle.json", {"resourceType": "Bundle", "type": "collection", "entry": []})
    with pytest.raises(Unusable, match="no folders as the data set's"):
        load(site, "siim", clone)
