"""The facts from which the embedded seed is made: who, which study, which series, which words.

Everything here is a table (TSV, or TOML where there is prose). The generator draws and encodes what the
tables say and adds nothing of its own; `docs/seed.md` tells which rows are invented.
"""

from __future__ import annotations

import csv
import tomllib
import uuid
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://github.com/fhantom/seed")


def invented_uid(*path: object) -> str:
    """A UID of our own for something whose true UID is not known: the same path, the same UID (PS3.5 B.2)."""
    return f"2.25.{uuid.uuid5(NAMESPACE, '/'.join(map(str, path))).int}"


@dataclass(frozen=True)
class Persona:
    """One of the ten patients; `mrn_system` and `mrn` are the FHIR identifier and the DICOM PatientID."""

    id: str
    given: str
    family: str
    gender: str
    birth_date: str
    mrn: str
    mrn_system: str
    mrn_type: str
    mrn_since: str
    assigner: str
    phone: str
    line: str
    city: str
    state: str
    postal_code: str


@dataclass(frozen=True)
class StudyFact:
    """A FHIR ImagingStudy; two of them may share one StudyInstanceUID (Joe's key images).

    `time` is the time of day where only a report tells it.
    """

    id: str
    patient: str
    accession: str
    started: str
    time: str
    study_instance_uid: str
    description: str

    @property
    def uid(self) -> str:
        return self.study_instance_uid or invented_uid("study", self.id)


@dataclass(frozen=True)
class SeriesFact:
    """A series that is embedded: what to draw, which image numbers, in which transfer syntax.

    Image `n` of a stack of planes lies at `top_mm - (n - 1) * step_mm`, so that a report that names an image
    finds its lesion there whichever other images are embedded.
    """

    study: str
    number: int
    series_instance_uid: str
    modality: str
    description: str
    recipe: str
    images: tuple[int, ...]
    syntax: str
    top_mm: float
    step_mm: float

    @property
    def uid(self) -> str:
        return self.series_instance_uid or invented_uid("series", self.study, self.number)

    def position(self, image: int) -> float:
        """Where image number `image` lies, in mm along the stack."""
        return self.top_mm - (image - 1) * self.step_mm


@dataclass(frozen=True)
class Lesion:
    """An ellipsoid that a report speaks of, at the image that the report names."""

    study: str
    series: int
    image: int
    name: str
    x: float
    y: float
    radius_x: float
    radius_y: float
    radius_z: float
    hounsfield: float
    uptake: float
    cavity: float


@dataclass(frozen=True)
class SkinLesion:
    """A dermoscopy: where it was taken and what the pathologist found; empty if there is no report."""

    study: str
    issued: str
    site: str
    procedure: str
    diagnosis: str
    note: str


@dataclass(frozen=True)
class Selection:
    """A key image (FHIR ImagingSelection), named in reports as study UID, series number and image number."""

    id: str
    study: str
    series: int
    image: int
    frame_of_reference_uid: str


def rows(name: str) -> list[dict[str, str]]:
    """The rows of `name`.tsv in this folder."""
    text = (files(__name__) / f"{name}.tsv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))


@cache
def prose(name: str) -> dict[str, Any]:
    """The tables of `name`.toml in this folder."""
    return tomllib.loads((files(__name__) / f"{name}.toml").read_text("utf-8"))


def image_numbers(spec: str) -> tuple[int, ...]:
    """`3-126/3` as 3, 6, ... 126; `1-40` as 1, 2, ... 40; `78` as 78."""
    span, _, step = spec.partition("/")
    first, _, last = span.partition("-")
    return tuple(range(int(first), int(last or first) + 1, int(step or 1)))


@cache
def personas() -> tuple[Persona, ...]:
    return tuple(Persona(**row) for row in rows("personas"))


@cache
def studies() -> tuple[StudyFact, ...]:
    return tuple(StudyFact(**row) for row in rows("studies"))


@cache
def series() -> tuple[SeriesFact, ...]:
    return tuple(
        SeriesFact(
            study=row["study"],
            number=int(row["number"]),
            series_instance_uid=row["series_instance_uid"],
            modality=row["modality"],
            description=row["description"],
            recipe=row["recipe"],
            images=image_numbers(row["images"]),
            syntax=row["syntax"],
            top_mm=float(row["top_mm"] or 0),
            step_mm=float(row["step_mm"] or 0),
        )
        for row in rows("series")
    )


@cache
def lesions() -> tuple[Lesion, ...]:
    text_columns = {"study", "name"}
    whole_columns = {"series", "image"}
    return tuple(
        Lesion(
            **{
                key: value if key in text_columns else int(value) if key in whole_columns else float(value)
                for key, value in row.items()
            }  # type: ignore[arg-type]
        )
        for row in rows("lesions")
    )


@cache
def skin_lesions() -> tuple[SkinLesion, ...]:
    return tuple(SkinLesion(**row) for row in rows("skin"))


@cache
def selections() -> tuple[Selection, ...]:
    return tuple(
        Selection(row["id"], row["study"], int(row["series"]), int(row["image"]), row["frame_of_reference_uid"])
        for row in rows("selections")
    )


@cache
def true_instances() -> dict[tuple[str, int], str]:
    """(SeriesInstanceUID, image number) -> SOPInstanceUID, where the published FHIR files tell it."""
    return {(row["series_instance_uid"], int(row["number"])): row["sop_instance_uid"] for row in rows("instances")}
