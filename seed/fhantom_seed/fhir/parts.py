"""The datatypes that the resources share."""

from __future__ import annotations

from html import escape
from typing import Any

Resource = dict[str, Any]
Part = dict[str, Any]

SYSTEMS = {
    "loinc": "http://loinc.org",
    "sct": "http://snomed.info/sct",
    "acsn": "http://terminology.hl7.org/CodeSystem/v2-0203",
    "dcm": "http://dicom.nema.org/resources/ontology/DCM",
}
SIIM = {"reference": "Organization/siim", "display": "Society of Imaging Informatics in Medicine"}


def coding(system: str, code: str, display: str = "") -> Part:
    """A Coding; `system` is a short name of SYSTEMS or a URI."""
    part = {"system": SYSTEMS.get(system, system), "code": code}
    return part | {"display": display} if display else part


def concept(system: str, code: str, display: str = "", text: str = "") -> Part:
    """A CodeableConcept of one coding."""
    part: Part = {"coding": [coding(system, code, display)]}
    return part | {"text": text} if text else part


def terminology(name: str, code: str, display: str = "") -> Part:
    """A CodeableConcept from one of HL7's own code systems."""
    return concept(f"http://terminology.hl7.org/CodeSystem/{name}", code, display)


def reference(target: str, display: str = "") -> Part:
    part = {"reference": target}
    return part | {"display": display} if display else part


def narrative(*paragraphs: str) -> Part:
    """A generated narrative of plain paragraphs."""
    return narrative_html("".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs))


def narrative_html(inner: str) -> Part:
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{inner}</div>'}
