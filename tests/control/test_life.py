"""Health, readiness, and what is not there."""

from __future__ import annotations

from dataclasses import replace

import pytest

import fhantom
from doors import Door, InProcess
from fhantom.app import create_app
from fhantom.readiness import Phase, Readiness
from fhantom.site import Site

NO_KEY: dict[str, str | None] = {"apikey": None}


def test_health_is_told_without_a_key(door: Door) -> None:
    answer = door.get("/_fhantom/health", NO_KEY)
    told = answer.json()
    assert answer.status == 200
    assert (told["status"], told["version"]) == ("healthy", fhantom.__version__)
    assert told["uptimeInSeconds"] >= 0


def test_readiness_is_told_without_a_key(door: Door) -> None:
    answer = door.get("/_fhantom/ready/", NO_KEY)
    assert (answer.status, answer.json()) == (200, {"ready": True})


@pytest.mark.parametrize(
    ("phase", "done", "of"), [(Phase.STARTING, 0, 0), (Phase.SEEDING, 812, 4000), (Phase.FAILED, 0, 0)]
)
def test_until_the_data_is_there_the_progress_is_told_with_503(site: Site, phase: Phase, done: int, of: int) -> None:
    readiness = Readiness()
    readiness.report(phase, done, of)
    door = InProcess(create_app(replace(site, readiness=readiness)))
    answer = door.get("/_fhantom/ready", NO_KEY)
    assert answer.status == 503
    assert answer.json() == {"ready": False, "phase": phase.name.lower(), "done": done, "of": of}
    assert door.get("/_fhantom/health", NO_KEY).status == 200


@pytest.mark.parametrize("path", ["/_fhantom/nothing", "/_fhantom/a/b"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_other_control_routes_answer_404_in_json(door: Door, method: str, path: str) -> None:
    answer = door.request(method, path, NO_KEY)
    assert (answer.status, answer.headers["Content-Type"]) == (404, "application/json")
    assert "message" in answer.json()
