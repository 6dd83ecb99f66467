"""Documents about images: measurements (SR), key images (KO), a presentation state (PR)."""

from __future__ import annotations

from collections.abc import Iterator

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from fhantom_seed import facts
from fhantom_seed.facts import Lesion, invented_uid
from fhantom_seed.making.base import code, codes, item, new_object, part10, put
from fhantom_seed.making.planes import STACKS
from fhantom_seed.plan import PlannedInstance, PlannedSeries, PlannedStudy

CT_SERIES = 3
ENGLISH = codes("en", "RFC5646", "English")
# The name under which viewers built on Cornerstone look for a length that they can edit again
LENGTH_TOOL = "Cornerstone3DTools@^0.1.0:Length"


def _content(relationship: str, kind: str, name: Dataset, **elements: object) -> Dataset:
    """A content item (PS3.3 C.17.3)."""
    content = item(RelationshipType=relationship, ValueType=kind, ConceptNameCodeSequence=Sequence([name]))
    return put(content, **elements)


def _image_reference(instance: PlannedInstance) -> Dataset:
    return item(ReferencedSOPClassUID=instance.sop_class_uid, ReferencedSOPInstanceUID=instance.uid)


def _evidence(study: PlannedStudy, series: PlannedSeries, images: list[PlannedInstance]) -> Sequence:
    """Every image that the document refers to (PS3.3 C.17.2.1)."""
    listed = item(SeriesInstanceUID=series.uid, ReferencedSOPSequence=[_image_reference(i) for i in images])
    return Sequence([item(StudyInstanceUID=study.uid, ReferencedSeriesSequence=[listed])])


def _lesions(study: PlannedStudy) -> list[tuple[Lesion, PlannedInstance]]:
    """The reported lesions of a study with the image of each."""
    images = {instance.number: instance for instance in study.numbered(CT_SERIES).instances}
    return [(lesion, images[lesion.image]) for lesion in facts.lesions() if lesion.study == study.fact.id]


def _pixel(x: float, y: float) -> tuple[float, float]:
    """Column and row of a place in the patient, 0 at the corner of the first pixel (PS3.3 C.18.6.1.2)."""
    stack = STACKS["ct-chest"]
    spacing = stack.field_of_view / stack.matrix
    return round(x / spacing + stack.matrix / 2, 2), round(y / spacing + stack.matrix / 2, 2)


def make_sr(study: PlannedStudy, series: PlannedSeries) -> Iterator[bytes]:
    """The lengths of the lesions as a measurement report (PS3.16 TID 1500)."""
    source = study.numbered(CT_SERIES)
    lesions = _lesions(study)
    groups = [_measurement(lesion, image, study.fact.id) for lesion, image in lesions]
    measurements = _content(
        "CONTAINS",
        "CONTAINER",
        code("126010", "DCM", "Imaging Measurements"),
        ContinuityOfContent="SEPARATE",
        ContentSequence=groups,
    )
    for instance in series.instances:
        dataset = new_object(study, series, instance)
        _document(dataset, code("126000", "DCM", "Imaging Measurement Report"), "1500")
        put(
            dataset,
            CompletionFlag="COMPLETE",
            VerificationFlag="UNVERIFIED",
            PerformedProcedureCodeSequence=Sequence(),
            CurrentRequestedProcedureEvidenceSequence=_evidence(study, source, [image for _, image in lesions]),
            ContentSequence=[*_context(), measurements],
        )
        yield part10(dataset)


def _document(dataset: Dataset, title: Dataset, template: str) -> None:
    """The root container and what SR and KO share (PS3.3 C.17.1, C.17.2)."""
    put(
        dataset,
        ReferencedPerformedProcedureStepSequence=Sequence(),
        ValueType="CONTAINER",
        ConceptNameCodeSequence=Sequence([title]),
        ContinuityOfContent="SEPARATE",
        ContentTemplateSequence=[item(MappingResource="DCMR", TemplateIdentifier=template)],
    )


def _context() -> list[Dataset]:
    """Language, who measured, and what was done (PS3.16 TID 1204, 1001)."""
    country = _content(
        "HAS CONCEPT MOD",
        "CODE",
        code("121046", "DCM", "Country of Language"),
        ConceptCodeSequence=codes("US", "ISO3166_1", "United States"),
    )
    return [
        _content(
            "HAS CONCEPT MOD",
            "CODE",
            code("121049", "DCM", "Language of Content Item and Descendants"),
            ConceptCodeSequence=ENGLISH,
            ContentSequence=[country],
        ),
        _content(
            "HAS OBS CONTEXT",
            "PNAME",
            code("121008", "DCM", "Person Observer Name"),
            PersonName="SIIM^Provider",
        ),
        _content(
            "HAS CONCEPT MOD",
            "CODE",
            code("121058", "DCM", "Procedure reported"),
            ConceptCodeSequence=codes("24627-2", "LN", "CT Chest"),
        ),
    ]


