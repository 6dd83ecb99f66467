"""What all data sets have in common: progress, resuming, reports, refusals, samples, licences."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from datasets.loads import count, load, resources, tags
from fhantom.archive import ingest
from fhantom.cli import main
from fhantom.datasets import dicom_files
from fhantom.datasets.catalogue import DATASETS
from fhantom.datasets.job import Unusable
from fhantom.datasets.samples import make_sample, seed_of
from fhantom.errors import StorageFull
from fhantom.loading.report import Fate
from fhantom.loading.seeds import UnknownSeed
from fhantom.site import Site
from fhantom.world import World, provenance


@pytest.fixture(scope="module")
def whole_samples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The sample of every data set, by its name."""
    root = tmp_path_factory.mktemp("samples")
    return {name: make_sample(dataset, root / name) for name, dataset in DATASETS.items()}


@pytest.fixture(scope="module")
def samples(whole_samples: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same, of SIIM's only the files of two patients, which are quicker to load."""
    few = tmp_path_factory.mktemp("few") / "siim"
    shutil.copytree(whole_samples["siim"], few, ignore=_all_but_two)
    return {**whole_samples, "siim": few}


def _all_but_two(folder: str, names: list[str]) -> list[str]:
    people = [name for name in names if name.startswith("siim_") or name.endswith(" SIIM")]
    return [name for name in people if not re.search("bibata|thierry", name, re.IGNORECASE)]


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    status = main([str(argument) for argument in arguments])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def digest(folder: Path) -> str:
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            found.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return found.hexdigest()


@pytest.mark.parametrize("name", DATASETS)
def test_a_sample_loads_again_without_changing_anything(site: Site, samples: dict[str, Path], name: str) -> None:
    first = load(site, name, samples[name])
    assert first.report.has_loaded
    second = load(site, name, samples[name])
    assert not [kind for kind, fate in second.report.counts if fate is Fate.STORED]
    assert count(second, "DICOM", Fate.UNCHANGED) == count(first, "DICOM")
    assert count(second, "FHIR R5", Fate.REFUSED) == count(first, "FHIR R5", Fate.REFUSED)


@pytest.mark.parametrize("name", DATASETS)
def test_a_sample_has_the_same_bytes_every_time(whole_samples: dict[str, Path], tmp_path: Path, name: str) -> None:
    assert digest(make_sample(DATASETS[name], tmp_path / "again")) == digest(whole_samples[name])


@pytest.mark.parametrize("name", DATASETS)
def test_patients_and_studies_carry_data_set_and_licence_in_both_versions(
    site: Site, samples: dict[str, Path], name: str
) -> None:
    load(site, name, samples[name])
    for version in ("R5", "R4"):
        for kind in ("Patient", "ImagingStudy"):
            found = resources(site, kind, version)  # type: ignore[arg-type]
            assert found, (version, kind)
            for resource in found:
                assert tags(resource)["urn:fhantom:dataset"] == name
                assert tags(resource)["urn:fhantom:licence"]
                assert resource["meta"]["source"]


@pytest.mark.parametrize("name", DATASETS)
def test_the_world_knows_what_was_loaded_and_under_which_licence(
    site: Site, samples: dict[str, Path], name: str
) -> None:
    load(site, name, samples[name])
    with site.worlds.open().reading() as connection:
        (found,) = provenance.loaded(connection)
    assert (found.name, found.title, found.page) == (name, DATASETS[name].title, DATASETS[name].page)
    assert found.counts["DICOM"] > 0
    assert all(licence.name and licence.attribution for licence in found.licences)


def test_a_load_ends_with_counts_remarks_and_licence(
    capsys: pytest.CaptureFixture[str], samples: dict[str, Path], tmp_path: Path
) -> None:
    status, out, err = run(capsys, "seed", "siim", "--from", samples["siim"], "--data", tmp_path, "--limit", 1)
    assert status == 0
    assert "FHIR R5: " in out and "patient.example.json: an example" in out
    assert out.splitlines()[-1].startswith("licence: MIT https://")
    assert "DICOM" in err and "\r" not in err
    listed = run(capsys, "seed", "list", "--data", tmp_path)[1]
    assert "DICOM" in listed and "MIT" in listed and all(name in listed for name in DATASETS)


def test_another_world_can_be_loaded_into(
    capsys: pytest.CaptureFixture[str], samples: dict[str, Path], tmp_path: Path
) -> None:
    arguments = ("--from", samples["siim"], "--data", tmp_path, "--limit", 1)
    assert run(capsys, "seed", "siim", *arguments, "--world", "team-7")[0] == 0
    assert "loaded:" not in run(capsys, "seed", "list", "--data", tmp_path)[1]
    assert "loaded:" in run(capsys, "seed", "list", "--data", tmp_path, "--world", "team-7")[1]


@pytest.mark.parametrize("name", DATASETS)
def test_a_source_that_is_nothing_of_the_kind_is_refused_in_words(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str
) -> None:
    (tmp_path / "picture.jpg").write_bytes(b"\xff\xd8 no picture")
    for source in (tmp_path / "picture.jpg", tmp_path / "missing"):
        status, _, err = run(capsys, "seed", name, "--from", source, "--data", tmp_path / "data")
        assert status == 1
        assert err.startswith("fhantom: ") and "Traceback" not in err


@pytest.mark.parametrize("name", DATASETS)
def test_an_interrupted_load_goes_on_where_it_was(site: Site, samples: dict[str, Path], name: str) -> None:
    def interrupt(kind: str, done: int, of: int) -> None:
        if kind == dicom_files.KIND:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(site, name, samples[name], progress=interrupt)
    went_on = load(site, name, samples[name])
    assert count(went_on, "DICOM", Fate.UNCHANGED) > 0
    assert resources(site, "ImagingStudy")


def test_objects_that_find_no_room_are_refused_and_stored_by_the_next_load(
    site: Site, samples: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(world: World, incoming: object) -> None:
        raise StorageFull("no space left to store it")

    with monkeypatch.context() as patch:
        patch.setattr(ingest, "keep", full)
        job = load(site, "siim", samples["siim"], limit=1)
    assert count(job, "DICOM", Fate.REFUSED) > 0 and count(job, "DICOM") == 0
    assert {reason for name, reason in job.report.remarks if name.endswith("0001.dcm")} == {"no space left to store it"}
    assert count(load(site, "siim", samples["siim"], limit=1), "DICOM") == count(job, "DICOM", Fate.REFUSED)


def test_rows_that_find_no_room_end_the_load_in_words(
    site: Site, samples: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object) -> None:
        raise StorageFull("no space left to store it")

    monkeypatch.setattr("fhantom.datasets.ledger.Ledger.finish", full)
    job = load(site, "siim", samples["siim"], limit=1)
    assert job.is_cut_short
    assert dict(job.report.remarks)["stopped"].startswith("the disk is full")


def test_a_load_stops_at_the_first_refusal_if_told(site: Site, samples: dict[str, Path], tmp_path: Path) -> None:
    folder = tmp_path / "Andy SIIM"
    folder.mkdir()
    (folder / "torn.dcm").write_bytes(b"\0" * 128 + b"DICM and no more")
    job = load(site, "siim", tmp_path, stops=True)
    assert job.is_cut_short
    assert "torn.dcm" in dict(job.report.remarks)["stopped"]


def test_several_processes_store_the_same(site: Site, samples: dict[str, Path]) -> None:
    one = count(load(site, "siim", samples["siim"], limit=1), "DICOM")
    both = load(site, "siim", samples["siim"], processes=2)
    assert count(both, "DICOM") > 0
    assert count(both, "DICOM", Fate.UNCHANGED) == one


@pytest.mark.parametrize(
    ("names", "called"),
    [("siim", "siim"), ("embedded", "embedded"), ("none", "none"), ("none, siim", "none,siim")],
)
def test_a_seed_is_one_name_or_several(names: str, called: str) -> None:
    assert seed_of(names).name == called
    assert seed_of(names).digest() == seed_of(names).digest()


def test_a_folder_may_have_a_comma_in_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "a,b"
    folder.mkdir()
    assert seed_of(str(folder)).name == str(folder)


def test_an_unknown_seed_is_told_with_those_that_are_known() -> None:
    with pytest.raises(UnknownSeed, match=r"'nonsense'.*siim"):
        seed_of("siim,nonsense")


def test_a_source_that_is_neither_folder_nor_zip_is_unusable(site: Site, tmp_path: Path) -> None:
    (tmp_path / "none").write_bytes(b"no zip")
    with pytest.raises(Unusable, match="neither a folder nor"):
        load(site, "siim", tmp_path / "none")


@pytest.mark.long
@pytest.mark.parametrize("name", DATASETS)
@pytest.mark.parametrize("room", [500_000, 1_000_000, 2_000_000, 4_000_000, 6_000_000])
def test_a_disk_that_fills_up_is_told_and_the_load_goes_on_when_there_is_room(
    whole_samples: dict[str, Path], tmp_path: Path, name: str, room: int
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    size = ["-o", f"size={room}", "tmpfs", str(disk)]
    if sys.platform != "linux" or subprocess.run(["mount", "-t", "tmpfs", *size], capture_output=True).returncode:
        pytest.skip("only root on Linux may mount a small file system")
    command = [sys.executable, "-m", "fhantom", "seed", name, "--from", str(whole_samples[name])]
    command += ["--data", str(disk / "data")]
    try:
        done = subprocess.run(command, capture_output=True, text=True)
        assert "Traceback" not in done.stderr
        assert done.returncode == 0 or "no room" in done.stderr or "disk is full" in done.stdout + done.stderr
        grow = ["mount", "-o", "remount,size=200m", str(disk)]
        subprocess.run(grow, check=True, capture_output=True)
        again = subprocess.run(command, capture_output=True, text=True)
        assert (again.returncode, "Traceback" in again.stderr, "disk is full" in again.stdout) == (0, False, False)
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


@pytest.mark.parametrize("name", ["siim", "coherent", "isic"])
def test_one_data_set_is_not_taken_for_another(site: Site, samples: dict[str, Path], name: str) -> None:
    with pytest.raises(Unusable):
        load(site, name, samples["idc"])
    with site.worlds.open().reading() as connection:
        assert not provenance.loaded(connection)


def test_a_load_of_nothing_says_so(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "Andy SIIM").mkdir()
    (tmp_path / "Andy SIIM" / "torn.dcm").write_bytes(b"\0" * 128 + b"DICM and no more")
    status, out, err = run(capsys, "seed", "siim", "--from", tmp_path, "--data", tmp_path / "data")
    assert (status, "DICOM: 1 refused" in out) == (1, True)
    assert err.splitlines()[-1].endswith("was loaded, for the reasons above")


def test_an_interruption_is_told_with_what_stays(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("fhantom.datasets.job.run", interrupted)
    status, _, err = run(capsys, "seed", "siim", "--from", tmp_path, "--data", tmp_path / "data")
    assert (status, err) == (130, "fhantom: interrupted; what is stored stays, and the same command goes on\n")


def test_a_full_disk_before_anything_is_stored_is_told_as_such(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, samples: dict[str, Path], tmp_path: Path
) -> None:
    def full(*arguments: object) -> None:
        raise StorageFull("no space left to store it")

    monkeypatch.setattr("fhantom.datasets.coherent.loading.load", full)
    status, out, err = run(capsys, "seed", "coherent", "--from", samples["coherent"], "--data", tmp_path)
    assert status == 1 and "the disk is full" in out
    assert err.splitlines()[-1].endswith("was not loaded to its end; the same command goes on")
