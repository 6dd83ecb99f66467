"""Studies of which only an index tells: searches find them, and who asks for pixels learns what fetches these."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from doors import Door
from fhantom.datasets.catalogue import DATASETS
from fhantom.datasets.idc import sample
from fhantom.datasets.job import Job, run
from fhantom.datasets.samples import make_sample
from fhantom.settings import Settings
from fhantom.site import Site

MIXED, SCOUT = sample.rows()[0]["StudyInstanceUID"], sample.rows()[2]
STUDY, SERIES = SCOUT["StudyInstanceUID"], SCOUT["SeriesInstanceUID"]


@pytest.fixture(scope="module", autouse=True)
def content(module_site: Site, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder: Path = make_sample(DATASETS["idc"], tmp_path_factory.mktemp("samples") / "idc")
    run(Job(DATASETS["idc"], module_site.worlds, Settings(ephemeral=True), folder))


def instance_of(door: Door) -> str:
    found = door.get(f"/dicomweb/studies/{STUDY}/series/{SERIES}/instances?limit=1").json()
    return f"studies/{STUDY}/series/{SERIES}/instances/{found[0]['00080018']['Value'][0]}"


def test_searches_tell_what_the_index_says(door: Door) -> None:
    [found] = door.get(f"/dicomweb/studies?StudyInstanceUID={STUDY}&includefield=all").json()
    assert found["00201208"]["Value"] == [40]
    assert found["00100020"]["Value"] == ["SAMPLE-0002"]
    [series] = door.get(f"/dicomweb/studies/{STUDY}/series").json()
    assert series["0020000E"]["Value"] == [SERIES]
    assert series["00080060"]["Value"] == ["CT"]


@pytest.mark.parametrize(
    "path",
    ["", "/series/{series}", "/bulkdata", "/pixeldata", "/rendered", "/thumbnail", "/series/{series}/rendered"],
)
def test_pixels_that_are_not_here_are_a_404_that_names_the_command(door: Door, path: str) -> None:
    answer = door.get(f"/dicomweb/studies/{STUDY}{path.format(series=SERIES)}")
    assert answer.status == 404
    told = answer.body.decode()
    assert "only the metadata is stored" in told
    assert f"s3://idc-open-data/{SCOUT['crdc_series_uuid']}/*" in told.replace("\\/", "/")


@pytest.mark.parametrize("path", ["", "/frames/1", "/rendered", "/bulk/7FE00010"])
def test_so_it_is_for_one_instance(door: Door, path: str) -> None:
    answer = door.get(f"/dicomweb/{instance_of(door)}{path}")
    assert (answer.status, b"s5cmd" in answer.body) == (404, True)


def test_its_metadata_is_here(door: Door) -> None:
    [found] = door.get(f"/dicomweb/{instance_of(door)}/metadata").json()
    assert found["0008103E"]["Value"] == ["scout"]


def test_wado_uri_answers_404_as_well(door: Door) -> None:
    sop = instance_of(door).rsplit("/", 1)[-1]
    for content_type in ("application/dicom", "image/jpeg"):
        answer = door.get(f"/wadouri?requestType=WADO&objectUID={sop}&contentType={content_type}")
        assert (answer.status, b"s5cmd" in answer.body) == (404, True)


@pytest.mark.parametrize("path", ["file", "tags", "simplified-tags", "header", "preview", "rendered", "pdf"])
def test_orthancs_own_addresses_name_the_command_too(door: Door, path: str) -> None:
    sop = instance_of(door).rsplit("/", 1)[-1]
    [found] = json.loads(door.request("POST", "/vna/tools/lookup", {}, sop.encode()).body)
    answer = door.get(f"/vna/instances/{found['ID']}/{path}")
    assert (answer.status, b"s5cmd" in answer.body) == (404, True)


def test_of_a_study_whose_pixels_are_here_in_part_these_are_sent_with_206(door: Door) -> None:
    answer = door.get(f"/dicomweb/studies/{MIXED}", {"Accept": 'multipart/related; type="application/dicom"'})
    assert answer.status == 206
    assert answer.body.count(b"DICM") == 3
