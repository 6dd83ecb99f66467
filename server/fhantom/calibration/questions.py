"""What is asked: a fixed list, read-only but for the last table, which is asked only if writing is allowed.

Words in braces stand for what an earlier answer told: `{study}`, `{series}` and `{instance}` for the first instance
that the server lists, `{id}` for the test's own id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Service = Literal["fhir", "fhir-r4", "dicomweb", "wadouri", "vna", "sole", "root"]

PATHS: dict[Service, str] = {
    "fhir": "/fhir",
    "fhir-r4": "/fhir-r4",
    "dicomweb": "/dicomweb",
    "wadouri": "/wadouri",
    "vna": "/vna",
    "sole": "/sole",
    "root": "",
}
"""Where the services lie unless it is told otherwise (hackathon-server.md 4)."""

_FHIR_JSON = "application/fhir+json"
_DICOM_JSON = "application/dicom+json"
_DICOM_XML = 'multipart/related; type="application/dicom+xml"'
_ORIGIN = "http://viewer.example"
_PREFLIGHT = {
    "Origin": _ORIGIN,
    "Access-Control-Request-Method": "GET",
    "Access-Control-Request-Headers": "apikey",
}


@dataclass(frozen=True, slots=True)
class Question:
    """One request, the same to both servers.

    Attributes:
        key: which key goes with it: the accepted one, none, or one that cannot be good.
        accept: the header; empty for none.
        answer: the reason under which a profile keeps the whole answer, if it is a refusal.
        plain: it goes over http, whatever the server's address says, and so never has a key.
        row: the row of the portability table that it probes.
    """

    name: str
    service: Service
    path: str
    method: str = "GET"
    key: Literal["good", "none", "wrong"] = "good"
    accept: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    answer: str = ""
    row: str = ""
    plain: bool = False


_GATEWAY = (
    Question("no key", "fhir", "/metadata", key="none", answer="no key"),
    Question("a wrong key", "fhir", "/metadata", key="wrong", answer="wrong key"),
    Question("no key, over http", "fhir", "/metadata", key="none", plain=True),
    Question("no key for DICOMweb", "dicomweb", "/studies?limit=1", key="none"),
    Question("no key for pages", "root", "/", key="none"),
    Question("a preflight without a key", "fhir", "/Patient", "OPTIONS", key="none", headers=_PREFLIGHT),
    Question("a request of another origin", "fhir", "/Patient?_count=1", headers={"Origin": _ORIGIN}),
    Question("an unknown path", "root", "/no-such-service/at-all", answer="no path"),
    Question("the older path of DICOMweb", "root", "/dicom-web/studies?limit=1"),
    Question("the older path of FHIR", "root", "/fhir-overview/fhir/Patient?_count=1"),
    Question("the orchestrator of 2021", "root", "/ai-orchestrator/workitems"),
    Question("a slash at the end", "fhir", "/Patient/?_count=1"),
)

_FHIR: tuple[tuple[str, str, str], ...] = (
    ("the capability statement", "/metadata", _FHIR_JSON),
    ("a search", "/Patient?_count=2", _FHIR_JSON),
    ("a search without Accept", "/Patient?_count=1", ""),
    ("a search as XML", "/Patient?_count=1&_format=xml", ""),
    ("a search that finds nothing", "/Patient?identifier=nobody-has-this", _FHIR_JSON),
    ("a count", "/Patient?_summary=count", _FHIR_JSON),
    ("an unknown parameter", "/Patient?no-such-parameter=1", _FHIR_JSON),
    ("a bad date", "/Patient?birthdate=yesterday", _FHIR_JSON),
    ("an unknown resource", "/Patient/nobody-has-this-id", _FHIR_JSON),
    ("an unknown type", "/NoSuchType", _FHIR_JSON),
    ("the history of everything", "/_history?_count=1", _FHIR_JSON),
    ("a search by text", "/Patient?_text=x", _FHIR_JSON),
    ("a search of several types", "?_type=Patient&_count=1", _FHIR_JSON),
    ("an Accept that no form meets", "/Patient?_count=1", "image/png"),
)

_INSTANCE = "/studies/{study}/series/{series}/instances/{instance}"
_OCTETS, _PICTURES = "application/octet-stream", "image/png, */*;q=0.1"
_DICOM = (
    Question("the first instance", "dicomweb", "/instances?limit=1", accept=_DICOM_JSON),
    Question("studies", "dicomweb", "/studies?limit=1", accept=_DICOM_JSON),
    Question("studies with a slash", "dicomweb", "/studies/?limit=1", accept=_DICOM_JSON),
    Question("studies as XML", "dicomweb", "/studies?limit=1", accept=_DICOM_XML),
    Question("studies without Accept", "dicomweb", "/studies?limit=1"),
    Question("a study that nobody has", "dicomweb", "/studies/2.25.1/metadata", accept=_DICOM_JSON),
    Question("series of no UID", "dicomweb", "/studies/urn:oid:2.25.1/series", accept=_DICOM_JSON),
    Question("an unknown key", "dicomweb", "/studies?NoSuchKey=1&limit=1", accept=_DICOM_JSON),
    Question("a bad limit", "dicomweb", "/studies?limit=many", accept=_DICOM_JSON),
    Question("HEAD", "dicomweb", "/studies?limit=1", "HEAD", row="head"),
    Question("an instance alone", "dicomweb", _INSTANCE, accept="application/dicom", row="wado-single-part"),
    Question("an instance in a ZIP", "dicomweb", _INSTANCE, accept="application/zip", row="wado-zip"),
    Question("a frame alone", "dicomweb", f"{_INSTANCE}/frames/1", accept=_OCTETS, row="frames-single-part"),
    Question("all pixels", "dicomweb", f"{_INSTANCE}/pixeldata", row="bulk-resources"),
    Question("a thumbnail", "dicomweb", f"{_INSTANCE}/thumbnail", accept="image/jpeg", row="thumbnail"),
    Question("a picture by a list", "dicomweb", f"{_INSTANCE}/rendered", accept=_PICTURES, row="rendered-accept"),
    Question("WADO-URI without an object", "wadouri", "?requestType=WADO"),
    Question("WADO-URI for nobody's object", "wadouri", "?requestType=WADO&objectUID=2.25.1"),
    Question("a picture by WADO-URI", "wadouri", "?requestType=WADO&objectUID={instance}&contentType=image/jpeg"),
    Question("the archive's own version", "vna", "/system"),
    Question("SOLE by GET", "sole", "/bulk-syslog-events"),
)

_BASIC = '{"resourceType": "Basic", "id": "{id}", "code": {"text": "{id}"}%s}'
_WRITES: tuple[tuple[str, str, str, str], ...] = (
    ("a PUT under an id of the client", "PUT", "/Basic/{id}", ""),
    ("the same PUT again", "PUT", "/Basic/{id}", ""),
    ("a POST with an id", "POST", "/Basic", ""),
    ("a POST with an unknown element", "POST", "/Basic", ', "no_such_element": 1'),
    ("a POST with a reference to nobody", "POST", "/Basic", ', "subject": {"reference": "Patient/nobody-has-this-id"}'),
    ("a DELETE", "DELETE", "/Basic/{id}", ""),
    ("a GET of what was deleted", "GET", "/Basic/{id}", ""),
)


def _fhir(service: Service) -> tuple[Question, ...]:
    release = "R4" if service == "fhir-r4" else "R5"
    return tuple(Question(f"{name}, {release}", service, path, accept=accept) for name, path, accept in _FHIR)


def _writes(service: Service) -> tuple[Question, ...]:
    release = "R4" if service == "fhir-r4" else "R5"
    return tuple(
        Question(
            f"{name}, {release}",
            service,
            path,
            method,
            accept=_FHIR_JSON,
            headers={"Content-Type": _FHIR_JSON} if method != "DELETE" else {},
            body=_BASIC % more if method in ("PUT", "POST") else "",
            answer=f"DELETE {service}" if method == "DELETE" else "",
        )
        for name, method, path, more in _WRITES
    )


QUESTIONS: tuple[Question, ...] = (*_GATEWAY, *_fhir("fhir"), *_fhir("fhir-r4"), *_DICOM)
"""Every question that only reads."""

WRITES: tuple[Question, ...] = (*_writes("fhir"), *_writes("fhir-r4"))
"""Those that write; whatever they make is removed again."""
