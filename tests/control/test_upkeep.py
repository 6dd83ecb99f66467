"""Nights, files of snapshots and upkeep over the control routes."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from doors import Answer, Door
from fhantom.faults.connection import BrokenOff
from fhantom.settings import Settings
from fhantom.site import Site
from instances import MULTIPART, instance, multipart

PATIENT = {"resourceType": "Patient"}
STOW = {"Content-Type": MULTIPART}


@pytest.fixture(scope="module")
def module_settings() -> Settings:
    return Settings(ephemeral=True, worlds="per-key", keys=("alpha", "beta"), nightly_outage_kind="503")


def ask(door: Door, method: str, path: str, body: Any = None, key: str = "alpha") -> Answer:
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    headers = {"apikey": key, "Host": "localhost", "Content-Type": "application/fhir+json"}
    return door.request(method, path, headers, content)


def control(door: Door, method: str, path: str, body: Any = None) -> Any:
    answer = ask(door, method, f"/_fhantom/{path}", body)
    assert answer.status < 300, answer.text
    return answer.json() if answer.body else None


def total(door: Door, key: str = "alpha") -> int:
    return int(ask(door, "GET", "/fhir/Patient?_summary=count", key=key).json()["total"])


@pytest.fixture(autouse=True)
def fresh(door: Door) -> None:
    control(door, "DELETE", "nightly")
    for key in ("alpha", "beta"):
        control(door, "DELETE", f"worlds?key={key}")
    control(door, "POST", "reset")


def test_a_rehearsed_night_puts_every_world_back_and_tells_what_was_undone(door: Door) -> None:
    for key in ("alpha", "alpha", "beta"):
        ask(door, "POST", "/fhir/Patient", PATIENT, key)
    answer = control(door, "POST", "nightly")
    assert answer["removed"] == {"versions": 3}
    assert (answer["outage"], answer["left"]) == (None, 0)
    assert (total(door, "alpha"), total(door, "beta")) == (0, 0)


@pytest.mark.parametrize(("kind", "status"), [("502", 502), ("503", 503)])
def test_a_rehearsed_outage_answers_with_its_status_until_its_time_is_over(door: Door, kind: str, status: int) -> None:
    control(door, "PUT", "clock", {"now": "2026-12-01T09:00:00Z", "tick": 0})
    answer = control(door, "POST", "nightly", {"downtime": 600, "kind": kind})
    assert (answer["outage"], answer["left"]) == (kind, 600)
    away = ask(door, "GET", "/fhir/Patient")
    assert away.status == status
    assert "message" in away.json()
    assert away.headers.get("Retry-After") == ("600" if status == 503 else None)
    control(door, "POST", "clock/advance", {"seconds": 599})
    assert ask(door, "GET", "/dicomweb/studies").status == status
    control(door, "POST", "clock/advance", {"seconds": 1})
    assert ask(door, "GET", "/dicomweb/studies").status == 200


def test_a_refused_connection_ends_without_an_answer(door: Door) -> None:
    control(door, "POST", "nightly", {"downtime": 60, "kind": "refused"})
    with pytest.raises((ConnectionError, BrokenOff)):
        ask(door, "GET", "/fhir/Patient")
    control(door, "DELETE", "nightly")
    assert ask(door, "GET", "/fhir/Patient").status == 200


def test_partial_data_is_whole_again_in_the_end(door: Door, module_site: Site) -> None:
    key = {"apikey": "alpha", **STOW}
    assert door.request("POST", "/dicomweb/studies", key, multipart(instance())).status == 200
    ask(door, "POST", "/fhir/Patient", PATIENT)
    seed = module_site.worlds.folder.seed
    empty = seed.read_bytes()
    module_site.worlds.freeze("alpha", seed)
    module_site.worlds.close()  # which has the old one open
    try:
        control(door, "POST", "nightly", {"downtime": 60, "kind": "partial"})
        assert (total(door), ask(door, "GET", "/dicomweb/studies").json()) == (1, [])
        control(door, "DELETE", "nightly")
        assert (total(door), len(ask(door, "GET", "/dicomweb/studies").json())) == (1, 1)
    finally:
        seed.write_bytes(empty)
        module_site.worlds.close()


def test_a_reset_with_a_downtime_leaves_the_server_away(door: Door) -> None:
    ask(door, "POST", "/fhir/Patient", PATIENT)
    assert control(door, "POST", "reset?downtime=30&key=alpha")["removed"] == {"versions": 1}
    assert ask(door, "GET", "/fhir/Patient").status == 503
    assert control(door, "GET", "nightly")["outage"] == "503"


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("nightly", {"downtime": 601}, "downtime"),
        ("nightly", {"kind": "404"}, "kind"),
        ("nightly", {"when": "now"}, "when"),
        ("reset?downtime=601", None, "downtime"),
        ("upkeep", {"idle": -1}, "idle"),
    ],
)
def test_bad_input_is_refused_by_the_name_of_its_field(door: Door, path: str, body: Any, field: str) -> None:
    answer = ask(door, "POST", f"/_fhantom/{path}", body)
    assert answer.status == 400
    assert answer.json()["message"].startswith(f"{field}:")


def test_a_snapshot_goes_through_a_file_into_another_world(door: Door) -> None:
    ask(door, "POST", "/fhir/Patient", PATIENT)
    control(door, "PUT", "snapshots/one?key=alpha")
    exported = ask(door, "GET", "/_fhantom/snapshots/one/file?key=alpha")
    assert exported.headers["Content-Type"] == "application/x-tar"
    taken = ask(door, "PUT", "/_fhantom/snapshots/two/file?key=beta", exported.body)
    assert (taken.status, taken.json()) == (201, {"name": "two"})
    control(door, "POST", "snapshots/two/restore?key=beta")
    assert total(door, "beta") == 1


@pytest.mark.parametrize(("body", "problem"), [(b"", "file:"), (b"something else", "file:")], ids=["empty", "other"])
def test_a_file_that_is_no_snapshot_gets_400(door: Door, body: bytes, problem: str) -> None:
    answer = ask(door, "PUT", "/_fhantom/snapshots/two/file?key=beta", body)
    assert answer.status == 400
    assert answer.json()["message"].startswith(problem)
    assert ask(door, "GET", "/_fhantom/snapshots/two/file?key=beta").status == 404


def test_a_world_that_nobody_uses_goes_and_begins_anew(door: Door, module_site: Site) -> None:
    for key in ("alpha", "beta"):
        ask(door, "POST", "/fhir/Patient", PATIENT, key)
        control(door, "PUT", f"snapshots/kept?key={key}")
    folder = module_site.worlds.folder
    long_ago = 1_000_000_000
    os.utime(folder.world("alpha") / "used", (long_ago, long_ago))
    assert control(door, "POST", "upkeep", {"idle": 3600})["worlds"] == 1
    assert not folder.world("alpha").exists()
    assert control(door, "GET", "snapshots?key=alpha")["snapshots"] == []
    assert (total(door, "alpha"), total(door, "beta")) == (0, 1)


def test_listed_worlds_tell_their_size_and_no_key(door: Door) -> None:
    ask(door, "POST", "/fhir/Patient", PATIENT)
    listed = control(door, "GET", "worlds")["worlds"]
    assert any(world["bytes"] > 0 and world["used"] for world in listed)
    assert "alpha" not in json.dumps(listed)


def test_a_file_that_goes_while_worlds_are_listed_counts_for_nothing(door: Door, module_site: Site) -> None:
    ask(door, "POST", "/fhir/Patient", PATIENT)
    folder = next(module_site.worlds.folder.worlds.iterdir())
    gone = folder / "7.sqlite-wal"
    gone.symlink_to(folder / "nowhere")
    try:
        assert folder.name in [world["name"] for world in control(door, "GET", "worlds")["worlds"]]
    finally:
        gone.unlink()


def test_bytes_that_nobody_names_go_on_demand(door: Door, module_site: Site) -> None:
    key = {"apikey": "alpha", **STOW}
    assert door.request("POST", "/dicomweb/studies", key, multipart(instance(number=77))).status == 200
    control(door, "POST", "reset?key=alpha")
    ask(door, "GET", "/fhir/Patient")
    collected = control(door, "POST", "upkeep", {"age": 0})
    assert collected["blobs"] >= 1
    assert collected["bytes"] > 0
    assert not [path for path in Path(module_site.worlds.folder.blobs).rglob("*") if path.is_file()]
