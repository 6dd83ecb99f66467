"""Which file of the data set is what, and whose; folders do not matter, since the set is passed on in several."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from fhantom.datasets.pieces import Piece

_UUID = r"(?P<patient>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
_BUNDLE = re.compile(rf".+_{_UUID}\.json")
_DNA = re.compile(rf".+_{_UUID}_dna\.csv")
# UUID and Study Instance UID stand without anything between them. What comes before may be written with composed or
# decomposed accents, as the program that unpacked it pleased, and is not looked at.
_IMAGE = re.compile(rf".+_{_UUID}(?P<study>[0-2](?:\.[0-9]+)+)\.dcm")

# What others refer to, in this order (the names that Synthea's exporters have had).
_SHARED = ("organizations", "hospitalInformation", "practitioners", "practitionerInformation")


@dataclass(frozen=True, slots=True)
class Image:
    """A DICOM file, by its name."""

    piece: Piece
    patient: str
    study_instance_uid: str


@dataclass(slots=True)
class Contents:
    """The files of the data set by what they are; patients are Synthea's UUIDs.

    Attributes:
        shared: bundles of organisations and practitioners, in the order of loading.
        bundles, dna: by patient.
        unnamed: DICOM files that are not named as the data set's.
        tables: CSV files by name without suffix.
        others: what belongs to none of these.
    """

    shared: list[Piece] = field(default_factory=list)
    bundles: dict[str, Piece] = field(default_factory=dict)
    images: list[Image] = field(default_factory=list)
    unnamed: list[Piece] = field(default_factory=list)
    dna: dict[str, Piece] = field(default_factory=dict)
    tables: dict[str, Piece] = field(default_factory=dict)
    others: list[Piece] = field(default_factory=list)

    def first(self, limit: int | None) -> set[str] | None:
        """The first so many patients, those with images before the rest; None for all."""
        if limit is None:
            return None
        imaged = {image.patient for image in self.images}
        known = imaged | self.bundles.keys() | self.dna.keys()
        return set(sorted(known, key=lambda patient: (patient not in imaged, patient))[:limit])


def contents_of(pieces: Iterable[Piece]) -> Contents:
    """Sort files by their names."""
    found = Contents()
    for piece in pieces:
        name = PurePosixPath(piece.name).name
        if match := _IMAGE.fullmatch(name):
            found.images.append(Image(piece, match["patient"], match["study"]))
        elif match := _DNA.fullmatch(name):
            found.dna[match["patient"]] = piece
        elif match := _BUNDLE.fullmatch(name):
            found.bundles[match["patient"]] = piece
        elif name.endswith(".json") and name.startswith(_SHARED):
            found.shared.append(piece)
        elif name.endswith(".dcm"):
            found.unnamed.append(piece)
        elif name.endswith(".csv"):
            found.tables[name.removesuffix(".csv")] = piece
        else:
            found.others.append(piece)
    found.shared.sort(key=lambda piece: _rank(PurePosixPath(piece.name).name))
    return found


def _rank(name: str) -> int:
    return next(rank for rank, beginning in enumerate(_SHARED) if name.startswith(beginning))
