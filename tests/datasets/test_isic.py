"""SIIM-ISIC: CSV files in every form, JPEG wrapped into DICOM, lesions and findings in FHIR."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pydicom
import pytest
from PIL import Image, ImageChops

from datasets.loads import count, load, records, refused, resources
from fhantom import dicom
from fhantom.datasets.catalogue import DATASETS
from fhantom.datasets.isic import rows as isic_rows
from fhantom.datasets.isic.codes import DIAGNOSES, SITES
from fhantom.datasets.isic.rows import Row
from fhantom.datasets.isic.sample import photograph
from fhantom.datasets.isic.wrapping import wrap
from fhantom.datasets.job import Unusable
from fhantom.datasets.pieces import Unfit
from fhantom.datasets.samples import make_sample
from fhantom.loading.report import Fate
from fhantom.site import Site

ROW = Row("ISIC_1", "IP_1", "IL_1", "female", 45, "torso", "melanoma", "malignant")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_sample(DATASETS["isic"], tmp_path_factory.mktemp("isic") / "sample")


@pytest.fixture
def sample(made: Path, tmp_path: Path) -> Path:
    """The sample, to be changed."""
    shutil.copytree(made, tmp_path / "sample")
    return tmp_path / "sample"


def test_a_patient_has_a_study_a_visit_and_a_series_a_lesion(site: Site, made: Path) -> None:
    load(site, "isic", made)
    for version in ("R5", "R4"):
        (patient,) = resources(site, "Patient", version, identifier="IP_9000001")  # type: ignore[arg-type]
        assert patient["gender"] == "male" and "birthDate" not in patient
        studies = resources(site, "ImagingStudy", version, patient=patient["id"])  # type: ignore[arg-type]
        assert sorted(study["numberOfSeries"] for study in studies) == [1, 2]
        assert all("started" not in study for study in studies)


def test_findings_are_told_with_codes_where_codes_are_known(site: Site, made: Path) -> None:
    load(site, "isic", made)
    for version in ("R5", "R4"):
        (condition,) = resources(site, "Condition", version)  # type: ignore[arg-type]
        assert condition["code"]["coding"][0]["code"] == "93655004"
        assert condition["bodySite"][0]["coding"][0]["code"] == "774007"
        assert condition["verificationStatus"]["coding"][0]["code"] == "confirmed"
        found = resources(site, "Observation", version, code="95324001")  # type: ignore[arg-type]
        values = {one["note"][0]["text"]: one["valueCodeableConcept"] for one in found}
        assert values["ISIC_9000003"]["coding"][0]["code"] == "400010006"
        assert values["ISIC_9000001"] == {"text": "unknown"}
        texts = [one.get("valueCodeableConcept", {}).get("text") for one in resources(site, "Observation", version)]  # type: ignore[arg-type]
        assert texts.count("malignant") == 1 and texts.count("benign") == 4


def test_reports_name_study_results_and_every_image(site: Site, made: Path) -> None:
    load(site, "isic", made)
    link = {"R5": "study", "R4": "imagingStudy"}
    for version in ("R5", "R4"):
        reports = resources(site, "DiagnosticReport", version)  # type: ignore[arg-type]
        studies = {f"ImagingStudy/{one['id']}" for one in resources(site, "ImagingStudy", version)}  # type: ignore[arg-type]
        assert {report[link[version]][0]["reference"] for report in reports} < studies
        assert sum(report["conclusion"].count("ISIC_") for report in reports) == 5


def test_lesions_are_body_structures_at_their_sites(site: Site, made: Path) -> None:
    load(site, "isic", made)
    (r4,) = resources(site, "BodyStructure", "R4", identifier="IL_9000002")
    (r5,) = resources(site, "BodyStructure", "R5", identifier="IL_9000002")
    assert r4["location"]["coding"][0]["code"] == "22943007"
    assert r5["includedStructure"][0]["structure"]["coding"][0]["code"] == "22943007"


def test_copies_are_left_out_unless_asked_for(site: Site, made: Path) -> None:
    job = load(site, "isic", made)
    assert (count(job, "images", Fate.SKIPPED), count(job, "DICOM")) == (1, 6)
    assert "copy" in refused(job)["ISIC_9000005"]
    job = load(site, "isic", made, options={"keep_duplicates": True})
    assert (count(job, "DICOM"), count(job, "DICOM", Fate.UNCHANGED)) == (1, 6)


def test_an_object_that_came_as_dicom_is_joined_by_the_name_of_its_file(site: Site, made: Path) -> None:
    load(site, "isic", made)
    record = next(one for one in records(site) if one.get("00204000", {}).get("Value") == ["ISIC_9000006"])
    assert record["00100020"]["Value"] == ["IP_9000003"]
    (patient,) = resources(site, "Patient", "R4", identifier="IP_9000003")
    assert patient["gender"] == "unknown"


@pytest.mark.parametrize(
    ("header", "line", "expected"),
    [
        (
            "image_name,patient_id,sex,age_approx,anatom_site_general_challenge,diagnosis,benign_malignant,target",
            "ISIC_1,IP_1,male,45.0,head/neck,unknown,benign,0",
            Row("ISIC_1", "IP_1", "", "male", 45, "head/neck", "unknown", "benign"),
        ),
        (
            "image_name,patient_id,sex,age_approx,anatom_site_general_challenge",
            "ISIC_1,IP_1,,,",
            Row("ISIC_1", "IP_1"),
        ),
        (
            "image,patient,anatom_site_general,sex,age_approx",
            "ISIC_1,IP_1,torso,female,0",
            Row("ISIC_1", "IP_1", "", "female", 0, "torso"),
        ),
    ],
    ids=["ground truth", "Kaggle test, blanks", "test metadata"],
)
def test_every_form_of_the_csv_is_understood(site: Site, tmp_path: Path, header: str, line: str, expected: Row) -> None:
    (tmp_path / "a.csv").write_text(f"\ufeff{header}\r\n{line}\r\n", encoding="utf-8")
    from fhantom.datasets.job import Job
    from fhantom.datasets.pieces import pieces_of
    from fhantom.settings import Settings

    job = Job(DATASETS["isic"], site.worlds, Settings(ephemeral=True), tmp_path)
    assert isic_rows.tables_of(job, pieces_of(tmp_path)).rows == {"ISIC_1": expected}


def test_the_published_lines_alone_make_registered_studies(site: Site, shared: Path) -> None:
    job = load(site, "isic", shared / "samples" / "isic" / "train_sample.csv")
    assert count(job, "DICOM") == 0
    assert {one["status"] for one in resources(site, "ImagingStudy")} == {"registered"}
    assert {one["identifier"][0]["value"] for one in resources(site, "Patient")} == {"IP_7279968", "IP_3075186"}


def test_a_folder_of_the_published_csv_files_is_understood(site: Site, shared: Path) -> None:
    load(site, "isic", shared / "samples" / "isic")
    assert len(resources(site, "Patient", "R4")) == 4


@pytest.mark.parametrize(
    "line",
    ["ISIC_1,IP_1,male,old,torso,nevus,benign,0", "ISIC_1,IP_1,male", "ISIC_1,,male,45,torso,nevus,benign,0"],
    ids=["age", "short", "no patient"],
)
def test_a_bad_row_is_refused_with_its_line(site: Site, tmp_path: Path, line: str) -> None:
    header = "image_name,patient_id,sex,age_approx,anatom_site_general_challenge,diagnosis,benign_malignant,target"
    good = "ISIC_2,IP_2,male,45.0,torso,nevus,benign,0"
    (tmp_path / "a.csv").write_text("\n".join((header, line, good)))
    job = load(site, "isic", tmp_path)
    assert count(job, "CSV rows", Fate.REFUSED) == 1
    assert "a.csv line 2" in refused(job)
    assert len(resources(site, "Patient")) == 1


def test_images_and_rows_without_each_other_are_told(site: Site, sample: Path) -> None:
    (sample / "train" / "ISIC_0000000.jpg").write_bytes(photograph(1))
    job = load(site, "isic", sample)
    assert refused(job)["ISIC_0000000.jpg"] == "no line of the CSV is about it"
    assert "1 lines of the CSV are about images that are not here" in refused(job)["images"]


@pytest.mark.parametrize("torn", [0.5, 0.9])
def test_a_torn_photograph_spoils_only_itself(site: Site, sample: Path, torn: float) -> None:
    path = sample / "train" / "ISIC_9000001.jpg"
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * torn)])
    job = load(site, "isic", sample)
    assert (count(job, "DICOM"), count(job, "DICOM", Fate.REFUSED)) == (5, 1)
    assert "breaks off" in refused(job)["ISIC_9000001.jpg"]


def test_zips_beside_the_csv_are_read_member_by_member(site: Site, sample: Path) -> None:
    with zipfile.ZipFile(sample / "ISIC_2020_Training_JPEG.zip", "w") as archive:
        for path in sorted((sample / "train").iterdir()):
            archive.write(path, f"train/{path.name}")
    shutil.rmtree(sample / "train")
    assert count(load(site, "isic", sample), "DICOM") == 6


def test_a_csv_elsewhere_can_be_named(site: Site, sample: Path, tmp_path: Path) -> None:
    table = tmp_path / "elsewhere.csv"
    shutil.move(sample / "ISIC_2020_Training_GroundTruth_v2.csv", table)
    with pytest.raises(Unusable, match="--csv"):
        load(site, "isic", sample / "train")
    assert count(load(site, "isic", sample / "train", options={"csv": str(table)}), "DICOM") == 6


def test_a_limit_takes_some_of_every_diagnosis() -> None:
    rows = [Row(f"I{n:03}", "P", diagnosis="melanoma" if n > 95 else "unknown") for n in range(100)]
    assert {row.diagnosis for row in isic_rows.picked(rows, 4)} == {"melanoma", "unknown"}
    assert len(isic_rows.picked(rows, 4)) == 4


def test_the_jpeg_is_kept_as_it_was_taken() -> None:
    jpeg = photograph(1)
    read = pydicom.dcmread(io.BytesIO(wrap(ROW, jpeg, "photographic")))
    assert jpeg in read.PixelData
    assert read.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.4.50"
    assert (read.Rows, read.Columns, read.PhotometricInterpretation) == (64, 96, "YBR_FULL_422")
    assert (read.PatientID, read.PatientSex, read.PatientAge, read.Modality) == ("IP_1", "F", "045Y", "XC")
    assert read.AnatomicRegionSequence[0].CodeValue == "22943007"


def test_a_progressive_jpeg_is_encoded_anew_and_says_so() -> None:
    read = pydicom.dcmread(io.BytesIO(wrap(ROW, photograph(1, progressive=True), "photographic")))
    assert read.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.4.50"
    assert "encoded anew" in read.DerivationDescription
    frame = next(pydicom.encaps.generate_frames(read.PixelData))
    with Image.open(io.BytesIO(frame)) as kept, Image.open(io.BytesIO(photograph(1))) as original:
        assert max(high for _, high in ImageChops.difference(kept, original).getextrema()) < 40  # type: ignore[union-attr, misc]


@pytest.mark.parametrize("content", [b"\xff\xd8\xff\xd9", b"\xff\xd8 no jpeg \xff\xd9", b"\xff\xd8"])
def test_what_only_begins_as_a_jpeg_is_unfit(content: bytes) -> None:
    with pytest.raises((Unfit, dicom.DicomError)):
        wrap(ROW, content, "photographic")


@pytest.mark.parametrize("sop", ["photographic", "dermoscopic"])
@pytest.mark.parametrize("site", [*SITES, ""])
@pytest.mark.long
def test_wrapped_photographs_pass_dciodvfy(tmp_path: Path, sop: str, site: str) -> None:
    if shutil.which("dciodvfy") is None:
        pytest.skip("needs dciodvfy of dicom3tools")
    path = tmp_path / "a.dcm"
    path.write_bytes(wrap(Row("ISIC_1", "IP_1", site=site), photograph(1), sop))
    checked = subprocess.run(["dciodvfy", "-new", str(path)], capture_output=True, text=True)
    assert [line for line in checked.stderr.splitlines() if line.startswith("Error")] == []


def test_no_code_stands_for_two_words() -> None:
    codes: list[Any] = list(DIAGNOSES.values())
    assert len(set(codes)) == len(codes)
