"""Radiographs of the phantom: CT scouts, a computed radiograph of the chest, bone scans."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag

from fhantom_seed.drawing.noise import Field
from fhantom_seed.drawing.projection import Grid, bone_scan, radiograph
from fhantom_seed.making.base import code, codes, item, new_object, part10, put
from fhantom_seed.making.encode import set_pixels
from fhantom_seed.making.planes import masses
from fhantom_seed.plan import PlannedInstance, PlannedSeries, PlannedStudy

SCOUT = Grid(256, 256, 2.0, 0)
CHEST = Grid(512, 512, 0.8, 0)
CAMERA = Grid(256, 128, 4.0, 490)
ENERGY_WINDOW_VECTOR, DETECTOR_VECTOR = Tag(0x0054, 0x0010), Tag(0x0054, 0x0020)


def make_scout(study: PlannedStudy, series: PlannedSeries) -> Iterator[bytes]:
    """Topograms as CT images (PS3.3 C.8.2.1): the first from the front, a second from the side."""
    for place, instance in enumerate(series.instances):
        grid = SCOUT._replace(top=series.fact.top_mm)
        shadow = radiograph(grid, lateral=place == 1, step=6 if place else 5, masses=masses(study))
        dataset = new_object(study, series, instance)
        edge = (SCOUT.columns - 1) / 2 * SCOUT.pixel
        put(
            dataset,
            ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"],
            BodyPartExamined="CHEST",
            AcquisitionNumber=1,
            KVP=120,
            PatientPosition="HFS",
            FrameOfReferenceUID=series.frame_of_reference_uid,
            PositionReferenceIndicator="",
            SliceThickness=1,
            ImagePositionPatient=[0, -edge, series.fact.top_mm] if place else [-edge, 0, series.fact.top_mm],
            ImageOrientationPatient=[0, 1, 0, 0, 0, -1] if place else [1, 0, 0, 0, 0, -1],
            PixelSpacing=[SCOUT.pixel, SCOUT.pixel],
            RescaleIntercept=-1024,
            RescaleSlope=1,
            RescaleType="US",
            WindowCenter=400,
            WindowWidth=2400,
            ImageComments="Synthetic",
        )
        pixels = np.clip(np.rint(shadow * 400), 0, 4095).astype(np.uint16)
        set_pixels(dataset, [pixels], series.fact.syntax, bits=12)
        yield part10(dataset)


def make_cr(study: PlannedStudy, series: PlannedSeries) -> Iterator[bytes]:
    """A chest radiograph (PS3.3 A.2), drawn at 0.8 mm and printed at 0.4 mm."""
    for instance in series.instances:
        shadow = radiograph(CHEST._replace(top=series.fact.top_mm), step=6, masses=masses(study))
        dataset = new_object(study, series, instance)
        put(
            dataset,
            ImageType=["ORIGINAL", "PRIMARY"],
            BodyPartExamined="CHEST",
            ViewPosition="PA",
            PatientOrientation=["L", "F"],
            KVP=125,
            PlateID="",
            ImagerPixelSpacing=[CHEST.pixel / 2, CHEST.pixel / 2],
            WindowCenter=512,
            WindowWidth=1024,
            ImageComments="Synthetic",
        )
        set_pixels(dataset, [_print(shadow)], series.fact.syntax, bits=10)
        yield part10(dataset)


def _print(shadow: Field) -> NDArray[np.uint16]:
    """Twice the pixels, and a curve that opens lungs and mediastinum alike."""
    size = (shadow.shape[1] * 2, shadow.shape[0] * 2)
    large = np.asarray(Image.fromarray(shadow.astype(np.float32)).resize(size, Image.Resampling.BICUBIC))
    low, high = np.percentile(large, 8), np.percentile(large, 99.7)
    level = np.clip((large - low) / (high - low), 0, 1) ** np.float32(0.8)
    pixels: NDArray[np.uint16] = np.rint(level * 1023).astype(np.uint16)
    return pixels


def make_nm(study: PlannedStudy, series: PlannedSeries) -> Iterator[bytes]:
    """Bone scintigrams: the whole body from both sides, static views, a screen capture of the study."""
    for instance in series.instances:
        dataset = new_object(study, series, instance)
        if series.fact.recipe == "nm-capture":
            _capture(dataset, series.fact.syntax)
        else:
            whole = series.fact.recipe == "nm-body"
            _scintigram(dataset, instance, series.fact.syntax, whole)
        yield part10(dataset)


def _counts(grid: Grid, from_behind: bool, salt: int) -> Field:
    mean = bone_scan(grid, from_behind=from_behind)
    return np.random.default_rng(salt).poisson(mean * 6).astype(np.float32)


def _scintigram(dataset: Dataset, instance: PlannedInstance, syntax: str, whole: bool) -> None:
    grid = CAMERA if whole else Grid(128, 128, 2.4, 240 if instance.number % 2 else -20)
    views = [_counts(grid, behind, 500 + instance.number) for behind in (False, True)]
    put(
        dataset,
        ImageType=["ORIGINAL", "PRIMARY", "WHOLE BODY" if whole else "STATIC", "EMISSION"],
        BodyPartExamined="SKELETON",
        Laterality="",
        NumberOfFrames=2,
        FrameIncrementPointer=[ENERGY_WINDOW_VECTOR, DETECTOR_VECTOR],
        EnergyWindowVector=[1, 1],
        DetectorVector=[1, 2],
        NumberOfEnergyWindows=1,
        NumberOfDetectors=2,
        PixelSpacing=[grid.pixel, grid.pixel],
        CountsAccumulated=int(sum(view.sum() for view in views)),
        ActualFrameDuration=900000,
        AcquisitionTerminationCondition="TIME",
        WindowCenter=int(np.percentile(views[0], 99.5) / 2),
        WindowWidth=int(np.percentile(views[0], 99.5)),
        PatientOrientationCodeSequence=codes("102538003", "SCT", "recumbent"),
        PatientGantryRelationshipCodeSequence=codes("102540008", "SCT", "headfirst"),
        EnergyWindowInformationSequence=[
            item(
                EnergyWindowName="Tc-99m",
                EnergyWindowRangeSequence=[item(EnergyWindowLowerLimit=126, EnergyWindowUpperLimit=154)],
            )
        ],
        RadiopharmaceuticalInformationSequence=[
            item(
                RadionuclideCodeSequence=codes("72454001", "SCT", "^99m^Technetium"),
                Radiopharmaceutical="Tc-99m MDP",
                EnergyWindowNumber=1,
            )
        ],
        DetectorInformationSequence=[_detector(0), _detector(180)],
        ImageComments="Synthetic",
    )
    dataset.PatientOrientationCodeSequence[0].PatientOrientationModifierCodeSequence = codes(
        "40199007", "SCT", "supine"
    )
    if whole:
        put(dataset, WholeBodyTechnique="1PS", ScanVelocity=2, ScanLength=1024)
    set_pixels(dataset, [np.clip(view, 0, 65535).astype(np.uint16) for view in views], syntax)


def _detector(angle: int) -> Dataset:
    name = "anterior" if angle == 0 else "posterior"
    view = code("264108002" if angle == 0 else "264159003", "SCT", name)
    return item(
        CollimatorType="PARA",
        CollimatorGridName="LEHR",
        FieldOfViewShape="RECTANGLE",
        StartAngle=angle,
        ImageOrientationPatient=[1, 0, 0, 0, 0, -1] if angle == 0 else [-1, 0, 0, 0, 0, -1],
        ImagePositionPatient=[0, 0, 0],
        ViewCodeSequence=Sequence([view]),
    )


def _capture(dataset: Dataset, syntax: str) -> None:
    """Secondary capture (PS3.3 A.8): both views side by side as a screen shows them."""
    views = [_counts(CAMERA, behind, 502) for behind in (False, True)]
    sheet = np.concatenate(views, axis=1)
    level = np.clip(sheet / np.percentile(sheet, 99.6), 0, 1) ** 0.7
    put(
        dataset,
        ConversionType="WSD",
        ImageType=["DERIVED", "SECONDARY"],
        PatientOrientation="",
        Laterality="",
    )
    dataset.PhotometricInterpretation = "MONOCHROME1"
    dataset.ImageComments = "Synthetic"
    set_pixels(dataset, [np.rint(level * 255).astype(np.uint8)], syntax)
