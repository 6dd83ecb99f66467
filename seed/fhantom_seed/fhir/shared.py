"""What all patients share: the organization, the DICOMweb endpoint, a medication, the practitioners."""

from __future__ import annotations

from collections.abc import Iterator

from fhantom_seed.fhir.parts import Part, Resource, concept, narrative, reference, terminology

PHONE = {"system": "phone", "value": "(703) 723-0432"}
OFFICE = {
    "line": ["19440 Golf Vista Plaza", "Ste 330"],
    "city": "Leesburg",
    "state": "VA",
    "postalCode": "20176",
}
NPI = "http://hl7.org/fhir/sid/us-npi"


def resources() -> Iterator[Resource]:
    yield _organization()
    yield _endpoint()
    yield {
        "resourceType": "Medication",
        "id": "m126202002",
        "text": narrative("Levothyroxine sodium, pill"),
        "code": concept("sct", "126202002", "Levothyroxine sodium"),
        "doseForm": concept("sct", "46992007", "Pill"),
    }
    yield _siim_md()
    yield _practitioner("practitioner147", "Bambrick", "Kiki", "1871569939", "radpract1", "952-883-6789")
    yield _practitioner("practitioner149", "Turtzo Sample", "Laura", "1245319599", "pathpract1", "952-777-3333")
    yield {
        "resourceType": "PractitionerRole",
        "id": "practitionerrole151",
        "identifier": [{"system": NPI, "value": "1871569939"}],
        "practitioner": reference("Practitioner/practitioner147"),
        "code": [concept("http://snomed.org/sct", "66862007", "Radiologist")],
        "contact": [{"telecom": [{"system": "phone", "value": "720-242-5555"}]}],
    }
    yield {
        "resourceType": "PractitionerRole",
        "id": "practitionerrole152",
        "identifier": [
            {"system": "http://someIdentifier.com", "value": "pathpract1"},
            {"system": NPI, "value": "1245319599"},
        ],
        "practitioner": reference("Practitioner/practitioner149"),
        "code": [terminology("v2-0443", "PI", "Primary Interpreter")],
    }


def _organization() -> Resource:
    administrator: Part = {
        "purpose": terminology("contactentity-type", "ADMIN"),
        "name": [{"text": "SIIM Administrator"}],
        "telecom": [
            PHONE,
            {"system": "email", "value": "admin@siim.org"},
            {"system": "fax", "value": "(703) 723-0415"},
        ],
        "address": OFFICE,
    }
    return {
        "resourceType": "Organization",
        "id": "siim",
        "text": narrative("Society of Imaging Informatics in Medicine"),
        "active": True,
        "type": [terminology("organization-type", "dept", "Hospital Department")],
        "name": "Society of Imaging Informatics in Medicine",
        "contact": [{"telecom": [PHONE], "address": {"use": "work", **OFFICE}}, administrator],
    }


def _endpoint() -> Resource:
    return {
        "resourceType": "Endpoint",
        "id": "siim-dicomweb",
        "text": narrative("SIIM DICOMweb endpoint"),
        "status": "active",
        "connectionType": [terminology("endpoint-connection-type", "dicom-wado-rs")],
        "name": "SIIM DICOMweb endpoint",
        "payload": [{"type": [{"text": "SIIM DICOMweb"}], "mimeType": ["application/dicom"]}],
        "address": "https://hackathon.siim.org/dicomweb",
    }


def _siim_md() -> Resource:
    return {
        "resourceType": "Practitioner",
        "id": "siimmd",
        "text": narrative("Provider SIIM, MD"),
        "identifier": [
            {
                "use": "usual",
                "system": "https://github.com/ImagingInformatics/hackathon-dataset",
                "value": "8022992389394228",
            }
        ],
        "name": [{"use": "official", "family": "SIIM", "given": ["Provider"], "suffix": ["MD"]}],
        "telecom": [{**PHONE, "use": "work"}, {"system": "email", "value": "info@siim.org", "use": "work"}],
        "gender": "female",
        "birthDate": "1970-11-06",
        "address": [{"use": "work", **OFFICE}],
    }


def _practitioner(id: str, family: str, given: str, npi: str, local_id: str, phone: str) -> Resource:
    return {
        "resourceType": "Practitioner",
        "id": id,
        "text": narrative(f"{given} {family}"),
        "identifier": [
            {"system": NPI, "value": npi},
            {"system": "http://someIdentifier.com", "value": local_id},
        ],
        "name": [{"family": family, "given": [given]}],
        "telecom": [{"system": "phone", "value": phone}],
    }
