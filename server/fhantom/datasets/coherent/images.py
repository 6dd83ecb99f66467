"""The brain MR of the data set: headers put right on the way in, and the ImagingStudies told that they are there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from fhantom import dicom
from fhantom.archive import retrieve
from fhantom.bridge import linking
from fhantom.bridge.body_sites import BODY_PARTS
from fhantom.bridge.converting import convert
from fhantom.bridge.mapping import Resource
from fhantom.datasets.coherent.layout import Image
from fhantom.datasets.dicom_files import store
from fhantom.datasets.job import Job
from fhantom.datasets.keeping import put
from fhantom.datasets.pieces import Piece, Unfit
from fhantom.datasets.studies import Telling, describe_stored
from fhantom.definitions import Version
from fhantom.definitions.jsontext import read_json
from fhantom.dicom.editing import edit
from fhantom.dicom.uids import derived_uid
from fhantom.world import World

# A study that no bundle tells of gets its Patient by the UUID that is its Patient ID now.
TELLING = Telling(keeps_patients=True)

_BODY_PARTS = {code: part for part, (code, _) in BODY_PARTS.items()}
_PATIENT_NAME, _PATIENT_ID = 0x00100010, 0x00100020
_PLACEHOLDERS = ("00080070", "00081030", "0008103E")  # Manufacturer and descriptions say UNKNOWN


def store_images(job: Job, images: Iterable[Image], unnamed: Iterable[Piece], versions: Sequence[Version]) -> None:
    """Store the images, with headers as FHIR has them unless the user wants them as they are.

    Args:
        unnamed: images whose names do not tell whose they are; they are stored as they are.
    """
    keeps_headers = job.option("keep_original_headers")
    pieces = [image.piece if keeps_headers else image.piece.noted(_note(job.world, image)) for image in images]
    store(job, [*pieces, *unnamed], prepare)
    describe_stored(job, TELLING, versions)


def _note(world: World, image: Image) -> str:
    """What the header is to say, by the ImagingStudy with the UID that the file's name has."""
    told = _in_r4(world, image.study_instance_uid) or {}
    series = (told.get("series") or [{}])[0]
    instance = (series.get("instance") or [{}])[0]
    procedure = (told.get("procedureCode") or [{}])[0]
    site = series.get("bodySite", {})
    return json.dumps(
        {
            "patient": image.patient,
            "study": image.study_instance_uid,
            # The template's own UIDs may be the same in every file, so that archives would keep only one.
            "series": series.get("uid") or derived_uid("coherent", image.study_instance_uid, "series"),
            "instance": instance.get("uid") or derived_uid("coherent", image.study_instance_uid, "instance"),
            "modality": series.get("modality", {}).get("code") or "MR",
            "description": procedure.get("text", ""),
            "series_description": instance.get("title", ""),
            "body_part": _BODY_PARTS.get(site.get("code", ""), ""),
        }
    )


def prepare(piece: Piece, content: bytes) -> bytes:
    """The file with the header that its note asks for, as it is without one. Raises Unfit."""
    if not piece.note:
        return content
    try:
        file = dicom.read(content)
        return edit(file, dict(_changes(json.loads(piece.note), file.dataset)))
    except dicom.DicomError as error:
        raise Unfit(error.message) from None


def _changes(told: dict[str, str], header: dicom.Dataset) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "0008001C", _value("CS", "YES")  # SyntheticData, PS3.3 C.12.1
    yield "00080018", _value("UI", told["instance"])
    yield "00080060", _value("CS", told["modality"])  # the template says OT
    yield "0020000D", _value("UI", told["study"])
    yield "0020000E", _value("UI", told["series"])
    yield "00100020", _value("LO", told["patient"])
    yield "00101000", _value("LO", header.text(_PATIENT_ID))  # OtherPatientIDs: the template's SUBJECTnnnnn
    yield "00100010", {"vr": "PN", "Value": [{"Alphabetic": _person_name(header.text(_PATIENT_NAME))}]}
    for tag in _PLACEHOLDERS:
        if header.text(int(tag, 16)) in ("UNKNOWN", ""):
            yield tag, {"vr": "LO"}
    if told["description"]:
        yield "00081030", _value("LO", told["description"][:64])
    if told["series_description"]:
        yield "0008103E", _value("LO", told["series_description"][:64])
    if told["body_part"]:
        yield "00180015", _value("CS", told["body_part"])


def _value(vr: str, text: str) -> dict[str, Any]:
    return {"vr": vr, "Value": [text]} if text else {"vr": vr}


def _person_name(text: str) -> str:
    """`Frami345^Abe604` of `Abe604 Frami345` (PS3.5 6.2.1: family name first)."""
    given, _, family = text.rpartition(" ")
    return text if "^" in text or not given else f"{family}^{given}"


def link(job: Job, images: Iterable[Image], versions: Sequence[Version]) -> None:
    """Make the ImagingStudies of stored images available, with an Endpoint and the SOP Class that the file has."""
    for image in images:
        with job.world.reading() as connection:
            rows = retrieve.instances_of(connection, image.study_instance_uid)
        if not rows:
            continue
        sop_classes = {row.sop_instance_uid: row.sop_class_uid for row in rows}
        for version in versions:
            told = _imaging_study(job.world, version, image.study_instance_uid)
            if told is not None:
                _link(job, version, told, sop_classes)


def _link(job: Job, version: Version, study: Resource, sop_classes: dict[str, str]) -> None:
    wanted: list[Resource] = []
    with job.world.reading() as connection:
        endpoint = linking.endpoint_of(connection, version, wanted)
    study["status"] = "available"
    study["endpoint"] = [{"reference": endpoint}]
    for series in study.get("series", ()):
        for instance in series.get("instance", ()):
            if found := sop_classes.get(instance.get("uid", "")):
                instance["sopClass"] = {"system": "urn:ietf:rfc:3986", "code": f"urn:oid:{found}"}
    put(job, version, [*wanted, study])


def _in_r4(world: World, study_instance_uid: str) -> Resource | None:
    told = _imaging_study(world, "R4", study_instance_uid)
    if told is None and (newer := _imaging_study(world, "R5", study_instance_uid)) is not None:
        return convert("R5", newer)
    return told


def _imaging_study(world: World, version: Version, study_instance_uid: str) -> Resource | None:
    with world.reading() as connection:
        found = linking.imaging_study_of(world, connection, version, study_instance_uid)
    if found is None or found.digest is None:
        return None
    return {**read_json(world.texts.get(found.digest)), "id": found.id}
