"""NCI Imaging Data Commons: choosing among series, manifests, downloaded folders, studies without pixels."""

from __future__ import annotations

import csv
import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from datasets.loads import count, load, records, refused, resources, tags
from fhantom.cli import main
from fhantom.datasets.catalogue import DATASETS
from fhantom.datasets.idc import manifests, sample
from fhantom.datasets.job import Unusable
from fhantom.datasets.samples import make_sample
from fhantom.datasets.series import index
from fhantom.datasets.series.registering import KIND, records_of
from fhantom.datasets.series.rows import row_of
from fhantom.loading.report import Fate
from fhantom.site import Site


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_sample(DATASETS["idc"], tmp_path / "idc")


def loaded(site: Site, source: Path, **options: Any) -> Any:
    return load(site, "idc", source, options=options)


def write_rows(path: Path, *rows: dict[str, Any]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_what_was_downloaded_has_pixels_and_the_rest_of_the_index_has_none(site: Site, folder: Path) -> None:
    job = loaded(site, folder)
    assert (count(job, "DICOM"), count(job, KIND)) == (3, 3)
    assert len(records(site)) == 3 + 1 + 40 + 12
    status = {one["numberOfInstances"]: one["status"] for one in resources(site, "ImagingStudy")}
    assert status == {4: "available", 40: "registered", 12: "registered"}


@pytest.mark.parametrize("version", ["R5", "R4"])
def test_a_series_without_pixels_is_counted_and_names_no_instances(site: Site, folder: Path, version: Any) -> None:
    loaded(site, folder)
    by_size = {one["numberOfInstances"]: one for one in resources(site, "ImagingStudy", version)}
    told = {one["numberOfInstances"]: len(one.get("instance", [])) for one in by_size[4]["series"]}
    assert told == {3: 3, 1: 0}
    assert by_size[12]["started"] == "1880-09-09"
    assert "number" not in by_size[12]["series"][0]  # -1, which FHIR has no place for


def test_licences_of_one_study_may_differ_and_all_are_told(site: Site, folder: Path) -> None:
    job = loaded(site, folder)
    assert {licence.name for licence in job.licences} == {"CC BY 3.0", "CC BY 4.0", "CC BY-NC 4.0"}
    by_size = {one["numberOfInstances"]: one for one in resources(site, "ImagingStudy")}
    assert tags(by_size[12])["urn:fhantom:licence"] == "CC-BY-NC-4.0"
    assert {note["text"].split("; ")[0] for note in by_size[4]["note"]} == {
        "1 series: CC BY 3.0",
        "1 series: CC BY 4.0",
    }


def test_a_patient_id_in_two_collections_is_two_patients(site: Site, folder: Path) -> None:
    loaded(site, folder)
    patients = resources(site, "Patient")
    assert sorted((one["identifier"][0]["value"], one["identifier"][0]["system"][-12:]) for one in patients) == [
        ("SAMPLE-0001", "sample_brain"),
        ("SAMPLE-0001", "sample_chest"),
        ("SAMPLE-0002", "sample_chest"),
    ]
    assert {one["identifier"][0]["value"]: one["gender"] for one in patients}["SAMPLE-0002"] == "unknown"  # 6657
    assert not [one for one in patients if "birthDate" in one]


@pytest.mark.parametrize(
    ("options", "sizes"),
    [
        ({"collection": "Sample-Brain"}, [12]),
        ({"modality": "seg,mr"}, [1, 12]),
        ({"patient": "SAMPLE-0002"}, [40]),
        ({"where": "instanceCount > 10 -- of any collection"}, [12, 40]),
        ({"where": "license_short_name LIKE '%NC%'"}, [12]),
        ({"patient": "SAMPLE-0001", "where": "Modality = 'CT'"}, [3]),
    ],
    ids=["collection as TCIA spells it", "modalities", "patient", "SQL with a comment", "SQL of licences", "both"],
)
def test_flags_choose_series(site: Site, folder: Path, options: dict[str, str], sizes: list[int]) -> None:
    loaded(site, folder / "idc_index.csv", **options)
    found = [series["numberOfInstances"] for one in resources(site, "ImagingStudy") for series in one["series"]]
    assert sorted(found) == sizes


def test_flags_choose_among_downloaded_files_as_well(site: Site, folder: Path) -> None:
    job = loaded(site, folder, collection="sample_brain")
    assert (count(job, "DICOM"), count(job, KIND)) == (0, 1)


def test_a_limit_counts_studies_and_takes_files_and_rows_of_the_same(site: Site, folder: Path) -> None:
    job = load(site, "idc", folder, limit=1)
    assert [one["numberOfInstances"] for one in resources(site, "ImagingStudy")] == [12]  # sample_brain comes first
    assert count(job, "DICOM") == 0


def test_index_only_leaves_dicom_files_unread(site: Site, folder: Path) -> None:
    job = loaded(site, folder, index_only=True)
    assert (count(job, "DICOM"), count(job, KIND)) == (0, 4)
    assert {one["status"] for one in resources(site, "ImagingStudy")} == {"registered"}


def test_pixels_that_come_later_take_the_place_of_what_stood_for_them(site: Site, folder: Path) -> None:
    loaded(site, folder, index_only=True)
    assert len(records(site)) == 3 + 1 + 40 + 12
    loaded(site, folder)
    assert len(records(site)) == 3 + 1 + 40 + 12
    by_size = {one["numberOfInstances"]: one for one in resources(site, "ImagingStudy")}
    assert by_size[4]["status"] == "available"
    assert sorted(len(one.get("instance", [])) for one in by_size[4]["series"]) == [0, 3]
    job = loaded(site, folder, index_only=True)  # and they do not come back
    assert (count(job, KIND), len(records(site))) == (0, 56)


def test_an_unfit_condition_is_told_in_words(site: Site, folder: Path) -> None:
    with pytest.raises(Unusable, match=r"the selection cannot be made: .*nonsense"):
        loaded(site, folder / "idc_index.csv", where="nonsense = 1")


def test_a_manifest_is_written_and_nothing_loaded(
    capsys: pytest.CaptureFixture[str], folder: Path, tmp_path: Path
) -> None:
    target = tmp_path / "chest.s5cmd"
    options = ["--collection", "sample_chest", "--write-manifest", str(target), "--data", str(tmp_path / "data")]
    assert main(["seed", "idc", "--from", str(folder / "idc_index.csv"), *options]) == 0
    assert "3 series of 2 studies, 44 instances" in capsys.readouterr().out
    chest = [row["crdc_series_uuid"] for row in sample.rows() if row["collection_id"] == "sample_chest"]
    assert sorted(manifests.uuids_of(target.read_text())) == sorted(chest)


def test_a_manifest_that_cannot_be_written_is_told(site: Site, folder: Path) -> None:
    with pytest.raises(Unusable, match="cannot write"):
        loaded(site, folder, write_manifest=str(folder / "no" / "such.s5cmd"))


def test_lines_of_a_manifest_that_are_none_are_passed_over(shared: Path) -> None:
    text = (shared / "samples" / "idc" / "study_manifest_aws.s5cmd").read_text()
    assert "study_manifest_cp_command" in text
    assert [uuid[:8] for uuid in manifests.uuids_of(text)] == ["28621ba9", "f0b76401", "4ea3bbe6"]


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("SeriesInstanceUID", "none", "no UID"),
        ("PatientID", "", "names no patient"),
        ("instanceCount", "many", "'many' is no number"),
        ("instanceCount", "0", "'0' is no number of instances"),
        ("instanceCount", "58784975", "no number of instances"),
    ],
)
def test_a_bad_row_is_refused_by_its_line(site: Site, tmp_path: Path, column: str, value: str, reason: str) -> None:
    good, bad, *_ = sample.rows()
    job = loaded(site, write_rows(tmp_path / "index.csv", bad | {column: value}, good))
    assert reason in refused(job)["index.csv line 2"]
    assert count(job, KIND) == 1


