"""Bundles of the sample, in the shape that Synthea 2.6 writes and with the faults of the data set."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from fhantom.datasets.coherent.sample_people import LOINC, SNOMED, SYNTHEA, Person, made_id
from fhantom.datasets.coherent.sample_tables import ECG

Json = dict[str, Any]

_NPI = "http://hl7.org/fhir/sid/us-npi"


def _concept(system: str, code: str, display: str) -> Json:
    return {"coding": [{"system": system, "code": code, "display": display}], "text": display}


def _entry(resource: Json) -> Json:
    request = {"method": "POST", "url": resource["resourceType"]}
    return {"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource, "request": request}


def _bundle(resources: Sequence[Json]) -> Json:
    return {"resourceType": "Bundle", "type": "transaction", "entry": [_entry(one) for one in resources]}


def shared_bundles() -> dict[str, Json]:
    """organizations and practitioners, the address of a Location in a list and its position in texts."""
    organization = {
        "resourceType": "Organization",
        "id": made_id("organization"),
        "identifier": [{"system": SYNTHEA, "value": made_id("organization")}],
        "active": True,
        "name": "MADE UP GENERAL HOSPITAL",
    }
    location = {
        "resourceType": "Location",
        "id": made_id("location"),
        "identifier": [{"system": SYNTHEA, "value": made_id("location")}],
        "status": "active",
        "name": "MADE UP GENERAL HOSPITAL",
        "address": [{"line": ["1 NOWHERE STREET"], "city": "ANYTOWN"}],
        "position": {"longitude": "-71.25", "latitude": "42.5"},
        "managingOrganization": {"reference": f"urn:uuid:{organization['id']}"},
    }
    practitioner = {
        "resourceType": "Practitioner",
        "id": made_id("practitioner"),
        "identifier": [{"system": _NPI, "value": "9999999001"}],
        "active": True,
        "name": [{"family": "Maker909", "given": ["Ulla111"], "prefix": ["Dr."]}],
    }
    return {"organizations": _bundle([organization, location]), "practitioners": _bundle([practitioner])}


def bundle(person: Person) -> Json:
    """Everything about one person."""
    own = [_patient(person), _encounter(person), *_findings(person), *_note(person), _study(person), *_billing(person)]
    targets = [{"reference": f"urn:uuid:{one['id']}"} for one in own]
    provenance = {
        "resourceType": "Provenance",
        "id": made_id(person.id, "provenance"),
        "target": targets,
        "recorded": f"{person.study_date}T10:00:00.000-05:00",
        "agent": [{"who": {"reference": _practitioner()}}],
    }
    return _bundle([*own, provenance])


def _practitioner() -> str:
    return f"Practitioner?identifier={_NPI}|9999999001"


def _about(person: Person, kind: str, *, encounter: bool = True) -> Json:
    found: Json = {
        "resourceType": kind,
        "id": made_id(person.id, kind),
        "subject": {"reference": f"urn:uuid:{person.id}"},
    }
    if encounter:
        found["encounter"] = {"reference": f"urn:uuid:{made_id(person.id, 'Encounter')}"}
    return found


def _patient(person: Person) -> Json:
    return {
        "resourceType": "Patient",
        "id": person.id,
        "identifier": [{"system": SYNTHEA, "value": person.id}],
        "name": [{"use": "official", "family": person.family, "given": [person.given]}],
        "gender": {"F": "female", "M": "male"}[person.sex],
        "birthDate": person.birth_date,
    }


def _encounter(person: Person) -> Json:
    organization = f"Organization?identifier={SYNTHEA}|{made_id('organization')}"
    return {
        **_about(person, "Encounter", encounter=False),
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "type": [_concept(SNOMED, "185345009", "Encounter for symptom")],
        "participant": [{"individual": {"reference": _practitioner(), "display": "Dr. Ulla111 Maker909"}}],
        "period": {"start": f"{person.study_date}T09:00:00-05:00", "end": f"{person.study_date}T09:30:00-05:00"},
        "location": [{"location": {"reference": f"Location?identifier={SYNTHEA}|{made_id('location')}"}}],
        "serviceProvider": {"reference": organization, "display": "MADE UP GENERAL HOSPITAL"},
    }


def _findings(person: Person) -> list[Json]:
    moment = f"{person.study_date}T09:10:00-05:00"
    weight = {
        **_about(person, "Observation"),
        "status": "final",
        "code": _concept(LOINC, "29463-7", "Body Weight"),
        "effectiveDateTime": moment,
        "valueQuantity": {"value": 71.5, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"},
    }
    gene = {**_about(person, "Observation"), "id": made_id(person.id, "gene"), "effectiveDateTime": moment}
    gene |= {  # without status
        "code": _concept(LOINC, "69548-6", "Gene FHN2: made up, so it is of no clinical significance to anybody"),
        "valueCodeableConcept": _concept(LOINC, "LA9633-4", "Present"),
    }
    panel = {
        **_about(person, "DiagnosticReport"),
        "id": made_id(person.id, "panel"),
        "status": "final",
        "code": _concept(LOINC, "55232-3", "Genetic analysis summary panel"),
        "effectiveDateTime": moment,
        "result": [{"reference": f"urn:uuid:{gene['id']}"}],
    }
    ecg = {
        **_about(person, "Media"),
        "status": "completed",
        "type": _concept("http://terminology.hl7.org/CodeSystem/media-type", "image", "Image"),
        "reasonCode": [_concept(SNOMED, "29303009", "Electrocardiographic procedure")],
        "content": {"contentType": "image/png", "data": ECG},
    }
    return [weight, *([gene, panel] if person.has_panel else []), ecg]


def _note(person: Person) -> list[Json]:
    lines = [f"\n{person.study_date}\n", "# Chief Complaint", "- Headache\n", "# Assessment and Plan", "Made up.\n"]
    if person.has_images:
        file = f"{person.file_name}{person.study_instance_uid}.dcm"
        lines.append(f"The image is stored in ./output/dicom/{file}")
    if person.has_panel:
        lines.append(f"genetic analysis summary panel  stored in ./output/dna/{person.file_name}_dna.csv")
    text = base64.b64encode("\n".join(lines).encode()).decode()
    kind = _concept(LOINC, "34117-2", "History and physical note")
    moment = f"{person.study_date}T09:20:00.000-05:00"
    report = {**_about(person, "DiagnosticReport"), "status": "final", "code": kind, "effectiveDateTime": moment}
    report |= {"presentedForm": [{"contentType": "text/plain", "data": text}]}
    document = {
        **_about(person, "DocumentReference", encounter=False),
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{report['id']}"}],
        "status": "current",
        "type": kind,
        "date": moment,
        "author": [{"reference": _practitioner()}],
        "content": [{"attachment": {"contentType": "text/plain", "data": text}}],
        "context": {"encounter": [{"reference": f"urn:uuid:{made_id(person.id, 'Encounter')}"}]},
    }
    return [report, document]


def _study(person: Person) -> Json:
    hash, moment = 30_000_000 + person.number, f"9432752680{person.number}"
    kind = ("MR", "Magnetic Resonance") if person.has_images else ("DX", "Digital Radiography")
    site = ("12738006", "Brain") if person.has_images else ("51185008", "Chest")
    what = ("241601008", "MRI of brain") if person.has_images else ("399208008", "Plain chest X-ray")
    page = "http://dicom.nema.org/medical/dicom/current/output/chtml/part16/sect_CID_29.html"
    sop_class = "1.2.840.10008.5.1.4.1.1.4" if person.has_images else "1.2.840.10008.5.1.4.1.1.1.1"
    series = {
        "uid": f"1.2.840.99999999.1.{hash}.{moment}",
        "number": 1,
        "modality": {"system": page, "code": kind[0], "display": kind[1]},
        "numberOfInstances": 1,
        "bodySite": {"system": SNOMED, "code": site[0], "display": site[1]},
        "started": f"{person.study_date}T09:15:00-05:00",
        "instance": [
            {
                "uid": f"1.2.840.99999999.1.1.{hash}.{moment}",
                "sopClass": {"system": "urn:ietf:rfc:3986", "code": sop_class},
                "number": 1,
                "title": f"Image of {site[1].lower()}",
            }
        ],
    }
    uid = f"urn:oid:{person.study_instance_uid}"
    return {
        **_about(person, "ImagingStudy"),
        "identifier": [{"use": "official", "system": "urn:ietf:rfc:3986", "value": uid}],
        "status": "available",
        "started": f"{person.study_date}T09:15:00-05:00",
        "numberOfSeries": 1,
        "numberOfInstances": 1,
        "procedureCode": [_concept(SNOMED, *what)],
        "series": [series],
    }


def _billing(person: Person) -> list[Json]:
    """A claim and what was paid, with a status that R4 does not have."""
    money = {"value": 129.16, "currency": "USD"}
    kind = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/claim-type", "code": "professional"}]}
    coverage = {"focal": True, "coverage": {"display": "No insurance"}}
    common = {
        "type": kind,
        "use": "claim",
        "patient": {"reference": f"urn:uuid:{person.id}"},
        "created": f"{person.study_date}T09:30:00-05:00",
        "provider": {"reference": f"Organization?identifier={SYNTHEA}|{made_id('organization')}"},
    }
    claim = {
        "resourceType": "Claim",
        "id": made_id(person.id, "Claim"),
        "status": "active",
        **common,
        "priority": {"coding": [{"code": "normal"}]},
        "insurance": [{"sequence": 1, **coverage}],
        "total": money,
    }
    benefit = {
        "resourceType": "ExplanationOfBenefit",
        "id": made_id(person.id, "ExplanationOfBenefit"),
        "status": "completed",
        **common,
        "insurer": {"display": "No insurance"},
        "claim": {"reference": f"urn:uuid:{claim['id']}"},
        "outcome": "complete",
        "insurance": [coverage],
        "total": [{"category": {"coding": [{"code": "submitted"}]}, "amount": money}],
    }
    return [claim, benefit]
