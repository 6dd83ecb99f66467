"""What a search answers with: attributes by level, includes, pages, warnings and forms."""

from __future__ import annotations

import csv
import gzip
import io
import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from doors import Door
from fhantom.archive.ingest import Accepted, Incoming, accept, keep
from fhantom.site import Site
from instances import ROOT, dataset, encoded

STUDY = {"00080020", "00080030", "00080050", "00080090", "00100010", "00100020", "00100030", "00100040"}
STUDY |= {"0020000D", "00200010"}
SERIES = {"00080060", "0008103E", "0020000E", "00200011"}
INSTANCE = {"00080016", "00080018", "00200013", "00280010", "00280011", "00280100"}
ALWAYS = {"00080005", "00081190"}


def _everything() -> Dataset:
    code = Dataset()
    code.CodeValue, code.CodeMeaning = "T-D1100", "Head"
    made = dataset(3, AnatomicRegionSequence=Sequence([code]), AccessionNumber="", PatientName="Müller=山田")
    made.private_block(0x0009, "FHANTOM TEST", create=True).add_new(1, "LO", "private text")
    made.TimezoneOffsetFromUTC = "+0100"
    return made


@pytest.fixture(scope="module", autouse=True)
def content(module_site: Site) -> None:
    made = [dataset(1), dataset(1, 1, 2), dataset(1, 2, 1, Modality="SR"), dataset(2), _everything()]
    made += [dataset(study) for study in range(4, 12)]
    incoming = []
    for body in map(encoded, made):
        accepted = accept(body)
        assert isinstance(accepted, Accepted)
        incoming.append(Incoming(accepted, body))
    keep(module_site.worlds.open(), incoming)


def rows(door: Door, path: str) -> list[dict[str, Any]]:
    answer = door.get(f"/dicomweb{path}")
    assert answer.status == 200, answer.body
    found: list[dict[str, Any]] = answer.json()
    return found


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (f"/studies?StudyInstanceUID={ROOT}.1", STUDY | {"00080061", "00201206", "00201208"}),
        (f"/studies/{ROOT}.1/series", STUDY | SERIES | {"00201209"}),
        (f"/series?StudyInstanceUID={ROOT}.1", SERIES | {"00201209", "0020000D"}),
        (f"/studies/{ROOT}.1/instances", STUDY | SERIES | INSTANCE),
        (f"/instances?StudyInstanceUID={ROOT}.1", SERIES | INSTANCE | {"0020000D"}),
        (f"/studies/{ROOT}.1/instances?SeriesInstanceUID={ROOT}.1.1", STUDY | INSTANCE | {"0020000E"}),
        ("/studies?StudyDescription=CT*&PatientID=P1", STUDY | {"00080061", "00081030", "00201206", "00201208"}),
        (f"/studies?StudyInstanceUID={ROOT}.3", STUDY | {"00080061", "00080201", "00201206", "00201208"}),
    ],
)
def test_rows_carry_orthancs_default_attributes(door: Door, path: str, expected: set[str]) -> None:
    assert set(rows(door, path)[0]) == expected | ALWAYS


def test_counts_and_modalities_describe_the_whole_study(door: Door) -> None:
    (row,) = rows(door, f"/studies?StudyInstanceUID={ROOT}.1")
    assert row["00080061"] == {"vr": "CS", "Value": ["CT", "SR"]}
    assert row["00201206"] == {"vr": "IS", "Value": [2]}
    assert row["00201208"] == {"vr": "IS", "Value": [3]}


def test_an_empty_attribute_has_no_value_and_an_absent_one_is_not_there(door: Door) -> None:
    (row,) = rows(door, f"/studies?StudyInstanceUID={ROOT}.3")
    assert row["00080050"] == {"vr": "SH"}
    assert "00080056" not in row


def test_names_are_complete_and_said_to_be_in_utf_8(door: Door) -> None:
    (row,) = rows(door, f"/studies?StudyInstanceUID={ROOT}.3")
    assert row["00080005"]["Value"] == ["ISO_IR 192"]
    assert row["00100010"]["Value"] == [{"Alphabetic": "Müller", "Ideographic": "山田"}]


