"""The structures as a binary segmentation of the CT series (PS3.3 A.51)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from pydicom.dataset import Dataset
from pydicom.pixels.utils import pack_bits
from pydicom.tag import Tag

from fhantom_seed.facts import invented_uid
from fhantom_seed.making.base import codes, item, new_object, part10, put
from fhantom_seed.making.planes import STACKS, Stack, plane
from fhantom_seed.making.structures import CT_SERIES, Structure, mask, reference, structures
from fhantom_seed.plan import PlannedInstance, PlannedSeries, PlannedStudy

SEGMENT_NUMBER, SEGMENT_IDENTIFICATION = Tag(0x0062, 0x000B), Tag(0x0062, 0x000A)
IMAGE_POSITION, PLANE_POSITION = Tag(0x0020, 0x0032), Tag(0x0020, 0x9113)


def make_seg(study: PlannedStudy, series: PlannedSeries) -> Iterator[bytes]:
    """One segmentation with a frame for every structure and CT image that meet."""
    source = study.numbered(CT_SERIES)
    stack = STACKS[source.fact.recipe]
    wanted = structures(study)
    frames, groups = [], []
    for number, structure in enumerate(wanted, start=1):
        for place, image in enumerate(source.instances, start=1):
            height = source.fact.position(image.number)
            bits = mask(stack, structure, height)
            if bits.any():
                frames.append(bits)
                groups.append(_frame(stack, image, number, place, height))
    for instance in series.instances:
        dataset = new_object(study, series, instance)
        _segmentation(dataset, study, source, stack, wanted)
        put(
            dataset,
            NumberOfFrames=len(frames),
            PerFrameFunctionalGroupsSequence=groups,
            PixelData=pack_bits(np.stack(frames), pad=True),
        )
        dataset["PixelData"].VR = "OB"
        yield part10(dataset)


def _segmentation(
    dataset: Dataset, study: PlannedStudy, source: PlannedSeries, stack: Stack, wanted: tuple[Structure, ...]
) -> None:
    """Segmentation image and series modules (PS3.3 C.8.20)."""
    organization = invented_uid("dimensions", study.fact.id, "seg")
    spacing = stack.field_of_view / stack.matrix
    put(
        dataset,
        ImageType=["DERIVED", "PRIMARY"],
        ContentLabel="ORGANS",
        ContentDescription="Organs and target",
        ContentCreatorName="fhantom",
        BodyPartExamined="ABDOMEN",
        FrameOfReferenceUID=source.frame_of_reference_uid,
        PositionReferenceIndicator="",
        SegmentationType="BINARY",
        SamplesPerPixel=1,
        PhotometricInterpretation="MONOCHROME2",
        Rows=stack.matrix,
        Columns=stack.matrix,
        BitsAllocated=1,
        BitsStored=1,
        HighBit=0,
        PixelRepresentation=0,
        LossyImageCompression="00",
        ReferencedSeriesSequence=[
            item(
                SeriesInstanceUID=source.uid,
                ReferencedInstanceSequence=[reference(i) for i in source.instances],
            )
        ],
        SegmentSequence=[_segment(number, structure) for number, structure in enumerate(wanted, start=1)],
        DimensionOrganizationSequence=[item(DimensionOrganizationUID=organization)],
        DimensionIndexSequence=[
            item(
                DimensionOrganizationUID=organization,
                DimensionIndexPointer=pointer,
                FunctionalGroupPointer=group,
            )
            for pointer, group in (
                (SEGMENT_NUMBER, SEGMENT_IDENTIFICATION),
                (IMAGE_POSITION, PLANE_POSITION),
            )
        ],
        SharedFunctionalGroupsSequence=[
            item(
                PlaneOrientationSequence=[item(ImageOrientationPatient=list(stack.orientation))],
                PixelMeasuresSequence=[
                    item(
                        PixelSpacing=[spacing, spacing],
                        SliceThickness=source.fact.step_mm,
                        SpacingBetweenSlices=source.fact.step_mm,
                    )
                ],
            )
        ],
    )


def _segment(number: int, structure: Structure) -> Dataset:
    return item(
        SegmentNumber=number,
        SegmentLabel=structure.name,
        SegmentAlgorithmType="MANUAL",
        SegmentedPropertyCategoryCodeSequence=structure.category,
        SegmentedPropertyTypeCodeSequence=structure.kind,
        RecommendedDisplayCIELabValue=list(structure.cielab),
    )


def _frame(stack: Stack, image: PlannedInstance, number: int, place: int, height: float) -> Dataset:
    _, corner = plane(stack, height, 1)
    source = reference(image)
    source.PurposeOfReferenceCodeSequence = codes("121322", "DCM", "Source image for image processing operation")
    derivation = item(SourceImageSequence=[source], DerivationCodeSequence=codes("113076", "DCM", "Segmentation"))
    return item(
        FrameContentSequence=[item(DimensionIndexValues=[number, place])],
        PlanePositionSequence=[item(ImagePositionPatient=list(corner))],
        SegmentIdentificationSequence=[item(ReferencedSegmentNumber=number)],
        DerivationImageSequence=[derivation],
    )
