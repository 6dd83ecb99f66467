"""Seed folders: a world written as files and read back, and synthetic worlds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from datasets.loads import records, resources
from fhantom.cli import main
from fhantom.datasets.catalogue import FOLDER
from fhantom.datasets.folder import manifest
from fhantom.datasets.folder.exporting import export
from fhantom.datasets.folder.writing import dicom_path
from fhantom.datasets.job import Job, Unusable, run
from fhantom.datasets.making.making import make
from fhantom.datasets.making.plan import Plan
from fhantom.datasets.samples import seed_of
from fhantom.loading.report import Fate
from fhantom.settings import Settings
from fhantom.site import Site
from fhantom.world import provenance

SMALL = Plan(patients=3, seed=7, instances=2, side=16)
INDEX = Plan(patients=3, seed=7, instances=2, has_pixels=False)


def load(site: Site, source: Path) -> Job:
    job = Job(FOLDER, site.worlds, Settings(ephemeral=True), source)
    run(job)
    return job


def content(folder: Path) -> dict[str, object]:
    """What a folder holds, without the times at which resources were stored."""
    found: dict[str, object] = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.name != manifest.NAME):
        name = path.relative_to(folder).as_posix()
        if path.suffix == ".dcm":
            found[name] = path.read_bytes()
            continue
        lines = [json.loads(line) for line in path.read_bytes().splitlines()]
        for line in lines:
            line.get("meta", {}).pop("lastUpdated", None)
        found[name] = sorted(lines, key=lambda line: line.get("id", str(line)))
    return found


@pytest.mark.parametrize("plan", [SMALL, INDEX], ids=["with pixels", "index only"])
def test_the_same_plan_makes_the_same_bytes(tmp_path: Path, plan: Plan) -> None:
    for name in ("one", "two"):
        make(plan, tmp_path / name)
    assert content(tmp_path / "one") == content(tmp_path / "two")
    assert (tmp_path / "one" / manifest.NAME).read_bytes() == (tmp_path / "two" / manifest.NAME).read_bytes()


def test_another_seed_makes_other_people(tmp_path: Path) -> None:
    make(SMALL, tmp_path / "seven")
    make(Plan(patients=3, seed=8, instances=2, side=16), tmp_path / "eight")
    assert (
        content(tmp_path / "seven")
        .keys()
        .isdisjoint(name for name in content(tmp_path / "eight") if name.endswith(".dcm"))
    )


@pytest.mark.parametrize("plan", [SMALL, INDEX], ids=["with pixels", "index only"])
def test_a_world_that_is_exported_and_read_back_is_the_same(site: Site, tmp_path: Path, plan: Plan) -> None:
    make(plan, tmp_path / "made")
    first = load(site, tmp_path / "made")
    assert not [kind for kind, fate in first.report.counts if fate is Fate.REFUSED]
    export(site.worlds.open(), tmp_path / "exported")
    before = records(site)
    site.worlds.reset()
    assert not records(site)
    load(site, tmp_path / "exported")
    export(site.worlds.open(), tmp_path / "again")
    assert content(tmp_path / "again") == content(tmp_path / "exported")
    assert before and sorted(map(str, records(site))) == sorted(map(str, before))


def test_loading_it_twice_changes_nothing(site: Site, tmp_path: Path) -> None:
    make(SMALL, tmp_path / "made")
    load(site, tmp_path / "made")
    again = load(site, tmp_path / "made").report
    assert {fate for _, fate in again.counts} == {Fate.UNCHANGED}


def test_imaging_of_a_synthetic_world_is_linked_to_its_images(site: Site, tmp_path: Path) -> None:
    make(SMALL, tmp_path / "made")
    load(site, tmp_path / "made")
    told = {
        identifier["value"].removeprefix("urn:oid:")
        for study in resources(site, "ImagingStudy", "R4")
        for identifier in study["identifier"]
        if identifier.get("system") == "urn:dicom:uid"
    }
    assert told == {record["0020000D"]["Value"][0] for record in records(site)}


def test_the_licences_of_a_folder_are_those_of_the_world(site: Site, tmp_path: Path) -> None:
    make(SMALL, tmp_path / "made")
    job = load(site, tmp_path / "made")
    assert [licence.name for licence in job.licences] == ["CC0 1.0"]
    with site.worlds.open().reading() as connection:
        assert {dataset.name for dataset in provenance.loaded(connection)} == {"folder", "synthetic"}
        assert not provenance.people(connection)


def test_a_folder_that_may_tell_of_people_says_so_to_every_world_it_goes_through(site: Site, tmp_path: Path) -> None:
    told = make(SMALL, tmp_path / "made")
    manifest.write(
        tmp_path / "made", manifest.Manifest(told.made_at, "https://elsewhere.example", told.files, has_people=True)
    )
    load(site, tmp_path / "made")
    assert export(site.worlds.open(), tmp_path / "exported").has_people


@pytest.mark.parametrize("kind", ["DICOM", "R4"])
def test_a_file_with_other_bytes_than_the_manifest_names_is_refused(site: Site, tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "made"
    told = make(SMALL, folder)
    spoilt = next(file for file in told.files if file.kind == kind)
    (folder / spoilt.path).write_bytes((folder / spoilt.path).read_bytes()[:-40] + b"\1" * 40)
    job = load(site, folder)
    assert dict(job.report.remarks)[spoilt.path].startswith("its bytes are not those")
    assert job.report.has_loaded


def test_a_file_that_is_missing_is_refused_by_name(site: Site, tmp_path: Path) -> None:
    told = make(SMALL, tmp_path / "made")
    gone = [next(file for file in told.files if file.kind == kind) for kind in ("DICOM", "R5")]
    for file in gone:
        (tmp_path / "made" / file.path).unlink()
    job = load(site, tmp_path / "made")
    assert {file.path for file in gone} <= dict(job.report.remarks).keys()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "cannot be read"),
        ("[]", "not that of"),
        ('{"format": "fhantom seed folder", "version": 2}', "version 2"),
        ('{"format": "fhantom seed folder", "version": 1}', "damaged"),
    ],
    ids=["empty", "no object", "another version", "nothing in it"],
)
def test_a_manifest_that_cannot_be_used_is_an_error_that_says_why(
    site: Site, tmp_path: Path, text: str, said: str
) -> None:
    (tmp_path / manifest.NAME).write_text(text)
    with pytest.raises(Unusable, match=said):
        load(site, tmp_path)


def test_a_manifest_cannot_lead_out_of_its_folder(site: Site, tmp_path: Path) -> None:
    told = make(SMALL, tmp_path / "made")
    files = [manifest.File("../secret", "R4", 1, "0" * 64), *told.files]
    manifest.write(tmp_path / "made", manifest.Manifest(told.made_at, told.origin, files))
    with pytest.raises(Unusable, match="leads out"):
        load(site, tmp_path / "made")


def test_a_name_that_is_no_uid_does_not_become_a_path() -> None:
    assert dicom_path("1.2", "3.4", "5.6") == "dicom/1.2/3.4/5.6.dcm"
    assert ".." not in dicom_path("..", "a/../b", "1.2")


def test_an_empty_folder_and_a_wrong_plan_are_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    assert main(["seed", "make", "--out", str(tmp_path / "full")]) == 1
    assert "is not empty" in capsys.readouterr().err
    assert main(["seed", "make", "--out", str(tmp_path / "new"), "--modalities", "CT,XX"]) == 1
    assert "'XX'" in capsys.readouterr().err
    assert main(["seed", "make", "--out", str(tmp_path / "new"), "--patients", "0"]) == 1
    assert "--patients" in capsys.readouterr().err


def test_the_commands_make_load_list_and_export(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made, data, out = (str(tmp_path / name) for name in ("made", "data", "out"))
    assert main(["seed", "make", "--out", made, "--patients", "2", "--side", "8"]) == 0
    assert main(["seed", "folder", "--from", made, "--data", data]) == 0
    assert "licence: CC0 1.0" in capsys.readouterr().out
    assert main(["seed", "list", "--data", data]) == 0
    assert "Synthetic world, from a seed folder" in capsys.readouterr().out
    assert main(["seed", "export", "--out", out, "--data", data]) == 0
    assert content(Path(out)).keys() == content(Path(made)).keys()


def test_serve_can_begin_with_a_seed_folder(site: Site, tmp_path: Path) -> None:
    make(SMALL, tmp_path / "made")
    seed = seed_of(str(tmp_path / "made"))
    seed.load(site.worlds, lambda done, of: None)
    assert len(resources(site, "Patient")) == SMALL.patients
    before = seed.digest()
    make(INDEX, tmp_path / "made")
    assert seed.digest() != before
