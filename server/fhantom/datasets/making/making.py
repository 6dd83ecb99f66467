"""A synthetic world as a seed folder, patient after patient, in bounded memory."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from fhantom.bridge import mapping
from fhantom.bridge.converting import convert
from fhantom.bridge.facts import study_of
from fhantom.bridge.linking import ADDRESS, SEED_ENDPOINT
from fhantom.datasets.folder import manifest
from fhantom.datasets.folder.manifest import Manifest
from fhantom.datasets.folder.writing import METADATA, FolderWriter, fhir_path, record_line
from fhantom.datasets.keeping import VERSIONS, kind_of
from fhantom.datasets.making.histories import LOINC, history
from fhantom.datasets.making.people import MRN, Person, patient, person
from fhantom.datasets.making.plan import TODAY, Plan
from fhantom.datasets.making.studies import Study, file_of, studies
from fhantom.definitions import Version
from fhantom.definitions.jsontext import dump_json
from fhantom.dicom import records, syntaxes
from fhantom.loading.dicom import KIND
from fhantom.loading.report import Progress
from fhantom.world.provenance import Licence, LoadedDataset

CC0 = Licence("CC0 1.0", "https://creativecommons.org/publicdomain/zero/1.0/", "nobody: it was made by a program")
_ENDPOINT = f"Endpoint/{SEED_ENDPOINT}"

Resource = dict[str, Any]


def make(plan: Plan, folder: Path, progress: Progress = lambda kind, done, of: None) -> Manifest:
    """Write a synthetic world into an empty folder: the same bytes for the same plan.

    Raises:
        OSError: the folder cannot be written to.
    """
    writer = FolderWriter(folder)
    for version in VERSIONS:
        _write(writer, version, mapping.endpoint(version, SEED_ENDPOINT, ADDRESS))
    for number in range(1, plan.patients + 1):
        one = person(plan, number)
        _write_history(writer, plan, one)
        for study in studies(plan, one):
            _write_study(writer, plan, one, study)
        progress("patients", number, plan.patients)
    writer.finish()
    told = Manifest(
        made_at=f"{TODAY}T00:00:00Z",
        origin=f"{plan}",
        files=writer.files,
        remarks=["all of it was made by a program; none of these people exists"],
        datasets=[LoadedDataset("synthetic", "Synthetic world", "", f"{TODAY}T00:00:00Z", (CC0,), _counts(writer))],
    )
    manifest.write(folder, told)
    return told


def _counts(writer: FolderWriter) -> dict[str, int]:
    counts: dict[str, int] = {}
    for file in writer.files:
        release = manifest.release_of(file)
        kind = kind_of(release) if release else KIND
        counts[kind] = counts.get(kind, 0) + file.count
    return counts


def _write_history(writer: FolderWriter, plan: Plan, one: Person) -> None:
    for resource in (patient(one), *history(plan, one)):
        _write(writer, "R4", resource)
        converted = convert("R4", resource)
        if converted is not None:
            _write(writer, "R5", converted)


def _write(writer: FolderWriter, version: Version, resource: Resource) -> None:
    writer.line(fhir_path(version, resource["resourceType"]), version, dump_json(resource, pretty=False))


def _write_study(writer: FolderWriter, plan: Plan, one: Person, study: Study) -> None:
    texts = []
    for record in study.records():
        texts.append(records.encode(record))
        if plan.has_pixels:
            uids = (study.study_instance_uid, record["0020000E"]["Value"][0], record["00080018"]["Value"][0])
            writer.dicom(uids, io.BytesIO(file_of(record, plan, study)))
        else:
            line = record_line(texts[-1], syntaxes.EXPLICIT_VR_LITTLE_ENDIAN)
            writer.line(METADATA, "metadata", line)
    facts = study_of(study.study_instance_uid, texts)
    status = "available" if plan.has_pixels else "registered"
    for version in VERSIONS:
        imaging_study = mapping.imaging_study(version, facts, f"Patient/{one.id}", _ENDPOINT, status)
        for resource in (imaging_study, _report(version, one, study, imaging_study)):
            _write(writer, version, resource)


def _report(version: Version, one: Person, study: Study, imaging_study: Resource) -> Resource:
    """The report of a study; R4 has `imagingStudy` where R5 has `study`."""
    link = {"R4": "imagingStudy", "R5": "study"}[version]
    category = {"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "RAD", "display": "Radiology"}
    code = {"system": LOINC, "code": "18748-4", "display": "Diagnostic imaging study"}
    return {
        "resourceType": "DiagnosticReport",
        "id": imaging_study["id"],
        "identifier": [{"system": MRN, "value": study.header["00080050"]["Value"][0]}],
        "status": "final",
        "category": [{"coding": [category]}],
        "code": {"coding": [code], "text": study.title},
        "subject": {"reference": f"Patient/{one.id}"},
        "effectiveDateTime": imaging_study["started"],
        link: [{"reference": f"ImagingStudy/{imaging_study['id']}"}],
        "conclusion": f"{study.title}: no finding. This report is made up.",
    }


def sample(folder: Path) -> None:
    """Write a small synthetic world, to see what a seed folder is like."""
    make(Plan(patients=3), folder)
