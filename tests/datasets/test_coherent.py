"""The Coherent Data Set: bundles, images, genetic panels and tables, from folder and zip, with its faults."""

from __future__ import annotations

import json
import shutil
import unicodedata
import zipfile
from pathlib import Path

import pytest

from datasets.loads import count, load, records, refused, resources
from fhantom.datasets.catalogue import DATASETS
from fhantom.datasets.coherent.layout import contents_of
from fhantom.datasets.coherent.sample import brain
from fhantom.datasets.coherent.sample_people import ONLY_IN_TABLES, PEOPLE
from fhantom.datasets.job import Unusable
from fhantom.datasets.pieces import pieces_of
from fhantom.datasets.samples import make_sample
from fhantom.loading.report import Fate
from fhantom.site import Site

ADA, JOSE, NOOR = PEOPLE


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_sample(DATASETS["coherent"], tmp_path_factory.mktemp("coherent") / "sample")


@pytest.fixture
def sample(made: Path, tmp_path: Path) -> Path:
    """The sample, to be changed."""
    shutil.copytree(made, tmp_path / "sample")
    return tmp_path / "sample"


def zipped(folder: Path, target: Path, root: str = "") -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, root + path.relative_to(folder).as_posix())
    return target


@pytest.mark.parametrize("root", ["", "output/", "coherent-11-07-2022/"])
def test_folder_and_zip_hold_the_same_whatever_their_root(site: Site, made: Path, tmp_path: Path, root: str) -> None:
    archive = zipped(made / "output", tmp_path / "coherent-11-07-2022.zip", root)
    job = load(site, "coherent", archive)
    assert (count(job, "FHIR R4"), count(job, "FHIR R5"), count(job, "DICOM")) == (42, 42, 2)
    assert count(job, "FHIR R4", Fate.REFUSED) == count(job, "FHIR R5", Fate.REFUSED) == 0
    again = load(site, "coherent", made)
    assert count(again, "FHIR R4") == count(again, "DICOM") == 0


def test_the_faults_of_the_resources_are_mended(site: Site, made: Path) -> None:
    load(site, "coherent", made)
    (location,) = resources(site, "Location", "R4")
    assert location["address"]["city"] == "ANYTOWN"
    assert location["position"]["latitude"] == 42.5
    assert {one["status"] for one in resources(site, "ExplanationOfBenefit", "R4")} == {"active"}
    assert {one["status"] for one in resources(site, "Observation", "R4")} == {"final"}
    encounter = resources(site, "Encounter", "R4", patient=ADA.id)[0]
    assert encounter["serviceProvider"]["reference"].startswith("Organization/")
    assert encounter["participant"][0]["individual"]["reference"].startswith("Practitioner/")


def test_a_study_with_images_is_found_from_either_side(site: Site, made: Path) -> None:
    load(site, "coherent", made)
    stored = {record["0020000D"]["Value"][0]: record for record in records(site)}
    for version in ("R4", "R5"):
        for person in (ADA, JOSE):
            identifier = f"urn:dicom:uid|urn:oid:{person.study_instance_uid}"
            (study,) = resources(site, "ImagingStudy", version, identifier=identifier)  # type: ignore[arg-type]
            assert (study["status"], study["endpoint"]) == ("available", [{"reference": "Endpoint/siim-dicomweb"}])
            record = stored[person.study_instance_uid]
            series = study["series"][0]
            assert record["0020000E"]["Value"] == [series["uid"]]
            assert record["00080018"]["Value"] == [series["instance"][0]["uid"]]
            sop_class = series["instance"][0]["sopClass"]["code"]
            assert sop_class == f"urn:oid:{record['00080016']['Value'][0]}"
        (other,) = resources(site, "ImagingStudy", version, patient=NOOR.id)  # type: ignore[arg-type]
        assert other["status"] == "registered" and "endpoint" not in other


