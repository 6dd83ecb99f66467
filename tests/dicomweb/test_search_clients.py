"""Searches and uploads as real clients send them, by the letter; what each of them reads is there."""

from __future__ import annotations

import io
import itertools
import json
import re
import xml.etree.ElementTree as ElementTree
from typing import Any

import pydicom
import pytest
from dicomweb_client.api import DICOMwebClient

from doors import Door, Socket
from fhantom.archive.ingest import Accepted, Incoming, accept, keep
from fhantom.settings import BUILT_IN_KEY
from fhantom.site import Site
from instances import ROOT, instance

_STUDIES = itertools.count(100)


@pytest.fixture(scope="module", autouse=True)
def content(module_site: Site) -> None:
    bodies = [
        instance(1, PatientName="SIIM^Joe", PatientID="TCGA-17-Z058"),
        instance(1, 1, 2, PatientName="SIIM^Joe", PatientID="TCGA-17-Z058"),
        instance(2, PatientName="SIIM^Andy", Modality="DX", SeriesDescription="PA"),
        instance(3, PatientName="Other", Modality="XC"),
    ]
    incoming = []
    for body in bodies:
        accepted = accept(body)
        assert isinstance(accepted, Accepted)
        incoming.append(Incoming(accepted, body))
    keep(module_site.worlds.open(), incoming)


def rows(door: Door, path: str, **headers: str) -> list[dict[str, Any]]:
    answer = door.get(path, headers)
    assert answer.status == 200, answer.body
    # One client decodes with utf-8-sig, so there must be no byte order mark to miss.
    found: list[dict[str, Any]] = json.loads(answer.body.decode("utf-8-sig"))
    return found


def test_the_official_introduction_finds_studies_by_name(door: Door) -> None:
    found = rows(door, "/dicomweb/studies/?00100010=SIIM*", Accept="application/dicom+json")
    assert {row["00100010"]["Value"][0]["Alphabetic"] for row in found} == {"SIIM^Joe", "SIIM^Andy"}
    assert all(row["0020000D"]["Value"][0].startswith(ROOT) for row in found)


def test_the_2026_survey_client_walks_from_studies_to_instances(door: Door) -> None:
    accept_ = "application/fhir+json, application/json;q=0.9"
    for study in rows(door, "/dicomweb/studies", Accept=accept_):
        study_uid = study["0020000D"]["Value"][0]
        for series in rows(door, f"/dicomweb/studies/{study_uid}/series", Accept=accept_):
            series_uid = series["0020000E"]["Value"][0]
            path = f"/dicomweb/studies/{study_uid}/series/{series_uid}/instances"
            assert rows(door, path, Accept=accept_)


def test_the_image_picker_uses_the_older_path(door: Door) -> None:
    assert rows(door, "/dicomweb/studies/")
    (first, _) = rows(door, f"/dicom-web/studies/{ROOT}.1/instances")
    assert first["00080018"]["Value"] == [f"{ROOT}.1.1.1"]


def test_the_2021_script_asks_for_two_modalities_of_instances(door: Door) -> None:
    (row,) = rows(door, "/dicomweb/instances?Modality=CR,DX", Accept="application/dicom+json")
    assert row["0008103E"]["Value"] == ["PA"]
    assert row["00081190"]["Value"] == [
        f"{door.origin}/dicomweb/studies/{ROOT}.2/series/{ROOT}.2.1/instances/{ROOT}.2.1.1"
    ]


def test_the_rust_client_asks_for_any_name(door: Door) -> None:
    assert len(rows(door, "/dicomweb/studies?PatientName=*&limit=10")) >= 3


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("00080061=CT", 1),
        ("ModalitiesInStudy=XC", 1),
        (f"0020000D={ROOT}.1", 1),
        ("00100010=SIIM&includefield=ALL&limit=10", 0),
        ("?&includefield=00080020,00080030,00100010&limit=10&offset=0".lstrip("?"), 3),
        (
            "limit=101&offset=0&fuzzymatching=true&includefield=00081030%2C00080060%2C00080090%2C00100030"
            "&PatientName=*siim*&00100020=*TCGA*&StudyDate=20200101-20201231&ModalitiesInStudy=CT,MR",
            1,
        ),
        (f"StudyInstanceUID={ROOT}.1%5C%5C{ROOT}.2&limit=101&offset=0", 2),
    ],
    ids=["modality tag", "keyword", "uid tag", "2015", "Weasis", "OHIF list", "OHIF studies"],
)
def test_other_clients_queries_find_what_they_look_for(door: Door, query: str, count: int) -> None:
    found = [row for row in rows(door, f"/dicomweb/studies?{query}") if int(row["00200010"]["Value"][0]) < 100]
    assert len(found) == count


def test_a_c_sharp_client_reads_xml_from_the_multipart_answer(door: Door) -> None:
    answer = door.get(f"/dicomweb/studies/?StudyInstanceUID={ROOT}.1", {"Accept": "text/xml"})
    found = re.search(rb"<NativeDicomModel.*</NativeDicomModel>", answer.body, re.DOTALL)
    assert found is not None
    model = ElementTree.fromstring(found.group())
    keywords = {child.get("keyword"): child for child in model}
    assert "".join(keywords["StudyInstanceUID"].itertext()).strip() == f"{ROOT}.1"


def client(door: Door) -> DICOMwebClient:
    if not isinstance(door, Socket):
        pytest.skip("the client needs a socket")
    return DICOMwebClient(f"{door.origin}/dicomweb", headers={"apikey": BUILT_IN_KEY})


def test_dicomweb_client_searches_every_level(door: Door) -> None:
    search = client(door)
    (study,) = search.search_for_studies(search_filters={"PatientID": "TCGA-17-Z058"}, fields=["StudyDescription"])
    assert study["00081030"]["Value"] == ["CT Head"]
    assert search.search_for_studies(fuzzymatching=True, search_filters={"PatientName": "siim"}, limit=1)
    assert len(search.search_for_studies(get_remaining=True, limit=1)) >= 3
    assert len(search.search_for_series(f"{ROOT}.1")) == 1
    assert len(search.search_for_series(search_filters={"Modality": "DX"})) == 1
    assert len(search.search_for_instances(f"{ROOT}.1")) == 2
    assert len(search.search_for_instances(f"{ROOT}.1", f"{ROOT}.1.1", search_filters={"InstanceNumber": 2})) == 1


def test_dicomweb_client_stores_a_large_object_in_chunks(door: Door) -> None:
    store = client(door)
    study = next(_STUDIES)
    body = instance(study, Rows=2048, Columns=1024, PixelData=bytes(2048 * 1024))
    answer = store.store_instances([pydicom.dcmread(io.BytesIO(body))])
    assert [item.ReferencedSOPInstanceUID for item in answer.ReferencedSOPSequence] == [f"{ROOT}.{study}.1.1"]
    (found,) = store.search_for_instances(f"{ROOT}.{study}")
    assert found["00280010"]["Value"] == [2048]
