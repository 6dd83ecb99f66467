"""What Orthanc says of a patient, study, series or instance."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from mmap import ACCESS_READ, mmap
from typing import Any

from sqlalchemy import Connection

from fhantom.archive import hierarchy
from fhantom.archive.hierarchy import Entry
from fhantom.archive.query import Level
from fhantom.dicom import DicomFile, dictionary, read
from fhantom.vna import tags
from fhantom.vna.main_tags import LONGEST, MAIN_TAGS, Record, main_tags, record_at, record_of
from fhantom.vna.names import Item, Kind, Patient, kind_of, name_of
from fhantom.vna.telling import PLAIN, Telling, requested
from fhantom.world import World

_INDEXES = ("00200013", "00541330")  # InstanceNumber, ImageIndex
_STABLE_AFTER = 60  # seconds, Orthanc's default StableAge


def described(world: World, connection: Connection, item: Item, telling: Telling = PLAIN) -> dict[str, Any]:
    """The object that stands for an item, its keys as Orthanc sorts them."""
    kind = kind_of(item)
    record = record_at(world, item)
    found: dict[str, Any] = {"ID": name_of(item), "Type": kind.title}
    found["MainDicomTags"] = telling.tags(_exact(world, connection, item) or main_tags(record, kind))
    if telling.requested:
        found["RequestedTags"] = telling.tags(requested(world, connection, item, telling))
    if isinstance(item, Patient):
        found["Studies"] = [name_of(study) for study in item.studies]
        found |= _age(world, connection, item.studies)
    elif kind is Kind.STUDY:
        found["ParentPatient"] = name_of(item, Kind.PATIENT)
        found["PatientMainDicomTags"] = telling.tags(main_tags(record, Kind.PATIENT))
        found["Series"] = [name_of(one) for one in hierarchy.below(connection, Level.SERIES, item)]
        found |= _age(world, connection, [item])
    elif kind is Kind.SERIES:
        instances = list(hierarchy.below(connection, Level.INSTANCE, item))
        found["ParentStudy"] = name_of(item, Kind.STUDY)
        found["Instances"] = [name_of(one) for one in instances]
        found |= _completeness(world, record, instances) | _age(world, connection, [item])
    else:
        found["ParentSeries"] = name_of(item, Kind.SERIES)
        found["IndexInSeries"] = index_in_series(record)
        found["FileSize"] = item.size
        found["FileUuid"] = file_uuid(item)
    return dict(sorted(found.items()))


def children(connection: Connection, item: Item, kind: Kind) -> list[Item]:
    """Everything of a kind below an item."""
    if isinstance(item, Patient):
        if kind is Kind.STUDY:
            return list(item.studies)
        return [one for study in item.studies for one in hierarchy.below(connection, Level(kind), study)]
    return list(hierarchy.below(connection, Level(kind), item))


def instances_of(connection: Connection, item: Item) -> list[Entry]:
    """The instances that an item stands for."""
    if isinstance(item, Entry) and item.level is Level.INSTANCE:
        return [item]
    return [one for one in children(connection, item, Kind.INSTANCE) if isinstance(one, Entry)]


def statistics(connection: Connection, item: Item) -> dict[str, Any]:
    """How much an item holds."""
    above = item.studies if isinstance(item, Patient) else (item,)
    is_instance = isinstance(item, Entry) and item.level is Level.INSTANCE
    size = item.size if is_instance else sum(hierarchy.size_of(connection, one) for one in above)  # type: ignore[union-attr]
    counts = {
        "CountStudies": len(above),
        "CountSeries": sum(one.series for one in above),
        "CountInstances": sum(one.instances for one in above),
    }
    kind = kind_of(item)
    shown = {name: count for at, (name, count) in enumerate(counts.items(), 1) if at > kind}
    names = ("DicomDiskSize", "DicomUncompressedSize", "DiskSize", "UncompressedSize")
    return dict(sorted((shown | sizes(size, names)).items()))


def sizes(size: int, names: Iterable[str]) -> dict[str, Any]:
    """A size under some names, as text in bytes and as a number in megabytes."""
    return {key: value for name in names for key, value in ((name, str(size)), (f"{name}MB", size >> 20))}


def metadata(world: World, entry: Entry) -> dict[str, str]:
    """What Orthanc notes of an instance beside its tags."""
    record = record_at(world, entry)
    found = {
        "IndexInSeries": next((_text(record, tag) for tag in _INDEXES if tag in record), None),
        "ReceptionDate": received(world, entry),
        "RemoteAET": "",
        "Origin": "RestApi",
        "TransferSyntax": entry.transfer_syntax_uid,
        "SopClassUid": _text(record, "00080016"),
        "PixelDataOffset": _pixel_offset(entry),
    }
    return {name: str(value) for name, value in sorted(found.items()) if value is not None}


def metadata_of(world: World, connection: Connection, item: Item) -> dict[str, str]:
    """What Orthanc notes of an item of any level."""
    if isinstance(item, Entry) and item.level is Level.INSTANCE:
        return metadata(world, item)
    above = item.studies if isinstance(item, Patient) else [item]
    found = {}
    if kind_of(item) is Kind.SERIES:
        expected = _expected(record_at(world, item))
        found = {"RemoteAET": "", **({} if expected is None else {"ExpectedNumberOfInstances": str(expected)})}
    return {**found, "LastUpdate": _age(world, connection, above)["LastUpdate"]}


def received(world: World, entry: Entry) -> str:
    """When an instance came."""
    return _moment(_received(world, entry))


def file_of(world: World, instance: Entry) -> DicomFile:
    """The elements of an instance whose bytes are stored."""
    assert instance.blob is not None
    with world.blobs.open(instance.blob) as file:
        return read(mmap(file.fileno(), 0, access=ACCESS_READ))


def file_uuid(entry: Entry) -> str:
    """The name of the stored file; here it follows from its content."""
    digest = entry.blob if entry.blob is not None else entry.metadata
    return str(uuid.UUID(bytes=digest[:16], version=4))


def index_in_series(record: Record) -> int | None:
    """The number of an instance in its series, None where the object does not say."""
    for tag in _INDEXES:
        text = _text(record, tag)
        if text.lstrip("+-").isdigit():
            return int(text)
    return None


def _pixel_offset(entry: Entry) -> int | None:
    """Where the element PixelData begins, which is before its value (explicit VR with a long length, else implicit)."""
    if entry.pixel_offset is None:
        return None
    return entry.pixel_offset - (8 if entry.transfer_syntax_uid == "1.2.840.10008.1.2" else 12)


def _exact(world: World, connection: Connection, item: Item) -> dict[str, str] | None:
    """The main tags of a series or instance from its file, since DICOM JSON writes numbers anew; None without one."""
    if isinstance(item, Patient) or item.level is Level.STUDY:
        return None  # none of theirs is a number
    instance = hierarchy.first_instance(connection, item) if item.level is Level.SERIES else item
    if instance is None or instance.blob is None:
        return None
    dataset = file_of(world, instance).dataset
    found = {
        keyword: tags.text(dataset, dataset[tag]) or ""
        for keyword in MAIN_TAGS[Kind(item.level)]
        if (tag := dictionary.tag_of(keyword) or 0) in dataset
    }
    return {keyword: text for keyword, text in found.items() if len(text) <= LONGEST}


def _text(record: Record, tag: str) -> str:
    values = record.get(tag, {}).get("Value") or [""]
    return str(values[0] if values[0] is not None else "")


def _completeness(world: World, record: Record, instances: list[Entry]) -> dict[str, Any]:
    """How many instances the series says that it has, and whether they are all there."""
    expected = _expected(record)
    if expected is None:
        return {"ExpectedNumberOfInstances": None, "Status": "Unknown"}
    texts = world.texts.get_many([one.metadata for one in instances])
    indexes = (index_in_series(record_of(text)) for text in texts)
    return {"ExpectedNumberOfInstances": expected, "Status": _status(expected, indexes)}


def _status(expected: int, indexes: Iterable[int | None]) -> str:
    seen: set[int] = set()
    for index in indexes:
        if index is None:
            return "Unknown"
        if not 0 < index <= expected or index in seen:
            return "Inconsistent"
        seen.add(index)
    return "Complete" if len(seen) == expected else "Missing"


# The attributes whose product is the number of instances, the first pair that is there.
_FACTORS = (
    ("00201002", "00200105"),  # ImagesInAcquisition, NumberOfTemporalPositions
    ("00540081", "00540101"),  # NumberOfSlices, NumberOfTimeSlices
    ("00181090",),  # CardiacNumberOfImages
)


def _expected(record: Record) -> int | None:
    for factors in _FACTORS:
        texts = [_text(record, tag) for tag in factors]
        if all(text.isdigit() for text in texts):
            product = 1
            for text in texts:
                product *= int(text)
            return product
    return None


def _age(world: World, connection: Connection, above: Iterable[Entry]) -> dict[str, Any]:
    """When something was last added, and whether that is long ago."""
    newest = [one for each in above if (one := hierarchy.newest_instance(connection, each)) is not None]
    moment = max((_received(world, one) for one in newest), default=0.0)
    return {"LastUpdate": _moment(moment), "IsStable": world.clock.now().timestamp() - moment >= _STABLE_AFTER}


def _received(world: World, entry: Entry) -> float:
    """When the bytes came to this machine; now for an instance without bytes."""
    if entry.blob is None:
        return world.clock.now().timestamp()
    with world.blobs.open(entry.blob) as file:
        return os.fstat(file.fileno()).st_mtime


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%dT%H%M%S")
