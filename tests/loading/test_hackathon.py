"""`fhantom seed hackathon`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pydicom
import pytest
from pydicom.data import get_testdata_file

from datasets.loads import write
from fhantom.archive import ingest
from fhantom.clock import Clock
from fhantom.loading import hackathon
from fhantom.loading.report import Fate, Report
from fhantom.resources import store
from fhantom.settings import Settings
from fhantom.site import Site
from fhantom.world import DataFolder, Worlds
from shelves import patient

SETTINGS = Settings(ephemeral=True)


def silent(kind: str, done: int, of: int) -> None:
    """Progress that nobody looks at."""


def load(site: Site, source: Path, jobs: int = 1) -> Report:
    return hackathon.load(site.worlds, SETTINGS, source, jobs, silent)


def counts(site: Site) -> dict[str, int]:
    with site.worlds.open().reading() as connection:
        return store.counts(connection, "R5")


def versions(site: Site) -> list[tuple[str, str, int]]:
    with site.worlds.open().reading() as connection:
        page = store.history(connection, "R5", count=10_000)
    return [(entry.type, entry.id, entry.version) for entry in page.entries]


def observation(id: str, subject: str) -> dict[str, object]:
    code = {"text": "any"}
    return {
        "resourceType": "Observation",
        "id": id,
        "status": "final",
        "code": code,
        "subject": {"reference": subject},
    }


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """An empty folder to load from."""
    folder = tmp_path / "source"
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty small objects of one study, in folders as the data set has them."""
    folder = tmp_path_factory.mktemp("images")
    path = get_testdata_file("CT_small.dcm")
    assert isinstance(path, str)
    dataset = pydicom.dcmread(path)
    for number in range(30):
        dataset.SOPInstanceUID = f"1.2.826.0.1.3680043.10.1499.{number}"
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
        target = folder / "Andy SIIM" / f"series {number % 3}" / f"IM-{number:04}.dcm"
        target.parent.mkdir(parents=True, exist_ok=True)
        dataset.save_as(target)
    return folder


def test_the_153_files_of_the_data_set_are_all_taken(site: Site, shared: Path) -> None:
    report = load(site, shared / "hackathon-dataset")
    assert report.counts == {("FHIR", Fate.STORED): 153}
    assert [text for _, text in report.remarks if "same id" not in text] == []
    expected = Counter(
        json.loads(path.read_text())["resourceType"] for path in (shared / "hackathon-dataset").rglob("*.json")
    )
    expected["DiagnosticReport"] -= 1  # two files have one id
    assert {type: count for type, count in counts(site).items() if count} == expected


def test_loading_the_data_set_twice_changes_nothing(site: Site, shared: Path) -> None:
    load(site, shared / "hackathon-dataset")
    before = versions(site)
    report = load(site, shared / "hackathon-dataset")
    assert report.counts == {("FHIR", Fate.UNCHANGED): 153}
    assert versions(site) == before


def test_of_two_files_with_one_id_the_later_one_is_the_present_version(site: Site, source: Path) -> None:
    write(source, "a.json", patient("same", gender="male"))
    write(source, "b.json", patient("same", gender="female"))
    report = load(site, source)
    assert report.remarks == [("a.json", "b.json has the same id and is the later version")]
    assert versions(site) == [("Patient", "same", 2), ("Patient", "same", 1)]
    load(site, source)
    assert versions(site) == [("Patient", "same", 2), ("Patient", "same", 1)]


def test_a_file_may_refer_to_one_that_comes_later(site: Site, source: Path) -> None:
    write(
        source,
        "1.json",
        {**patient("child"), "link": [{"other": {"reference": "Patient/z"}, "type": "seealso"}]},
    )
    write(source, "2.json", patient("z"))
    assert load(site, source).counts == {("FHIR", Fate.STORED): 2}


def test_a_file_that_refers_to_nothing_is_refused_with_the_reason(site: Site, source: Path) -> None:
    write(source, "1.json", observation("lost", "Patient/nobody"))
    write(source, "2.json", patient("somebody"))
    report = load(site, source)
    assert report.counts == {("FHIR", Fate.STORED): 1, ("FHIR", Fate.REFUSED): 1}
    assert report.remarks == [("1.json", "it refers to Patient/nobody, which is not there")]


