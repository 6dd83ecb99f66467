"""What is wrong with the data set's resources, mended; what R5 has instead; and where all of it is from.

The faults are those that public loaders of the set work round. `bulk.load` runs these functions in other processes.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable
from typing import Any

from fhantom.bridge.converting import convert
from fhantom.bridge.mapping import DCM, UID_SYSTEM
from fhantom.datasets.catalogue import dataset_named
from fhantom.datasets.job import licence_of
from fhantom.datasets.labels import labelled
from fhantom.definitions import Version
from fhantom.definitions.jsontext import DecimalText

Json = dict[str, Any]
Mend = Callable[[Json], Iterable[Json]]

_DATASET = dataset_named("coherent")
_LABELS = labelled({}, _DATASET, licence_of(_DATASET))["meta"]
_IN_R5 = {"Media": "DocumentReference"}
_CLAIMS = ("Claim", "ExplanationOfBenefit")
_FILE = re.compile(
    r"\./output/(dicom|dna)/(\S+?)(?P<patient>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(\S*?\.(?:dcm|csv))"
)


def to_r4(resource: Json) -> Iterable[Json]:
    """The resource as it should have been, labelled."""
    mend = _MENDS.get(resource["resourceType"])
    if mend is not None:
        mend(resource)
    meta = resource.setdefault("meta", {})
    meta["tag"] = [*meta.get("tag", ()), *_LABELS["tag"]]
    meta.setdefault("source", _LABELS["source"])
    return (resource,)


def to_r5(resource: Json) -> Iterable[Json]:
    """The same as R5 has it; R5's DocumentReference has taken Media's place."""
    for mended in to_r4(resource):
        if mended["resourceType"] == "Media":
            mended = _document_of_media(mended)
        if mended["resourceType"] == "Provenance":
            for target in mended.get("target", ()):
                kind, _, id = target.get("reference", "").partition("/")
                target["reference"] = f"{_IN_R5.get(kind, kind)}/{id}"
        converted = convert("R4", mended)
        return () if converted is None else (converted,)
    return ()


def to_r4_without_claims(resource: Json) -> Iterable[Json]:
    """The same without what was billed, which is about a quarter of all."""
    return () if resource["resourceType"] in _CLAIMS else to_r4(resource)


def to_r5_without_claims(resource: Json) -> Iterable[Json]:
    """The same as R5 has it."""
    return () if resource["resourceType"] in _CLAIMS else to_r5(resource)


MENDS: dict[tuple[Version, bool], Mend] = {
    ("R4", True): to_r4,
    ("R5", True): to_r5,
    ("R4", False): to_r4_without_claims,
    ("R5", False): to_r5_without_claims,
}
"""By version and whether claims are wanted."""


def _mend_location(location: Json) -> None:
    # organizations.json: a list where one address may stand, and texts where numbers must
    if isinstance(location.get("address"), list):
        location["address"] = location["address"][0] if location["address"] else {}
    position = location.get("position", {})
    for name in ("latitude", "longitude"):
        if isinstance(position.get(name), str):
            position[name] = DecimalText(position[name])


def _mend_benefit(benefit: Json) -> None:
    # "completed" is none of the four codes (FHIR R4 ExplanationOfBenefit.status)
    if benefit.get("status") == "completed":
        benefit["status"] = "active"


def _mend_observation(observation: Json) -> None:
    # genetic findings have none, which is required (FHIR R4 Observation.status)
    observation.setdefault("status", "final")


def _mend_study(study: Json) -> None:
    # The UID is under another system than FHIR's (ImagingStudy.identifier), sopClass lacks urn:oid:, modality may name
    # the page of CID 29. Only 298 of 3,752 studies have images: `images.link` makes those available again.
    identifiers = study.setdefault("identifier", [])
    uids = [one["value"] for one in identifiers if str(one.get("value", "")).startswith("urn:oid:")]
    if uids and not any(one.get("system") == UID_SYSTEM for one in identifiers):
        identifiers.append({"system": UID_SYSTEM, "value": uids[0]})
    study["status"] = "registered"
    for series in study.get("series", ()):
        _mend_modality(series)
        for instance in series.get("instance", ()):
            code = instance.get("sopClass", {}).get("code", "")
            if code and not code.startswith("urn:"):
                instance["sopClass"]["code"] = f"urn:oid:{code}"
    modalities = {series["modality"]["code"] for series in study.get("series", ()) if "modality" in series}
    study.setdefault("modality", [{"system": DCM, "code": code} for code in sorted(modalities)])


def _mend_modality(series: Json) -> None:
    if "modality" in series:
        series["modality"]["system"] = DCM


def _mend_note(note: Json) -> None:
    # Notes say in plain text where a file lies on the disk of those who made the set.
    attachments = [content["attachment"] for content in note.get("content", ()) if "attachment" in content]
    for attachment in attachments:
        for title, kind, url in _files_of(attachment.get("data", "")):
            note["content"].append({"attachment": {"contentType": kind, "url": url, "title": title}})


def _files_of(data: str) -> Iterable[tuple[str, str, str]]:
    """Name, media type and place here of the files that a note speaks of."""
    try:
        text = base64.b64decode(data).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return
    for found in _FILE.finditer(text):
        title = found[2] + found["patient"] + found[4]
        if found[1] == "dicom":
            yield title, "application/dicom", f"/dicomweb/studies/{found[4].removesuffix('.dcm')}"
        else:
            yield title, "text/csv", f"Binary/{dna_id(found['patient'])}"


def dna_id(patient: str) -> str:
    """The id of what a patient's genetic panel is kept as."""
    return f"dna-{patient}"


def _document_of_media(media: Json) -> Json:
    """A picture in the chart, such as an ECG, as R4's DocumentReference; R5 has no Media."""
    document: Json = {name: media[name] for name in ("id", "meta", "identifier", "subject") if name in media}
    if "encounter" in media:
        document["context"] = {"encounter": [media["encounter"]]}
    if date := media.get("issued") or media.get("createdDateTime"):
        document["date"] = date
    reason = media.get("reasonCode") or [{"text": "Picture"}]
    return {
        "resourceType": "DocumentReference",
        **document,
        "status": "current",
        "type": reason[0],
        "content": [{"attachment": media.get("content", {})}],
    }


_MENDS: dict[str, Callable[[Json], None]] = {
    "DocumentReference": _mend_note,
    "ExplanationOfBenefit": _mend_benefit,
    "ImagingStudy": _mend_study,
    "Location": _mend_location,
    "Observation": _mend_observation,
}
