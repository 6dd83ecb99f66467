"""Clients of JavaScript and C++, unchanged, against `fhantom serve`.

Their packages are fetched once, by their own package managers, and kept in the user's cache.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from doors import Socket
from fhantom.settings import BUILT_IN_KEY
from instances import MULTIPART, ROOT, instance, multipart
from running import serving

pytestmark = pytest.mark.long

HERE = Path(__file__).parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fhantom-tests"
NPM = "npm install --no-audit --no-fund --no-package-lock --ignore-scripts --omit=optional --omit=peer"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Socket]:
    """The door of an empty server."""
    with serving(tmp_path_factory.mktemp("home"), "--ephemeral", "--seed", "none") as running:
        yield running.door


def needs(*programs: str) -> None:
    """Skip where a program is absent."""
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        pytest.skip(f"needs {' and '.join(missing)}")


def installed(source: Path, manifest: str, command: str) -> Path:
    """A folder of the cache with the files of `source` and what its manifest names."""
    digest = hashlib.sha256((source / manifest).read_bytes()).hexdigest()[:16]
    folder = CACHE / f"{source.name}-{digest}"
    shutil.copytree(source, folder, dirs_exist_ok=True)
    done = folder / ".installed"
    if not done.exists():
        run = subprocess.run(command.split(), cwd=folder, capture_output=True, text=True)
        if run.returncode:
            pytest.skip(f"the packages can't be installed: {run.stderr[-200:]}")
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
