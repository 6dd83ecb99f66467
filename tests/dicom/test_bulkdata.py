"""Values by tag path."""

from __future__ import annotations

import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence

from dicom.dicom_samples import BIG_ENDIAN, UNCOMPRESSED, dataset, image, written
from fhantom import dicom
from fhantom.dicom import bulkdata
from fhantom.dicom.errors import DicomError, NoSuchElement


def nested() -> Dataset:
    inner = Dataset()
    inner.add_new(0x00420011, "OB", b"%PDF")
    middle = Dataset()
    middle.PrimaryAnatomicStructureSequence = Sequence([inner])
    return dataset(AnatomicRegionSequence=Sequence([Dataset(), middle]), PatientID="P1")


def found(content: bytes, path: str) -> list[bytes]:
    located = bulkdata.locate(dicom.read(content).dataset, bulkdata.parse_path(path))
    return [bytes(piece) for piece in bulkdata.pieces(*located)]


@pytest.mark.parametrize("uid", UNCOMPRESSED.values(), ids=UNCOMPRESSED.keys())
@pytest.mark.parametrize(
    "path",
    [
        "00082218/2/00082228/1/00420011",
        "0008,2218/2/0008,2228/1/0042,0011",
        "AnatomicRegionSequence/2/00082228/1/00420011",
    ],
    ids=["hex", "commas", "keyword"],
)
def test_a_nested_value_is_found(path: str, uid: str) -> None:
    assert found(written(nested(), uid), path) == [b"%PDF"]


def test_text_is_given_as_its_bytes() -> None:
    assert found(written(nested()), "00100020") == [b"P1"]


def test_words_are_given_in_little_endian() -> None:
    made = image(bits=16, rows=1, columns=2)
    made.PixelData = b"\1\2\3\4"
    assert found(written(made, BIG_ENDIAN), "7fe00010") == [b"\2\1\4\3"]


def test_fragments_are_given_without_the_offset_table() -> None:
    made = image(frames=2)
    made.PixelData = encapsulate([b"ab", b"cd"])
    made["PixelData"].is_undefined_length = True
    assert found(written(made, "1.2.840.10008.1.2.5"), "7FE00010") == [b"ab", b"cd"]


@pytest.mark.parametrize(
    "path",
    [
        "00420011",
        "00082218",
        "00082218/3/00420011",
        "00082218/0/00082228",
        "00100020/1/00100020",
        "nonsense",
        "",
        "../../etc",
        "00082218/-1/00082228",
        "00082218/999999999/00082228",
    ],
)
def test_a_path_that_leads_nowhere_is_not_found(path: str) -> None:
    with pytest.raises(NoSuchElement) as missing:
        found(written(nested()), path)
    assert missing.value.status == 404


@pytest.mark.parametrize("path", ["00082218/1", "00082218/x/00082228", "00082218/99999999999999999999/00082228"])
def test_a_path_with_an_item_at_its_end_or_out_of_place_is_refused(path: str) -> None:
    with pytest.raises(DicomError) as refused:
        bulkdata.parse_path(path)
    assert refused.value.status == 400
