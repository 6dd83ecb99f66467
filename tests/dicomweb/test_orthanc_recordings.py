"""The recorded answers of Orthanc: loaded as Orthanc was, the server answers alike, or knowingly better."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from doors import Socket, listening
from fhantom.app import create_app
from fhantom.settings import BUILT_IN_KEY, Settings
from fhantom.site import Site

_GOLDEN = Path(__file__).parents[1] / "golden"
_HEADER = f"apikey={BUILT_IN_KEY}"

# Orthanc cannot read UIDs that are written as UN (PS3.5 6.2.2 allows it); fhantom stores these files.
_BETTER = {
    "pydicom/test_files/rtdose_rle.dcm",
    "pydicom/test_files/rtdose_rle_1frame.dcm",
    "pydicom-data/explicit_VR-UN.dcm",
}


@dataclass(frozen=True)
class Mode:
    """How the server is started, and how many of the 659 cases may differ: the decisions say why not fewer."""

    strict: bool
    deliberate: Path
    most: int
    better: frozenset[str] = frozenset()


MODES = [
    pytest.param(Mode(False, _GOLDEN / "orthanc_deliberate.toml", 167, frozenset(_BETTER)), id="default"),
    pytest.param(Mode(True, _GOLDEN / "orthanc_strict.toml", 30), id="strict"),
]


def run(*arguments: str) -> str:
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module", params=MODES)
def mode(request: pytest.FixtureRequest) -> Mode:
    return request.param


@pytest.fixture(scope="module")
def module_settings(mode: Mode) -> Settings:
    return Settings(ephemeral=True, strict=mode.strict)


@pytest.fixture(scope="module")
def server(module_site: Site) -> Iterator[Socket]:
    with listening(create_app(module_site)) as socket:
        yield socket


@pytest.fixture(scope="module")
def loaded(server: Socket, shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What became of each file, in the form of `load.tsv`."""
    answers = tmp_path_factory.mktemp("load") / "load.tsv"
    script = shared / "golden" / "orthanc" / "load_data.py"
    run(str(script), f"{server.origin}/dicomweb", str(answers), "--header", _HEADER)
    return answers


def outcomes(path: Path) -> dict[str, tuple[str, str]]:
    with path.open(newline="") as lines:
        return {row["file"]: (row["stow_status"], row["reason"]) for row in csv.DictReader(lines, delimiter="\t")}


def test_every_file_of_pydicom_is_stored_or_refused_as_orthanc_does(loaded: Path, shared: Path, mode: Mode) -> None:
    ours, theirs = outcomes(loaded), outcomes(shared / "golden" / "orthanc" / "load.tsv")
    assert {file for file in theirs if ours[file] != theirs[file]} == mode.better
    assert {ours[file][0] for file in mode.better} <= {"200"}


@pytest.fixture(scope="module")
def report(server: Socket, loaded: Path, shared: Path, mode: Mode) -> str:
    """The scores of all cases, in the order in which they were recorded: those that store come late."""
    return run(
        str(shared / "golden" / "replay.py"),
        server.origin,
        str(shared / "golden" / "orthanc" / "cases.jsonl.gz"),
        *("--map", "/dicom-web=/dicomweb", "--map", "/wado=/wadouri", "--header", _HEADER),
        *("--deliberate", str(mode.deliberate)),
    )


GROUPS = ["gen", "qido", "wado", "meta", "frames", "bulk", "render", "thumb", "wadouri", "file", "stow", "all"]


@pytest.mark.parametrize("group", GROUPS)
def test_recorded_answers_are_the_same_or_knowingly_better(report: str, group: str) -> None:
    head, row = (line.split() for line in report.splitlines() if line.split()[:1] in (["group"], [group]))
    scores = dict(zip(head[1:], map(int, row[1:]), strict=True))
    assert scores.pop("same") + scores.pop("deliberate") > 0
    assert not any(scores.values()), report


def test_every_deliberate_difference_has_its_reason(mode: Mode) -> None:
    cases = tomllib.loads(mode.deliberate.read_text())["case"]
    assert all(len(case["why"]) > 20 for case in cases.values())
    assert len(cases) <= mode.most
