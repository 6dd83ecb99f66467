"""Studies of a live DICOMweb server: what there is, its metadata, its objects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import quote

from fhantom.dicom import DicomError, records
from fhantom.dicom.records import Record
from fhantom.mirror.client import Absent, Refused, Server
from fhantom.wire import media
from fhantom.wire.multipart import Decoder, MultipartError, PartData

_JSON = "application/dicom+json"
_OBJECTS = 'multipart/related; type="application/dicom"; transfer-syntax=*'
_PAGE = 100

STUDY, SERIES, SOP = 0x0020000D, 0x0020000E, 0x00080018


class Place(NamedTuple):
    """Where an instance is: Study, Series and SOP Instance UID."""

    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str

    @property
    def path(self) -> str:
        """Of the resource (PS3.18 table 10.1-1)."""
        return f"/studies/{self[0]}/series/{self[1]}/instances/{self[2]}"


class Dicomweb:
    """The DICOMweb service at a path of a server."""

    def __init__(self, server: Server, path: str) -> None:
        self._server = server
        self._path = path.rstrip("/")

    def studies(self, pattern: str) -> Iterator[str]:
        """Study Instance UIDs of the patients whose Patient ID fits a pattern with `*` and `?`."""
        # Orthanc takes a wildcard that is percent-encoded for a plain character.
        for row in self._rows("/studies", f"PatientID={quote(pattern, safe='*?')}&"):
            yield from records.values_of(row, STUDY)[:1]

    def instances(self, study_instance_uid: str) -> Iterator[Place]:
        """The places of a study's instances."""
        for row in self._rows(f"/studies/{study_instance_uid}/instances", ""):
            uids = [*records.values_of(row, SERIES)[:1], *records.values_of(row, SOP)[:1]]
            if len(uids) == 2:
                yield Place(study_instance_uid, *uids)

    def metadata(self, study_instance_uid: str) -> list[Record]:
        """The metadata of a study's instances. Raises Refused."""
        return self._records(f"/studies/{study_instance_uid}/metadata")

    def retrieve(self, place: Place) -> bytes:
        """The bytes of an instance, in the transfer syntax in which it is stored.

        Raises:
            Absent: they are not there; of some instances a server knows the metadata only.
            Refused: something else came.
        """
        path = self._path + place.path
        answer = self._server.get(path, _OBJECTS)
        if answer.status != 200:
            refused = Absent if answer.status == 404 else Refused
            raise refused(f"{self._server.base}{path}: status {answer.status}")
        found = media.parse_media_type(answer.headers.get("content-type", ""))
        if found is None or not found.is_multipart:
            return answer.body
        decoder = Decoder(found.get("boundary"))
        try:
            body = b"".join(event.data for event in decoder.feed(answer.body) if isinstance(event, PartData))
            decoder.finish()
        except MultipartError as torn:
            raise Refused(f"{self._server.base}{path}: {torn.message}") from None
        return body

    def _rows(self, path: str, query: str) -> Iterator[Record]:
        """All rows of a search, asked for a page at a time, and by servers that give all at once given so."""
        seen: set[str] = set()
        offset = 0
        while True:
            rows = self._records(f"{path}?{query}limit={_PAGE}&offset={offset}", empty=True)
            fresh = [row for row in rows if str(row) not in seen]
            yield from fresh
            seen.update(map(str, fresh))
            if not fresh or len(rows) != _PAGE:
                return
            offset += _PAGE

    def _records(self, path: str, empty: bool = False) -> list[Record]:
        answer = self._server.get(self._path + path, _JSON)
        if answer.status == 204 and empty:
            return []
        try:
            if answer.status == 200:
                return records.parse_json(answer.body)
            said = f"status {answer.status}"
        except DicomError as error:
            said = error.message
        raise Refused(f"{self._server.base}{self._path}{path}: {said}")
