"""Patients of a live FHIR server, all that belongs to them, and what that refers to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import quote, urlsplit

from fhantom.definitions import Version, load
from fhantom.definitions.jsontext import read_json
from fhantom.definitions.refusal import ParseRefusal
from fhantom.mirror.client import Answer, Refused, Server

Json = dict[str, Any]

_ACCEPT = "application/fhir+json"
_PAGE = 50
_REFERENCE = re.compile(r"(?:.*/)?([A-Z][A-Za-z]+)/([A-Za-z0-9.\-]{1,64})(?:/_history/[A-Za-z0-9.\-]+)?")
_RELEASES: dict[str, Version] = {"5": "R5", "4": "R4"}


class Fhir:
    """The FHIR service at a path of a server, once it is known to be one of R4 or R5."""

    def __init__(self, server: Server, path: str, release: Version) -> None:
        self._server = server
        self._path = path.rstrip("/")
        self.release: Version = release

    @classmethod
    def at(cls, server: Server, path: str) -> Fhir | None:
        """The service at a path, None if there is none of a version that fhantom speaks."""
        answer = server.get(f"{path.rstrip('/')}/metadata", _ACCEPT)
        statement = _resource(answer) or {}
        release = _RELEASES.get(str(statement.get("fhirVersion", ""))[:1])
        return cls(server, path, release) if release else None

    def patients(self, pattern: str) -> Iterator[Json]:
        """The Patients of which an id, identifier or part of the name fits a pattern with `*` and `?`."""
        for patient in self._pages(f"/Patient?_count={_PAGE}"):
            if patient["resourceType"] == "Patient" and any(fits(text, pattern) for text in _names(patient)):
                yield patient

    def everything(self, patient_id: str) -> Iterator[Json]:
        """All that the server says belongs to a patient; by searches where it has no `$everything`."""
        some = False
        for resource in self._pages(f"/Patient/{quote(patient_id)}/$everything?_count={_PAGE}", lenient=True):
            some = True
            yield resource
        if not some:
            for resource_type in _with_patients(self.release):
                query = f"patient={quote(patient_id)}&_count={_PAGE}"
                yield from self._pages(f"/{resource_type}?{query}", lenient=True)

    def read(self, reference: str) -> Json | None:
        """The resource `Type/id`, None if there is none."""
        return _resource(self._server.get(f"{self._path}/{quote(reference)}", _ACCEPT))

    def _pages(self, first: str, lenient: bool = False) -> Iterator[Json]:
        path: str | None = first
        seen = set()
        while path is not None and path not in seen:
            seen.add(path)
            answer = self._server.get(self._path + path, _ACCEPT)
            bundle = _resource(answer)
            if bundle is None or bundle["resourceType"] != "Bundle":
                if lenient:
                    return
                raise Refused(f"{self._server.base}{self._path}{path}: status {answer.status}, and no Bundle")
            for entry in bundle.get("entry") or ():
                resource = entry.get("resource") if isinstance(entry, dict) else None
                if isinstance(resource, dict) and resource.get("resourceType") not in (None, "OperationOutcome"):
                    yield resource
            path = self._next(bundle)

    def _next(self, bundle: Json) -> str | None:
        """Where the next page is, below this service, whatever host the link names.

        The real server's links lead to its own inside (`http://localhost:8080/fhir?_getpages=...`), so only what
        follows the service's own path counts.
        """
        for link in bundle.get("link") or ():
            if link.get("relation") != "next" or not isinstance(link.get("url"), str):
                continue
            split = urlsplit(link["url"])
            tail = split.path.rstrip("/").rpartition(self._path.rpartition("/")[2])[2] if self._path else split.path
            tail = tail if re.fullmatch(r"(/[\w$.\-]+)+", tail) else ""
            return f"{tail}?{split.query}"
        return None


def _with_patients(release: Version) -> list[str]:
    """The resource types that can be searched by patient."""
    definitions = load(release)
    return [name for name in sorted(definitions.resource_types) if "patient" in definitions.search_parameters(name)]


def references(resource: Any) -> Iterator[str]:
    """`Type/id` of each literal reference in a resource, versions and bases left out."""
    if isinstance(resource, dict):
        text = resource.get("reference")
        if isinstance(text, str) and (found := _REFERENCE.fullmatch(text)):
            yield f"{found[1]}/{found[2]}"
        resource = list(resource.values())
    if isinstance(resource, list):
        for one in resource:
            yield from references(one)


def studies_of(resources: Iterable[Json]) -> Iterator[str]:
    """Study Instance UIDs that ImagingStudies name (FHIR ImagingStudy.identifier)."""
    for resource in resources:
        if resource["resourceType"] == "ImagingStudy":
            for identifier in resource.get("identifier") or ():
                if identifier.get("system") == "urn:dicom:uid":
                    yield str(identifier.get("value", "")).removeprefix("urn:oid:")


def fits(text: str, pattern: str) -> bool:
    """Whether a text fits a pattern, upper and lower case alike."""
    return fnmatchcase(text.casefold(), pattern.casefold().replace("[", "[[]"))


def _names(patient: Json) -> Iterator[str]:
    yield str(patient.get("id", ""))
    for identifier in patient.get("identifier") or ():
        yield str(identifier.get("value", ""))
    for name in patient.get("name") or ():
        yield str(name.get("family", ""))
        yield str(name.get("text", ""))
        yield from map(str, name.get("given") or ())


def _resource(answer: Answer) -> Json | None:
    if answer.status != 200:
        return None
    try:
        found = read_json(answer.body)
    except (ParseRefusal, json.JSONDecodeError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("resourceType"), str) else None
