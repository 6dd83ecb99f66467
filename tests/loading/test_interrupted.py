"""A bulk load that is killed, and goes on when it is started again."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fhantom.clock import Clock
from fhantom.resources import store
from fhantom.settings import Settings
from fhantom.world import DataFolder, Worlds

PATIENTS, EACH = 40, 50

linux = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="reads /proc")


def write_bundles(folder: Path) -> None:
    """A Bundle for each patient: the patient and Observations of it."""
    folder.mkdir()
    for at in range(PATIENTS):
        entries = [{"fullUrl": f"urn:uuid:p{at}", "resource": {"resourceType": "Patient", "id": f"p{at}"}}]
        for number in range(EACH - 1):
            observation = {
                "resourceType": "Observation",
                "id": f"o{at}-{number}",
                "status": "final",
                "code": {"text": "x"},
                "subject": {"reference": f"urn:uuid:p{at}"},
            }
            entries.append({"fullUrl": f"urn:uuid:o{at}-{number}", "resource": observation})
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
        (folder / f"{at:02}.json").write_text(json.dumps(bundle))


def loading(home: Path, source: Path) -> subprocess.Popen[str]:
    """`fhantom seed fhir` with two processes that prepare."""
    command = ["seed", "fhir", "--from", str(source), "--data", str(home / "data"), "--jobs", "2"]
    environ = {**os.environ, "HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")}
    return subprocess.Popen(
        [sys.executable, "-m", "fhantom", *command],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environ,
    )


def present(home: Path) -> dict[str, int]:
    worlds = Worlds(DataFolder(home / "data"), Settings(), Clock())
    try:
        with worlds.open().reading() as connection:
            return {name: count for name, count in store.counts(connection, "R4").items() if count}
    finally:
        worlds.close()


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@linux
@pytest.mark.long
def test_a_load_that_is_killed_leaves_whole_bundles_and_no_process_and_goes_on(tmp_path: Path) -> None:
    source = tmp_path / "source"
    write_bundles(source)
    for lines in (1, 4, 7):
        process = loading(tmp_path, source)
        assert process.stderr is not None
        assert process.stdout is not None
        for _ in range(lines):
            process.stderr.readline()
        helpers = children(process.pid)
        assert helpers
        process.send_signal(signal.SIGKILL)
        process.communicate()
        for helper in helpers:
            wait_for_end(helper)
        counts = present(tmp_path)
        assert lines > 1 or counts.get("Patient", 0) < PATIENTS
        assert counts.get("Observation", 0) == counts.get("Patient", 0) * (EACH - 1)
    process = loading(tmp_path, source)
    told, _ = process.communicate(timeout=120)
    assert process.returncode == 0, told
    assert present(tmp_path) == {"Patient": PATIENTS, "Observation": PATIENTS * (EACH - 1)}


def wait_for_end(pid: int) -> None:
    """Return when there is no such process any more."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    with os.fdopen(descriptor) as ended:
        assert select.select([ended], [], [], 30)[0], "the process outlives the one that started it"
