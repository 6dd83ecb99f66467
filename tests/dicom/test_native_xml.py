"""The Native DICOM Model, both ways."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from dicom.dicom_samples import dataset, image, written
from fhantom import dicom
from fhantom.dicom import dicom_json, native_xml, records
from fhantom.dicom.records import Record

NAMES = {"n": native_xml.NAMESPACE}


def record_of(content: bytes) -> Record:
    (record,) = records.parse_json(dicom_json.encode(dicom.read(content).dataset))
    return record


def document(inner: str) -> bytes:
    return f'<NativeDicomModel xmlns="{native_xml.NAMESPACE}">{inner}</NativeDicomModel>'.encode()


def test_an_attribute_names_its_tag_vr_keyword_and_creator() -> None:
    made = dataset()
    made.private_block(0x0009, "ACME <1>", create=True).add_new(1, "LO", "x")
    root = ElementTree.fromstring(native_xml.encode(record_of(written(made))))
    attributes = {node.get("tag"): node.attrib for node in root}
    assert attributes["00080018"] == {"tag": "00080018", "vr": "UI", "keyword": "SOPInstanceUID"}
    assert attributes["00091001"] == {"tag": "00091001", "vr": "LO", "privateCreator": "ACME <1>"}


def test_a_name_is_split_into_groups_and_components() -> None:
    made = dataset(PatientName="Doe^Jane^Q^Dr^III=山田^太郎", SpecificCharacterSet="ISO_IR 192")
    root = ElementTree.fromstring(native_xml.encode(record_of(written(made))))
    name = root.find("n:DicomAttribute[@tag='00100010']/n:PersonName[@number='1']", NAMES)
    assert name is not None
    assert [child.text for child in name[0]] == ["Doe", "Jane", "Q", "Dr", "III"]
    assert [child.text for child in name[1]] == ["山田", "太郎"]


def test_references_lie_below_the_given_base() -> None:
    root = ElementTree.fromstring(native_xml.encode(record_of(written(image())), "http://h/bulk"))
    reference = root.find("n:DicomAttribute[@tag='7FE00010']/n:BulkData", NAMES)
    assert reference is not None and reference.get("uri") == "http://h/bulk/7fe00010"


def test_a_data_set_comes_back_from_its_xml() -> None:
    inner = Dataset()
    inner.add_new(0x00281201, "OW", b"\1\2")
    made = image(
        PatientName="Doe^Jane",
        ImageType=["A", "", "C"],
        PixelSpacing=["0.5", "1e-3"],
        FrameIncrementPointer=0x00181063,
        TextValue="a < b & c\r\n\td",
        AnatomicRegionSequence=Sequence([Dataset(), inner]),
        DiffusionBValue=1e300,
    )
    record = record_of(written(made))
    assert native_xml.parse(native_xml.encode(record)) == [record]


def test_characters_that_xml_cannot_hold_are_replaced() -> None:
    record = {"00104000": {"vr": "LT", "Value": ["a\x01\x0bb"]}}
    ((parsed),) = native_xml.parse(native_xml.encode(record))
    assert parsed["00104000"]["Value"] == ["a\ufffd\ufffdb"]


def test_orthancs_spelling_of_a_reference_is_understood() -> None:
    (record,) = native_xml.parse(
        document('<DicomAttribute tag="7FE00010" vr="OB"><BulkData URI="a/b"/></DicomAttribute>')
    )
    assert record["7FE00010"] == {"vr": "OB", "BulkDataURI": "a/b"}


def test_an_attribute_without_vr_gets_that_of_the_dictionary() -> None:
    (record,) = native_xml.parse(
        document('<DicomAttribute keyword="PatientID"><Value number="1">7</Value></DicomAttribute>')
    )
    assert record == {"00100020": {"vr": "LO", "Value": ["7"]}}


NOT_THE_MODEL = {
    "empty": b"",
    "not XML": b"<a",
    "another document": b"<html/>",
    "a document type": b'<!DOCTYPE x [<!ENTITY a "b">]>' + document(""),
    "an undefined entity": document("<DicomAttribute tag='00100020' vr='LO'><Value>&x;</Value></DicomAttribute>"),
    "an unknown child": document("<Attribute/>"),
    "no tag": document("<DicomAttribute vr='LO'/>"),
    "an unknown VR": document("<DicomAttribute tag='00100020' vr='XX'/>"),
    "a number that is none": document("<DicomAttribute tag='00100020'><Value number='x'>1</Value></DicomAttribute>"),
    "a number beyond reason": document("<DicomAttribute tag='00100020'><Value number='999999999'/></DicomAttribute>"),
    "too deep": document("<DicomAttribute tag='00082218' vr='SQ'><Item>" * 4000),
    "too deep, closed": document(
        "<DicomAttribute tag='00082218' vr='SQ'><Item>" * 900 + "</Item></DicomAttribute>" * 900
    ),
    "an encoding that nobody knows": b'<?xml version="1.0" encoding="x-unknown"?><a/>',
}


@pytest.mark.parametrize("body", NOT_THE_MODEL.values(), ids=NOT_THE_MODEL.keys())
def test_what_is_not_the_model_is_refused(body: bytes) -> None:
    with pytest.raises(dicom.DicomError):
        native_xml.parse(body)
