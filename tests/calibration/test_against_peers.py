"""The questions asked of real servers: the Orthanc of this machine, and a HAPI where there is one."""

from __future__ import annotations

import os
import tomllib
import urllib.parse
from pathlib import Path

import pytest

from calibration.key_gateway import KEY, KeyGateway
from doors import listening
from fhantom.cli.compare import Wanted, run
from fhantom.profile import load
from instances import instance
from running import serving
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


@pytest.mark.skipif(not HAPI, reason="needs a HAPI FHIR server, whose base is told by FHANTOM_TEST_HAPI_URL")
def test_a_real_hapi_behind_a_gateway_is_compared_learned_of_and_obeyed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with listening(KeyGateway({"fhir": HAPI.rstrip("/"), "fhir-r4": HAPI.rstrip("/")})) as door:
        wanted = Wanted(door.origin, "LIVE_KEY", (), 0.0, True, tmp_path / "profile.toml")
        assert run(wanted, {"LIVE_KEY": KEY}) == 0
    told = capsys.readouterr().out
    assert "a wrong key\n" in told
    assert "status: there 401\n          here  403\n" in told
    assert "error words: there Resource Patient/nobody-has-this-id is not known\n" in told
    assert "not there:\n  dicomweb\n  wadouri\n  vna\n  sole\n" in told
    assert "written and not removed" not in told

    learned = load(tmp_path / "profile.toml")
    upstream = "{0.scheme}://{0.netloc}".format(urllib.parse.urlsplit(HAPI))
    assert learned.settings["link_base"] == upstream
    assert learned.settings["hapi_version"]
    assert learned.rows == {}
    assert KEY not in (tmp_path / "profile.toml").read_text()

    with serving(tmp_path, "--ephemeral", "--profile", str(tmp_path / "profile.toml")) as server:
        refused = server.door.get("/fhir/metadata", {"apikey": None})
        assert (refused.status, refused.json()) == (401, {"message": "No API key found in request"})
        found = server.door.get("/fhir/Patient?_count=1")
        assert found.json()["link"][0]["url"].startswith(f"{upstream}/fhir/Patient")
        assert found.headers["X-Powered-By"] == learned.headers["fhir"]["X-Powered-By"]
        assert server.door.get("/no-such-service/at-all").json() == {"message": "no Route matched with those values"}
