"""What metadata holds: all attributes or those asked for, small binary values or references to them."""

from __future__ import annotations

from typing import Any

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from dicomweb.wado_samples import CT, STUDY
from doors import Door
from fhantom.settings import Settings
from instances import MULTIPART, dataset, encoded, multipart

IDENTIFYING = {"00080005", "00080016", "00080018", "0020000D", "0020000E"}


@pytest.fixture(scope="module")
def module_settings() -> Settings:
    return Settings(ephemeral=True, inline_bulkdata=16)


@pytest.fixture(scope="module", autouse=True)
def content(door: Door) -> None:
    item = Dataset()
    item.CodeValue, item.CodeMeaning = "T-1", "Head"
    made = dataset(SpecificCharacterSet="ISO_IR 192", AnatomicRegionSequence=Sequence([item, Dataset()]))
    made.add_new(0x00281201, "OW", b"\1\2\3\4")
    made.add_new(0x00281202, "OW", bytes(32))
    headers = {"Content-Type": MULTIPART}
    assert door.request("POST", "/dicomweb/studies", headers, multipart(encoded(made))).status == 200


def metadata(door: Door, query: str = "") -> dict[str, Any]:
    (found,) = door.get(f"{CT}/metadata{query}").json()
    return dict(found)


def test_a_small_binary_value_is_held_itself_when_the_setting_allows_its_size(door: Door) -> None:
    found = metadata(door)
    assert found["00281201"] == {"vr": "OW", "InlineBinary": "AQIDBA=="}
    assert found["00281202"]["BulkDataURI"].endswith(f"{CT}/bulk/00281202")


@pytest.mark.parametrize(
    ("query", "tags"),
    [
        ("?includefield=PatientName", {"00100010"}),
        ("?includefield=00100010&includefield=00281202", {"00100010", "00281202"}),
        ("?includefield=00100010,PatientID", {"00100010", "00100020"}),
        ("?includefield=StudyDate,NumberOfFrames", {"00080020"}),
    ],
)
def test_only_what_is_asked_for_is_given_beside_the_uids(door: Door, query: str, tags: set[str]) -> None:
    assert set(metadata(door, query)) == tags | IDENTIFYING


@pytest.mark.parametrize("query", ["?includefield=all", "?includefield=PatientID,all", "?includefield="])
def test_all_is_everything(door: Door, query: str) -> None:
    assert metadata(door, query) == metadata(door)


def test_a_part_of_a_sequence_can_be_asked_for(door: Door) -> None:
    found = metadata(door, "?includefield=AnatomicRegionSequence.CodeValue")
    assert found["00082218"]["Value"] == [{"00080100": {"vr": "SH", "Value": ["T-1"]}}, {}]


def test_xml_is_chosen_from_alike(door: Door) -> None:
    accept = {"Accept": 'multipart/related; type="application/dicom+xml"'}
    answer = door.get(f"{STUDY}/metadata?includefield=PatientID", accept)
    assert b'keyword="PatientID"' in answer.body
    assert b'keyword="PatientName"' not in answer.body


def test_another_choice_has_another_validator(door: Door) -> None:
    tags = {door.get(f"{CT}/metadata{query}").headers["ETag"] for query in ("", "?includefield=PatientID")}
    assert len(tags) == 2


def test_what_names_no_attribute_is_400(door: Door) -> None:
    assert door.get(f"{CT}/metadata?includefield=Nonsense").status == 400