def test_a_row_that_breaks_off_is_refused_and_the_others_are_taken(site: Site, folder: Path) -> None:
    table = folder / "idc_index.csv"
    table.write_text(table.read_text()[:-300])
    job = loaded(site, table)
    assert count(job, KIND) == 3
    assert count(job, "rows", Fate.REFUSED) == 1


def test_ndjson_tells_the_same_as_csv_and_a_line_that_is_none_is_refused(site: Site, tmp_path: Path) -> None:
    lines = [json.dumps(row) for row in sample.rows()]
    source = tmp_path / "index.ndjson"
    source.write_text("\n".join([lines[0], lines[1][:40], *lines[2:]]))
    job = loaded(site, source)
    assert count(job, KIND) == 3
    assert refused(job)["index.ndjson line 2"] == "it is no whole row"


def test_a_torn_file_is_refused_and_the_others_of_its_series_are_stored(site: Site, folder: Path) -> None:
    path = sorted(folder.rglob("*.dcm"))[0]
    path.write_bytes(path.read_bytes()[:400])
    job = loaded(site, folder)
    assert (count(job, "DICOM"), count(job, "DICOM", Fate.REFUSED)) == (2, 1)


def test_a_folder_without_a_table_tells_collections_by_its_own_layout(site: Site, folder: Path) -> None:
    (folder / "idc_index.csv").unlink()
    (folder / "all.s5cmd").unlink()
    loaded(site, folder)
    [patient] = resources(site, "Patient")
    assert patient["identifier"][0]["system"].endswith("/collections/sample_chest")


