"""What a synthetic world is to be like."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from random import Random

TODAY = date(2026, 6, 30)  # the last day of every history, so that the same seed means the same world


@dataclass(frozen=True, slots=True)
class Plan:
    """The size and kind of a synthetic world.

    Attributes:
        seed: another number makes other people.
        studies: imaging studies of each patient.
        instances: in each series.
        modalities: drawn from for each study.
        side: rows and columns of each image.
        has_pixels: whether there are DICOM files, or only what QIDO-RS and FHIR tell of them.
    """

    patients: int = 10
    seed: int = 1
    studies: int = 2
    instances: int = 4
    modalities: tuple[str, ...] = ("CT", "MR", "DX")
    side: int = 64
    has_pixels: bool = True

    def drawing(self, *about: object) -> Random:
        """Numbers that depend on the seed and what they are about, and on nothing drawn before."""
        return Random(":".join(map(str, (self.seed, *about))))
