"""How much of an item is told, and in which form: `?short`, `?full`, `?requestedTags=` (Orthanc Book, 1.10 to 1.12)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection
from werkzeug.datastructures import MultiDict

from fhantom.archive import hierarchy
from fhantom.archive.hierarchy import Entry
from fhantom.archive.query import Level
from fhantom.dicom import dictionary
from fhantom.vna.errors import UnknownTag
from fhantom.vna.main_tags import Record, record_at, record_of, tag_named, text_of
from fhantom.vna.names import Item, Patient
from fhantom.world import World

_MODALITY, _SOP_CLASS_UID = "00080060", "00080016"


@dataclass(frozen=True, slots=True)
class Telling:
    """What is told of each item.

    Attributes:
        form: `simplified` names tags by keyword, `short` by number, `full` with name and type.
        requested: keywords of tags that are told beside the main ones.
    """

    form: str = "simplified"
    requested: tuple[str, ...] = ()

    def tags(self, found: Mapping[str, str]) -> dict[str, Any]:
        """Texts by keyword, in the form."""
        if self.form == "simplified":
            return dict(found)
        by_tag = sorted((_comma(keyword), keyword, text) for keyword, text in found.items())
        if self.form == "short":
            return {tag: text for tag, _, text in by_tag}
        return {tag: {"Name": keyword, "Type": "String", "Value": text} for tag, keyword, text in by_tag}


PLAIN = Telling()


def of_query(args: MultiDict[str, str]) -> Telling:
    """What the parameters of a GET ask for. Raises UnknownTag."""
    form = next((form for form in ("full", "short") if form in args), "simplified")
    names = args.get("requestedTags", args.get("requested-tags", ""))
    return Telling(form, keywords(name for name in names.split(";") if name))


def keywords(names: Iterable[str]) -> tuple[str, ...]:
    """Tags by keyword, given by keyword or number. Raises UnknownTag."""
    return tuple(_keyword(name.strip()) for name in names)


def requested(world: World, connection: Connection, item: Item, telling: Telling) -> dict[str, str]:
    """The tags that are asked for and there, as the item's first instance has them or as they are counted."""
    record = record_at(world, item)
    found = {}
    for keyword in telling.requested:
        count = _COUNTED.get(keyword)
        tag = dictionary.format_tag(dictionary.tag_of(keyword) or 0)
        if count is not None:
            found[keyword] = count(world, connection, item)
        elif tag in record:
            found[keyword] = text_of(record[tag])
    return found


def _keyword(name: str) -> str:
    tag = tag_named(name)
    keyword = "" if tag is None else dictionary.keyword_of(tag)
    if dictionary.tag_of(keyword) is None:  # of a repeating group the keyword names no one tag
        raise UnknownTag(f"Unknown DICOM tag: {name[:64]}")
    return keyword


def _comma(keyword: str) -> str:
    tag = dictionary.tag_of(keyword) or 0
    return f"{tag >> 16:04x},{tag & 0xFFFF:04x}"


def _studies(connection: Connection, item: Item) -> tuple[Entry, ...]:
    """The study that an item is of; of a patient all."""
    if isinstance(item, Patient):
        return item.studies
    study = hierarchy.entry(connection, Level.STUDY, item.study_id)
    return () if study is None else (study,)


def _values(level: Level, tag: str, world: World, connection: Connection, item: Item) -> str:
    """The different values of an attribute in what is below a study."""
    below = (one for study in _studies(connection, item) for one in hierarchy.below(connection, level, study))
    records: Iterable[Record] = (record_of(text) for text in world.texts.get_many([one.metadata for one in below]))
    return "\\".join(sorted({text for record in records if (text := text_of(record.get(tag, {})))}))


def _in_series(world: World, connection: Connection, item: Item) -> str:
    series = None if isinstance(item, Patient) else hierarchy.entry(connection, Level.SERIES, item.series_id)
    return str(series.instances) if series else ""


def _in_studies(count: Callable[[Entry], int]) -> Callable[[World, Connection, Item], str]:
    return lambda world, connection, item: str(sum(count(study) for study in _studies(connection, item)))


def _of_patient(count: Callable[[Entry], int]) -> Callable[[World, Connection, Item], str]:
    def counted(world: World, connection: Connection, item: Item) -> str:
        return str(sum(map(count, hierarchy.studies_of(connection, item.patient_id))))

    return counted


# What no object holds and is counted (PS3.4 C.3.4; the list of Orthanc 1.11 and newer).
_COUNTED: dict[str, Callable[[World, Connection, Item], str]] = {
    "InstanceAvailability": lambda world, connection, item: "ONLINE",
    "ModalitiesInStudy": lambda *where: _values(Level.SERIES, _MODALITY, *where),
    "SOPClassesInStudy": lambda *where: _values(Level.INSTANCE, _SOP_CLASS_UID, *where),
    "NumberOfSeriesRelatedInstances": _in_series,
    "NumberOfStudyRelatedSeries": _in_studies(lambda study: study.series),
    "NumberOfStudyRelatedInstances": _in_studies(lambda study: study.instances),
    "NumberOfPatientRelatedStudies": _of_patient(lambda study: 1),
    "NumberOfPatientRelatedSeries": _of_patient(lambda study: study.series),
    "NumberOfPatientRelatedInstances": _of_patient(lambda study: study.instances),
}
