"""Mammograms and breast MR."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from fhantom_seed.drawing.breast import (
    STIR,
    T1_FAT_SATURATED,
    breast_mr,
    mammogram,
    specimen,
    with_clips,
)
from fhantom_seed.facts import invented_uid
from fhantom_seed.making.base import codes, item, new_object, part10, put
from fhantom_seed.making.encode import set_pixels
from fhantom_seed.making.planes import Stack, plane
from fhantom_seed.plan import PlannedInstance, PlannedSeries, PlannedStudy

ROWS, COLUMNS, PIXEL_MM = 800, 640, 0.25
# The view of a mammogram as the series is named (PS3.16 CID 4014)
VIEWS = {
    "CC": codes("399162004", "SCT", "cranio-caudal"),
    "MLO": codes("399368009", "SCT", "medio-lateral oblique"),
    "ML": codes("399260004", "SCT", "medio-lateral"),
    "XCCL": codes("399265009", "SCT", "cranio-caudal exaggerated laterally"),
    "SPECIMEN": codes("127457009", "SCT", "tissue specimen from breast"),
}
MR_STACK = Stack(256, 360, centre=(0, -35, 0), body_part="BREAST")
# recipe -> signal table, sequence, repetition time, echo time, inversion time (ms)
MR_SEQUENCES = {
    "mr-t1": (T1_FAT_SATURATED, ["GR"], ["SP"], 5.2, 2.4, None),
    "mr-stir": (STIR, ["IR"], ["SK"], 4200, 60, 170),
}


def make_mg(study: PlannedStudy, series: PlannedSeries) -> Iterator[bytes]:
    """Digital mammograms for presentation (PS3.3 A.27), chest wall at the side of the patient's middle."""
    side, view = series.fact.description.split(" ")
    for instance in series.instances:
        if view == "SPECIMEN":
            image = specimen(ROWS, COLUMNS)
        else:
            image = mammogram(ROWS, COLUMNS, view, series.fact.number * 10 + (side == "L"))
            if side == "L":
                image = with_clips(image, series.fact.number)
        dataset = new_object(study, series, instance)
        _mammography(dataset, side, view)
        shown = image if side == "L" else image[:, ::-1]
        pixels = np.rint(np.clip(shown, 0, 1) * 1023).astype(np.uint16)
        set_pixels(dataset, [np.ascontiguousarray(pixels)], series.fact.syntax, bits=10)
        yield part10(dataset)


def _mammography(dataset: Dataset, side: str, view: str) -> None:
    """DX and mammography modules (PS3.3 C.8.11.1, C.8.11.3, C.8.11.7)."""
    is_specimen = view == "SPECIMEN"
    region = codes("76752008", "SCT", "Breast")
    put(
        dataset,
        ImageType=["ORIGINAL", "PRIMARY", ""],
        PresentationIntentType="FOR PRESENTATION",
        PresentationLUTShape="IDENTITY",
        BodyPartExamined="BREAST",
        ImageLaterality=side,
        PatientOrientation=["A" if side == "L" else "P", "F" if view in {"MLO", "ML"} else side],
        AnatomicRegionSequence=region,
        ViewCodeSequence=VIEWS[view],
        ViewPosition="" if is_specimen else view,
        OrganExposed="BREAST",
        PositionerType="MAMMOGRAPHIC" if not is_specimen else "NONE",
        BreastImplantPresent="NO",
        BurnedInAnnotation="NO",
        LossyImageCompression="00",
        PixelIntensityRelationship="LOG",
        PixelIntensityRelationshipSign=-1,
        RescaleIntercept=0,
        RescaleSlope=1,
        RescaleType="US",
        ImagerPixelSpacing=[PIXEL_MM, PIXEL_MM],
        DetectorType="DIRECT",
        DetectorConfiguration="AREA",
        AcquisitionContextSequence=Sequence(),
        WindowCenter=512,
        WindowWidth=1024,
        KVP=28,
        ImageComments="Synthetic",
    )
    dataset.ViewCodeSequence[0].ViewModifierCodeSequence = Sequence()
    if is_specimen:
        put(
            dataset,
            ContainerIdentifier="specimen",
            IssuerOfTheContainerIdentifierSequence=Sequence(),
            ContainerTypeCodeSequence=Sequence(),
            SpecimenDescriptionSequence=[
                item(
                    SpecimenIdentifier="specimen",
                    SpecimenUID=invented_uid("specimen", dataset.SOPInstanceUID),
                    IssuerOfTheSpecimenIdentifierSequence=Sequence(),
                    SpecimenPreparationSequence=Sequence(),
                )
            ],
        )


def make_mr(study: PlannedStudy, series: PlannedSeries) -> Iterator[bytes]:
    """Axial breast MR (PS3.3 C.8.3.1)."""
    for instance in series.instances:
        dataset = new_object(study, series, instance)
        position = series.fact.position(instance.number)
        points, corner = plane(MR_STACK, position, 1.6)
        _mr_image(dataset, series, instance, position, corner)
        signal = breast_mr(points, MR_SEQUENCES[series.fact.recipe][0])
        set_pixels(dataset, [np.clip(np.rint(signal), 0, 4095).astype(np.uint16)], series.fact.syntax, bits=12)
        yield part10(dataset)


def _mr_image(
    dataset: Dataset,
    series: PlannedSeries,
    instance: PlannedInstance,
    position: float,
    corner: tuple[float, float, float],
) -> None:
    _, sequence, variant, repetition, echo, inversion = MR_SEQUENCES[series.fact.recipe]
    spacing = MR_STACK.field_of_view / MR_STACK.matrix
    put(
        dataset,
        ImageType=["ORIGINAL", "PRIMARY", "OTHER"],
        BodyPartExamined="BREAST",
        ScanningSequence=sequence,
        SequenceVariant=variant,
        ScanOptions="FS" if series.fact.recipe == "mr-t1" else "",
        MRAcquisitionType="2D",
        RepetitionTime=repetition,
        EchoTime=echo,
        EchoTrainLength=1,
        MagneticFieldStrength=1.5,
        PatientPosition="HFS",
        AcquisitionNumber=1,
        FrameOfReferenceUID=series.frame_of_reference_uid,
        PositionReferenceIndicator="",
        SliceThickness=series.fact.step_mm,
        SpacingBetweenSlices=series.fact.step_mm,
        ImagePositionPatient=list(corner),
        ImageOrientationPatient=list(MR_STACK.orientation),
        PixelSpacing=[spacing, spacing],
        SliceLocation=position,
        WindowCenter=450,
        WindowWidth=900,
        Laterality="",
        ImageComments="Synthetic",
    )
    if inversion:
        dataset.InversionTime = inversion
