"""`python -m fhantom_seed.generate --out DIR`: make the embedded seed again, byte for byte.

Needs the extra `seed`, whose versions are pinned: other encoders write other bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import zipfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fhantom_seed import facts, fhir
from fhantom_seed.making.recipes import MAKERS
from fhantom_seed.plan import PlannedSeries, PlannedStudy, planned_studies
from fhantom_seed.reading import DATA, MANIFEST

FORMAT = 1
TOOLS = ("pydicom", "numpy", "pillow", "imagecodecs", "pyjpegls", "pylibjpeg-openjpeg", "pylibjpeg-rle")
LICENCES = (
    "FHIR resources and DICOM objects: made by fhantom, MIT. Every object is synthetic; no patient is in it.",
    "Identifiers, dates, titles and codes of the ten personas: ImagingInformatics/hackathon-dataset, MIT, "
    "(c) 2015 Society of Imaging Informatics in Medicine.",
)
# A fixed time for the members of a pack, so that the pack is the same on every run
EPOCH = (2000, 1, 1, 0, 0, 0)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _series_of(patient: str) -> Iterator[tuple[PlannedStudy, PlannedSeries]]:
    for study in planned_studies():
        if study.patient.id == patient:
            for series in study.series:
                yield study, series


def write_pack(patient: str, folder: Path) -> dict[str, Any]:
    """All DICOM objects of one patient as a zip; returns the pack's part of the manifest."""
    members: dict[str, list[Any]] = {}
    with zipfile.ZipFile(folder / f"{patient}.zip", "w") as pack:
        for study, series in _series_of(patient):
            objects = MAKERS[series.fact.recipe](study, series)
            for instance, data in zip(series.instances, objects, strict=True):
                name = f"{instance.uid}.dcm"
                info = zipfile.ZipInfo(name, EPOCH)
                info.compress_type = zipfile.ZIP_DEFLATED
                pack.writestr(info, data, compresslevel=9)
                members[name] = [len(data), _digest(data)]
    return {"bytes": sum(size for size, _ in members.values()), "members": members}


def write_fhir(folder: Path) -> dict[str, Any]:
    """Both NDJSON files; returns their part of the manifest."""
    found = {}
    for fhir_version in fhir.VERSIONS:
        text = fhir.ndjson(fhir_version)
        name = f"fhir/{fhir_version}.ndjson"
        (folder / name).write_bytes(text)
        found[fhir_version] = {"file": name, "resources": text.count(b"\n"), "sha256": _digest(text)}
    return found


def generate(out: Path, processes: int = 2) -> None:
    """Write packs, FHIR files and manifest to `out`, which is emptied first."""
    shutil.rmtree(out, ignore_errors=True)
    for part in ("fhir", "dicom"):
        (out / part).mkdir(parents=True)
    patients = [persona.id for persona in facts.personas()]
    with ProcessPoolExecutor(processes) as pool:
        packs = list(pool.map(write_pack, patients, [out / "dicom"] * len(patients)))
    manifest = {
        "format": FORMAT,
        "licences": LICENCES,
        "tools": {tool: version(tool) for tool in TOOLS},
        "fhir": write_fhir(out),
        "dicom": {
            "studies": len(planned_studies()),
            "series": sum(len(study.series) for study in planned_studies()),
            "instances": sum(len(pack["members"]) for pack in packs),
            "bytes": sum(pack["bytes"] for pack in packs),
            "packs": {f"{patient}.zip": pack for patient, pack in zip(patients, packs, strict=True)},
        },
    }
    text = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
    (out / MANIFEST).write_text(text, "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name(DATA))
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    generate(arguments.out, arguments.processes)


if __name__ == "__main__":
    main()
