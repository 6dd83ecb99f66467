"""The Cancer Imaging Archive: manifests, folders of the NBIA Data Retriever, zips, tables of series."""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from datasets.loads import count, load, records, refused, resources, tags
from fhantom.datasets.catalogue import DATASETS
from fhantom.datasets.job import Unusable
from fhantom.datasets.samples import make_sample
from fhantom.datasets.series.registering import KIND
from fhantom.datasets.tcia.loading import LISTED
from fhantom.datasets.tcia.manifests import digests_of, series_of
from fhantom.loading.report import Fate
from fhantom.site import Site

UIDS = ["1.3.6.1.4.1.14519.5.2.1.1", "1.3.6.1.4.1.14519.5.2.1.2"]
ROW = {
    "SeriesInstanceUID": "1.3.6.1.4.1.14519.5.2.1.11",
    "StudyInstanceUID": "1.3.6.1.4.1.14519.5.2.1.1",
    "PatientID": "A-1",
    "Collection": "Some-Collection",
    "Modality": "CT",
    "StudyDate": "2000-09-03 00:00:00.0",
    "ImageCount": 2,
    "LicenseName": "Creative Commons Attribution-NonCommercial 3.0 Unported License",
    "CollectionURI": "https://doi.org/10.7937/K9/TCIA.2015.X",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_sample(DATASETS["tcia"], tmp_path / "tcia")


@pytest.fixture
def no_index(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "idc_index_data", None)


def test_a_folder_with_a_zip_in_it_is_loaded_and_what_is_not_here_is_registered(site: Site, folder: Path) -> None:
    job = load(site, "tcia", folder)
    assert (count(job, "DICOM"), count(job, KIND)) == (5, 1)
    status = {one["numberOfInstances"]: one["status"] for one in resources(site, "ImagingStudy")}
    assert status == {3: "available", 2: "available", 5: "registered"}


@pytest.mark.parametrize("version", ["R5", "R4"])
def test_patients_are_told_apart_by_collection(site: Site, folder: Path, version: Any) -> None:
    load(site, "tcia", folder / "manifest-sample")
    patients = resources(site, "Patient", version)
    assert {one["identifier"][0]["value"] for one in patients} == {"SAS_001", "SAS_003"}
    systems = {one["identifier"][0]["system"] for one in patients}
    assert systems == {"https://www.cancerimagingarchive.net/collection/sample-sarcoma/"}


def test_licence_and_doi_of_the_collection_are_in_meta(site: Site, folder: Path) -> None:
    job = load(site, "tcia", folder / "manifest-sample")
    for resource in (*resources(site, "Patient"), *resources(site, "ImagingStudy")):
        assert tags(resource)["urn:fhantom:licence"] == "CC-BY-3.0"
        assert resource["meta"]["source"] == "https://doi.org/10.7937/K9/TCIA.2015.SAMPLE"
    [licence] = job.licences
    assert licence.attribution.startswith("collection Sample-Sarcoma")


def test_without_a_table_licence_and_collection_come_from_the_folder(site: Site, folder: Path, no_index: None) -> None:
    (folder / "manifest-sample" / "metadata.csv").unlink()
    job = load(site, "tcia", folder / "manifest-sample")
    [licence] = job.licences
    assert (licence.name, licence.url) == ("CC BY 3.0", "https://creativecommons.org/licenses/by/3.0/")
    [patient] = resources(site, "Patient")
    assert patient["identifier"][0]["system"].endswith("/collection/sample-sarcoma/")


def test_a_zip_alone_is_loaded_under_the_licence_in_it(site: Site, folder: Path, no_index: None) -> None:
    [source] = folder.glob("*.zip")
    job = load(site, "tcia", source)
    assert count(job, "DICOM") == 2
    assert {licence.name for licence in job.licences} == {"CC BY 3.0"}


def test_a_file_that_is_not_what_its_digest_says_is_refused(site: Site, folder: Path) -> None:
    [source] = folder.glob("*.zip")
    with zipfile.ZipFile(source) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["1-001.dcm"] = members["1-001.dcm"][:-1] + b"\xff"
    with zipfile.ZipFile(source, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    job = load(site, "tcia", source)
    assert (count(job, "DICOM"), count(job, "DICOM", Fate.REFUSED)) == (1, 1)
    assert "md5hashes.csv" in refused(job)["1-001.dcm"]


def test_a_manifest_without_the_index_says_how_to_get_it(site: Site, tmp_path: Path, no_index: None) -> None:
    (tmp_path / "m.tcia").write_text("ListOfSeriesToDownload=\n" + "\n".join(UIDS))
    job = load(site, "tcia", tmp_path / "m.tcia")
    assert count(job, LISTED, Fate.SKIPPED) == 2
    assert "pip install 'fhantom[idc]'" in dict(job.report.remarks)[UIDS[0]]
    assert not job.report.has_loaded


def test_a_published_manifest_is_resolved_by_the_installed_index(site: Site, shared: Path) -> None:
    pytest.importorskip("duckdb")
    pytest.importorskip("idc_index_data")
    job = load(site, "tcia", shared / "samples" / "tcia" / "sample_manifest.tcia")
    assert (count(job, KIND), job.report.remarks) == (13, [])
    [study] = resources(site, "ImagingStudy")
    assert (study["status"], study["numberOfSeries"]) == ("registered", 13)


def test_rows_of_getseries_become_studies(site: Site, shared: Path) -> None:
    job = load(site, "tcia", shared / "samples" / "tcia" / "nbia_getSeries_STS_001_reconstructed.json")
    assert (count(job, KIND), job.report.remarks) == (12, [])
    [patient] = resources(site, "Patient")
    assert patient["identifier"][0]["value"] == "STS_001"
    assert {one["started"] for one in resources(site, "ImagingStudy")} == {"2000-09-03", "2000-09-07"}


@pytest.mark.parametrize(
    ("text", "uids"),
    [
        ("manifestVersion=3.0\nListOfSeriesToDownload=\n" + "\n".join(UIDS), UIDS),
        ("\ufeffa=b\r\n\r\nListOfSeriesToDownload=\r\n\r\n" + "\r\n".join([*UIDS, UIDS[0]]) + "\r\n", UIDS),
        (f"ListOfSeriesToDownload=\nC|P|{UIDS[0]}|{UIDS[1]}|1|2000000\n", UIDS[1:]),
        ("ListOfSeriesToDownload=\n" + UIDS[0] + "\n1.3.6.1.x\n", UIDS[:1]),
        ("ListOfSeriesToDownload=\n", []),
        ("no manifest", None),
    ],
    ids=["as NBIA writes it", "blank lines, CRLF, twice", "rows", "a line broken off", "empty", "something else"],
)
def test_a_manifest_is_read_by_its_marker(text: str, uids: list[str] | None) -> None:
    assert series_of(text) == uids


@pytest.mark.parametrize(
    ("text", "reason"),
    [("something else", "it has no list of series"), ("ListOfSeriesToDownload=\n", "its list of series is empty")],
)
def test_a_manifest_that_lists_nothing_is_refused(site: Site, tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "m.tcia").write_text(text)
    assert refused(load(site, "tcia", tmp_path / "m.tcia"))["m.tcia"] == reason


def test_digests_are_known_by_their_form() -> None:
    digest = "0123456789abcdef0123456789ABCDEF"
    assert digests_of(f"File,MD5\n1-001.dcm,{digest}\n") == {"1-001.dcm": digest.lower()}
    assert digests_of(f"{digest},series/1-002.dcm\n") == {"1-002.dcm": digest.lower()}
    assert digests_of("a,b\n1,2\n") == {}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"SeriesInstanceUID": "1.2.x"}, "no UID"),
        ({"PatientID": None}, "names no patient"),
        ({"ImageCount": -1}, "no number of instances"),
    ],
)
def test_a_bad_row_is_refused_and_the_others_are_taken(
    site: Site, tmp_path: Path, change: dict[str, object], reason: str
) -> None:
    (tmp_path / "series.json").write_text(json.dumps([ROW | change, ROW, "no row"]))
    job = load(site, "tcia", tmp_path / "series.json")
    assert count(job, KIND) == 1
    assert reason in refused(job)["series.json row 1"]
    assert refused(job)["series.json row 3"] == "it is no whole row"


