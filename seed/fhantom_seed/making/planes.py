"""Stacks of planes: CT and PET through the body phantom, axial, coronal or sagittal."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from fhantom_seed import facts
from fhantom_seed.drawing.body import Mass, Points, draw_body
from fhantom_seed.drawing.noise import texture
from fhantom_seed.making.base import code, codes, item, new_object, part10, put, study_date
from fhantom_seed.making.encode import set_pixels
from fhantom_seed.plan import PlannedInstance, PlannedSeries, PlannedStudy

AXIAL = (1, 0, 0, 0, 1, 0)
CORONAL = (1, 0, 0, 0, 0, -1)
SAGITTAL = (0, 1, 0, 0, 0, -1)


@dataclass(frozen=True)
class Stack:
    """How a recipe scans: matrix, field of view (mm), orientation, centre (x, y, z in mm), look."""

    matrix: int
    field_of_view: float
    orientation: tuple[int, ...] = AXIAL
    centre: tuple[float, float, float] = (0, 0, 0)
    contrast: bool = False
    kernel: str = "B31f"
    body_part: str = "CHEST"
    windows: tuple[tuple[int, int], ...] = ((40, 400), (-600, 1500))


LUNG_FIRST = ((-600, 1500), (40, 400))
STACKS: dict[str, Stack] = {
    "ct-chest": Stack(256, 420),
    "ct-contrast": Stack(256, 420, contrast=True),
    "ct-neck": Stack(256, 240, contrast=True, body_part="NECK", windows=((60, 350),)),
    "ct-sharp": Stack(256, 420, kernel="B60f", windows=LUNG_FIRST),
    "ct-large": Stack(512, 410, contrast=True, windows=LUNG_FIRST),
    "ct-coronal": Stack(256, 240, CORONAL, (0, 0, 330), True, body_part="NECK", windows=((60, 350),)),
    "ct-sagittal": Stack(256, 240, SAGITTAL, (0, 0, 330), True, body_part="NECK", windows=((60, 350),)),
    "ct-dental": Stack(256, 160, centre=(0, -25, 0), kernel="H60s", body_part="JAW", windows=((600, 3000),)),
    "ct-dental-reformat": Stack(256, 160, CORONAL, (0, 0, 310), kernel="H60s", body_part="JAW", windows=((600, 3000),)),
    "pt": Stack(128, 512),
}


def masses(study: PlannedStudy) -> tuple[Mass, ...]:
    """The lesions of a study's reports, at the height of the image that they are reported on."""
    found = []
    for lesion in facts.lesions():
        if lesion.study == study.fact.id:
            height = study.numbered(lesion.series).fact.position(lesion.image)
            radii = (lesion.radius_x, lesion.radius_y, lesion.radius_z)
            where = (lesion.x, lesion.y, height)
            found.append(Mass(*where, radii, lesion.hounsfield, lesion.uptake, lesion.cavity))
    return tuple(found)


def plane(stack: Stack, position: float, edge: float) -> tuple[Points, tuple[float, float, float]]:
    """The points of one image and the centre of its first pixel (ImagePositionPatient)."""
    spacing = stack.field_of_view / stack.matrix
    along = (np.arange(stack.matrix, dtype=np.float32) - (stack.matrix - 1) / 2) * np.float32(spacing)
    across, down = along[None, :], along[:, None]
    fixed = np.full((1, 1), position, dtype=np.float32)
    cx, cy, cz = (np.float32(c) for c in stack.centre)
    if stack.orientation == CORONAL:
        points = Points(across + cx, -fixed, cz - down, edge)
    elif stack.orientation == SAGITTAL:
        points = Points(-fixed, across + cy, cz - down, edge)
    else:
        points = Points(across + cx, down + cy, fixed, edge)
    x, y, z = (float(axis.flat[0]) for axis in points[:3])
    return points, (round(x, 4), round(y, 4), round(z, 4))


def make_stack(study: PlannedStudy, series: PlannedSeries) -> Iterator[bytes]:
    """All images of one CT or PET series."""
    stack = STACKS[series.fact.recipe]
    for place, instance in enumerate(series.instances):
        dataset = new_object(study, series, instance)
        _geometry(dataset, stack, series, instance)
        if series.fact.modality == "PT":
            _pet(dataset, stack, study, series, instance, place)
        else:
            _ct(dataset, stack, study, series, instance)
        yield part10(dataset)


def _geometry(dataset: Dataset, stack: Stack, series: PlannedSeries, instance: PlannedInstance) -> None:
    """Image plane and frame of reference (PS3.3 C.7.6.2, C.7.4.1)."""
    position = series.fact.position(instance.number)
    _, corner = plane(stack, position, 1)
    spacing = stack.field_of_view / stack.matrix
    numbers = series.fact.images
    step = series.fact.step_mm * (numbers[1] - numbers[0] if len(numbers) > 1 else 1)
    put(
        dataset,
        BodyPartExamined=stack.body_part,
        SliceThickness=step,
        SpacingBetweenSlices=step,
        FrameOfReferenceUID=series.frame_of_reference_uid,
        PositionReferenceIndicator="",
        ImagePositionPatient=list(corner),
        ImageOrientationPatient=list(stack.orientation),
        PixelSpacing=[spacing, spacing],
        SliceLocation=round(position, 4),
        ImageComments="Synthetic",
    )