@pytest.mark.parametrize(
    ("path", "below"),
    [
        (f"/studies?StudyInstanceUID={ROOT}.1", ""),
        (f"/studies/{ROOT}.1/series?SeriesNumber=2", f"/series/{ROOT}.1.2"),
        (f"/instances?SOPInstanceUID={ROOT}.1.1.2", f"/series/{ROOT}.1.1/instances/{ROOT}.1.1.2"),
    ],
)
def test_the_retrieve_url_leads_back_to_this_server(door: Door, path: str, below: str) -> None:
    (row,) = rows(door, path)
    assert row["00081190"] == {"vr": "UR", "Value": [f"{door.origin}/dicomweb/studies/{ROOT}.1{below}"]}


def test_members_stand_in_the_order_of_their_tags(door: Door) -> None:
    for row in rows(door, "/instances?includefield=all"):
        assert list(row) == sorted(row)


INCLUDES = {
    "includefield=StudyDescription": {"00081030"},
    "includefield=00081030": {"00081030"},
    "includefield=StudyDescription,00081030": {"00081030"},
    "includefield=StudyDescription&includefield=PatientComments": {"00081030"},
    "includefield=AnatomicRegionSequence": {"00082218"},
    "includefield=00091001": {"00091001"},
    "includefield=00082218.CodeValue": {"00082218"},
    "includefield=Bogus": set(),
    "includefield=studydescription": set(),
    "includefield=0008,1030": set(),
    "includefield=PixelData": set(),
    "includefield=InstanceAvailability": {"00080056"},
    "includefield=": set(),
}


@pytest.mark.parametrize(("query", "added"), INCLUDES.items(), ids=INCLUDES)
def test_includefield_adds_what_the_object_has(door: Door, query: str, added: set[str]) -> None:
    path = "/studies?PatientID=P3"
    (plain,), (more,) = rows(door, path), rows(door, f"{path}&{query}")
    assert set(more) - set(plain) == added


def test_a_path_includes_only_that_part_of_a_sequence(door: Door) -> None:
    (row,) = rows(door, "/studies?PatientID=P3&includefield=AnatomicRegionSequence.CodeValue")
    assert row["00082218"]["Value"] == [{"00080100": {"vr": "SH", "Value": ["T-D1100"]}}]


@pytest.mark.parametrize("word", ["all", "ALL"])
def test_includefield_all_gives_what_is_true_of_the_level(door: Door, word: str) -> None:
    (study,) = rows(door, f"/studies?PatientID=P3&includefield={word}")
    (object_,) = rows(door, f"/instances?PatientID=P3&includefield={word}")
    assert "00081030" in study
    assert "00280010" not in study
    assert {"00081030", "00082218", "00091001", "00280010", "00201208", "00083002"} <= set(object_)
    assert "7FE00010" not in object_


def test_available_transfer_syntaxes_can_be_included(door: Door) -> None:
    (row,) = rows(door, "/instances?PatientID=P3&includefield=AvailableTransferSyntaxUID")
    assert row["00083002"] == {"vr": "UI", "Value": ["1.2.840.10008.1.2.1"]}


@pytest.mark.parametrize("resource", ["studies", "series", "instances"])
def test_pages_follow_each_other_without_gap_or_overlap(door: Door, resource: str) -> None:
    everything = rows(door, f"/{resource}")
    pages = [rows(door, f"/{resource}?limit=4&offset={offset}") for offset in range(0, 16, 4)]
    assert [row for page in pages for row in page] == everything
    assert rows(door, f"/{resource}?offset=1000") == []
    assert rows(door, f"/{resource}?limit=0") == everything
    assert rows(door, f"/{resource}?limit=1&limit=3") == everything[:3]


def test_pages_of_what_is_found_in_the_objects_themselves_follow_each_other(door: Door) -> None:
    everything = rows(door, "/series?Rows=4")
    pages = [rows(door, f"/series?Rows=4&limit=5&offset={offset}") for offset in (0, 5, 10)]
    assert [row for page in pages for row in page] == everything


@pytest.mark.parametrize("query", ["limit=4", "limit=4&Rows=4", "limit=4&PatientName=Doe*"])
def test_a_warning_tells_what_the_limit_left_out(door: Door, query: str) -> None:
    warning = door.get(f"/dicomweb/studies?{query}").headers["Warning"]
    count = 6 if "PatientName" in query else 7
    assert warning == f'299 {door.origin}/dicomweb: "There are {count} additional results that can be requested"'


