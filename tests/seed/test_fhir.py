"""The FHIR side of the seed: whole, valid, marked, and in step with the DICOM side."""

from __future__ import annotations

import importlib
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pydicom
import pytest
from fhir.resources import get_fhir_model_class

from fhantom_seed import open_seed

VERSIONS = ["R5", "R4"]
COUNTS = {
    "Patient": 10,
    "Condition": 8,
    "Observation": 10,
    "DiagnosticReport": 64,
    "ImagingStudy": 66,
    "Practitioner": 3,
    "PractitionerRole": 2,
    "Organization": 1,
    "Endpoint": 1,
    "Medication": 1,
    "MedicationRequest": 1,
    "AllergyIntolerance": 1,
    "Specimen": 1,
}
Resources = dict[tuple[str, str], dict[str, Any]]


def literal_references(part: Any) -> Iterator[str]:
    """Every Reference.reference in a resource."""
    if isinstance(part, dict):
        if isinstance(part.get("reference"), str):
            yield part["reference"]
        for value in part.values():
            yield from literal_references(value)
    elif isinstance(part, list):
        for value in part:
            yield from literal_references(value)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_reference_points_to_a_resource_that_was_loaded_before(version: str) -> None:
    import json

    seen: set[str] = set()
    for text in open_seed().resources(version):
        resource = json.loads(text)
        assert set(literal_references(resource)) <= seen, resource["id"]
        seen.add(f"{resource['resourceType']}/{resource['id']}")


@pytest.mark.parametrize("version", VERSIONS)
def test_the_number_of_resources_of_each_type_is_known(resources: dict[str, Resources], version: str) -> None:
    selections = {"ImagingSelection": 11} if version == "R5" else {}
    assert Counter(kind for kind, _ in resources[version]) == COUNTS | selections


@pytest.mark.parametrize("version", VERSIONS)
def test_no_two_lines_are_the_same_resource(resources: dict[str, Resources], version: str) -> None:
    assert len(resources[version]) == open_seed().manifest["fhir"][version]["resources"]


def test_both_versions_hold_the_same_resources_but_imaging_selections(r5: Resources, r4: Resources) -> None:
    assert set(r5) - set(r4) == {key for key in r5 if key[0] == "ImagingSelection"}
    assert set(r4) <= set(r5)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_resource_is_marked_as_test_data(resources: dict[str, Resources], version: str) -> None:
    for resource in resources[version].values():
        assert resource["meta"]["security"][0]["code"] == "HTEST"


def test_every_r5_resource_fits_the_models_of_r5(r5: Resources) -> None:
    for (kind, id), resource in r5.items():
        assert get_fhir_model_class(kind).model_validate(resource).id == id


def test_every_r4_resource_fits_the_models_of_r4(r4: Resources) -> None:
    for (kind, id), resource in r4.items():
        module = importlib.import_module(f"fhir.resources.R4B.{kind.lower()}")
        assert getattr(module, kind).model_validate(resource).id == id


@pytest.mark.parametrize("version", VERSIONS)
def test_studies_count_and_list_the_dicom_objects_that_are_embedded(
    resources: dict[str, Resources], headers: list[pydicom.Dataset], version: str
) -> None:
    stored: dict[str, dict[str, set[tuple[str, str, int]]]] = {}
    for header in headers:
        series = stored.setdefault(header.StudyInstanceUID, {}).setdefault(header.SeriesInstanceUID, set())
        series.add((header.SOPInstanceUID, header.SOPClassUID, int(header.InstanceNumber)))
    studies = [resource for (kind, _), resource in resources[version].items() if kind == "ImagingStudy"]
    for study in studies:
        uid = study["identifier"][0]["value"].removeprefix("urn:oid:")
        assert study["numberOfSeries"] == len(stored[uid])
        assert study["numberOfInstances"] == sum(map(len, stored[uid].values()))
        for series in study["series"]:
            assert series["numberOfInstances"] == len(stored[uid][series["uid"]])
            listed = {
                (i["uid"], i["sopClass"]["code"].removeprefix("urn:oid:"), i["number"]) for i in series["instance"]
            }
            assert listed <= stored[uid][series["uid"]]
            assert len(listed) == series["numberOfInstances"] or study["id"] == "a1730956812198241"
    assert {study["identifier"][0]["value"].removeprefix("urn:oid:") for study in studies} == set(stored)


def test_the_key_image_copy_lists_only_the_four_key_images(r5: Resources) -> None:
    keys = r5["ImagingStudy", "a1730956812198241"]
    whole = r5["ImagingStudy", "a173095681219824"]
    shown = [(series["number"], image["number"]) for series in keys["series"] for image in series["instance"]]
    assert shown == [(5, 6), (5, 36), (5, 42), (6, 13)]
    assert keys["identifier"] == whole["identifier"]
    assert keys["numberOfInstances"] == whole["numberOfInstances"]


def test_report_links_resolve_by_the_identifier_of_an_imaging_selection(r5: Resources) -> None:
    names = {
        resource["identifier"][0]["value"].removeprefix("urn:oid:")
        for (kind, _), resource in r5.items()
        if kind == "ImagingSelection"
    }
    linked = {
        name
        for (kind, _), resource in r5.items()
        if kind == "DiagnosticReport"
        for name in re.findall(r'id="ImagingSelection/([^"]+)"', resource["text"]["div"])
    }
    assert linked == names


def test_a_selection_names_an_image_that_is_embedded_in_its_frame_of_reference(
    r5: Resources, headers: list[pydicom.Dataset]
) -> None:
    stored = {header.SOPInstanceUID: header for header in headers}
    for (kind, _), selection in r5.items():
        if kind == "ImagingSelection":
            header = stored[selection["instance"][0]["uid"]]
            assert header.StudyInstanceUID == selection["studyUid"]
            assert header.SeriesInstanceUID == selection["seriesUid"]
            assert header.FrameOfReferenceUID == selection["frameOfReferenceUid"]


def test_searching_the_name_siim_finds_all_ten_patients(r5: Resources) -> None:
    families = {
        id: {name.get("family") for name in resource["name"]}
        for (kind, id), resource in r5.items()
        if kind == "Patient"
    }
    assert len(families) == 10
    assert all("SIIM" in names for names in families.values())
