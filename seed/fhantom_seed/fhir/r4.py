"""R4 out of R5: the elements of the seed that have another shape in FHIR R4 (4.0.1)."""

from __future__ import annotations

from collections.abc import Callable

from fhantom_seed.fhir.parts import Part, Resource

# ImagingSelection came with R5
TYPES = frozenset(
    {
        "AllergyIntolerance",
        "Condition",
        "DiagnosticReport",
        "Endpoint",
        "ImagingStudy",
        "Medication",
        "MedicationRequest",
        "Observation",
        "Organization",
        "Patient",
        "Practitioner",
        "PractitionerRole",
        "Specimen",
    }
)


def from_r5(resource: Resource) -> Resource:
    """The same resource in the shape of R4; element order is kept."""
    change = CHANGES.get(resource["resourceType"])
    return change(resource) if change else resource


def _coding(concept: Part) -> Part:
    coding: Part = concept["coding"][0]
    return coding


def _allergy(r5: Resource) -> Resource:
    reactions = [
        {**reaction, "manifestation": [m["concept"] for m in reaction["manifestation"]]} for reaction in r5["reaction"]
    ]
    return {**r5, "type": _coding(r5["type"])["code"], "reaction": reactions}


def _endpoint(r5: Resource) -> Resource:
    payload = r5["payload"][0]
    r4 = {
        **r5,
        "connectionType": _coding(r5["connectionType"][0]),
        "payloadType": payload["type"],
        "payloadMimeType": payload["mimeType"],
    }
    del r4["payload"]
    return r4


def _imaging_study(r5: Resource) -> Resource:
    return {
        **r5,
        "modality": [_coding(modality) for modality in r5["modality"]],
        "series": [{**series, "modality": _coding(series["modality"])} for series in r5["series"]],
    }


def _medication(r5: Resource) -> Resource:
    return {("form" if key == "doseForm" else key): value for key, value in r5.items()}


def _medication_request(r5: Resource) -> Resource:
    return {
        ("medicationReference" if key == "medication" else key): (value["reference"] if key == "medication" else value)
        for key, value in r5.items()
    }


def _organization(r5: Resource) -> Resource:
    """R5 `contact` is an ExtendedContactDetail with many names, R4 has one."""
    contacts = [{**c, "name": c["name"][0]} if "name" in c else c for c in r5["contact"]]
    return {**r5, "contact": contacts}


def _practitioner_role(r5: Resource) -> Resource:
    r4 = {key: value for key, value in r5.items() if key != "contact"}
    if "contact" in r5:
        r4["telecom"] = [telecom for contact in r5["contact"] for telecom in contact["telecom"]]
    return r4


CHANGES: dict[str, Callable[[Resource], Resource]] = {
    "AllergyIntolerance": _allergy,
    "Endpoint": _endpoint,
    "ImagingStudy": _imaging_study,
    "Medication": _medication,
    "MedicationRequest": _medication_request,
    "Organization": _organization,
    "PractitionerRole": _practitioner_role,
}