def test_a_digest_csv_of_a_cart_is_a_table_as_well(site: Site, tmp_path: Path) -> None:
    header = "Subject ID,Study UID,Series ID,Collection,Study Date,Modality,Number of Images,License Name"
    line = f"A-1,{ROW['StudyInstanceUID']},{ROW['SeriesInstanceUID']},Some-Collection,09-03-2000,CT,2,CC BY 4.0"
    (tmp_path / "digest.csv").write_text(f"{header}\n{line}\n{line[:60]}\n")
    job = load(site, "tcia", tmp_path / "digest.csv")
    assert (count(job, KIND), count(job, "rows", Fate.REFUSED)) == (1, 1)
    assert {tags(one)["urn:fhantom:licence"] for one in resources(site, "Patient")} == {"CC-BY-4.0"}


def test_a_long_name_of_a_licence_is_shortened(site: Site, tmp_path: Path) -> None:
    (tmp_path / "series.json").write_text(json.dumps([ROW]))
    [licence] = load(site, "tcia", tmp_path / "series.json").licences
    assert (licence.name, licence.url) == ("CC BY-NC 3.0", "https://creativecommons.org/licenses/by-nc/3.0/")


def test_what_is_no_dicom_is_skipped_and_a_torn_file_refused(site: Site, folder: Path) -> None:
    (folder / "notes.txt").write_text("notes")
    path = sorted(folder.rglob("1-001.dcm"))[0]
    path.write_bytes(path.read_bytes()[:300])
    job = load(site, "tcia", folder)
    assert refused(job)["notes.txt"] == "it is no DICOM file"
    assert (count(job, "DICOM"), count(job, "DICOM", Fate.REFUSED)) == (4, 1)


def test_a_zip_that_is_none_is_refused_and_one_that_breaks_off_gives_what_is_whole(site: Site, folder: Path) -> None:
    (folder / "wrong.zip").write_bytes(b"no zip")
    [source] = folder.glob("2.25.*.zip")
    content = source.read_bytes()
    source.write_bytes(content[: content.index(b"1-002.dcm") + 40])
    job = load(site, "tcia", folder)
    assert refused(job)["wrong.zip"] == "it is no zip"
    assert "breaks off" in refused(job)[source.name]
    assert (count(job, "DICOM"), job.is_cut_short) == (4, True)


def test_a_limit_counts_studies(site: Site, folder: Path) -> None:
    load(site, "tcia", folder / "manifest-sample", limit=1)
    assert len(resources(site, "ImagingStudy")) == 1
    assert {one["00100020"]["Value"][0] for one in records(site)} == {"SAS_001"}


def test_an_empty_folder_is_nothing_of_the_kind(site: Site, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(Unusable, match="no manifest, table or DICOM file"):
        load(site, "tcia", empty)
