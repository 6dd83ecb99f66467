"""Searches answered from the rows: conditions in SQL where there are columns, on the DICOM JSON where not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from fhantom.archive.query import Query
from fhantom.world import World


@dataclass(frozen=True, slots=True)
class Match:
    """One row of an answer; UIDs below the level of the query are empty.

    Attributes:
        attributes: DICOM JSON members (`"00100020":{...}`) in the order of their tags, without RetrieveURL and
            SpecificCharacterSet, which only a protocol knows.
    """

    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    attributes: list[str]


def search(world: World, connection: Connection, query: Query) -> Iterator[Match]:
    """The matches in a stable order: studies as they first came, below each its series, below each its instances."""
    ...


def remaining(world: World, connection: Connection, query: Query, most: int = 1000) -> int:
    """How many matches lie beyond the query's limit, counted up to `most`."""
    ...
