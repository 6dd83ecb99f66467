"""What a strict server leaves out of metadata, compares as text, and shows of a series; and that others tell of it."""

from __future__ import annotations

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from dicomweb.wado_samples import store
from doors import Door
from fhantom.dicomweb.wado_told import DRAWN, EVERY_VALUE
from fhantom.site import Site
from instances import ROOT, dataset, encoded, instance

STUDY = f"/dicomweb/studies/{ROOT}.1"
OBJECT = f"{STUDY}/series/{ROOT}.1.1/instances/{ROOT}.1.1.1"
PALETTE = f"/dicomweb/studies/{ROOT}.3/series/{ROOT}.3.1/instances/{ROOT}.3.1.1"


@pytest.fixture(scope="module", autouse=True)
def content(module_site: Site) -> None:
    made = dataset(1)
    made.add_new(0x00182041, "OF", bytes(4) + b"\0\0\x80\x3f")
    made.add_new(0x00720082, "SV", -5)
    made.add_new(0x0040A170, "SQ", Sequence([Dataset(), Dataset()]))
    made.private_block(0x0009, "FHANTOM TEST", create=True).add_new(1, "OB", b"bulk" * 500)
    made.add_new(0x00082218, "SQ", Sequence([dataset(1)]))
    made.add_new(0x00189219, "FD", 0.1)
    made.add_new(0x00104000, "LT", "this\\that")
    made.add_new(0x00280010, "US", 4)
    deep = dataset(3, Rows=2, Columns=2, BitsAllocated=16, BitsStored=16, HighBit=15, PixelRepresentation=0)
    deep.SamplesPerPixel, deep.PhotometricInterpretation, deep.PixelData = 1, "PALETTE COLOR", bytes(8)
    for colour in ("Red", "Green", "Blue"):
        setattr(deep, f"{colour}PaletteColorLookupTableDescriptor", [256, 0, 16])
        setattr(deep, f"{colour}PaletteColorLookupTableData", bytes(512))
    others = [instance(1, 2, 1, Modality="SR", Rows=9), instance(2, PatientID="P2", StudyDate="")]
    store(module_site.worlds.open(), encoded(made), *others, encoded(deep))


def test_metadata_is_what_the_real_server_shows(strict: Door) -> None:
    (shown,) = strict.get(f"{OBJECT}/metadata").json()
    assert shown["00182041"] == {"vr": "OF", "Value": [0]}
    assert shown["00104000"]["Value"] == ["this", "that"]
    assert not {"00720082", "0040A170"} & shown.keys()


def test_xml_is_strictly_the_dialect_of_the_real_server(door: Door, strict: Door) -> None:
    accept = {"Accept": 'multipart/related; type="application/dicom+xml"'}
    usual, recorded = (one.get(f"{OBJECT}/metadata", accept).text for one in (door, strict))
    assert "<BulkData uri=" in usual and "<BulkData URI=" not in usual
    assert "<BulkData URI=" in recorded and "<BulkData uri=" not in recorded
    assert 'keyword="PrivateCreator"' in recorded and "privateCreator=" not in recorded
    assert 'privateCreator="FHANTOM TEST"' in usual
    assert '</Item><Value number="1"/>' in recorded and '</Item><Value number="1"/>' not in usual
    assert '<Value number="1">0.100000001</Value>' in recorded and '<Value number="1">0.1</Value>' in usual


def test_values_that_the_real_server_leaves_out_are_told(door: Door) -> None:
    answer = door.get(f"{OBJECT}/metadata")
    assert answer.json()[0]["00720082"]["Value"] == [-5]
    assert EVERY_VALUE.message in answer.headers["Warning"]


def test_a_palette_of_deep_samples_is_told_and_strictly_refused(door: Door, strict: Door) -> None:
    assert DRAWN.message in door.get(f"{PALETTE}/rendered", {"Accept": "image/png"}).headers["Warning"]
    assert strict.get(f"{PALETTE}/rendered", {"Accept": "image/png"}).status == 400


# Query, studies found, studies that the real server finds.
SEARCHES = [
    pytest.param("/studies?Rows=9", 1, 0, id="a key below is asked of the first instance"),
    pytest.param("/studies?PatientID=,P1", 1, 1, id="an empty value of a list is one"),
    pytest.param("/studies?StudyDate=,20200115", 2, 3, id="an empty date of a list is one"),
    pytest.param("/studies?StudyDate=2020-2021", 2, 2, id="a range of texts"),
    pytest.param("/studies?StudyDate=2020-20200115", 2, 2, id="an end counts"),
    pytest.param("/studies?StudyDate=-2021", 2, 3, id="nothing is before any text"),
    pytest.param("/series?ModalitiesInStudy=SR", 2, 0, id="a key above"),
    pytest.param(f"/studies/{ROOT}.1/series?StudyInstanceUID={ROOT}.2", 0, 2, id="the path decides"),
    pytest.param("/series?0008-0060=SR", 1, 1, id="a tag with a hyphen"),
]


@pytest.mark.parametrize(("query", "ours", "theirs"), SEARCHES)
def test_searches_that_read_values_as_text(door: Door, strict: Door, query: str, ours: int, theirs: int) -> None:
    assert [len(one.get(f"/dicomweb{query}").json()) for one in (door, strict)] == [ours, theirs]


def test_an_included_attribute_is_that_of_the_last_series(strict: Door) -> None:
    (row,) = strict.get(f"/dicomweb/studies?StudyInstanceUID={ROOT}.1&includefield=Modality").json()
    assert row["00080060"]["Value"] == ["SR"]