@pytest.mark.parametrize(
    ("query", "named"),
    [("foo=bar", "foo"), ("patientname=x", "patientname"), ("includefield=Bogus", "includefield=Bogus")],
)
def test_a_warning_names_what_was_ignored(door: Door, query: str, named: str) -> None:
    assert f'"{named} has no meaning' in door.get(f"/dicomweb/studies?{query}").headers["Warning"]


def test_a_search_that_leaves_nothing_out_has_no_warning(door: Door) -> None:
    warnings = door.get("/dicomweb/studies?limit=11&PatientID=P*").headers.get_all("Warning") or []
    assert [text for text in warnings if "Latin-1" not in text] == []


JSON, XML, CSV = "application/dicom+json", "multipart/related", "text/csv"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("application/dicom+json", JSON),
        ("application/json", JSON),
        ("APPLICATION/DICOM+JSON", JSON),
        ("application/*", JSON),
        ("application/dicom+json;q=0", JSON),
        ("text/html", JSON),
        ("image/png", JSON),
        ("text/html, application/dicom+json", JSON),
        ("application/dicom+xml, application/dicom+json;q=0.5", JSON),
        ('application/dicom+json, multipart/related; type="application/octet-stream"', JSON),
        ("application/dicom+xml", XML),
        ("application/xml", XML),
        ("text/xml", XML),
        ('multipart/related; type="application/dicom+xml"', XML),
        ("multipart/related; type=application/dicom+xml", XML),
        ("text/csv", CSV),
    ],
)
def test_the_accept_header_chooses_the_form_and_never_refuses(door: Door, accept: str | None, expected: str) -> None:
    answer = door.get("/dicomweb/studies?PatientID=P1", {"Accept": accept})
    assert answer.status == 200
    assert answer.headers.get_content_type() == expected


def test_the_accept_parameter_comes_before_the_header(door: Door) -> None:
    answer = door.get("/dicomweb/studies?accept=application/dicom%2Bxml", {"Accept": JSON})
    assert answer.headers.get_content_type() == XML


def test_xml_has_one_native_dicom_model_a_row(door: Door) -> None:
    answer = door.get("/dicomweb/studies?limit=2", {"Accept": "text/xml"})
    assert answer.headers["Content-Type"].startswith('multipart/related; type="application/dicom+xml"; boundary=')
    boundary = answer.headers["Content-Type"].rpartition("=")[2].encode()
    first, second = answer.body.split(b"--" + boundary)[1:-1]
    for part in (first, second):
        head, _, document = part.partition(b"\r\n\r\n")
        assert b"Content-Type: application/dicom+xml" in head
        assert ElementTree.fromstring(document).tag.endswith("NativeDicomModel")


def test_csv_has_a_line_of_keywords_and_one_a_row(door: Door) -> None:
    answer = door.get(f"/dicomweb/studies?StudyInstanceUID={ROOT}.1,{ROOT}.3", {"Accept": "text/csv"})
    lines = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    found = {line["PatientID"]: line for line in lines}
    assert found["P1"]["ModalitiesInStudy"] == "CT\\SR"
    assert found["P3"]["PatientName"] == "Müller=山田"


def test_nothing_found_is_an_empty_list(door: Door) -> None:
    answer = door.get("/dicomweb/studies?PatientID=NOBODY")
    assert (answer.status, answer.body) == (200, b"[]")


def test_head_has_the_headers_of_get(door: Door) -> None:
    got, asked = door.get("/dicomweb/studies"), door.request("HEAD", "/dicomweb/studies")
    assert (asked.status, asked.body) == (200, b"")
    assert asked.headers["Content-Length"] == got.headers["Content-Length"]


def test_json_goes_out_compressed_for_who_takes_it(door: Door) -> None:
    answer = door.get("/dicomweb/studies", {"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.body) == door.get("/dicomweb/studies").body


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/studies", "/series", "/instances"])
def test_a_method_that_a_resource_does_not_take_is_405_with_allow(door: Door, method: str, path: str) -> None:
    answer = door.request(method, f"/dicomweb{path}")
    assert (answer.status, answer.body) == (405, b"")
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize("path", ["/patients", "/nothing", "/studies/1/nothing"])
def test_an_unknown_resource_is_told_in_orthancs_form(door: Door, path: str) -> None:
    answer = door.get(f"/dicomweb{path}")
    assert answer.status == 404
    assert answer.json()["OrthancStatus"] == 17
    assert answer.json()["Uri"] == f"/dicomweb{path}"
