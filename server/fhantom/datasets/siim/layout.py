"""Which files of a clone are the present data set, whose they are, and in which FHIR version they are written."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath
from typing import Any

from fhantom.definitions import Version
from fhantom.loading.files import Resource

IMAGES = "hackathon-images"

# Paths that the repository had before its folders were called siim_<name>_<collection>, and what stands there instead.
OLD_LAYOUTS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(^|/)(BreastDx|TCGA|LIDC-IDRI|TCGA-\w+)-[^/]*/"), "an early layout by collection; see siim_*"),
    (re.compile(r"(^|/)fhir-data/"), "an early layout, fhir-data; see siim_*"),
    (re.compile(r"\.example\.json$"), "an example for writers of resources, not one of the data set"),
)

# DSTU2 types that early files have (FHIR DSTU2 resource list), gone since STU3.
OLD_TYPES = frozenset(
    ("MedicationOrder", "MedicationPrescription", "ImagingObjectSelection", "DiagnosticOrder", "Order", "Alert")
)

_PATIENT = re.compile(r"siim_([a-z]+)[_-]", re.IGNORECASE)
_IMAGES_OF = re.compile(r"([A-Za-z]+) SIIM", re.IGNORECASE)


def reason_to_skip(name: str, kind: str = "") -> str:
    """Why a file is not of the present data set, empty if it is."""
    for pattern, reason in OLD_LAYOUTS:
        if pattern.search(name):
            return reason
    return f"{kind} is a type of DSTU2" if kind in OLD_TYPES else ""


def person(name: str) -> str:
    """`andy` of a path below `siim_andy_tcga-50-5072/` or `Andy SIIM/`, empty for what all share."""
    for part in PurePosixPath(name).parts[:-1]:
        found = _PATIENT.match(part) or _IMAGES_OF.fullmatch(part)
        if found:
            return found[1].lower()
    return ""


def is_of_data_set(name: str) -> bool:
    """Whether a file lies where the repository, now or formerly, or its submodule of images has files."""
    return bool(person(name) or reason_to_skip(name) or "siim" in PurePosixPath(name).name.lower())


def first_people(names: Iterable[str], limit: int | None) -> set[str]:
    """The first so many people, in the order of their names; with None, all of them."""
    people = sorted({person(name) for name in names} - {""})
    return {"", *people[:limit]}


def _both(r5: Callable[[Any], bool], r4: Callable[[Any], bool]) -> Callable[[Any], Version | None]:
    return lambda found: "R5" if r5(found) else "R4" if r4(found) else None


_is_concept_list = _both(
    lambda found: isinstance(found, list) and isinstance(found[0], dict) and "coding" in found[0],
    lambda found: isinstance(found, list) and isinstance(found[0], dict) and "code" in found[0],
)
_is_list = _both(lambda found: isinstance(found, list), lambda found: isinstance(found, dict))
_is_concept = _both(lambda found: isinstance(found, dict), lambda found: isinstance(found, str))
_only_r4 = _both(lambda found: False, lambda found: True)
_only_r5 = _both(lambda found: True, lambda found: False)

# Elements that have another form in each version (the pages "R4 to R5" of the FHIR specification).
TELLTALES: dict[tuple[str, str], Callable[[Any], Version | None]] = {
    ("ImagingStudy", "modality"): _is_concept_list,
    ("Endpoint", "connectionType"): _is_list,
    ("Endpoint", "payload"): _only_r5,
    ("Endpoint", "payloadType"): _only_r4,
    ("AllergyIntolerance", "type"): _is_concept,
    ("Medication", "form"): _only_r4,
    ("Medication", "doseForm"): _only_r5,
    ("MedicationRequest", "medication"): _only_r5,
    ("MedicationRequest", "medicationReference"): _only_r4,
    ("MedicationRequest", "medicationCodeableConcept"): _only_r4,
    ("PractitionerRole", "telecom"): _only_r4,
    ("PractitionerRole", "contact"): _only_r5,
    ("ImagingSelection", "id"): _only_r5,
}


def release_of(resources: Iterable[Resource], root: Path) -> Version:
    """The FHIR version that most of the resources show; where none does, by the branch, else R5."""
    votes: dict[Version | None, int] = {"R5": 0, "R4": 0, None: 0}
    for resource in resources:
        content = json.loads(resource.body)
        for (kind, element), told in TELLTALES.items():
            if kind == resource.type and content.get(element):
                votes[told(content[element])] += 1
    if votes["R5"] == votes["R4"]:
        return "R4" if _branch(root) == "fhir-r4" else "R5"
    return "R5" if votes["R5"] > votes["R4"] else "R4"


def _branch(root: Path) -> str:
    try:
        return (root / ".git" / "HEAD").read_text().strip().removeprefix("ref: refs/heads/")
    except OSError:
        return ""


def lacks_images(root: Path) -> bool:
    """Whether the clone names a submodule of images that was not fetched."""
    if not (root / ".gitmodules").is_file():
        return False
    folder = root / IMAGES
    return not folder.is_dir() or not any(folder.iterdir())
