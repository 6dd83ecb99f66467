"""Studies of a day that want attention: found by DICOMweb, noted in FHIR."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import requests

PAGE = 10
PATIENCE = 5  # how often a request is sent again


@dataclass(frozen=True)
class Study:
    """What the worklist shows of a study."""

    uid: str
    patient_id: str
    description: str
    modalities: tuple[str, ...]


class Worklist:
    """Asks one server; `wait` is how it spends the seconds that the server asks for."""

    def __init__(self, session: requests.Session, base_url: str, wait: Callable[[float], None] = time.sleep) -> None:
        self.session = session
        self.base_url = base_url.rstrip("/")
        self.wait = wait

    def studies(self, date: str, modality: str | None = None) -> Iterator[Study]:
        """The studies of a day (YYYYMMDD, or a range), page by page."""
        query = {"StudyDate": date, "includefield": "StudyDescription", "limit": str(PAGE)}
        if modality:
            query["ModalitiesInStudy"] = modality
        offset = 0
        while True:
            answer = self._send("GET", "/dicomweb/studies", params={**query, "offset": str(offset)})
            found = answer.json() if answer.status_code == 200 else []
            yield from map(study_of, found)
            if len(found) < PAGE:
                return
            offset += PAGE

    def note(self, study: Study, text: str) -> str:
        """Store an Observation about a study; return its id."""
        observation = {
            "resourceType": "Observation",
            "status": "preliminary",
            "code": {"text": "triage"},
            "subject": {"identifier": {"value": study.patient_id}},
            "valueString": text,
            "note": [{"text": study.uid}],
        }
        return str(self._send("POST", "/fhir/Observation", json=observation).json()["id"])

    def _send(self, method: str, path: str, **arguments: Any) -> requests.Response:
        for attempt in range(PATIENCE):
            try:
                answer = self.session.request(method, self.base_url + path, timeout=30, **arguments)
            except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
                if method != "GET" or attempt == PATIENCE - 1:  # a write may have been done
                    raise
                self.wait(2**attempt)
                continue
            if answer.status_code not in (429, 503):
                answer.raise_for_status()
                return answer
            self.wait(float(answer.headers.get("Retry-After", 2**attempt)))
        answer.raise_for_status()
        return answer


def study_of(item: dict[str, Any]) -> Study:
    """A study of DICOM JSON; what is absent is empty."""

    def first(tag: str) -> str:
        return str(next(iter(item.get(tag, {}).get("Value", [])), ""))

    return Study(
        uid=first("0020000D"),
        patient_id=first("00100020"),
        description=first("00081030"),
        modalities=tuple(item.get("00080061", {}).get("Value", [])),
    )


def main() -> None:
    """Print the studies of the day that the command line names."""
    with requests.Session() as session:
        session.headers["apikey"] = os.environ["SIIM_API_KEY"]
        for study in Worklist(session, os.environ["SIIM_BASE_URL"]).studies(sys.argv[1]):
            print(study.uid, study.patient_id, study.description, *study.modalities, sep="\t")


if __name__ == "__main__":
    main()