def test_headers_say_what_fhir_says(site: Site, made: Path) -> None:
    load(site, "coherent", made)
    record = next(one for one in records(site) if one["0020000D"]["Value"] == [JOSE.study_instance_uid])
    said = {tag: record[tag].get("Value") for tag in ("00100020", "00101000", "00080060", "00081030", "00180015")}
    assert said == {
        "00100020": [JOSE.id],
        "00101000": ["SUBJECT08702"],
        "00080060": ["MR"],
        "00081030": ["MRI of brain"],
        "00180015": ["BRAIN"],
    }
    assert record["00100010"] == {"vr": "PN", "Value": [{"Alphabetic": f"{JOSE.family}^{JOSE.given}"}]}
    assert record["0008001C"]["Value"] == ["YES"]
    assert "Value" not in record["00080070"]


def test_original_headers_can_be_kept(site: Site, made: Path) -> None:
    job = load(site, "coherent", made, options={"keep_original_headers": True})
    assert count(job, "DICOM") == 2
    one, other = records(site)
    assert one["00100010"]["vr"] == other["00100010"]["vr"] == "ST"
    assert one["00080018"] == other["00080018"]  # the template's, which is why headers are mended unless told


def test_notes_lead_to_the_files_that_they_speak_of(site: Site, made: Path) -> None:
    load(site, "coherent", made)
    for version in ("R4", "R5"):
        notes = resources(site, "DocumentReference", version, patient=ADA.id)  # type: ignore[arg-type]
        (note,) = (one for one in notes if len(one["content"]) > 1)
        urls = [content["attachment"]["url"] for content in note["content"][1:]]
        assert urls == [f"/dicomweb/studies/{ADA.study_instance_uid}", f"Binary/dna-{ADA.id}"]
        (panel,) = (one for one in notes if one["id"] == f"dna-{ADA.id}")
        assert panel["description"] == "3 variants in 2 genes"
        assert resources(site, "Binary", version)[0]["contentType"] == "text/csv"  # type: ignore[arg-type]


def test_r5_has_a_document_where_r4_has_media(site: Site, made: Path) -> None:
    load(site, "coherent", made)
    media = {one["id"] for one in resources(site, "Media", "R4")}
    documents = {one["id"]: one for one in resources(site, "DocumentReference", "R5")}
    assert len(media) == 4 and media <= documents.keys()
    ecg = documents[next(iter(media))]
    assert ecg["content"][0]["attachment"]["contentType"] == "image/png"
    targets = {target["reference"] for one in resources(site, "Provenance", "R5") for target in one["target"]}
    assert len({f"DocumentReference/{id}" for id in media} & targets) == len(PEOPLE)


def test_only_tables_tell_of_those_whom_no_bundle_tells_of(site: Site, made: Path) -> None:
    job = load(site, "coherent", made)
    assert count(job, "CSV rows", Fate.SKIPPED) == 15
    (patient,) = resources(site, "Patient", "R5", family=ONLY_IN_TABLES.family)
    assert patient["gender"] == "male"
    for kind, found in (("Condition", 1), ("Observation", 1), ("ImagingStudy", 1)):
        assert len(resources(site, kind, "R5", patient=patient["id"])) == found
    assert len(resources(site, "Media", "R4", patient=patient["id"])) == 1


def test_claims_can_be_left_out(site: Site, made: Path) -> None:
    job = load(site, "coherent", made, options={"skip_claims": True})
    assert resources(site, "Claim", "R4") == resources(site, "ExplanationOfBenefit", "R5") == []
    assert count(job, "FHIR R4", Fate.SKIPPED) == 6


@pytest.mark.parametrize("version", ["R4", "R5"])
def test_one_version_alone_can_be_filled(site: Site, made: Path, version: str) -> None:
    load(site, "coherent", made, options={"versions": version})
    assert len(resources(site, "Patient", "R4")) == (4 if version == "R4" else 0)
    assert len(resources(site, "Patient", "R5")) == (4 if version == "R5" else 0)


