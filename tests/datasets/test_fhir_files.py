"""`fhantom seed fhir`: any folder of FHIR files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from datasets.loads import resources
from fhantom.datasets.catalogue import FHIR
from fhantom.datasets.job import Job, Unusable, run
from fhantom.loading.report import Fate
from fhantom.settings import Settings
from fhantom.site import Site


def load(site: Site, source: Path, **more: Any) -> Job:
    job = Job(FHIR, site.worlds, Settings(ephemeral=True), source, **more)
    run(job)
    return job


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder as it may come: organizations apart, a Synthea Bundle, a bulk export of Conditions."""
    folder = tmp_path / "fhir"
    (folder / "deep").mkdir(parents=True)
    organization = {
        "resourceType": "Organization",
        "id": "o",
        "identifier": [{"system": "urn:npi", "value": "9"}],
        "name": "Clinic",
    }
    patient = {
        "resourceType": "Patient",
        "id": "p",
        "managingOrganization": {"reference": "Organization?identifier=urn:npi|9"},
    }
    encounter = {
        "resourceType": "Encounter",
        "id": "e",
        "status": "finished",
        "class": {"code": "AMB"},
        "subject": {"reference": "urn:uuid:p"},
    }
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [{"fullUrl": f"urn:uuid:{each['id']}", "resource": each} for each in (encounter, patient)],
    }
    condition = {"resourceType": "Condition", "id": "c", "subject": {"reference": "Patient/p"}}
    (folder / "Abe_Doe.json").write_text(json.dumps(bundle, indent=1))
    (folder / "deep" / "Condition.ndjson").write_text(json.dumps(condition) + "\n")
    (folder / "zoo.json").write_text(json.dumps(organization))
    return folder


@pytest.mark.parametrize("processes", [1, 2])
def test_files_that_name_each_other_in_every_way_are_all_loaded(site: Site, source: Path, processes: int) -> None:
    job = load(site, source, processes=processes)
    assert job.report.counts == {("FHIR R4", Fate.STORED): 4}
    [patient] = resources(site, "Patient", "R4")
    assert patient["managingOrganization"] == {"reference": "Organization/o"}
    assert len(resources(site, "Condition", "R4", patient="p")) == 1
    assert len(resources(site, "Encounter", "R4", patient="p")) == 1


def test_the_other_version_is_left_alone(site: Site, source: Path) -> None:
    load(site, source)
    assert resources(site, "Patient", "R5") == []


def test_the_version_of_the_files_can_be_told(site: Site, source: Path) -> None:
    (source / "Abe_Doe.json").unlink()
    (source / "deep" / "Condition.ndjson").unlink()
    assert load(site, source, options={"release": "R5"}).report.counts == {("FHIR R5", Fate.STORED): 1}
    assert len(resources(site, "Organization", "R5")) == 1


def test_progress_comes_to_its_end(site: Site, source: Path) -> None:
    told: list[tuple[str, int, int]] = []
    load(site, source, progress=lambda kind, done, of: told.append((kind, done, of)))
    assert told == [("FHIR R4", 1, 3), ("FHIR R4", 2, 3), ("FHIR R4", 3, 3)]


def test_what_is_no_folder_is_refused_with_the_reason(site: Site, source: Path) -> None:
    with pytest.raises(Unusable, match="is no folder"):
        load(site, source / "zoo.json")
