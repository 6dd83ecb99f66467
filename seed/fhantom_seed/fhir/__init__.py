"""The FHIR side of the seed: every resource in R5, and the same in R4 by a table of differences."""

from __future__ import annotations

import json
from collections.abc import Iterator

from fhantom_seed.fhir import clinical, imaging, r4, reports, shared
from fhantom_seed.fhir.parts import Resource

VERSIONS = ("R5", "R4")

# FHIR v3-ActReason: HTEST marks health data made up for tests
SYNTHETIC = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ActReason",
    "code": "HTEST",
    "display": "test health data",
}


def resources(version: str) -> Iterator[Resource]:
    """All resources in an order in which every reference points backwards."""
    for resource in (
        *shared.resources(),
        *clinical.resources(),
        *imaging.resources(),
        *reports.resources(),
    ):
        marked = {
            "resourceType": resource["resourceType"],
            "id": resource["id"],
            "meta": {"security": [SYNTHETIC]},
            **resource,
        }
        if version == "R5":
            yield marked
        elif resource["resourceType"] in r4.TYPES:
            yield r4.from_r5(marked)


def ndjson(version: str) -> bytes:
    """The resources of one version, one JSON text a line."""
    lines = (json.dumps(r, ensure_ascii=False, separators=(",", ":")) for r in resources(version))
    return "".join(f"{line}\n" for line in lines).encode()
