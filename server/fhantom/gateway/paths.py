"""One spelling for every path, and what kind of service a path belongs to."""

from __future__ import annotations

import re
from typing import Literal

Service = Literal["dicomweb", "fhir", "other"]

_SLASHES = re.compile("//+")

# Where clients of earlier years find the same services (hackathon-server.md 4).
ALIASES = (
    ("/dicom-web", "/dicomweb"),
    ("/fhir-overview/fhir", "/fhir"),
)

# The first segment of every path that carries data, and whose size limit counts there.
DATA_ROUTES: dict[str, Service] = {
    "dicomweb": "dicomweb",
    "wadouri": "dicomweb",
    "fhir": "fhir",
    "fhir-r4": "fhir",
    "sole": "other",
    "vna": "other",
}


def canonical(path: str) -> str:
    """`path` with single slashes and none at its end: clients write `/dicomweb/studies/?PatientID=1`.

    Segments of dots lead where they say (RFC 3986 5.2.4), as with the servers that stand behind the real gateway.
    """
    if "//" in path:
        path = _SLASHES.sub("/", path)
    if "/." in path:
        path = _without_dots(path)
    if path.endswith("/"):
        path = path[:-1]
    return path or "/"


def _without_dots(path: str) -> str:
    kept: list[str] = []
    for segment in path.split("/")[1:]:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    return "/" + "/".join(kept)


def resolve_alias(path: str) -> str:
    """The present path of a canonical path that begins with an alias."""
    for alias, target in ALIASES:
        if path.startswith(alias) and path[len(alias) : len(alias) + 1] in ("", "/"):
            return target + path[len(alias) :]
    return path


def first_segment(path: str) -> str:
    """`fhir` of `/fhir/Patient/1`."""
    end = path.find("/", 1)
    return path[1:] if end < 0 else path[1:end]
