"""Patients and what is known of them besides imaging."""

from __future__ import annotations

from collections.abc import Iterator

from fhantom_seed import facts
from fhantom_seed.facts import Persona
from fhantom_seed.fhir.parts import Part, Resource, coding, concept, narrative, reference, terminology

PROSTATE_SURFACE = concept("sct", "5026003", "Structure of posterior surface of prostate")


def resources() -> Iterator[Resource]:
    for persona in facts.personas():
        yield _patient(persona)
    yield _allergy()
    for row in facts.rows("conditions"):
        yield _condition(row)
    yield _medication_request()
    yield _specimen()
    for row in facts.rows("observations"):
        yield _observation(row)


def _names(persona: Persona) -> list[Part]:
    """Official and usual name; Bibata is Amadou in the files and SIIM on the site, so that both find him."""
    official = {"use": "official", "family": persona.family, "given": [persona.given]}
    usual: Part = {"use": "usual", "given": [persona.given]}
    return [official, usual if persona.family == "SIIM" else {**usual, "family": "SIIM"}]


def _patient(persona: Persona) -> Resource:
    identifier: Part = {
        "use": "usual",
        "system": persona.mrn_system,
        "value": persona.mrn,
        "assigner": {"display": persona.assigner},
    }
    if persona.mrn_type:
        identifier["type"] = terminology("v2-0203", persona.mrn_type)
    if persona.mrn_since:
        identifier["period"] = {"start": persona.mrn_since}
    return {
        "resourceType": "Patient",
        "id": persona.id,
        "text": narrative(
            f"{persona.given} {persona.family}",
            f"MRN {persona.mrn} ({persona.assigner})",
            f"{persona.gender}, born {persona.birth_date}",
        ),
        "identifier": [identifier],
        "active": True,
        "name": _names(persona),
        "telecom": [{"system": "phone", "value": persona.phone, "use": "work"}],
        "gender": persona.gender,
        "birthDate": persona.birth_date,
        "deceasedBoolean": False,
        "address": [
            {
                "use": "home",
                "line": [persona.line],
                "city": persona.city,
                "state": persona.state,
                "postalCode": persona.postal_code,
            }
        ],
        "managingOrganization": reference("Organization/siim"),
    }


def _allergy() -> Resource:
    penicillin = concept("sct", "764146007", "Penicillin")
    manifestation = {"coding": [coding("sct", "247472004", "Hives"), coding("sct", "44416002", "Airway constriction")]}
    return {
        "resourceType": "AllergyIntolerance",
        "id": "ai83726462664827",
        "text": narrative("Penicillin: hives, narrow airways"),
        "clinicalStatus": terminology("allergyintolerance-clinical", "active", "Active"),
        "type": concept("http://hl7.org/fhir/allergy-intolerance-type", "allergy", "Allergy"),
        "category": ["medication"],
        "criticality": "high",
        "code": penicillin,
        "patient": reference("Patient/siimsally"),
        "recordedDate": "2008-05-24",
        "reaction": [{"substance": penicillin, "manifestation": [{"concept": manifestation}]}],
    }


def _condition(row: dict[str, str]) -> Resource:
    diagnosis = terminology("condition-category", "encounter-diagnosis", "Encounter Diagnosis")
    diagnosis["coding"].append(coding("sct", "439401001", "Diagnosis"))
    resource: Resource = {
        "resourceType": "Condition",
        "id": row["id"],
        "text": narrative(f"{row['text']} since {row['onset']}"),
        "clinicalStatus": terminology("condition-clinical", "active"),
        "category": [diagnosis],
        "severity": concept("sct", row["severity"], row["severity_display"]),
        "code": concept("sct", row["code"], row["display"], row["text"]),
    }
    if row["site"]:
        resource["bodySite"] = [concept("sct", row["site"], row["site_display"], row["site_display"])]
    return resource | {"subject": reference(f"Patient/{row['patient']}"), "onsetDateTime": row["onset"]}


def _medication_request() -> Resource:
    return {
        "resourceType": "MedicationRequest",
        "id": "mr86737385927264",
        "text": narrative("Levothyroxine 50 mcg by mouth, one a day; 30 tablets"),
        "status": "active",
        "intent": "order",
        "medication": {"reference": reference("Medication/m126202002", "prescribed medication")},
        "subject": reference("Patient/siimsally"),
        "dosageInstruction": [
            {
                "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
                "route": concept("sct", "394899003", "oral administration of treatment"),
            }
        ],
        "dispenseRequest": {"quantity": {"value": 30, "unit": "tablets"}},
    }


def _specimen() -> Resource:
    return {
        "resourceType": "Specimen",
        "id": "siimjoe",
        "text": narrative("Venous blood, 10 mL"),
        "identifier": [{"system": "http://ehr.acme.org/identifiers/collections", "value": "23234352356"}],
        "accessionIdentifier": {"system": "http://lab.acme.org/specimens/2011", "value": "XXX66-4444"},
        "type": terminology("v2-0487", "BLDV", "Blood venous"),
        "subject": reference("Patient/siimjoe", "siimjoe"),
        "receivedTime": "1986-04-25T07:03:00Z",
        "collection": {
            "collector": reference("Practitioner/siimmd"),
            "collectedDateTime": "1986-04-25T06:15:00Z",
            "quantity": {"value": 10, "unit": "mL"},
            "method": terminology("v2-0488", "LNV"),
        },
    }


def _observation(row: dict[str, str]) -> Resource:
    system = "http://radlex.org" if row["code"].startswith("RID") else "sct"
    return {
        "resourceType": "Observation",
        "id": row["id"],
        "text": narrative(f"{row['display']}: {row['text'] or row['value_display']}"),
        "status": "final",
        "category": [terminology("observation-category", row["category"], row["category"].title())],
        "code": concept(system, row["code"], row["display"]),
        "subject": reference("Patient/siimbibata", "Bibata Amadou"),
        "performer": [reference(f"Practitioner/{row['performer']}")],
        **_observed(row),
        "bodySite": PROSTATE_SURFACE,
    }


def _observed(row: dict[str, str]) -> Part:
    """Observation.value[x]: a quantity in UCUM units, words, or a concept."""
    if row["text"]:
        return {"valueString": row["text"]}
    if row["value_system"] == "mm":
        quantity = {"value": int(row["value"]), "unit": row["value_display"]}
        return {"valueQuantity": {**quantity, "system": "http://unitsofmeasure.org", "code": "mm"}}
    return {"valueCodeableConcept": concept(row["value_system"], row["value"], row["value_display"])}