def _ct(dataset: Dataset, stack: Stack, study: PlannedStudy, series: PlannedSeries, instance: PlannedInstance) -> None:
    """CT image (PS3.3 C.8.2.1): signed Hounsfield values where they are raw, else 12 bits from -1024 up."""
    points, _ = plane(stack, series.fact.position(instance.number), 1.2 * stack.field_of_view / stack.matrix)
    picture = draw_body(points, contrast=stack.contrast, masses=masses(study))
    signed = series.fact.syntax in {"implicit", "explicit"}
    put(
        dataset,
        ImageType=["ORIGINAL", "PRIMARY", "AXIAL" if stack.orientation == AXIAL else "MPR"],
        AcquisitionNumber=1,
        PatientPosition="HFS",
        KVP=120,
        ConvolutionKernel=stack.kernel,
        XRayTubeCurrent=200,
        RescaleIntercept=0 if signed else -1024,
        RescaleSlope=1,
        RescaleType="HU",
        WindowCenter=[centre for centre, _ in stack.windows],
        WindowWidth=[width for _, width in stack.windows],
    )
    if stack.contrast:
        dataset.ContrastBolusAgent = "Contrast"
    if signed:
        stored = np.clip(np.rint(picture.hounsfield), -1024, 3071).astype(np.int16)
    else:
        stored = np.clip(np.rint(picture.hounsfield) + 1024, 0, 4095).astype(np.uint16)
    set_pixels(dataset, [stored], series.fact.syntax, bits=16 if signed else 12)


def _pet(
    dataset: Dataset,
    stack: Stack,
    study: PlannedStudy,
    series: PlannedSeries,
    instance: PlannedInstance,
    place: int,
) -> None:
    """PET image (PS3.3 C.8.9): Bq/ml, so that a viewer that knows dose and weight finds the SUV drawn."""
    points, _ = plane(stack, series.fact.position(instance.number), 9)
    uptake = draw_body(points, masses=masses(study)).uptake
    uptake = uptake * (1 + texture(points.x, points.y, points.z, 12, 60) * np.float32(0.05))
    weight_kg, dose_bq, wait_s, half_life_s = 75, 370e6, 3600, 6586.2
    decayed = dose_bq * math.exp(-math.log(2) * wait_s / half_life_s)
    per_suv = decayed / (weight_kg * 1000)
    put(
        dataset,
        ImageType=["ORIGINAL", "PRIMARY"],
        SeriesType=["WHOLE BODY", "IMAGE"],
        Units="BQML",
        CountsSource="EMISSION",
        CorrectedImage=["ATTN", "DECY", "SCAT", "DTIM", "RAN", "NORM"],
        DecayCorrection="START",
        DecayFactor=1,
        CollimatorType="NONE",
        NumberOfSlices=len(series.instances),
        ImageIndex=place + 1,
        ActualFrameDuration=120000,
        FrameReferenceTime=0,
        AcquisitionDate=dataset.SeriesDate,
        AcquisitionTime=dataset.SeriesTime,
        PatientWeight=weight_kg,
        PatientSize=1.72,
        RescaleIntercept=0,
        RescaleSlope=f"{per_suv / 1000:.8f}",
        WindowCenter=f"{per_suv * 3:.1f}",
        WindowWidth=f"{per_suv * 6:.1f}",
        RadiopharmaceuticalInformationSequence=[_fdg(study, dataset.SeriesTime, dose_bq, half_life_s)],
        PatientOrientationCodeSequence=codes("102538003", "SCT", "recumbent"),
        PatientGantryRelationshipCodeSequence=codes("102540008", "SCT", "headfirst"),
    )
    dataset.PatientOrientationCodeSequence[0].PatientOrientationModifierCodeSequence = codes(
        "40199007", "SCT", "supine"
    )
    stored = np.clip(np.rint(uptake * 1000), 0, 32767).astype(np.int16)
    set_pixels(dataset, [stored], series.fact.syntax)


def _fdg(study: PlannedStudy, series_time: str, dose_bq: float, half_life_s: float) -> Dataset:
    """F-18 FDG, given one hour before the scan (PS3.3 C.8.9.2)."""
    hour = f"{int(series_time[:2]) - 1:02d}{series_time[2:]}"
    return item(
        RadiopharmaceuticalStartTime=hour,
        RadiopharmaceuticalStartDateTime=study_date(study) + hour,
        RadionuclideTotalDose=dose_bq,
        RadionuclideHalfLife=half_life_s,
        RadionuclidePositronFraction=0.97,
        Radiopharmaceutical="Fluorodeoxyglucose F^18^",
        RadionuclideCodeSequence=Sequence([code("77004003", "SCT", "^18^Fluorine")]),
        RadiopharmaceuticalCodeSequence=Sequence([code("35321007", "SCT", "Fluorodeoxyglucose F^18^")]),
    )
