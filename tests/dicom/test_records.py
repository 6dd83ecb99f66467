"""DICOM JSON as clients send it, and the text that searches see of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dicom.dicom_samples import readable_files
from fhantom import dicom
from fhantom.dicom import dicom_json, records

NAME = 0x00100010


def parsed(**attributes: Any) -> records.Record:
    (record,) = records.parse_json(json.dumps(attributes).encode())
    return record


def test_tags_and_keywords_become_upper_case_tags_in_order() -> None:
    body = b'{"7fe00010": {"vr": "OB"}, "PatientID": {"vr": "LO", "Value": ["1"]}, "0008103e": {"vr": "LO"}}'
    assert list(records.parse_json(body)[0]) == ["0008103E", "00100020", "7FE00010"]


def test_an_array_gives_one_record_each() -> None:
    assert records.parse_json(b"[{}, {}]") == [{}, {}]


def test_a_missing_vr_is_that_of_the_dictionary() -> None:
    assert parsed(**{"00100020": {"Value": ["7"]}}) == {"00100020": {"vr": "LO", "Value": ["7"]}}


@pytest.mark.parametrize("empty", [{}, {"Value": []}, {"Value": None}, {"InlineBinary": ""}], ids=str)
def test_nothing_is_an_attribute_without_value(empty: dict[str, Any]) -> None:
    assert parsed(**{"00420011": {"vr": "OB", **empty}}) == {"00420011": {"vr": "OB"}}


NOT_DICOM_JSON = {
    "not JSON": b"{",
    "not UTF-8": b'{"00100020": "\xff"}',
    "a number": b"7",
    "an array of texts": b'["a"]',
    "an unknown attribute": b'{"Nonsense": {"vr": "LO"}}',
    "seven digits": b'{"0010002": {"vr": "LO"}}',
    "an attribute that is a list": b'{"00100020": ["a"]}',
    "an unknown VR": b'{"00100020": {"vr": "XX"}}',
    "a VR that is a number": b'{"00100020": {"vr": 7}}',
    "a value that is no array": b'{"00100020": {"vr": "LO", "Value": "a"}}',
    "a value that is an object": b'{"00100020": {"vr": "LO", "Value": [{"a": 1}]}}',
    "a value that is a boolean": b'{"00100020": {"vr": "LO", "Value": [true]}}',
    "an item that is a text": b'{"00082218": {"vr": "SQ", "Value": ["a"]}}',
    "two forms": b'{"00420011": {"vr": "OB", "InlineBinary": "AA==", "BulkDataURI": "x"}}',
    "a reference that is a number": b'{"00420011": {"vr": "OB", "BulkDataURI": 7}}',
    "sequences too deep": b'{"00082218":{"vr":"SQ","Value":[' * 100 + b"{}" + b"]}}" * 100,
    "not a number": b'{"00189087": {"vr": "FD", "Value": [NaN]}}',
    "infinity": b'{"00189087": {"vr": "FD", "Value": [-Infinity]}}',
    "brackets too deep": b"[" * 100_000,
}


@pytest.mark.parametrize("body", NOT_DICOM_JSON.values(), ids=NOT_DICOM_JSON.keys())
def test_what_is_not_dicom_json_is_refused(body: bytes) -> None:
    with pytest.raises(dicom.DicomError):
        records.parse_json(body)


@pytest.mark.parametrize("path", readable_files(), ids=lambda path: path.name)
def test_searches_see_the_same_text_of_a_file_and_of_its_record(path: Path) -> None:
    dataset = dicom.read(path.read_bytes()).dataset
    (record,) = records.parse_json(dicom_json.encode(dataset))
    for element in dataset:
        if element.tag & 0xFFFF and element.tag != 0x00080005:
            ours, theirs = records.values_of(record, element.tag), dataset.values(element.tag)
            assert ours == theirs or not any(theirs), f"{element.tag:08X}"


def test_a_number_beyond_any_double_is_no_value() -> None:
    (record,) = records.parse_json(b'{"00189087": {"vr": "FD", "Value": [1e999, 2]}}')
    assert records.encode(record) == b'{"00189087":{"vr":"FD","Value":[null,2]}}'


def test_items_are_records() -> None:
    record = parsed(**{"00082218": {"vr": "SQ", "Value": [{"00100020": {"vr": "LO", "Value": ["7"]}}, None]}})
    first, second = records.items_of(record, 0x00082218)
    assert (records.text(first, 0x00100020), records.text(second, 0x00100020)) == ("7", "")


def test_a_name_is_seen_with_all_its_groups() -> None:
    record = parsed(**{"00100010": {"vr": "PN", "Value": [{"Alphabetic": "A", "Phonetic": "C"}, None]}})
    assert records.values_of(record, NAME) == ("A==C", "")


def test_a_record_is_encoded_as_a_file_is() -> None:
    record = parsed(**{"00100020": {"vr": "LO", "Value": ["é"]}})
    assert records.encode(record) == '{"00100020":{"vr":"LO","Value":["é"]}}'.encode()


def test_selected_attributes_keep_their_order_and_items_their_places() -> None:
    item = {"00080100": {"vr": "SH", "Value": ["A"]}, "00080104": {"vr": "LO", "Value": ["B"]}}
    record = parsed(**{"00100020": {"vr": "LO", "Value": ["7"]}, "00082218": {"vr": "SQ", "Value": [{}, item]}})
    found = records.selected(record, [("00100020",), ("00082218", "00080100"), ("00400000",)])
    assert list(found) == ["00082218", "00100020"]
    assert found["00082218"]["Value"] == [{}, {"00080100": {"vr": "SH", "Value": ["A"]}}]


@pytest.mark.parametrize("order", [1, -1], ids=["whole last", "whole first"])
def test_a_whole_sequence_wins_over_a_part_of_it(order: int) -> None:
    record = parsed(**{"00082218": {"vr": "SQ", "Value": [{"00080100": {"vr": "SH"}, "00080104": {"vr": "LO"}}]}})
    paths = [("00082218", "00080100"), ("00082218",)][::order]
    assert records.selected(record, paths) == record