@pytest.mark.parametrize(
    "resource",
    [
        {"resourceType": "Nonsense", "id": "1"},
        {"resourceType": "Patient", "id": "1", "birthDate": "tomorrow"},
    ],
    ids=["type", "date"],
)
def test_a_file_that_is_not_fhir_spoils_only_itself(site: Site, source: Path, resource: dict[str, object]) -> None:
    write(source, "bad.json", resource)
    write(source, "good.json", patient("good"))
    (source / "torn.json").write_text('{"resourceType": "Patient", ')
    report = load(site, source)
    assert report.counts == {("FHIR", Fate.STORED): 1, ("FHIR", Fate.REFUSED): 2}
    assert {name for name, _ in report.remarks} == {"bad.json", "torn.json"}


@pytest.mark.parametrize("jobs", [1, 2])
def test_all_dicom_below_the_folder_is_loaded(site: Site, images: Path, jobs: int) -> None:
    assert load(site, images, jobs).counts == {("DICOM", Fate.STORED): 30}


def test_a_second_run_reads_no_file_again(site: Site, images: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load(site, images)

    def fail(content: bytes) -> None:
        raise AssertionError("a file was read again")

    monkeypatch.setattr(ingest, "accept", fail)
    assert load(site, images).counts == {("DICOM", Fate.UNCHANGED): 30}


def test_an_interrupted_run_goes_on_where_it_was(site: Site, images: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(kind: str, done: int, of: int) -> None:
        if done >= 25:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        hackathon.load(site.worlds, SETTINGS, images, 1, interrupt)
    assert load(site, images).counts == {("DICOM", Fate.UNCHANGED): 25, ("DICOM", Fate.STORED): 5}


def test_the_same_objects_from_another_folder_change_nothing(site: Site, images: Path, source: Path) -> None:
    load(site, images)
    (source / "copy.dcm").write_bytes((images / "Andy SIIM" / "series 0" / "IM-0000.dcm").read_bytes())
    assert load(site, source).counts == {("DICOM", Fate.UNCHANGED): 1}


def test_a_torn_object_spoils_only_itself(site: Site, images: Path, source: Path) -> None:
    whole = (images / "Andy SIIM" / "series 0" / "IM-0000.dcm").read_bytes()
    (source / "whole.dcm").write_bytes(whole)
    (source / "torn.dcm").write_bytes(whole[: len(whole) // 2])
    (source / "text.dcm").write_bytes(b"no DICOM at all")
    report = load(site, source)
    assert report.counts == {("DICOM", Fate.STORED): 1, ("DICOM", Fate.REFUSED): 2}
    assert {name for name, _ in report.remarks} == {"torn.dcm", "text.dcm"}


def test_other_bytes_under_the_same_uids_are_refused_with_the_reason(site: Site, images: Path, source: Path) -> None:
    load(site, images)
    dataset = pydicom.dcmread(images / "Andy SIIM" / "series 0" / "IM-0000.dcm")
    dataset.PatientName = "Other"
    dataset.save_as(source / "other.dcm")
    report = load(site, source)
    assert report.counts == {("DICOM", Fate.REFUSED): 1}
    assert "is there already" in report.remarks[0][1]


@pytest.fixture
def second_site(site: Site) -> Iterator[Worlds]:
    worlds = Worlds(DataFolder(site.worlds.folder.path), SETTINGS, Clock())
    yield worlds
    worlds.close()


def test_a_running_server_sees_what_is_loaded(site: Site, second_site: Worlds, images: Path) -> None:
    with second_site.open().reading():
        pass
    load(site, images)
    with second_site.open().reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM instance").scalar() == 30


def test_the_report_counts_and_lists() -> None:
    report = Report()
    report.note("FHIR", Fate.STORED)
    report.note("DICOM", Fate.UNCHANGED)
    report.note("DICOM", Fate.REFUSED, "a.dcm", "torn")
    assert report.lines() == [
        "FHIR: 1 stored",
        "DICOM: 1 unchanged, 1 refused",
        "  a.dcm: torn",
    ]
