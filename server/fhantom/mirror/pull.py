"""One pull: resources, then studies, then the manifest, each kept as soon as it is whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fhantom.datasets.folder import manifest
from fhantom.datasets.folder.manifest import Manifest
from fhantom.datasets.folder.writing import METADATA, FolderWriter, fhir_path
from fhantom.datasets.keeping import VERSIONS, kind_of
from fhantom.definitions import Version
from fhantom.definitions.jsontext import dump_json
from fhantom.loading.report import Fate, Progress, Report
from fhantom.mirror.client import Refused, Server
from fhantom.mirror.disguise import Disguise
from fhantom.mirror.disguised_fhir import FhirDisguise
from fhantom.mirror.fhir import Fhir, references, studies_of
from fhantom.mirror.studies import KEPT, Studies
from fhantom.mirror.unfinished import Unfinished
from fhantom.world.provenance import Licence, LoadedDataset

Json = dict[str, Any]

_REST = "what patients refer to"
_PIXELS = "pixels were not looked at: what is burned into them is still there"
_PSEUDONYMS = "names, ids, dates and UIDs are pseudonyms; narratives, notes and attachments were left out"
_PEOPLE = "it may tell of people who exist"


@dataclass(frozen=True, slots=True)
class Order:
    """What to copy.

    Attributes:
        patient: a pattern with `*` and `?` of Patient id, identifier or name, and of DICOM's Patient ID.
        studies: Study Instance UIDs, besides those of the patients.
        fhir: paths of FHIR services; one that is not there is passed over.
        dicomweb: the path of the DICOMweb service, empty for none.
        has_pixels: whether objects are copied, or only their metadata.
        has_pseudonyms: whether people are to be unrecognisable but for the pixels.
    """

    url: str
    patient: str = ""
    studies: tuple[str, ...] = ()
    fhir: tuple[str, ...] = ("/fhir", "/fhir-r4")
    dicomweb: str = "/dicomweb"
    has_pixels: bool = True
    has_pseudonyms: bool = False


def pull(order: Order, server: Server, folder: Path, progress: Progress = lambda kind, done, of: None) -> Report:
    """Copy into a folder, which becomes a seed folder; one that an interrupted pull has left goes on where it was.

    Raises:
        Unusable: the folder holds something else.
        Unreachable: the server stopped answering; what is there stays, and the same order goes on.
    """
    unfinished = Unfinished(folder, asdict(order))
    report = Report()
    disguise = Disguise(unfinished.secret) if order.has_pseudonyms else None
    studies = set(order.studies)
    releases: set[Version] = set()
    for path in order.fhir if order.patient else ():
        fhir = Fhir.at(server, path)
        if fhir is None or fhir.release in releases:
            report.remark(path, "there is no FHIR R4 or R5 that was not copied already")
            continue
        releases.add(fhir.release)
        studies |= _Resources(fhir, unfinished, report, disguise, progress).pull(order.patient)
    writer = FolderWriter(folder)
    if order.dicomweb:
        copying = Studies(server, order.dicomweb, writer, unfinished, report, disguise, progress)
        copying.pull(order.patient, studies, order.has_pixels)
    _finish(order, server, writer, unfinished, report)
    return report


def _finish(order: Order, server: Server, writer: FolderWriter, unfinished: Unfinished, report: Report) -> None:
    for version in VERSIONS:
        for resource_type, text in _each_once(unfinished.all(version)):
            writer.line(fhir_path(version, resource_type), version, text.encode())
    for kept in unfinished.all(KEPT):
        for line in kept["lines"]:
            writer.line(METADATA, "metadata", line.encode())
    writer.finish()
    remarks = [_PSEUDONYMS, _PIXELS] if order.has_pseudonyms else [_PEOPLE]
    for remark in remarks:
        report.remark(manifest.NAME, remark)
    made_at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    told = Manifest(
        made_at,
        server.base,
        writer.files,
        has_people=not order.has_pseudonyms,
        remarks=remarks,
        datasets=[_dataset(server.base, made_at, report)],
    )
    manifest.write(writer.folder, told)
    unfinished.end()


def _dataset(base: str, made_at: str, report: Report) -> LoadedDataset:
    """What a world will say of this copy; a server does not tell the terms of what it holds."""
    licence = Licence("unknown", base, f"whoever {base} names")
    counts = {kind: report.total(kind) for kind, fate in report.counts if fate is Fate.STORED}
    return LoadedDataset("pulled", f"Copied from {base}", base, made_at, (licence,), counts)


def _each_once(kept: Iterable[Json]) -> Iterator[tuple[str, str]]:
    """Types and texts of all resources; patients share what they refer to."""
    seen = set()
    for one in kept:
        for resource_type, id, text in one["resources"]:
            if (resource_type, id) not in seen:
                seen.add((resource_type, id))
                yield resource_type, text


class _Resources:
    """The resources of one FHIR service."""

    def __init__(
        self, fhir: Fhir, unfinished: Unfinished, report: Report, disguise: Disguise | None, progress: Progress
    ) -> None:
        self._fhir = fhir
        self._kind = kind_of(fhir.release)
        self._unfinished = unfinished
        self._report = report
        self._disguise = FhirDisguise(fhir.release, disguise) if disguise else None
        self._progress = progress

    def pull(self, pattern: str) -> set[str]:
        """Copy the patients that fit and all that belongs to them; the Study Instance UIDs that they name."""
        patients = [patient["id"] for patient in self._fhir.patients(pattern)]
        if not patients:
            self._report.remark(self._kind, f"no patient fits {pattern}")
        for done, patient_id in enumerate(patients, start=1):
            self._pull_patient(patient_id)
            self._progress(self._kind, done, len(patients))
        self._pull_rest()
        return {study for kept in self._unfinished.all(self._fhir.release) for study in kept["studies"]}

    def _pull_patient(self, patient_id: str) -> None:
        kept = self._unfinished.get(self._fhir.release, patient_id)
        if kept is not None:
            self._count(kept, Fate.UNCHANGED)
            return
        try:
            resources = list(self._fhir.everything(patient_id))
        except Refused as reason:
            self._report.note(self._kind, Fate.REFUSED, f"Patient/{patient_id}", str(reason))
            return
        self._keep(patient_id, resources)

    def _pull_rest(self) -> None:
        """What the patients' resources refer to and what that refers to, other patients left out."""
        kept = list(self._unfinished.all(self._fhir.release))
        known = {name for one in kept for name in one["names"]}
        wanted = {name for one in kept for name in one["references"]} - known
        found: list[Json] = []
        while wanted:
            name = min(wanted)
            wanted.discard(name)
            known.add(name)
            resource = None if name.startswith("Patient/") else self._fhir.read(name)
            if resource is not None:
                found.append(resource)
                wanted |= set(references(resource)) - known
        if found:
            self._keep(_REST, found)

    def _keep(self, name: str, resources: list[Json]) -> None:
        disguised = [self._disguise.resource(one) for one in resources] if self._disguise else resources
        kept = {
            # As texts, since their decimals are to stay as they are, digit for digit.
            "resources": [_text(one) for one in disguised if one is not None],
            "left_out": sum(one is None for one in disguised),
            "names": [f"{one['resourceType']}/{one.get('id', '')}" for one in resources],
            "references": sorted({found for one in resources for found in references(one)}),
            "studies": list(studies_of(resources)),
        }
        self._unfinished.put(self._fhir.release, name, kept)
        self._count(kept, Fate.STORED)

    def _count(self, kept: Json, fate: Fate) -> None:
        for _ in kept["resources"]:
            self._report.note(self._kind, fate)
        for _ in range(kept["left_out"]):
            self._report.note(self._kind, Fate.SKIPPED)


def _text(resource: Json) -> tuple[str, str, str]:
    return resource["resourceType"], resource["id"], dump_json(resource, pretty=False).decode()
