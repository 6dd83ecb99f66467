"""Optical coherence tomography of the retina (PS3.3 A.52): a multi-frame volume, or a few fine lines."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag

from fhantom_seed.drawing.scans import retina
from fhantom_seed.facts import invented_uid
from fhantom_seed.making.base import codes, item, new_object, part10, put
from fhantom_seed.making.encode import set_pixels
from fhantom_seed.plan import PlannedSeries, PlannedStudy

ROWS, COLUMNS = 160, 256
STACK_POSITION, IN_STACK = Tag(0x0020, 0x9057), Tag(0x0020, 0x9111)
WIDTH_MM, DEPTH_MM = 6.0, 2.0


def make_opt(study: PlannedStudy, series: PlannedSeries) -> Iterator[bytes]:
    """A macular cube of 9 B-scans, or a raster of 5 lines near the fovea."""
    recipe = series.fact.recipe
    lines = recipe.startswith("opt-lines")
    left = recipe.endswith("left")
    places = np.linspace(-0.1, 0.1, 5) if lines else np.linspace(-1, 1, 9)
    for instance in series.instances:
        frames = [retina(ROWS, COLUMNS, float(place), left_eye=left, edema=recipe == "opt-edema") for place in places]
        dataset = new_object(study, series, instance)
        _describe(dataset, series, "L" if left else "R")
        _functional_groups(dataset, study, series, places)
        pixels = [np.rint(frame * 255).astype(np.uint8) for frame in frames]
        dataset.NumberOfFrames = len(pixels)
        set_pixels(dataset, pixels, series.fact.syntax)
        yield part10(dataset)


def _describe(dataset: Dataset, series: PlannedSeries, laterality: str) -> None:
    """Ophthalmic tomography modules (PS3.3 C.8.17.6 to C.8.17.10)."""
    put(
        dataset,
        ImageType=["ORIGINAL", "PRIMARY"],
        AcquisitionDateTime=dataset.StudyDate + dataset.StudyTime,
        AcquisitionNumber=1,
        AcquisitionDuration=1.5,
        FrameOfReferenceUID=series.frame_of_reference_uid,
        PositionReferenceIndicator="",
        SynchronizationFrameOfReferenceUID=invented_uid("synchronization"),
        SynchronizationTrigger="NO TRIGGER",
        AcquisitionTimeSynchronized="N",
        ImageLaterality=laterality,
        AnatomicRegionSequence=codes("5665001", "SCT", "Retina"),
        AcquisitionDeviceTypeCodeSequence=codes("392012008", "SCT", "Optical Coherence Tomography Scanner"),
        IlluminationTypeCodeSequence=Sequence(),
        LightPathFilterTypeStackCodeSequence=Sequence(),
        DetectorType="CCD",
        AxialLengthOfTheEye=None,
        HorizontalFieldOfView=None,
        RefractiveStateSequence=Sequence(),
        EmmetropicMagnification=None,
        IntraOcularPressure=None,
        PupilDilated="NO",
        PatientEyeMovementCommanded="NO",
        DepthOfTransverseImage=None,
        DepthSpatialResolution=6,
        MaximumDepthDistortion=0.5,
        AlongScanSpatialResolution=15,
        MaximumAlongScanDistortion=0.5,
        AcrossScanSpatialResolution=20,
        MaximumAcrossScanDistortion=0.5,
        IlluminationWaveLength=840,
        IlluminationPower=750,
        IlluminationBandwidth=50,
        AcquisitionContextSequence=Sequence(),
        ConcatenationFrameOffsetNumber=0,
        InConcatenationNumber=1,
        InConcatenationTotalNumber=1,
        BurnedInAnnotation="NO",
        LossyImageCompression="00",
        PresentationLUTShape="IDENTITY",
        RecognizableVisualFeatures="NO",
        ImageComments="Synthetic",
    )


def _functional_groups(
    dataset: Dataset,
    study: PlannedStudy,
    series: PlannedSeries,
    places: NDArray[np.float64],
) -> None:
    """Where each B-scan lies (PS3.3 C.7.6.16): a stack across the macula."""
    organization = invented_uid("dimensions", study.fact.id, series.fact.number)
    put(
        dataset,
        DimensionOrganizationSequence=[item(DimensionOrganizationUID=organization)],
        DimensionIndexSequence=[
            item(
                DimensionOrganizationUID=organization,
                DimensionIndexPointer=STACK_POSITION,
                FunctionalGroupPointer=IN_STACK,
            )
        ],
        SharedFunctionalGroupsSequence=[
            item(
                PixelMeasuresSequence=[
                    item(
                        PixelSpacing=[round(DEPTH_MM / ROWS, 8), round(WIDTH_MM / COLUMNS, 8)],
                        SliceThickness=0.02,
                        SpacingBetweenSlices=float(round(abs(places[1] - places[0]) * WIDTH_MM / 2, 6)),
                    )
                ],
                PlaneOrientationSequence=[item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])],
                FrameAnatomySequence=[
                    item(
                        FrameLaterality=dataset.ImageLaterality,
                        AnatomicRegionSequence=codes("5665001", "SCT", "Retina"),
                    )
                ],
            )
        ],
        PerFrameFunctionalGroupsSequence=[
            _frame(dataset, number, float(place)) for number, place in enumerate(places, start=1)
        ],
    )


def _frame(dataset: Dataset, number: int, place: float) -> Dataset:
    return item(
        FrameContentSequence=[
            item(
                FrameAcquisitionDateTime=dataset.AcquisitionDateTime,
                FrameReferenceDateTime=dataset.AcquisitionDateTime,
                FrameAcquisitionDuration=20,
                StackID="1",
                InStackPositionNumber=number,
                DimensionIndexValues=[number],
            )
        ],
        PlanePositionSequence=[item(ImagePositionPatient=[-WIDTH_MM / 2, 0, round(place * WIDTH_MM / 2, 6)])],
    )
