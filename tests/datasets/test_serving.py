"""`fhantom serve --seed NAME,NAME`: all data sets in one server, without a download."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from datasets.loads import resources
from fhantom.datasets.catalogue import DATASETS
from fhantom.datasets.idc import loading as idc_loading
from fhantom.datasets.samples import seed_of
from fhantom.datasets.tcia import loading as tcia_loading
from fhantom.site import Site
from running import serving, start


def test_all_samples_are_served_together(tmp_path: Path) -> None:
    with serving(tmp_path, "--ephemeral", "--seed", ",".join(DATASETS)) as server:
        get = server.door.get
        studies = {study["0020000D"]["Value"][0] for study in get("/dicomweb/studies?limit=1000").json()}
        for path in ("/fhir", "/fhir-r4"):
            for name in DATASETS:
                found = get(f"{path}/ImagingStudy?_tag=urn:fhantom:dataset%7C{name}&_count=1000").json()
                assert found["total"] > 0, (path, name)
                uids = [one["resource"].get("identifier", []) for one in found["entry"]]
                assert any(id["value"].removeprefix("urn:oid:") in studies for ids in uids for id in ids), (path, name)


def test_an_unknown_name_among_seeds_is_told(tmp_path: Path) -> None:
    process = start(tmp_path, "--ephemeral", "--seed", "isic,nonsense", stderr=subprocess.PIPE)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "no seed 'nonsense'" in told and "Traceback" not in told


@pytest.mark.parametrize("name", ["tcia", "idc"])
def test_a_sample_does_not_depend_on_the_index_that_may_be_installed(
    site: Site, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def ask() -> None:
        raise AssertionError("the index was asked")

    for loading in (tcia_loading, idc_loading):
        monkeypatch.setattr(loading, "installed", ask)
    seed_of(name).load(site.worlds, lambda done, of: None)
    assert resources(site, "ImagingStudy")


@pytest.mark.long
@pytest.mark.parametrize("name", DATASETS)
def test_a_world_goes_back_to_the_samples_that_it_began_with(tmp_path: Path, name: str) -> None:
    with serving(tmp_path, "--ephemeral", "--seed", name) as server:
        before = server.door.get("/fhir/Patient?_summary=count").json()["total"]
        body = b'{"resourceType": "Patient", "name": [{"family": "New"}]}'
        headers = {"Content-Type": "application/fhir+json"}
        assert server.door.request("POST", "/fhir/Patient", headers, body).status == 201
        assert server.door.request("POST", "/_fhantom/reset").status == 200
        assert server.door.get("/fhir/Patient?_summary=count").json()["total"] == before
