"""The shipped seed against its manifest, and what reading it costs."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path

import pytest

import fhantom_seed
from fhantom_seed import Seed, fhir, open_seed
from fhantom_seed.plan import planned_studies

DATA = Path(fhantom_seed.__file__).with_name("data")


@pytest.fixture(scope="module")
def seed() -> Seed:
    return open_seed()


def test_the_digest_is_that_of_the_manifest(seed: Seed) -> None:
    assert seed.digest == hashlib.sha256((DATA / "manifest.json").read_bytes()).hexdigest()


def test_every_member_of_every_pack_has_the_size_and_digest_of_the_manifest(seed: Seed) -> None:
    wrong = []
    for name, pack in seed.manifest["dicom"]["packs"].items():
        with zipfile.ZipFile(DATA / "dicom" / name) as archive:
            assert archive.namelist() == list(pack["members"])
            for member in archive.namelist():
                data = archive.read(member)
                if [len(data), hashlib.sha256(data).hexdigest()] != pack["members"][member]:
                    wrong.append(member)
    assert wrong == []


@pytest.mark.parametrize("version", ["R5", "R4"])
def test_each_fhir_file_has_the_digest_and_count_of_the_manifest(seed: Seed, version: str) -> None:
    part = seed.manifest["fhir"][version]
    text = (DATA / part["file"]).read_bytes()
    assert hashlib.sha256(text).hexdigest() == part["sha256"]
    assert len(list(seed.resources(version))) == part["resources"]


def test_the_counts_of_the_manifest_are_those_of_the_packs(seed: Seed) -> None:
    packs = seed.manifest["dicom"]["packs"]
    sizes = [size for pack in packs.values() for size, _ in pack["members"].values()]
    assert len(sizes) == seed.manifest["dicom"]["instances"]
    assert sum(sizes) == seed.manifest["dicom"]["bytes"]
    assert seed.packs == tuple(packs)


def test_the_seed_takes_at_most_60_mb_unpacked_and_leaves_room_in_a_wheel_of_20_mb(seed: Seed) -> None:
    unpacked = seed.manifest["dicom"]["bytes"] + sum(path.stat().st_size for path in (DATA / "fhir").iterdir())
    packed = sum(path.stat().st_size for path in (DATA / "dicom").iterdir())
    assert unpacked <= 60_000_000
    assert packed <= 15_500_000


def test_instances_of_one_pack_are_the_part_of_all_that_the_manifest_says(seed: Seed) -> None:
    counted = Counter({name: sum(1 for _ in seed.instances(name)) for name in seed.packs})
    assert counted.total() == seed.manifest["dicom"]["instances"]
    assert all(counted[name] == len(pack["members"]) for name, pack in seed.manifest["dicom"]["packs"].items())


def test_the_licences_of_data_and_identifiers_are_in_the_manifest(seed: Seed) -> None:
    lines = "\n".join(seed.manifest["licences"])
    assert "MIT" in lines
    assert "hackathon-dataset" in lines


def test_reading_the_seed_needs_nothing_but_the_standard_library() -> None:
    script = (
        "import json, sys, fhantom_seed\n"
        "seed = fhantom_seed.open_seed()\n"
        "next(seed.instances()), next(seed.resources('R5'))\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))\n"
    )
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = set(json.loads(shown.stdout))
    assert loaded.isdisjoint({"numpy", "pydicom", "PIL", "imagecodecs", "fhir"})


@pytest.mark.parametrize("version", ["R5", "R4"])
def test_the_shipped_fhir_files_are_what_the_facts_give_today(version: str) -> None:
    assert (DATA / "fhir" / f"{version}.ndjson").read_bytes() == fhir.ndjson(version)


def test_the_packs_hold_the_planned_objects_in_the_planned_order(seed: Seed) -> None:
    planned: dict[str, list[str]] = {}
    for study in planned_studies():
        names = planned.setdefault(f"{study.patient.id}.zip", [])
        names += [f"{instance.uid}.dcm" for series in study.series for instance in series.instances]
    packs = seed.manifest["dicom"]["packs"]
    assert {name: list(pack["members"]) for name, pack in packs.items()} == planned


@pytest.mark.parametrize(("part", "label"), [("studies", "studies"), ("series", "series"), ("instances", "objects")])
def test_the_page_about_the_seed_counts_as_the_manifest_does(seed: Seed, part: str, label: str) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "seed.md").read_text("utf-8")
    assert f"| {label} | {seed.manifest['dicom'][part]} |" in page
