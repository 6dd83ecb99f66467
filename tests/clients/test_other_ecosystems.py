"""Clients of JavaScript, Java, C++ and of Python with heavy packages, unchanged, against `fhantom serve`.

Their packages are fetched once, by their own package managers, and kept in the user's cache.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from doors import Socket
from fhantom.settings import BUILT_IN_KEY
from fhir_client import FhirClient, entry, patient
from instances import MULTIPART, ROOT, instance, multipart
from running import serving

pytestmark = pytest.mark.long

HERE = Path(__file__).parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fhantom-tests"
COUNT = 30
NPM = ("npm install --no-audit --no-fund --no-package-lock --ignore-scripts --omit=optional --omit=peer",)
MAVEN = ("mvn --batch-mode --quiet dependency:copy-dependencies -DoutputDirectory=lib",)
PIP = (f"{sys.executable} -m venv venv", "venv/bin/pip install --quiet --requirement requirements.txt")
FHIR_ROOTS = pytest.mark.parametrize("root", ["/fhir", "/fhir-r4"], ids=["R5", "R4"])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Socket]:
    """The door of a server with thirty patients and an observation of one of them, in both versions."""
    with serving(tmp_path_factory.mktemp("home"), "--ephemeral", "--seed", "none") as running:
        entries = [
            entry("PUT", f"Patient/p{at}", patient(f"p{at}", name=[{"family": "Library"}])) for at in range(COUNT)
        ]
        observation = {"resourceType": "Observation", "id": "o", "status": "final", "code": {"text": "x"}}
        observation |= {"effectiveDateTime": "2022-03-04", "subject": {"reference": "Patient/p1"}}
        for root in ("/fhir", "/fhir-r4"):
            bundle = FhirClient(running.door, root).bundle(
                "transaction", *entries, entry("PUT", "Observation/o", observation)
            )
            assert bundle.status == 200
        yield running.door


def needs(*programs: str) -> None:
    """Skip where a program is absent."""
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        pytest.skip(f"needs {' and '.join(missing)}")


def installed(source: Path, manifest: str, commands: tuple[str, ...]) -> Path:
    """A folder of the cache with the files of `source` and what its manifest names."""
    digest = hashlib.sha256((source / manifest).read_bytes()).hexdigest()[:16]
    folder = CACHE / f"{source.name}-{digest}"
    shutil.copytree(source, folder, dirs_exist_ok=True)
    done = folder / ".installed"
    if not done.exists():
        for command in commands:
            run = subprocess.run(command.split(), cwd=folder, capture_output=True, text=True)
            if run.returncode:
                pytest.skip(f"the packages can't be installed: {(run.stderr or run.stdout)[-200:]}")
        done.touch()
    return folder


def answered(command: list[str], folder: Path) -> dict[str, Any]:
    """The JSON object that a client prints at its end."""
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240)
    assert run.returncode == 0, run.stderr
    seen: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return seen


@pytest.fixture(scope="module")
def node() -> Path:
    """The folder with the JavaScript clients."""
    needs("node", "npm")
    return installed(HERE / "node", "package.json", NPM)


JPEG = "\xff\xd8\xff\xe0"


def test_dicomweb_client_stores_searches_and_retrieves(server: Socket, node: Path, tmp_path: Path) -> None:
    file = tmp_path / "x.dcm"
    file.write_bytes(instance(1))
    uids = [f"{ROOT}.1", f"{ROOT}.1.1", f"{ROOT}.1.1.1"]
    arguments = [f"{server.origin}/dicomweb", BUILT_IN_KEY, str(file), *uids]
    assert answered(["node", "dicomweb-client.mjs", *arguments], node) == {
        "study": uids[0],
        "nothing": [],
        "series": [uids[1]],
        "instances": [uids[2]],
        "metadata": 4,
        "instanceMetadata": uids[2],
        "whole": "DICM",
        "ofStudy": 1,
        "frame": list(range(16)),
        "pictures": {"unasked": JPEG, "png": "\x89PNG", "gif": "GIF8", "either": "\x89PNG", "windowed": JPEG},
        "small": [True, True, True],
        "ofSeries": 1,
        "studyMetadata": 1,
        "bulk": list(range(16)),
        "wado": "DICM",
        "left": [],
    }


KIT = {
    "version": "3",
    "gone": 410,
    "before": 10,
    "within": 400,
    "ofPatient": ["o"],
    "batch": "200 OK",
    "transaction": "200 OK",
    "everything": ["Observation", "Patient"],
    "subject": "p1",
    "capabilities": "CapabilityStatement",
    "history": 3,
}
MEDPLUM = {
    "gone": "processing",
    "further": "not-supported",
    "patched": True,
    "history": 3,
    "known": True,
    "batch": "200 OK",
    "one": True,
    "everything": ["Observation", "Patient"],
}


@FHIR_ROOTS
@pytest.mark.parametrize(
    ("script", "further"),
    [
        ("fhir-kit-client.mjs", KIT),
        ("fhirclient.mjs", {"gone": 410, "observation": "o", "patched": True, "referred": "p1"}),
        ("medplum.mjs", MEDPLUM),
    ],
    ids=["fhir-kit-client", "fhirclient", "medplum"],
)
def test_a_fhir_client_of_npm_writes_reads_and_searches(
    server: Socket, node: Path, root: str, script: str, further: dict[str, Any]
) -> None:
    seen = answered(["node", script, f"{server.origin}{root}", BUILT_IN_KEY], node)
    assert seen == {"version": "2", "gender": "female", "first": None, "families": ["Library"] * COUNT, **further}


@FHIR_ROOTS
def test_hapis_own_client_writes_reads_and_follows_pages(server: Socket, root: str) -> None:
    needs("java", "mvn")
    folder = installed(HERE / "java", "pom.xml", MAVEN)
    version = "R4" if root == "/fhir-r4" else "R5"
    command = ["java", "-cp", "lib/*", "HapiClient.java", f"{server.origin}{root}", BUILT_IN_KEY, version]
    assert answered(command, folder) == {
        "version": "3",
        "gender": "female",
        "born": "1980-01-02",
        "first": "",
        "found": COUNT,
        "gone": True,
        "history": 3,
        "transaction": 1,
        "everything": 1,
    }


@FHIR_ROOTS
def test_fhir_pyrate_makes_tables_of_pages_timespans_and_rows(server: Socket, root: str) -> None:
    folder = installed(HERE / "python", "requirements.txt", PIP)
    seen = answered(["venv/bin/python", "pyrate.py", f"{server.origin}{root}", BUILT_IN_KEY], folder)
    assert seen == {
        "total": COUNT,
        "families": ["Library"] * COUNT,
        "split": [{"id": "o", "subject": "Patient/p1"}],
        "traded": ["o"],
    }


@pytest.mark.parametrize("syntax", ["*", "1.2.840.10008.1.2", "1.2.840.10008.1.2.5"], ids=["stored", "implicit", "RLE"])
def test_dcmtk_reads_what_is_retrieved(server: Socket, tmp_path: Path, syntax: str) -> None:
    needs("dcmdump")
    stored = server.request("POST", "/dicomweb/studies", {"Content-Type": MULTIPART}, multipart(instance(2)))
    assert stored.status == 200
    path = f"/dicomweb/studies/{ROOT}.2/series/{ROOT}.2.1/instances/{ROOT}.2.1.1"
    answer = server.get(path, {"Accept": f"application/dicom; transfer-syntax={syntax}"})
    assert answer.status == 200
    file = tmp_path / "retrieved.dcm"
    file.write_bytes(answer.body)
    dumped = subprocess.run(["dcmdump", "-Un", "+P", "0008,0018", str(file)], capture_output=True, text=True)
    assert (dumped.returncode, dumped.stderr) == (0, "")
    assert f"[{ROOT}.2.1.1]" in dumped.stdout
