"""A clone in small: the embedded seed's resources and images, laid out as the repository and its submodule are."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import fhantom_seed.reading
from fhantom.datasets.siim.layout import IMAGES
from fhantom.dicom import read

_SHARED = ("Endpoint", "Medication", "Organization", "Practitioner")
_OLD = {"resourceType": "Patient", "id": "1499", "name": [{"family": "SIIM", "given": ["Old"]}]}
_FILES = {"ImagingStudy": "imaging_study", "DiagnosticReport": "diagnostic_report"}
_STUDY_DESCRIPTION, _SERIES_DESCRIPTION, _SERIES_NUMBER = 0x00081030, 0x0008103E, 0x00200011


def make(folder: Path) -> None:
    """Write the ten patients' FHIR R5 and images, and files of older layouts beside them."""
    seed = fhantom_seed.reading.open_seed()
    resources = [json.loads(text) for text in seed.resources("R5")]
    folders = {
        one["id"]: f"siim_{one['id'].removeprefix('siim')}_{one['identifier'][0]['value'].lower()}"
        for one in resources
        if one["resourceType"] == "Patient"
    }
    for resource in resources:
        _write(folder / _place(resource, folders), resource)
    _write(folder / "fhir-data" / "Patient" / "old.patient.json", _OLD)
    _write(folder / "patient.example.json", _OLD)
    (folder / ".gitmodules").write_text(f'[submodule "{IMAGES}"]\n\tpath = {IMAGES}\n')
    for pack in seed.packs:
        _images(folder / IMAGES, seed, pack)


def _write(path: Path, resource: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(resource, indent=2, ensure_ascii=False), encoding="utf-8")


def _place(resource: Mapping[str, Any], folders: Mapping[str, str]) -> Path:
    """Where the repository has such a resource."""
    kind, id = resource["resourceType"], resource["id"]
    if (kind in _SHARED and id.startswith("siim")) or kind == "Medication":
        return Path(kind, f"{id}.{kind.lower()}.json")
    subject = resource.get("subject") or resource.get("patient") or {}
    patient = id if kind == "Patient" else str(subject.get("reference", "")).removeprefix("Patient/")
    # Bibata's practitioners lie with her other files, all of them without a folder a type.
    parts = (folders.get(patient, folders["siimbibata"]), *(() if patient in ("siimbibata", "") else (kind,)))
    return Path(*parts, f"{_FILES.get(kind, kind.lower())}.{id}.json")


def _images(folder: Path, seed: fhantom_seed.reading.Seed, pack: str) -> None:
    """The objects of one patient as `Andy SIIM/<study> - n/<SERIES>_<number>/IM-0001-0001.dcm`."""
    person = f"{pack.removeprefix('siim').removesuffix('.zip').capitalize()} SIIM"
    studies: dict[str, int] = {}
    series: dict[str, int] = {}
    images: Counter[str] = Counter()
    for content in seed.instances(pack):
        found = read(content)
        header = found.dataset
        study = studies.setdefault(found.study_instance_uid, len(studies))
        run = series.setdefault(found.series_instance_uid, len(series) + 1)
        images[found.series_instance_uid] += 1
        names = (
            f"{_word(header.text(_STUDY_DESCRIPTION, 'Study'))} - {study}",
            f"{_word(header.text(_SERIES_DESCRIPTION, 'SERIES')).upper()}_{header.text(_SERIES_NUMBER, '0')}",
            f"IM-{run:04}-{images[found.series_instance_uid]:04}.dcm",
        )
        path = folder.joinpath(person, *names)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _word(text: str) -> str:
    return re.sub(r"[^0-9A-Za-z]+", "_", text).strip("_") or "NA"