def test_a_limit_takes_patients_with_images_first(site: Site, made: Path) -> None:
    job = load(site, "coherent", made, limit=1)
    assert count(job, "DICOM") == 1
    assert len(resources(site, "Patient", "R4")) == 1


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_accents_in_names_may_be_composed_or_not(tmp_path: Path, form: str) -> None:
    name = unicodedata.normalize(form, f"{JOSE.file_name}{JOSE.study_instance_uid}.dcm")  # type: ignore[arg-type]
    (tmp_path / name).write_bytes(b"")
    (image,) = contents_of(pieces_of(tmp_path)).images
    assert (image.patient, image.study_instance_uid) == (JOSE.id, JOSE.study_instance_uid)


def test_the_published_name_of_an_image_is_understood(shared: Path, tmp_path: Path) -> None:
    (name, *_) = (shared / "samples/coherent/DICOM_filename_examples.txt").read_text().splitlines()
    (tmp_path / name).write_bytes(b"")
    (image,) = contents_of(pieces_of(tmp_path)).images
    assert image.patient == "b8dd1798-beef-094d-1be4-f90ee0e6b7d5"
    assert image.study_instance_uid == "1.2.840.99999999.26401232.758647660200"


def test_an_image_that_no_bundle_tells_of_is_told_of_by_its_header(site: Site, tmp_path: Path) -> None:
    (tmp_path / f"{ADA.file_name}{ADA.study_instance_uid}.dcm").write_bytes(brain(ADA, 8, 2))
    load(site, "coherent", tmp_path)
    for version in ("R4", "R5"):
        (study,) = resources(site, "ImagingStudy", version)  # type: ignore[arg-type]
        (patient,) = resources(site, "Patient", version, identifier=ADA.id)  # type: ignore[arg-type]
        assert study["subject"]["reference"] == f"Patient/{patient['id']}"
        assert study["numberOfInstances"] == 1


def spoil_bundle(folder: Path) -> None:
    path = folder / "output" / "fhir" / f"{NOOR.file_name}.json"
    path.write_bytes(path.read_bytes()[:3000])


def spoil_image(folder: Path) -> None:
    path = folder / "output" / "dicom" / f"{ADA.file_name}{ADA.study_instance_uid}.dcm"
    path.write_bytes(path.read_bytes()[:5000])


def spoil_panel(folder: Path) -> None:
    path = folder / "output" / "dna" / f"{ADA.file_name}_dna.csv"
    path.write_text(path.read_text() + "4,rs,1\n")


def spoil_table(folder: Path) -> None:
    path = folder / "output" / "csv" / "conditions.csv"
    path.write_text(path.read_text() + "2001-01-01,torn\n")


@pytest.mark.parametrize(
    ("spoil", "kind", "reason"),
    [
        (spoil_bundle, "FHIR R4", "it is not JSON"),
        (spoil_image, "DICOM", ""),
        (spoil_panel, "genetic panels", "line 5 has not as many values"),
        (spoil_table, "CSV rows", "not as many values as there are columns"),
    ],
    ids=["bundle", "image", "panel", "table"],
)
def test_a_torn_file_spoils_only_itself(site: Site, sample: Path, spoil: object, kind: str, reason: str) -> None:
    spoil(sample)  # type: ignore[operator]
    job = load(site, "coherent", sample)
    assert count(job, kind, Fate.REFUSED) == 1
    assert any(reason in text for text in refused(job).values())
    assert len(resources(site, "Patient", "R4")) == (3 if kind == "FHIR R4" else 4)


