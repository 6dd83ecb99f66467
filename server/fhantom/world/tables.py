"""The one SQLAlchemy registry of tables that a world's file holds; each room adds its own."""

from __future__ import annotations

import importlib

from sqlalchemy import Column, MetaData, Table, Text

metadata = MetaData()

# The modules whose import adds tables. Rooms import their own; whoever must know of all of them uses `complete`.
_HOLDERS = (
    "fhantom.archive.tables",
    "fhantom.fhir.subscriptions.tables",
    "fhantom.resources.tables",
    "fhantom.sole.tables",
    "fhantom.world.promises",
)


def complete() -> MetaData:
    """The registry with the tables of every room in it, whichever of them this process makes use of."""
    for name in _HOLDERS:
        importlib.import_module(name)
    return metadata


# What a world knows about itself.
fact = Table(
    "fact",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