def test_a_study_whose_rows_name_two_patients_is_told(site: Site, tmp_path: Path) -> None:
    one, other, *_ = sample.rows()
    job = loaded(site, write_rows(tmp_path / "index.csv", one, other | {"PatientID": "SOMEBODY"}))
    assert "SAMPLE-0001, SOMEBODY" in refused(job)[one["StudyInstanceUID"]]
    assert len(resources(site, "ImagingStudy")) == 1


def test_without_the_extra_the_index_is_refused_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "idc_index_data", None)
    with pytest.raises(Unusable, match=re.escape("pip install 'fhantom[idc]'")):
        index.installed_parquet()


def test_a_load_without_source_and_index_ends_in_words(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "idc_index_data", None)
    assert main(["seed", "idc", "--collection", "lidc_idri", "--data", str(tmp_path)]) == 1
    assert "pip install 'fhantom[idc]'" in capsys.readouterr().err


def test_the_whole_index_is_not_loaded_without_a_choice(site: Site) -> None:
    pytest.importorskip("duckdb")
    source = Path(pytest.importorskip("idc_index_data").IDC_INDEX_PARQUET_FILEPATH)
    with pytest.raises(Unusable, match="--collection"):
        loaded(site, source)
    job = loaded(
        site, source, collection="rider_breast_mri", where="SeriesDescription = 'reference VOI mask'", series=""
    )
    assert count(job, KIND) > 0
    assert {tags(one)["urn:fhantom:licence"] for one in resources(site, "ImagingStudy")} == {"CC-BY-3.0"}


@pytest.mark.parametrize(
    ("name", "studies", "series"),
    [
        ("idc_v25_ten_tiny_studies_series.csv", 10, 48),
        ("idc_v25_rider_breast_mri_series.csv", 10, 40),
        ("idc_v25_qin_pet_phantom_series.csv", 4, 44),
    ],
)
def test_published_rows_become_studies(site: Site, shared: Path, name: str, studies: int, series: int) -> None:
    job = loaded(site, shared / "samples" / "idc" / name, where="instanceCount < 300")
    assert len(resources(site, "ImagingStudy", "R4")) == len(resources(site, "ImagingStudy")) == studies
    assert (count(job, KIND), job.report.remarks) == (series, [])


def test_a_published_parquet_is_read_like_the_index(site: Site, shared: Path) -> None:
    pytest.importorskip("duckdb")
    job = load(site, "idc", shared / "samples" / "idc" / "idc_v25_small_collections.parquet", limit=2)
    assert len(resources(site, "ImagingStudy")) == 2
    assert count(job, KIND) > 0


def test_a_file_that_is_no_parquet_is_told(site: Site, tmp_path: Path) -> None:
    pytest.importorskip("duckdb")
    (tmp_path / "index.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(Unusable, match="no index of IDC"):
        loaded(site, tmp_path / "index.parquet", collection="x")


def test_a_manifest_that_names_nothing_is_refused(site: Site, tmp_path: Path) -> None:
    (tmp_path / "empty.s5cmd").write_text("# nothing\n")
    job = loaded(site, tmp_path / "empty.s5cmd")
    assert refused(job)["empty.s5cmd"] == "it names no series"


def test_a_number_of_a_series_that_is_none_is_left_out() -> None:
    row = row_of({**sample.rows()[0], "SeriesNumber": "Series 1"})
    assert next(records_of(row))["00200011"] == {"vr": "IS"}


def test_a_copy_of_the_sample_elsewhere_is_the_same_load(site: Site, folder: Path, tmp_path: Path) -> None:
    loaded(site, folder)
    job = loaded(site, Path(shutil.copytree(folder, tmp_path / "elsewhere")))
    assert count(job, "DICOM", Fate.UNCHANGED) == 3
    assert count(job, KIND, Fate.UNCHANGED) == 3


def test_records_without_bytes_have_their_attributes_by_tag(site: Site, tmp_path: Path) -> None:
    load(site, "idc", make_sample(DATASETS["idc"], tmp_path))
    assert all(list(record) == sorted(record) for record in records(site))