def _measurement(lesion: Lesion, image: PlannedInstance, study_id: str) -> Dataset:
    """A measurement group with the long axis of one lesion (PS3.16 TID 1501)."""
    left = _pixel(lesion.x - lesion.radius_x, lesion.y)
    right = _pixel(lesion.x + lesion.radius_x, lesion.y)
    selected = item(RelationshipType="SELECTED FROM", ValueType="IMAGE")
    selected.ReferencedSOPSequence = [_image_reference(image)]
    line = item(RelationshipType="INFERRED FROM", ValueType="SCOORD")
    put(line, GraphicData=[*left, *right], GraphicType="POLYLINE", ContentSequence=[selected])
    length = _content(
        "CONTAINS",
        "NUM",
        code("410668003", "SCT", "Length"),
        MeasuredValueSequence=[
            item(
                NumericValue=f"{lesion.radius_x * 2:.1f}",
                MeasurementUnitsCodeSequence=codes("mm", "UCUM", "millimeter"),
            )
        ],
        ContentSequence=[line],
    )
    tracking = invented_uid("measurement", study_id, lesion.name)
    return _content(
        "CONTAINS",
        "CONTAINER",
        code("125007", "DCM", "Measurement Group"),
        ContinuityOfContent="SEPARATE",
        ContentTemplateSequence=[item(MappingResource="DCMR", TemplateIdentifier="1501")],
        ContentSequence=[
            _content("HAS OBS CONTEXT", "TEXT", code("112039", "DCM", "Tracking Identifier"), TextValue=LENGTH_TOOL),
            _content("HAS OBS CONTEXT", "UIDREF", code("112040", "DCM", "Tracking Unique Identifier"), UID=tracking),
            _content(
                "CONTAINS",
                "CODE",
                code("121071", "DCM", "Finding"),
                ConceptCodeSequence=codes("4147007", "SCT", "Mass"),
            ),
            length,
        ],
    )


def make_ko(study: PlannedStudy, series: PlannedSeries) -> Iterator[bytes]:
    """The key images of the study's report (PS3.16 TID 2010)."""
    source = study.numbered(CT_SERIES)
    images = [image for _, image in _lesions(study)]
    for instance in series.instances:
        dataset = new_object(study, series, instance)
        _document(dataset, code("113000", "DCM", "Of Interest"), "2010")
        references = []
        for image in images:
            reference = item(RelationshipType="CONTAINS", ValueType="IMAGE")
            reference.ReferencedSOPSequence = [_image_reference(image)]
            references.append(reference)
        put(
            dataset,
            CurrentRequestedProcedureEvidenceSequence=_evidence(study, source, images),
            ContentSequence=references,
        )
        yield part10(dataset)


def make_pr(study: PlannedStudy, series: PlannedSeries) -> Iterator[bytes]:
    """A mediastinal window with a circle around the largest node (PS3.3 A.33.1)."""
    source = study.numbered(CT_SERIES)
    lesion, image = next(pair for pair in _lesions(study) if "node" in pair[0].name)
    matrix = STACKS[source.fact.recipe].matrix
    for instance in series.instances:
        dataset = new_object(study, series, instance)
        put(
            dataset,
            Laterality="",
            ContentLabel="MEDIASTINUM",
            ContentDescription="Mediastinal window, node marked",
            ContentCreatorName="SIIM^Provider",
            PresentationCreationDate=dataset.StudyDate,
            PresentationCreationTime=dataset.StudyTime,
            ReferencedSeriesSequence=[
                item(SeriesInstanceUID=source.uid, ReferencedImageSequence=[_image_reference(image)])
            ],
            SoftcopyVOILUTSequence=[item(WindowCenter=40, WindowWidth=400)],
            DisplayedAreaSelectionSequence=[
                item(
                    DisplayedAreaTopLeftHandCorner=[1, 1],
                    DisplayedAreaBottomRightHandCorner=[matrix, matrix],
                    PresentationSizeMode="SCALE TO FIT",
                    PresentationPixelAspectRatio=[1, 1],
                )
            ],
            GraphicLayerSequence=[item(GraphicLayer="MARKS", GraphicLayerOrder=1)],
            GraphicAnnotationSequence=[_marks(lesion, image)],
            PresentationLUTShape="IDENTITY",
            RescaleIntercept=-1024,
            RescaleSlope=1,
            RescaleType="HU",
        )
        yield part10(dataset)


def _marks(lesion: Lesion, image: PlannedInstance) -> Dataset:
    """A circle around the lesion and its name beside it (PS3.3 C.10.5)."""
    column, row = _pixel(lesion.x, lesion.y)
    reach = lesion.radius_x / (STACKS["ct-chest"].field_of_view / STACKS["ct-chest"].matrix) + 4
    return item(
        GraphicLayer="MARKS",
        ReferencedImageSequence=[_image_reference(image)],
        TextObjectSequence=[
            item(
                UnformattedTextValue=lesion.name,
                AnchorPointAnnotationUnits="PIXEL",
                AnchorPoint=[column + reach + 6, row],
                AnchorPointVisibility="N",
            )
        ],
        GraphicObjectSequence=[
            item(
                GraphicAnnotationUnits="PIXEL",
                GraphicDimensions=2,
                NumberOfGraphicPoints=2,
                GraphicData=[column, row, round(column + reach, 2), row],
                GraphicType="CIRCLE",
                GraphicFilled="N",
            )
        ],
    )
