"""Pulling from a live server: everything once, in spite of its faults, and under pseudonyms if asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from doors import Socket
from fhantom.cli import main
from fhantom.datasets.catalogue import FOLDER
from fhantom.datasets.folder import manifest
from fhantom.datasets.folder.writing import METADATA
from fhantom.datasets.job import Job, Unusable, run
from fhantom.loading.report import Fate
from fhantom.mirror.client import Server, Unreachable
from fhantom.mirror.pull import Order, pull
from fhantom.settings import BUILT_IN_KEY, Settings
from fhantom.site import Site
from mirror.pulling import MRN, ONE, PLAN, fault, refused, resources, server


def test_a_pulled_patient_is_complete_in_both_versions_and_with_images(live: Socket, tmp_path: Path) -> None:
    report = pull(Order(live.origin, patient=MRN), server(live), tmp_path)
    assert refused(report) == []
    for release in ("R5", "R4"):
        kinds = {resource["resourceType"] for resource in resources(tmp_path, release)}
        assert {"Patient", "Encounter", "Observation", "ImagingStudy", "DiagnosticReport", "Endpoint"} <= kinds
        assert {one["id"] for one in resources(tmp_path, release) if one["resourceType"] == "Patient"} == {ONE}
    told = manifest.read(tmp_path)
    assert len(told.of("DICOM")) == PLAN.studies * PLAN.instances
    assert told.has_people and told.origin == live.origin
    assert not (tmp_path / ".pull").exists()


def test_a_pattern_takes_every_patient_that_fits_it(live: Socket, tmp_path: Path) -> None:
    pull(Order(live.origin, patient="made5-*", dicomweb=""), server(live), tmp_path)
    found = {one["id"] for one in resources(tmp_path) if one["resourceType"] == "Patient"}
    assert found == {f"made-5-{number}" for number in (1, 2, 3)}


def test_what_was_pulled_loads_into_another_world(live: Socket, site: Site, tmp_path: Path) -> None:
    pull(Order(live.origin, patient=MRN), server(live), tmp_path / "pulled")
    job = Job(FOLDER, site.worlds, Settings(ephemeral=True), tmp_path / "pulled")
    assert refused(run(job)) == []


def test_metadata_only_leaves_the_pixels_where_they_are(live: Socket, tmp_path: Path) -> None:
    pull(Order(live.origin, patient=MRN, fhir=(), has_pixels=False), server(live), tmp_path)
    told = manifest.read(tmp_path)
    assert told.of("DICOM") == []
    assert sum(file.count for file in told.of("metadata")) == PLAN.studies * PLAN.instances


def test_a_busy_server_is_asked_again_when_it_says(live: Socket, tmp_path: Path) -> None:
    fault(live, kind="status", status=429, times=2, headers={"Retry-After": "7"})
    waits: list[float] = []
    report = pull(Order(live.origin, patient=MRN, dicomweb=""), server(live, waits), tmp_path)
    assert waits.count(7.0) == 2 and refused(report) == []


def test_a_cut_connection_is_tried_again(live: Socket, tmp_path: Path) -> None:
    fault(live, kind="reset", path="/dicomweb/*", times=2)
    report = pull(Order(live.origin, patient=MRN, fhir=()), server(live), tmp_path)
    assert report.counts["DICOM", Fate.STORED] == PLAN.studies * PLAN.instances


def test_an_interrupted_pull_goes_on_where_it_was(live: Socket, tmp_path: Path) -> None:
    order = Order(live.origin, patient=MRN)
    fault(live, kind="status", status=503, path="/dicomweb/studies/*/instances/*", skip=1)
    with pytest.raises(Unreachable):
        pull(order, server(live), tmp_path)
    assert not manifest.is_seed_folder(tmp_path)
    live.request("DELETE", "/_fhantom/faults")
    report = pull(order, server(live), tmp_path)
    assert report.counts["FHIR R5", Fate.STORED] == 0 and report.counts["FHIR R5", Fate.UNCHANGED] > 0
    assert len(manifest.read(tmp_path).of("DICOM")) == PLAN.studies * PLAN.instances


def test_another_order_does_not_go_on_with_it(live: Socket, tmp_path: Path) -> None:
    fault(live, kind="status", status=503, path="/dicomweb/*")
    with pytest.raises(Unreachable):
        pull(Order(live.origin, patient=MRN), server(live), tmp_path)
    with pytest.raises(Unusable, match="other options"):
        pull(Order(live.origin, patient="*"), server(live), tmp_path)


def test_an_object_that_the_server_refuses_is_told_and_the_others_are_copied(live: Socket, tmp_path: Path) -> None:
    fault(live, kind="status", status=500, path="/dicomweb/studies/*/instances/*", times=1)
    report = pull(Order(live.origin, patient=MRN, fhir=()), server(live), tmp_path)
    assert report.counts["DICOM", Fate.REFUSED] == 1
    assert report.counts["DICOM", Fate.STORED] == PLAN.studies * PLAN.instances - 1
    assert any("status 500" in reason for _, reason in report.remarks)


def test_of_an_object_whose_bytes_are_not_there_what_is_known_is_copied(live: Socket, tmp_path: Path) -> None:
    fault(live, kind="status", status=404, path="/dicomweb/studies/*/instances/*", times=1)
    report = pull(Order(live.origin, patient=MRN, fhir=()), server(live), tmp_path)
    assert report.counts["DICOM metadata", Fate.STORED] == 1
    assert report.counts["DICOM", Fate.STORED] == PLAN.studies * PLAN.instances - 1
    assert not refused(report)
    [line] = (tmp_path / METADATA).read_bytes().splitlines()
    assert json.loads(line)["00100020"]["Value"] == [MRN]


def test_links_that_lead_to_the_inside_of_the_server_are_followed_from_outside(live: Socket, tmp_path: Path) -> None:
    class Inside(Server):
        """Writes links as the real server does, to an address that only it can reach."""

        def get(self, path: str, accept: str) -> Any:
            answer = super().get(path, accept)
            body = answer.body.replace(live.origin.encode(), b"http://localhost:1")
            return type(answer)(answer.status, body, answer.headers)

    asked = Inside(live.origin, BUILT_IN_KEY, wait=lambda seconds: None)
    report = pull(Order(live.origin, patient="made5-*", dicomweb=""), asked, tmp_path)
    assert refused(report) == []
    observations = [one for one in resources(tmp_path) if one["resourceType"] == "Observation"]
    assert len(observations) == json.loads(live.get("/fhir/Observation?_summary=count").body)["total"]


def test_the_command_copies_and_says_what_to_do_next(
    live: Socket, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_KEY", BUILT_IN_KEY)
    out = str(tmp_path / "out")
    assert main(["seed", "pull", "--from", live.origin, "--key-env", "A_KEY", "--patient", MRN, "--out", out]) == 0
    assert f"fhantom seed folder --from {out}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--from", "ftp://x", "--patient", "*"), "no http or https URL"),
        (("--from", "http://127.0.0.1:9"), "--patient or --study"),
        (("--from", "http://127.0.0.1:9", "--patient", "*", "--key-env", "NOT_SET"), "NOT_SET is not set"),
    ],
    ids=["no URL", "nothing asked for", "no key"],
)
def test_a_wrong_order_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    assert main(["seed", "pull", *arguments, "--out", str(tmp_path / "out")]) == 1
    assert said in capsys.readouterr().err


def test_a_key_that_is_refused_is_told(live: Socket, tmp_path: Path) -> None:
    wrong = Server(live.origin, "wrong", wait=lambda seconds: None)
    report = pull(Order(live.origin, patient=MRN), wrong, tmp_path)
    assert not report.has_loaded
    assert any("status 403" in reason for _, reason in report.remarks)
