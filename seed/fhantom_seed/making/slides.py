"""Whole slide images (PS3.3 A.32.8): three levels of tiles, and thumbnail, label and overview."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageDraw
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from fhantom_seed.drawing.tissue import section
from fhantom_seed.facts import invented_uid
from fhantom_seed.making.base import codes, item, new_object, part10, put
from fhantom_seed.making.encode import set_pixels
from fhantom_seed.making.photographs import to_bytes
from fhantom_seed.plan import PlannedSeries, PlannedStudy

TILE = 256
# recipe -> width and height of the largest level
SIZES = {"slide": (1792, 1280), "slide-cover": (1792, 1280), "slide-all": (1536, 1024)}
MICRON_MM = 0.0005
Picture = NDArray[np.uint8]


class Layer(NamedTuple):
    """One image of a slide: its flavor (PS3.3 C.8.12.4.1.1) and how much smaller than the slide it is."""

    flavor: str
    derived: bool
    reduction: float


# In the order of the instances of a slide
LAYERS = (
    Layer("VOLUME", False, 1),
    Layer("VOLUME", True, 2),
    Layer("VOLUME", True, 4),
    Layer("THUMBNAIL", True, 8),
    Layer("LABEL", False, 8),
    Layer("OVERVIEW", False, 8),
)


def make_slide(study: PlannedStudy, series: PlannedSeries) -> Iterator[bytes]:
    """The images of one series; `slide` holds the levels, `slide-cover` the rest, `slide-all` both."""
    first = 3 if series.fact.recipe == "slide-cover" else 0
    salt = int("".join(character for character in study.fact.id if character.isdigit())[-3:])
    for layer, instance in zip(LAYERS[first:], series.instances, strict=False):
        dataset = new_object(study, series, instance)
        picture = _picture(layer, SIZES[series.fact.recipe], study.fact.id, salt)
        _describe(dataset, study, series, layer, picture)
        set_pixels(dataset, _frames(layer, picture), series.fact.syntax)
        yield part10(dataset)


def _picture(layer: Layer, size: tuple[int, int], name: str, salt: int) -> Picture:
    """The whole pixel matrix of one layer."""
    if layer.flavor == "LABEL":
        return _label(name)
    columns, rows = (int(length / layer.reduction) for length in size)
    across = (np.arange(columns, dtype=np.float32) + np.float32(0.5)) * np.float32(layer.reduction)
    down = (np.arange(rows, dtype=np.float32) + np.float32(0.5)) * np.float32(layer.reduction)
    tissue = to_bytes(section(across[None, :], down[:, None], *size, salt, layer.reduction))
    if layer.flavor == "OVERVIEW":
        glass = np.full((rows, columns * 2, 3), 236, dtype=np.uint8)
        glass[:, columns:] = tissue
        glass[:, : columns // 2] = (205, 214, 226)
        return glass
    return tissue


def _label(name: str) -> Picture:
    """A paper label with the accession number."""
    sheet = Image.new("RGB", (TILE, TILE), (250, 250, 245))
    draw = ImageDraw.Draw(sheet)
    for line, text in enumerate((name, "H&E", "SIIM pathology", "synthetic, fhantom")):
        draw.text((24, 40 + 44 * line), text, fill=(20, 20, 30))
    return np.asarray(sheet)


def _frames(layer: Layer, picture: Picture) -> list[Picture]:
    """A level in tiles, left to right and top to bottom, padded with white; other pictures as one frame."""
    if layer.flavor != "VOLUME":
        return [picture]
    rows, columns = picture.shape[:2]
    down, across = -(-rows // TILE), -(-columns // TILE)
    padded = np.full((down * TILE, across * TILE, 3), 255, dtype=np.uint8)
    padded[:rows, :columns] = picture
    return [
        np.ascontiguousarray(padded[y : y + TILE, x : x + TILE])
        for y in range(0, down * TILE, TILE)
        for x in range(0, across * TILE, TILE)
    ]


def _srgb() -> bytes:
    """An sRGB profile whose creation time (ICC.1 7.2.8) is fixed."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    padded = profile + b"\0" * (len(profile) % 2)
    return padded[:24] + bytes((7, 208, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0)) + padded[36:]


