"""The structures as closed planar contours on the CT series (RT Structure Set, PS3.3 A.19.3)."""

from __future__ import annotations

import math
from collections.abc import Iterator

from pydicom.dataset import Dataset

from fhantom_seed.making.base import item, new_object, part10, put
from fhantom_seed.making.structures import CT_SERIES, Ellipse, Structure, ellipses, reference, structures
from fhantom_seed.plan import CT, PlannedSeries, PlannedStudy

CONTOUR_POINTS = 48


def make_rtstruct(study: PlannedStudy, series: PlannedSeries) -> Iterator[bytes]:
    """One structure set with a contour for every cut of a structure by a CT image."""
    source = study.numbered(CT_SERIES)
    wanted = structures(study)
    for instance in series.instances:
        dataset = new_object(study, series, instance)
        put(
            dataset,
            StructureSetLabel="PLAN",
            StructureSetDate=dataset.StudyDate,
            StructureSetTime=dataset.StudyTime,
            ApprovalStatus="UNAPPROVED",
            OperatorsName="",
            FrameOfReferenceUID=source.frame_of_reference_uid,
            PositionReferenceIndicator="",
            ReferencedFrameOfReferenceSequence=[_referenced_frame(study, source)],
            StructureSetROISequence=[
                item(
                    ROINumber=number,
                    ReferencedFrameOfReferenceUID=source.frame_of_reference_uid,
                    ROIName=structure.name,
                    ROIGenerationAlgorithm="MANUAL",
                )
                for number, structure in enumerate(wanted, start=1)
            ],
            ROIContourSequence=[_roi(source, n, structure) for n, structure in enumerate(wanted, start=1)],
            RTROIObservationsSequence=[
                item(
                    ObservationNumber=number,
                    ReferencedROINumber=number,
                    RTROIInterpretedType=structure.role,
                    ROIInterpreter="",
                )
                for number, structure in enumerate(wanted, start=1)
            ],
        )
        yield part10(dataset)


def _referenced_frame(study: PlannedStudy, source: PlannedSeries) -> Dataset:
    contour_images = [reference(image) for image in source.instances]
    series = item(SeriesInstanceUID=source.uid, ContourImageSequence=contour_images)
    return item(
        FrameOfReferenceUID=source.frame_of_reference_uid,
        RTReferencedStudySequence=[
            item(
                ReferencedSOPClassUID="1.2.840.10008.3.1.2.3.1",
                ReferencedSOPInstanceUID=study.uid,
                RTReferencedSeriesSequence=[series],
            )
        ],
    )


def _roi(source: PlannedSeries, number: int, structure: Structure) -> Dataset:
    contours = []
    for image in source.instances:
        height = source.fact.position(image.number)
        for cut in ellipses(structure, height):
            contours.append(
                item(
                    ContourImageSequence=[item(ReferencedSOPClassUID=CT, ReferencedSOPInstanceUID=image.uid)],
                    ContourGeometricType="CLOSED_PLANAR",
                    NumberOfContourPoints=CONTOUR_POINTS,
                    ContourData=_outline(cut, height),
                )
            )
    return item(ReferencedROINumber=number, ROIDisplayColor=list(structure.rgb), ContourSequence=contours)


def _outline(cut: Ellipse, height: float) -> list[float]:
    x, y, radius_x, radius_y = cut
    points: list[float] = []
    for step in range(CONTOUR_POINTS):
        angle = 2 * math.pi * step / CONTOUR_POINTS
        points += [round(x + radius_x * math.cos(angle), 3), round(y + radius_y * math.sin(angle), 3), height]
    return points
