"""Records of objects without bytes in a seed folder: in parts, resumable, a bad line by its number."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from datasets.loads import records
from fhantom.archive import elsewhere, ingest
from fhantom.datasets.catalogue import FOLDER
from fhantom.datasets.folder import manifest, metadata
from fhantom.datasets.folder.exporting import export
from fhantom.datasets.folder.writing import METADATA
from fhantom.datasets.job import Job, run
from fhantom.datasets.making.making import make
from fhantom.datasets.making.plan import Plan
from fhantom.errors import StorageFull
from fhantom.loading.report import Fate
from fhantom.settings import Settings
from fhantom.site import Site

PLAN = Plan(patients=3, instances=5, has_pixels=False)
COUNT = 30


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "_PART", 5000)  # some four lines


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make(PLAN, tmp_path / "made")
    return tmp_path / "made"


def load(site: Site, folder: Path, **more: object) -> Job:
    job = Job(FOLDER, site.worlds, Settings(ephemeral=True), folder, **more)  # type: ignore[arg-type]
    run(job)
    return job


def rewritten(folder: Path, lines: list[bytes]) -> None:
    """Put other lines into the file, and tell the manifest."""
    content = b"".join(lines)
    (folder / METADATA).write_bytes(content)
    told = manifest.read(folder)
    digest = hashlib.sha256(content).hexdigest()
    files = [
        replace(file, size=len(content), sha256=digest, count=len(lines)) if file.path == METADATA else file
        for file in told.files
    ]
    manifest.write(folder, replace(told, files=files))


@pytest.mark.parametrize("processes", [1, 2])
def test_every_line_becomes_a_record_once(site: Site, folder: Path, processes: int) -> None:
    told: list[tuple[int, int]] = []
    more = {"processes": processes, "progress": lambda kind, done, of: told.append((done, of))}
    assert load(site, folder, **more).report.counts[metadata.KIND, Fate.STORED] == COUNT
    assert told[-1] == (COUNT, COUNT)
    lines = [json.loads(line) for line in (folder / METADATA).read_bytes().splitlines()]
    uids = sorted(line["00080018"]["Value"][0] for line in lines)
    assert sorted(record["00080018"]["Value"][0] for record in records(site)) == uids


def test_a_part_that_is_stored_is_not_read_again(site: Site, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load(site, folder)

    def fail(line: bytes) -> None:
        raise AssertionError(f"read again: {line!r}")

    monkeypatch.setattr(metadata, "_accepted", fail)
    assert load(site, folder).report.counts[metadata.KIND, Fate.UNCHANGED] == COUNT


def test_a_full_disk_keeps_what_is_stored_and_the_next_load_goes_on(
    site: Site, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep, calls = ingest.keep, []

    def filling(*arguments: object) -> list[ingest.Outcome]:
        calls.append(arguments)
        if len(calls) == 3:
            raise StorageFull("no space left to store it")
        return keep(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(ingest, "keep", filling)
    cut = load(site, folder)
    assert cut.is_cut_short
    before = len(records(site))
    assert 0 < before < COUNT
    after = load(site, folder).report.counts
    assert (after[metadata.KIND, Fate.UNCHANGED], after[metadata.KIND, Fate.STORED]) == (before, COUNT - before)


@pytest.mark.parametrize(
    ("line", "reason"),
    [(b"{oh", "Not JSON"), (b'{"0020000D":{"vr":"UI"}}', "is missing"), (b"", "Not JSON")],
    ids=["no JSON", "no UIDs", "nothing"],
)
def test_a_bad_line_is_refused_by_its_number_and_the_rest_is_kept(
    site: Site, folder: Path, line: bytes, reason: str
) -> None:
    lines = (folder / METADATA).read_bytes().splitlines(keepends=True)
    rewritten(folder, [*lines[:10], line + b"\n", *lines[11:]])
    for fate in (Fate.STORED, Fate.UNCHANGED):  # the same when it is loaded again
        report = load(site, folder).report
        assert reason in dict(report.remarks)[f"{METADATA} line 11"]
        assert report.counts[metadata.KIND, fate] == COUNT - 1


def test_the_last_line_needs_no_end(site: Site, folder: Path) -> None:
    lines = (folder / METADATA).read_bytes().splitlines(keepends=True)
    rewritten(folder, [*lines[:-1], lines[-1].rstrip()])
    assert load(site, folder).report.counts[metadata.KIND, Fate.STORED] == COUNT


def test_a_file_of_other_bytes_is_refused_whole(site: Site, folder: Path) -> None:
    (folder / METADATA).write_bytes((folder / METADATA).read_bytes().replace(b"CT", b"MR"))
    assert dict(load(site, folder).report.remarks)[METADATA] == metadata.OTHER_BYTES
    assert not records(site)


def test_a_load_can_stop_at_the_first_bad_line(site: Site, folder: Path) -> None:
    rewritten(folder, [b"{}\n", *(folder / METADATA).read_bytes().splitlines(keepends=True)])
    job = load(site, folder, stops=True)
    assert job.is_cut_short
    assert "at the first refusal" in dict(job.report.remarks)["stopped"]


def test_what_fetches_the_pixels_travels_along(site: Site, folder: Path, tmp_path: Path) -> None:
    load(site, folder)
    series = records(site)[0]["0020000E"]["Value"][0]
    with site.worlds.open().writing() as connection:
        elsewhere.note(connection, {series: "fetch it"})
    export(site.worlds.open(), tmp_path / "exported")
    site.worlds.reset()
    load(site, tmp_path / "exported")
    with site.worlds.open().reading() as connection:
        assert elsewhere.all_commands(connection) == {series: "fetch it"}