def _describe(dataset: Dataset, study: PlannedStudy, series: PlannedSeries, layer: Layer, picture: Picture) -> None:
    """Whole slide modules (PS3.3 C.8.12.4, C.8.12.5, C.7.6.22)."""
    rows, columns = picture.shape[:2]
    spacing = MICRON_MM * layer.reduction
    flavor = layer.flavor
    image_type = ["DERIVED" if layer.derived else "ORIGINAL", "PRIMARY", flavor]
    image_type.append("RESAMPLED" if layer.derived else "NONE")
    slide = invented_uid("slide", study.fact.id)
    put(
        dataset,
        ImageType=image_type,
        FrameOfReferenceUID=series.frame_of_reference_uid,
        PositionReferenceIndicator="SLIDE_CORNER",
        AcquisitionDateTime=dataset.StudyDate + dataset.StudyTime,
        AcquisitionDuration=60,
        AcquisitionContextSequence=Sequence(),
        ImagedVolumeWidth=columns * spacing,
        ImagedVolumeHeight=rows * spacing,
        ImagedVolumeDepth=4,
        TotalPixelMatrixColumns=columns,
        TotalPixelMatrixRows=rows,
        TotalPixelMatrixOriginSequence=[item(XOffsetInSlideCoordinateSystem=20, YOffsetInSlideCoordinateSystem=40)],
        ImageOrientationSlide=[0, -1, 0, -1, 0, 0],
        SpecimenLabelInImage="YES" if flavor in {"LABEL", "OVERVIEW"} else "NO",
        BurnedInAnnotation="YES" if flavor == "LABEL" else "NO",
        FocusMethod="AUTO",
        ExtendedDepthOfField="NO",
        VolumetricProperties="VOLUME",
        NumberOfOpticalPaths=1,
        TotalPixelMatrixFocalPlanes=1,
        NumberOfFrames=len(_frames(layer, picture)),
        LossyImageCompression="01",
        ContainerIdentifier=study.fact.id,
        IssuerOfTheContainerIdentifierSequence=Sequence(),
        ContainerTypeCodeSequence=codes("433466003", "SCT", "Microscope slide"),
        SpecimenDescriptionSequence=[
            item(
                SpecimenIdentifier=study.fact.id,
                SpecimenUID=slide,
                IssuerOfTheSpecimenIdentifierSequence=Sequence(),
                SpecimenPreparationSequence=Sequence(),
            )
        ],
        ImageComments="Synthetic",
    )
    if flavor == "LABEL":
        put(dataset, LabelText=study.fact.id, BarcodeValue=study.fact.id)
    _optics(dataset, study, series, image_type, spacing)


def _optics(
    dataset: Dataset, study: PlannedStudy, series: PlannedSeries, image_type: list[str], spacing: float
) -> None:
    """Optical path, dimensions and shared functional groups: tiles in full rows (TILED_FULL)."""
    organization = invented_uid("dimensions", study.fact.id, series.fact.number)
    put(
        dataset,
        DimensionOrganizationType="TILED_FULL",
        DimensionOrganizationSequence=[item(DimensionOrganizationUID=organization)],
        OpticalPathSequence=[
            item(
                OpticalPathIdentifier="1",
                OpticalPathDescription="Brightfield",
                IlluminationTypeCodeSequence=codes("111744", "DCM", "Brightfield illumination"),
                IlluminationColorCodeSequence=codes("414298005", "SCT", "Full Spectrum"),
                ICCProfile=_srgb(),
            )
        ],
        SharedFunctionalGroupsSequence=[
            item(
                PixelMeasuresSequence=[item(PixelSpacing=[spacing, spacing], SliceThickness=0.004)],
                WholeSlideMicroscopyImageFrameTypeSequence=[item(FrameType=image_type)],
                OpticalPathIdentificationSequence=[item(OpticalPathIdentifier="1")],
            )
        ],
    )
