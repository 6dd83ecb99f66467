"""The questions asked of real servers: the Orthanc of this machine, and a HAPI where there is one."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest

from fhantom.calibration.asking import Asked, Pace, over_network
from fhantom.cli.compare import Wanted, run
from fhantom.profile import load
from instances import instance
from vna.peer import DICOMWEB, PROGRAM, orthanc

pytestmark = pytest.mark.long

HAPI = os.environ.get("FHANTOM_TEST_HAPI_URL", "")


@pytest.mark.skipif(PROGRAM is None or not DICOMWEB.exists(), reason="needs Orthanc with its DICOMweb plugin")
def test_a_real_orthanc_confirms_the_rows_of_the_portability_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with orthanc(tmp_path, [DICOMWEB]) as door:
        assert door.request("POST", "/instances", body=instance()).status == 200
        services = ("dicomweb=/dicom-web", "wadouri=/wado", "vna=")
        wanted = Wanted(door.origin, "KEY", services, 0.0, False, tmp_path / "profile.toml")
        assert run(wanted, {"KEY": "a-key-that-orthanc-does-not-read"}) == 0
    told = capsys.readouterr().out
    assert "no key for DICOMweb\n  status: there 200\n" in told
    assert "the archive's own version" in told
    learned = load(tmp_path / "profile.toml")
    assert learned.rows["head"] == 404
    assert learned.rows["thumbnail"] in (404, 200)  # since plugin 1.19 it is there
    assert learned.rows["wado-single-part"] == 400
    assert learned.rows["frames-single-part"] == 400
    assert learned.settings["link_base_dicomweb"] == "own"
    assert "a-key-that-orthanc-does-not-read" not in (tmp_path / "profile.toml").read_text()
    assert tomllib.loads((tmp_path / "profile.toml").read_text())["source"] == door.origin


@pytest.mark.skipif(not HAPI, reason="needs a HAPI FHIR R5 server, whose base is told by FHANTOM_TEST_HAPI_URL")
def test_a_real_hapi_answers_the_questions_for_fhir(tmp_path: Path) -> None:
    origin, _, path = HAPI.partition("://")[2].rstrip("/").partition("/")
    base = f"{HAPI.partition('://')[0]}://{origin}"
    wanted = Wanted(base, "KEY", (f"fhir=/{path}",), 0.0, False, tmp_path / "profile.toml")
    assert run(wanted, {"KEY": "unread"}) == 0
    assert "hapi_version" in load(tmp_path / "profile.toml").settings
    assert Asked(base, "unread", over_network, Pace(0)).request("GET", HAPI + "/metadata", []).status == 200
