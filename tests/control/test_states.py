"""Resets, snapshots and worlds, as a test suite uses them."""

import json
from typing import Any

import pytest

from doors import Answer, Door
from fhantom.settings import Settings

PATIENT = {"resourceType": "Patient", "name": [{"family": "Reset"}]}
JSON = {"Content-Type": "application/fhir+json"}


@pytest.fixture(scope="module")
def module_settings() -> Settings:
    return Settings(ephemeral=True, worlds="per-key", keys=("alpha", "beta"))


def ask(door: Door, method: str, path: str, key: str = "alpha", body: Any = None) -> Answer:
    content = b"" if body is None else json.dumps(body).encode()
    return door.request(method, path, {"apikey": key, "Host": "localhost", **JSON}, content)


def create(door: Door, key: str = "alpha") -> None:
    assert ask(door, "POST", "/fhir/Patient", key, PATIENT).status == 201


def total(door: Door, key: str = "alpha") -> int:
    found: int = ask(door, "GET", "/fhir/Patient?_summary=count", key).json()["total"]
    return found


@pytest.fixture(autouse=True)
def fresh(door: Door) -> None:
    for key in ("alpha", "beta"):
        assert ask(door, "POST", f"/_fhantom/reset?key={key}").status == 200


def test_keys_have_worlds_of_their_own(door: Door) -> None:
    create(door, "alpha")
    assert (total(door, "alpha"), total(door, "beta")) == (1, 0)


def test_a_reset_tells_what_was_undone(door: Door) -> None:
    create(door)
    create(door)
    answer = ask(door, "POST", "/_fhantom/reset?key=alpha").json()
    assert answer["removed"] == {"versions": 2}
    assert answer["ms"] >= 0
    assert total(door) == 0


def test_server_assigned_ids_repeat_after_a_reset(door: Door) -> None:
    first = ask(door, "POST", "/fhir/Patient", body=PATIENT).json()["id"]
    ask(door, "POST", "/_fhantom/reset?key=alpha")
    assert ask(door, "POST", "/fhir/Patient", body=PATIENT).json()["id"] == first


def test_a_snapshot_is_saved_restored_and_removed(door: Door) -> None:
    create(door)
    assert ask(door, "PUT", "/_fhantom/snapshots/one?key=alpha").status == 201
    create(door)
    assert ask(door, "GET", "/_fhantom/snapshots?key=alpha").json() == {"snapshots": ["one"]}
    assert ask(door, "POST", "/_fhantom/snapshots/one/restore?key=alpha").json() == {"removed": {"versions": 1}}
    assert total(door) == 1
    assert ask(door, "DELETE", "/_fhantom/snapshots/one?key=alpha").status == 204
    assert ask(door, "POST", "/_fhantom/snapshots/one/restore?key=alpha").status == 404


def test_a_world_can_be_emptied(door: Door) -> None:
    create(door)
    assert ask(door, "POST", "/_fhantom/reset?to=empty&key=alpha").status == 200
    assert total(door) == 0


def test_a_dropped_world_begins_anew(door: Door) -> None:
    create(door)
    assert ask(door, "DELETE", "/_fhantom/worlds?key=alpha").status == 204
    assert total(door) == 0


@pytest.mark.parametrize(
    ("method", "path", "field"),
    [
        ("POST", "/_fhantom/reset?to=yesterday", "to"),
        ("POST", "/_fhantom/reset?only=everything", "only"),
        ("POST", "/_fhantom/reset?when=now", "when"),
        ("PUT", "/_fhantom/snapshots/.hidden", "name"),
        ("PUT", "/_fhantom/snapshots/a?overwrite=1", "overwrite"),
        ("GET", "/_fhantom/requests?limit=few", "limit"),
        ("PUT", "/_fhantom/clock", "now"),
        ("POST", "/_fhantom/clock/advance", "seconds"),
        ("POST", "/_fhantom/faults", "fault"),
    ],
)
def test_bad_control_input_gets_400_with_the_name_of_the_field(door: Door, method: str, path: str, field: str) -> None:
    answer = ask(door, method, path)
    assert answer.status == 400
    assert answer.json()["message"].startswith(f"{field}:")


def test_the_clock_decides_when_a_resource_was_written(door: Door) -> None:
    assert ask(door, "PUT", "/_fhantom/clock", body={"now": "2026-12-01T09:00:00Z", "tick": 0}).json()["tick"] == 0
    ask(door, "POST", "/_fhantom/clock/advance", body={"seconds": 60})
    written = ask(door, "POST", "/fhir/Patient", body=PATIENT).json()["meta"]["lastUpdated"]
    ask(door, "PUT", "/_fhantom/clock", body={"now": None})
    assert written.startswith("2026-12-01T09:01:00")


def test_faults_are_made_and_lifted_by_route(door: Door) -> None:
    fault = {"match": {"path": "/fhir/*"}, "action": {"kind": "status", "status": 503}, "times": 2}
    made = ask(door, "POST", "/_fhantom/faults", body=fault)
    assert made.status == 201
    statuses = [ask(door, "GET", "/fhir/Patient").status for _ in range(3)]
    assert statuses == [503, 503, 200]
    assert ask(door, "GET", "/_fhantom/faults").json()["faults"][0]["hits"] == 2
    assert ask(door, "DELETE", f"/_fhantom/faults/{made.json()['id']}").status == 204
    assert ask(door, "DELETE", "/_fhantom/faults/f99").status == 404


def test_the_journal_is_listed_found_counted_and_exported(door: Door) -> None:
    ask(door, "DELETE", "/_fhantom/requests")
    ask(door, "GET", "/fhir/Patient?name=x")
    ask(door, "GET", "/fhir/Nothing")
    listed = ask(door, "GET", "/_fhantom/requests").json()["requests"]
    assert [entry["request"]["url"] for entry in listed] == ["/fhir/Patient?name=x", "/fhir/Nothing"]
    assert ask(door, "POST", "/_fhantom/requests/count", body={"path": "/fhir/*", "status": 404}).json() == {"count": 1}
    assert len(ask(door, "GET", "/_fhantom/requests/unmatched").json()["requests"]) == 1
    assert len(ask(door, "GET", "/_fhantom/requests.har").json()["log"]["entries"]) == 2
    assert ask(door, "GET", f"/_fhantom/requests/{listed[1]['id']}").json() == listed[1]


def test_info_masks_secrets(door: Door) -> None:
    text = ask(door, "GET", "/_fhantom/info").text
    assert "alpha" not in text
    assert json.loads(text)["bases"]["fhir R5"].endswith("/fhir")
