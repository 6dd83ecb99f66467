"""DICOM to FHIR, attribute by attribute (the mapping of FHIR's ImagingStudy, and PS3.3 C.7).

Both versions are made by the same functions; where R4 and R5 differ, `_Shape` says how.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fhantom.bridge.body_sites import BODY_PARTS, LATERALITIES, SNOMED
from fhantom.bridge.facts import Record, SeriesFacts, StudyFacts, date, moment, number, resource_id, value
from fhantom.definitions import Version

Resource = dict[str, Any]

DCM = "http://dicom.nema.org/resources/ontology/DCM"
IDENTIFIER_TYPE = "http://terminology.hl7.org/CodeSystem/v2-0203"
UID_SYSTEM = "urn:dicom:uid"

# Told apart by this tag from what clients write; only tagged resources are ever replaced.
TAG = {"system": "urn:fhantom:origin", "code": "dicom", "display": "Made from stored DICOM objects"}

_GENDERS = {"M": "male", "F": "female", "O": "other"}  # (0010,0040), PS3.3 C.7.1.1


@dataclass(frozen=True, slots=True)
class _Shape:
    """Where the versions differ (R4 Coding, R5 CodeableConcept or CodeableReference)."""

    coded: Callable[[Resource], Resource]
    body_site: Callable[[Resource], Resource]
    connection: Callable[[Resource], Any]
    payload: Resource


_SHAPES: dict[Version, _Shape] = {
    "R4": _Shape(
        coded=lambda coding: coding,
        body_site=lambda coding: coding,
        connection=lambda coding: coding,
        payload={"payloadType": [{"text": "DICOM"}], "payloadMimeType": ["application/dicom"]},
    ),
    "R5": _Shape(
        coded=lambda coding: {"coding": [coding]},
        body_site=lambda coding: {"concept": {"coding": [coding]}},
        connection=lambda coding: [{"coding": [coding]}],
        payload={"payload": [{"type": [{"text": "DICOM"}], "mimeType": ["application/dicom"]}]},
    ),
}


def imaging_study(
    version: Version, study: StudyFacts, patient: str, endpoint: str, status: str = "available"
) -> Resource:
    """The ImagingStudy of a study; `patient` and `endpoint` are references.

    Args:
        status: `registered` where the images are not here.
    """
    shape, first = _SHAPES[version], study.first
    return _resource(
        {
            "resourceType": "ImagingStudy",
            "id": resource_id("study", study.study_instance_uid),
            "meta": {"tag": [TAG]},
            "identifier": _identifiers(study),
            "status": status,
            "modality": [shape.coded({"system": DCM, "code": code}) for code in study.modalities],
            "subject": {"reference": patient},
            "started": moment(first, "00080020", "00080030"),
            "referrer": {"display": _readable(value(first, "00080090"))},
            "endpoint": [{"reference": endpoint}],
            "numberOfSeries": len(study.series),
            "numberOfInstances": sum(one.number_of_instances for one in study.series),
            "description": value(first, "00081030"),
            "series": [_series(shape, one) for one in study.series],
        }
    )


def patient(version: Version, first: Record) -> Resource:
    """The Patient that a study's header describes."""
    del version  # the same in both
    patient_id = value(first, "00100020")
    return _resource(
        {
            "resourceType": "Patient",
            "id": resource_id("patient", patient_id, value(first, "00100021")),
            "meta": {"tag": [TAG]},
            "identifier": [
                {
                    "type": {"coding": [{"system": IDENTIFIER_TYPE, "code": "MR"}]},
                    "value": patient_id,
                    "assigner": {"display": value(first, "00100021")},
                }
            ],
            "name": [_name(value(first, "00100010"))],
            "gender": _GENDERS.get(value(first, "00100040")),
            "birthDate": date(first, "00100030"),
        }
    )


def endpoint(version: Version, id: str, address: str) -> Resource:
    """The DICOMweb service as an Endpoint."""
    shape = _SHAPES[version]
    kind = {"system": "http://terminology.hl7.org/CodeSystem/endpoint-connection-type", "code": "dicom-wado-rs"}
    return {
        "resourceType": "Endpoint",
        "id": id,
        "meta": {"tag": [TAG]},
        "status": "active",
        "connectionType": shape.connection(kind),
        "name": "DICOMweb",
        **shape.payload,
        "address": address,
    }


def _identifiers(study: StudyFacts) -> list[Resource]:
    # FHIR ImagingStudy.identifier: the UID as an OID, and the accession number by its type.
    found: list[Resource] = [{"system": UID_SYSTEM, "value": f"urn:oid:{study.study_instance_uid}"}]
    accession = value(study.first, "00080050")
    if accession:
        found.append({"type": {"coding": [{"system": IDENTIFIER_TYPE, "code": "ACSN"}]}, "value": accession})
    return found


def _series(shape: _Shape, series: SeriesFacts) -> Resource:
    first = series.first
    site = BODY_PARTS.get(value(first, "00180015").upper())
    side = LATERALITIES.get((value(first, "00200060") or value(first, "00200062")).upper())
    return {
        "uid": series.series_instance_uid,
        "number": number(first, "00200011"),
        "modality": shape.coded({"system": DCM, "code": value(first, "00080060") or "OT"}),
        "description": value(first, "0008103E"),
        "numberOfInstances": series.number_of_instances,
        "bodySite": shape.body_site(_snomed(*site)) if site else None,
        "laterality": shape.coded(_snomed(*side)) if side else None,
        "started": moment(first, "00080021", "00080031"),
        "instance": [
            {
                "uid": one.sop_instance_uid,
                "sopClass": {"system": "urn:ietf:rfc:3986", "code": f"urn:oid:{one.sop_class_uid}"},
                "number": one.number,
                "title": one.title,
            }
            for one in series.instances
        ],
    }


def _snomed(code: str, display: str) -> Resource:
    return {"system": SNOMED, "code": code, "display": display}


def _name(text: str) -> Resource:
    # PN components (PS3.5 6.2.1): family, given, middle, prefix, suffix.
    family, given, middle, prefix, suffix = [*(part.strip() for part in text.split("^")), *[""] * 5][:5]
    return {
        "text": _readable(text),
        "family": family,
        "given": [part for part in (given, middle) if part],
        "prefix": [prefix] if prefix else [],
        "suffix": [suffix] if suffix else [],
    }


def _readable(text: str) -> str:
    family, given, middle, prefix, suffix = [*(part.strip() for part in text.split("^")), *[""] * 5][:5]
    return " ".join(part for part in (prefix, given, middle, family, suffix) if part)


def _resource(found: Resource) -> Resource:
    kept: Resource = _without_gaps(found)
    return kept


def _without_gaps(found: Any) -> Any:
    """The value without what is empty, at any depth: FHIR has no empty elements."""
    if isinstance(found, dict):
        kept = {name: _without_gaps(one) for name, one in found.items()}
        return {name: one for name, one in kept.items() if one not in (None, "", [], {})}
    if isinstance(found, list):
        return [one for one in map(_without_gaps, found) if one not in (None, "", [], {})]
    return found