def test_a_bundle_with_an_entry_that_is_refused_makes_no_versions_when_it_is_loaded_again(
    site: Site, sample: Path
) -> None:
    path = sample / "output" / "fhir" / f"{ADA.file_name}.json"
    bundle = json.loads(path.read_bytes())
    bad = {"resourceType": "Condition", "id": "bad", "onsetDateTime": "when she was young"}
    bundle["entry"].append({"fullUrl": "urn:uuid:bad", "resource": bad})
    path.write_text(json.dumps(bundle))

    def versions() -> list[tuple[str, int]]:
        with site.worlds.open().reading() as connection:
            return [tuple(row) for row in connection.exec_driver_sql("SELECT id, version FROM fhir_resource")]

    assert count(load(site, "coherent", sample), "FHIR R4", Fate.REFUSED) == 1
    before = versions()
    again = load(site, "coherent", sample)
    assert count(again, "FHIR R4", Fate.REFUSED) == 1
    assert (versions(), count(again, "FHIR R4"), count(again, "FHIR R5")) == (before, 0, 0)


def test_a_damaged_member_of_a_zip_spoils_only_itself(site: Site, made: Path, tmp_path: Path) -> None:
    archive = zipped(made, tmp_path / "c.zip")
    with zipfile.ZipFile(archive) as opened:
        member = next(one for one in opened.infolist() if one.filename.endswith(".dcm"))
    content = bytearray(archive.read_bytes())
    content[member.header_offset + 1000] ^= 0xFF
    archive.write_bytes(content)
    job = load(site, "coherent", archive)
    assert (count(job, "DICOM"), count(job, "DICOM", Fate.REFUSED)) == (1, 1)
    assert any("cannot be unpacked" in reason for reason in refused(job).values())


def test_of_a_zip_that_breaks_off_what_is_whole_is_taken(site: Site, made: Path, tmp_path: Path) -> None:
    archive = zipped(made, tmp_path / "c.zip")
    with zipfile.ZipFile(archive) as opened:
        last = next(one for one in opened.infolist() if one.filename.endswith("practitioners.json"))
    archive.write_bytes(archive.read_bytes()[: last.header_offset + 50])
    job = load(site, "coherent", archive)
    assert job.is_cut_short and "breaks off; 12 files of it are whole" in refused(job)["c.zip"]
    assert count(job, "DICOM") == 2
    assert len(resources(site, "Patient", "R4")) == 4


def test_a_zip_of_something_else_is_unusable(site: Site, tmp_path: Path) -> None:
    (tmp_path / "thing.txt").write_text("thing")
    archive = tmp_path / "c.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.write(tmp_path / "thing.txt", "thing.txt")
    with pytest.raises(Unusable, match="holds nothing"):
        load(site, "coherent", archive)


def test_genuine_bundles_of_synthea_are_taken_but_for_what_they_refer_to(
    site: Site, shared: Path, tmp_path: Path
) -> None:
    for path in (shared / "samples" / "synthea_r4_smart").glob("*.json"):
        shutil.copyfile(path, tmp_path / path.name)
    job = load(site, "coherent", tmp_path)
    total = sum(len(json.loads(path.read_text())["entry"]) for path in tmp_path.glob("*.json"))
    assert count(job, "FHIR R4") == total
    assert count(job, "FHIR R4", Fate.REFUSED) == 0
    assert {one["status"] for one in resources(site, "ImagingStudy", "R4")} == {"registered"}
    assert count(job, "FHIR R5", Fate.REFUSED) == 0


def test_a_genuine_bundle_waits_for_its_practitioners(site: Site, shared: Path, tmp_path: Path) -> None:
    name = "Zena758_Stanton715_b6580e9f-346f-43ae-275f-e90518a38493.json"
    shutil.copyfile(shared / "samples/coherent/Zena758_Stanton715_first5entries.json", tmp_path / name)
    job = load(site, "coherent", tmp_path)
    assert count(job, "FHIR R4") >= 1
    assert any("Practitioner?identifier=" in reason for reason in refused(job).values())


def test_numbers_of_tables_are_numbers(site: Site, made: Path) -> None:
    load(site, "coherent", made)
    values = {one["valueQuantity"]["value"] for one in resources(site, "Observation", "R4", code="29463-7")}
    assert values == {71.5}
