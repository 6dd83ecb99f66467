"""The one way in for DICOM: STOW, seeds and loaders all end here.

    accepted = accept(buffer)              read once, checked; or a Refusal
    outcomes = keep(world, [Incoming(accepted, writer), ...])

`keep` makes bytes durable, then DICOM JSON, then all rows in one transaction, so that a row never names what is
not there, and an object that was acknowledged is never lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Literal

from fhantom.archive.accepting import Accepted, Reason, Refusal, accept, accept_record
from fhantom.archive.storing import Rows
from fhantom.world import World
from fhantom.world.blobs import BlobWriter

__all__ = ["Accepted", "Duplicates", "Incoming", "Outcome", "Reason", "Refusal", "accept", "accept_record", "keep"]

Duplicates = Literal["keep", "overwrite", "refuse"]


class Outcome(Enum):
    """What became of an object that was accepted."""

    STORED = auto()
    """It is new."""
    REPEATED = auto()
    """The same bytes were there already."""
    KEPT_OLD = auto()
    """Other bytes are there under its UIDs, and stay."""
    REPLACED = auto()
    """It took the place of other bytes."""
    REFUSED = auto()
    """Something is there under its UIDs, and duplicates are refused."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """An accepted object and its bytes: as they were received, at hand, or none."""

    accepted: Accepted
    content: BlobWriter | bytes | None = None


def keep(world: World, incoming: Sequence[Incoming], duplicates: Duplicates = "keep") -> list[Outcome]:
    """Store the objects; all that is new among them is durable and visible at once when this returns.

    The same object twice is stored once. A writer whose bytes are not needed is left for the caller to discard.

    Raises:
        StorageFull: there is no room; nothing of these objects is kept.
    """
    ...
