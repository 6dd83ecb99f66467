"""Visible light and ultrasound: dermoscopy, fundus, a renal cine loop, an intraoral video."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.tag import Tag

from fhantom_seed import facts
from fhantom_seed.drawing.noise import Field
from fhantom_seed.drawing.photographs import fundus, skin_lesion
from fhantom_seed.drawing.scans import kidney_ultrasound
from fhantom_seed.facts import invented_uid
from fhantom_seed.making.base import codes, item, new_object, part10, put
from fhantom_seed.making.encode import set_pixels
from fhantom_seed.plan import PlannedSeries, PlannedStudy

FRAME_TIME = Tag(0x0018, 0x1063)
CINE_FRAMES, CINE_FRAME_MS = 12, 60
# How the clip of clip.py is made, which the DICOM header has to repeat
VIDEO_ROWS, VIDEO_COLUMNS, VIDEO_FRAMES, VIDEO_FRAME_MS = 240, 320, 50, 40
RETINA = codes("5665001", "SCT", "Retina")


def to_bytes(image: Field) -> NDArray[np.uint8]:
    return np.ascontiguousarray(np.rint(np.clip(image, 0, 255)).astype(np.uint8))


def make_skin(study: PlannedStudy, series: PlannedSeries) -> Iterator[bytes]:
    """Dermoscopy as a VL photograph (PS3.3 A.32.4); melanomas look the part."""
    lesion = next(row for row in facts.skin_lesions() if row.study == study.fact.id)
    salt = int(study.fact.id[-4:])
    for instance in series.instances:
        dataset = new_object(study, series, instance)
        put(
            dataset,
            ImageType=["ORIGINAL", "PRIMARY"],
            BodyPartExamined="SKIN",
            PatientOrientation="",
            Laterality="",
            AnatomicRegionSequence=codes("39937001", "SCT", "Skin"),
            AcquisitionContextSequence=Sequence(),
            BurnedInAnnotation="NO",
            LossyImageCompression="00",
            ImageComments=f"Synthetic; {lesion.site or 'site not given'}",
        )
        image = skin_lesion(384, 512, salt, malignant="melanoma" in lesion.diagnosis)
        set_pixels(dataset, [to_bytes(image)], series.fact.syntax)
        yield part10(dataset)


def make_fundus(study: PlannedStudy, series: PlannedSeries) -> Iterator[bytes]:
    """Fundus photographs (PS3.3 A.41, Ophthalmic Photography 8 Bit), in colour or infrared."""
    infrared, side = series.fact.recipe.startswith("infrared"), series.fact.recipe.endswith("left")
    for instance in series.instances:
        dataset = new_object(study, series, instance)
        _ophthalmic(dataset, "L" if side else "R", infrared)
        image = fundus(640 if not infrared else 512, left_eye=side, infrared=infrared)
        set_pixels(dataset, [to_bytes(image)], series.fact.syntax)
        yield part10(dataset)


def _ophthalmic(dataset: Dataset, laterality: str, infrared: bool) -> None:
    """Ophthalmic photography modules (PS3.3 C.8.17.1 to C.8.17.5)."""
    put(
        dataset,
        ImageType=["ORIGINAL", "PRIMARY"],
        ImageLaterality=laterality,
        PatientOrientation=["L" if laterality == "L" else "R", "F"],
        AnatomicRegionSequence=RETINA,
        AcquisitionDateTime=dataset.StudyDate + dataset.StudyTime,
        AcquisitionDeviceTypeCodeSequence=codes("409898007", "SCT", "Fundus Camera"),
        DetectorType="CCD",
        IlluminationTypeCodeSequence=codes("111741", "DCM", "Transmission illumination"),
        LightPathFilterTypeStackCodeSequence=Sequence(),
        ImagePathFilterTypeStackCodeSequence=Sequence(),
        LensesCodeSequence=Sequence(),
        PatientEyeMovementCommanded="NO",
        RefractiveStateSequence=Sequence(),
        EmmetropicMagnification=None,
        IntraOcularPressure=None,
        HorizontalFieldOfView=45,
        PupilDilated="",
        PixelSpacing=[0.02, 0.02],
        NumberOfFrames=1,
        FrameTime=1000,
        FrameIncrementPointer=FRAME_TIME,
        SynchronizationFrameOfReferenceUID=invented_uid("synchronization"),
        SynchronizationTrigger="NO TRIGGER",
        AcquisitionTimeSynchronized="N",
        BurnedInAnnotation="NO",
        LossyImageCompression="00",
        PresentationLUTShape="IDENTITY",
        ImageComments="Synthetic",
    )
    if not infrared:
        del dataset.PresentationLUTShape


def make_ultrasound(study: PlannedStudy, series: PlannedSeries) -> Iterator[bytes]:
    """A kidney: a cine loop with colour Doppler, or a still picture (PS3.3 C.8.5)."""
    cine = series.fact.recipe == "us-cine"
    for instance in series.instances:
        dataset = new_object(study, series, instance)
        phases = [number / CINE_FRAMES for number in range(CINE_FRAMES if cine else 1)]
        frames = [to_bytes(kidney_ultrasound(360, 480, phase, doppler=cine)) for phase in phases]
        if not cine:
            frames = [np.ascontiguousarray(frame[..., 0]) for frame in frames]
        put(
            dataset,
            ImageType=["ORIGINAL", "PRIMARY", "ABDOMINAL", "0001"],
            BodyPartExamined="KIDNEY",
            Laterality="R",
            PatientOrientation="",
            UltrasoundColorDataPresent=1 if cine else 0,
            LossyImageCompression="00",
            SequenceOfUltrasoundRegions=[_region(cine)],
            ImageComments="Synthetic",
        )
        if cine:
            put(dataset, NumberOfFrames=CINE_FRAMES, FrameTime=CINE_FRAME_MS, FrameIncrementPointer=FRAME_TIME)
            put(dataset, CineRate=17, RecommendedDisplayFrameRate=17, StartTrim=1, StopTrim=CINE_FRAMES)
        set_pixels(dataset, frames, series.fact.syntax)
        yield part10(dataset)


def _region(colour: bool) -> Dataset:
    """The sector, calibrated in cm (PS3.3 C.8.5.5)."""
    return item(
        RegionSpatialFormat=1,
        RegionDataType=2 if colour else 1,
        RegionFlags=0,
        RegionLocationMinX0=0,
        RegionLocationMinY0=0,
        RegionLocationMaxX1=465,
        RegionLocationMaxY1=359,
        PhysicalUnitsXDirection=3,
        PhysicalUnitsYDirection=3,
        PhysicalDeltaX=0.045,
        PhysicalDeltaY=0.045,
    )


def make_video(study: PlannedStudy, series: PlannedSeries) -> Iterator[bytes]:
    """A video photograph (PS3.3 A.32.7): the committed clip as one fragment (PS3.5 8.2.7)."""
    clip = (files(__package__) / "intraoral.mp4").read_bytes()
    for instance in series.instances:
        dataset = new_object(study, series, instance)
        put(
            dataset,
            ImageType=["ORIGINAL", "PRIMARY"],
            BodyPartExamined="MOUTH",
            PatientOrientation="",
            AnatomicRegionSequence=codes("123851003", "SCT", "Mouth"),
            AcquisitionContextSequence=Sequence(),
            SamplesPerPixel=3,
            PhotometricInterpretation="YBR_PARTIAL_420",
            PlanarConfiguration=0,
            Rows=VIDEO_ROWS,
            Columns=VIDEO_COLUMNS,
            BitsAllocated=8,
            BitsStored=8,
            HighBit=7,
            PixelRepresentation=0,
            NumberOfFrames=VIDEO_FRAMES,
            FrameTime=VIDEO_FRAME_MS,
            FrameIncrementPointer=FRAME_TIME,
            CineRate=1000 // VIDEO_FRAME_MS,
            BurnedInAnnotation="NO",
            LossyImageCompression="01",
            LossyImageCompressionRatio=f"{VIDEO_ROWS * VIDEO_COLUMNS * 3 * VIDEO_FRAMES / len(clip):.1f}",
            LossyImageCompressionMethod="ISO_14496_10",
            ImageComments="Synthetic",
        )
        dataset.PixelData = encapsulate([clip], has_bot=False)
        dataset["PixelData"].VR = "OB"
        yield part10(dataset)
