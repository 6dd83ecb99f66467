"""Which data sets a world holds, under which licences, and who is to be named."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import NamedTuple

from sqlalchemy import Connection

from fhantom.world import facts

_PREFIX = "dataset:"
_PEOPLE = "people"


class Licence(NamedTuple):
    """The terms of some of what was loaded."""

    name: str
    url: str
    attribution: str


@dataclass(frozen=True, slots=True)
class LoadedDataset:
    """A data set that was loaded into a world, whole or in part.

    Attributes:
        page: where its makers describe it.
        loaded_at: when it was last loaded, as a FHIR instant.
        licences: of what was loaded.
        counts: how many things of each kind (`FHIR`, `DICOM`) are there by that.
    """

    name: str
    title: str
    page: str
    loaded_at: str
    licences: tuple[Licence, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)


def note(connection: Connection, dataset: LoadedDataset) -> None:
    """Remember a data set; licences of an earlier load of it stay."""
    before = {licence for known in loaded(connection) if known.name == dataset.name for licence in known.licences}
    record = asdict(dataset) | {"licences": sorted(before | set(dataset.licences))}
    facts.put(connection, _PREFIX + dataset.name, json.dumps(record))


def loaded(connection: Connection) -> list[LoadedDataset]:
    """All data sets of the world, by name."""
    found = []
    for text in facts.beginning(connection, _PREFIX).values():
        record = json.loads(text)
        licences = tuple(Licence(*licence) for licence in record.pop("licences"))
        found.append(LoadedDataset(**record, licences=licences))
    return found


def note_people(connection: Connection, origin: str) -> None:
    """Remember that something from `origin` may tell of people who exist."""
    facts.put(connection, _PEOPLE, origin)


def people(connection: Connection) -> str:
    """Where content is from that may tell of people who exist; empty if there is none."""
    return facts.get(connection, _PEOPLE) or ""
