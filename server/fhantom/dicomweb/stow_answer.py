"""What became of the parts of a STOW request, as the Store Instances Response Module (PS3.18 10.5.3, annex I)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from fhantom.archive.ingest import Accepted, Outcome, Reason, Refusal
from fhantom.dicom import native_xml
from fhantom.dicomweb.addresses import retrieve_url
from fhantom.wire import media

JSON = "application/dicom+json"
XML = "application/dicom+xml"
_XML_NAMES = (XML, "application/xml", "text/xml")

# Which of a request's refusals decides its status; a part that cannot be read weighs more than one in the wrong place.
_CONFLICTS = (Reason.PROCESSING_FAILURE, Reason.DUPLICATE_SOP_INSTANCE)


@dataclass(slots=True)
class Report:
    """What became of each part, in their order.

    Attributes:
        warnings: for the Warning header: what the module has no place for.
        malformed: the body ended or went wrong before its last part was complete.
    """

    stored: list[Accepted] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    malformed: bool = False

    def add(self, accepted: Accepted, outcome: Outcome) -> None:
        """Note what became of an object that could be read."""
        if outcome is Outcome.REFUSED:
            text = f"{accepted.sop_instance_uid} is stored already"
            self.refuse(Refusal(Reason.DUPLICATE_SOP_INSTANCE, text, accepted.sop_class_uid, accepted.sop_instance_uid))
            return
        if outcome is Outcome.KEPT_OLD:
            self.warnings.append(f"{accepted.sop_instance_uid} is stored with other content, which was kept")
        self.stored.append(accepted)

    def refuse(self, refusal: Refusal) -> None:
        """Note a part that was not stored."""
        self.refused.append(refusal)
        self.warnings.append(refusal.message)

    @property
    def status(self) -> int:
        """200 if all went well, 409 for conflicts alone, else 400 (as Orthanc; PS3.18 10.5.3.2 has 202 for some)."""
        if self.malformed or any(refusal.reason not in _CONFLICTS for refusal in self.refused):
            return 400
        return 409 if self.refused else 200


def choose(accept: str) -> str:
    """XML for a client that takes nothing but XML in one piece, else JSON."""
    accepted = media.parse_accept(accept)
    if any(one.media.includes(name) for one in accepted for name in (JSON, "application/json")):
        return JSON
    return XML if any(one.media.name in _XML_NAMES and not one.multipart for one in accepted) else JSON


def encode(report: Report, form: str, service: str, *, strict: bool = False) -> bytes:
    """The module in that form.

    Args:
        service: the URL that RetrieveURLs begin with.
        strict: with the character set and the empty sequences that the real server sends.
    """
    module: dict[str, Any] = {"00080005": {"vr": "CS", "Value": ["ISO_IR 100" if strict else "ISO_IR 192"]}}
    if report.stored:
        url = retrieve_url(service, report.stored[0].study_instance_uid)
        module["00081190"] = {"vr": "UR", "Value": [url]}
    # An empty FailedSOPSequence is left out of a success only, as newer versions of Orthanc do.
    failed = [_failed(refusal) for refusal in report.refused if refusal.sop_instance_uid]
    if strict or report.status != 200:
        module["00081198"] = _sequence(failed)
    module["00081199"] = _sequence([_referenced(accepted, service) for accepted in report.stored])
    if form == XML:
        return native_xml.encode(module)
    return json.dumps(module, separators=(",", ":")).encode()


def _sequence(items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"vr": "SQ", "Value": items} if items else {"vr": "SQ"}


def _referenced(accepted: Accepted, service: str) -> dict[str, Any]:
    url = retrieve_url(service, accepted.study_instance_uid, accepted.series_instance_uid, accepted.sop_instance_uid)
    return {
        "00081150": {"vr": "UI", "Value": [accepted.sop_class_uid]},
        "00081155": {"vr": "UI", "Value": [accepted.sop_instance_uid]},
        "00081190": {"vr": "UR", "Value": [url]},
    }


def _failed(refusal: Refusal) -> dict[str, Any]:
    item: dict[str, Any] = {
        "00081155": {"vr": "UI", "Value": [refusal.sop_instance_uid]},
        "00081197": {"vr": "US", "Value": [int(refusal.reason)]},
    }
    if refusal.sop_class_uid:
        item = {"00081150": {"vr": "UI", "Value": [refusal.sop_class_uid]}, **item}
    return item
