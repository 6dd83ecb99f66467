"""The search box: what a person asks for becomes a REST request, shown before it is made."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

_FHIR, _DICOM = "application/fhir+json", "application/dicom+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of search that the box offers.

    Attributes:
        words: what the box calls it.
        template: path and query; `{}` stands for the value.
        example: a value that finds something in the embedded seed.
    """

    name: str
    words: str
    template: str
    example: str


# The first one is chosen unasked; each is a request that the event's own introductions show.
KINDS = (
    Kind("patient", "Patients by name", "/fhir/Patient?name={}", "SIIM"),
    Kind("report", "Reports of a patient", "/fhir/DiagnosticReport?patient={}", "siimandy"),
    Kind("imaging", "Imaging studies of a patient", "/fhir/ImagingStudy?patient={}&_sort=-started", "siimandy"),
    Kind("observation", "Observations of a patient", "/fhir/Observation?patient={}", "siimravi"),
    Kind("patient-r4", "Patients by name, in R4", "/fhir-r4/Patient?name={}", "SIIM"),
    Kind("study", "DICOM studies by patient name", "/dicomweb/studies?PatientName={}&limit=20", "SIIM*"),
    Kind("modality", "DICOM studies by modality", "/dicomweb/studies?ModalitiesInStudy={}&limit=20", "CT"),
    Kind("request", "Any GET request", "{}", "/fhir/metadata"),
)

_ROOTS = ("fhir", "fhir-r4", "dicomweb")


@dataclass(frozen=True, slots=True)
class Request:
    """A GET: path and query below the server's address, and the Accept header."""

    target: str
    accept: str


def request_for(kind: str, value: str) -> Request | None:
    """The request of a search; None if there is none for it."""
    row = next((row for row in KINDS if row.name == kind), None)
    value = value.strip()
    if row is None or not value:
        return None
    if row.template != "{}":
        return _request(row.template.format(quote(value, safe="*")))
    target = value if value.startswith("/") else f"/fhir/{value}"
    path = target.partition("?")[0]
    if path.split("/")[1] not in _ROOTS or "//" in path:
        return None
    return _request(quote(target, safe="/?&=:,|*$%~._-!()@+;"))


def _request(target: str) -> Request:
    return Request(target, _DICOM if target.startswith("/dicomweb") else _FHIR)
