"""The studies of a pull: objects as files, or what is known of them as lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fhantom.datasets.folder.writing import FolderWriter, dicom_path, record_line
from fhantom.dicom import DicomError, records, syntaxes
from fhantom.dicom.records import Record
from fhantom.loading.dicom import KIND
from fhantom.loading.report import Fate, Progress, Report
from fhantom.mirror.client import Absent, Refused, Server
from fhantom.mirror.dicomweb import SOP, Dicomweb, Place
from fhantom.mirror.disguise import Disguise
from fhantom.mirror.unfinished import Unfinished

AVAILABLE_TRANSFER_SYNTAX_UID = 0x00083002
_RECORDS = "DICOM metadata"

KEPT = "metadata"
"""The kind under which `Unfinished` has the lines of each study."""


class Studies:
    """Copies studies of one DICOMweb service."""

    def __init__(
        self,
        server: Server,
        path: str,
        writer: FolderWriter,
        unfinished: Unfinished,
        report: Report,
        disguise: Disguise | None,
        progress: Progress,
    ) -> None:
        self._dicomweb = Dicomweb(server, path)
        self._writer = writer
        self._unfinished = unfinished
        self._report = report
        self._disguise = disguise
        self._progress = progress

    def pull(self, pattern: str, studies: Iterable[str], has_pixels: bool) -> None:
        """Copy the studies of the patients that fit, and these."""
        wanted = list(dict.fromkeys([*self._of_patients(pattern), *sorted(studies)]))
        for done, study_instance_uid in enumerate(wanted, start=1):
            try:
                if has_pixels:
                    self._pull_objects(study_instance_uid)
                else:
                    self._pull_metadata(study_instance_uid)
            except Refused as reason:
                self._report.note("studies", Fate.REFUSED, study_instance_uid, str(reason))
            self._progress("studies", done, len(wanted))

    def _of_patients(self, pattern: str) -> list[str]:
        if not pattern:
            return []
        try:
            return list(self._dicomweb.studies(pattern))
        except Refused as reason:
            self._report.note("studies", Fate.REFUSED, pattern, str(reason))
            return []

    def _pull_objects(self, study_instance_uid: str) -> None:
        places = list(self._dicomweb.instances(study_instance_uid))
        if not places:
            self._report.note("studies", Fate.REFUSED, study_instance_uid, "the server has no instances of it")
        absent: dict[Place, str] = {}
        for place in places:
            path = dicom_path(*(map(self._disguise.uid, place) if self._disguise else place))
            fate = Fate.UNCHANGED
            if not (self._writer.folder / path).exists():
                try:
                    self._write(path, self._retrieved(place))
                except Absent as reason:
                    absent[place] = str(reason)
                    continue
                except (Refused, DicomError) as reason:
                    self._report.note(KIND, Fate.REFUSED, place.path, str(reason))
                    continue
                fate = Fate.STORED
            self._writer.add(path, "DICOM")
            self._report.note(KIND, fate)

        if absent:
            self._pull_known(study_instance_uid, absent)

    def _pull_known(self, study_instance_uid: str, absent: Mapping[Place, str]) -> None:
        """Copy what is known of objects whose bytes the server does not have."""
        known = {records.text(record, SOP): record for record in self._dicomweb.metadata(study_instance_uid)}
        lines = []
        for place, reason in absent.items():
            if place.sop_instance_uid in known:
                lines.append(self._line(known[place.sop_instance_uid]))
                self._report.note(_RECORDS, Fate.STORED)
            else:
                self._report.note(KIND, Fate.REFUSED, place.path, reason)
        self._unfinished.put(KEPT, study_instance_uid, {"lines": lines})

    def _retrieved(self, place: Place) -> bytes:
        content = self._dicomweb.retrieve(place)
        return self._disguise.file(content) if self._disguise else content

    def _write(self, path: str, content: bytes) -> None:
        target = self._writer.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_suffix(".part")
        part.write_bytes(content)
        part.replace(target)

    def _pull_metadata(self, study_instance_uid: str) -> None:
        kept = self._unfinished.get(KEPT, study_instance_uid)
        fate = Fate.UNCHANGED
        if kept is None:
            fate = Fate.STORED
            kept = {"lines": [self._line(record) for record in self._dicomweb.metadata(study_instance_uid)]}
            self._unfinished.put(KEPT, study_instance_uid, kept)
        for _ in kept["lines"]:
            self._report.note(_RECORDS, fate)

    def _line(self, record: Record) -> str:
        syntax = records.values_of(record, AVAILABLE_TRANSFER_SYNTAX_UID)
        # References to bulk data lead to the other server, which this copy is to do without.
        here: dict[str, Any] = {tag: one for tag, one in record.items() if "BulkDataURI" not in one}
        told = self._disguise.record(here) if self._disguise else here
        return record_line(records.encode(told), next(iter(syntax), syntaxes.EXPLICIT_VR_LITTLE_ENDIAN)).decode()
