"""Any sequence of requests, snapshots, files, resets and collections leaves each world equal to a model of it.

As `test_stateful`, but through the protocol rooms: what FHIR, DICOMweb and SOLE hold belongs to the world.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from doors import Answer, InProcess
from fhantom.app import create_app
from fhantom.clock import Clock
from fhantom.settings import Settings
from fhantom.site import Site
from fhantom.world import DataFolder, Worlds
from fhantom.world.collecting import collect
from instances import MULTIPART, instance, multipart

PEOPLE = ("ada", "ben")
KEYS = st.sampled_from(PEOPLE)
NAMES = st.sampled_from(["one", "two"])
IDS = st.sampled_from(["first", "second"])
FAMILIES = st.sampled_from(["Red", "Green", "Blue"])
NUMBERS = st.integers(1, 3)
EVENT = {
    **dict.fromkeys(("Hostname", "App-name", "Procid", "Msg-id", "Msg"), "x"),
    "Pri": "103",
    "Version": "1",
    "Timestamp": "2026-03-17T00:05:00Z",
}
SOLE = {"Content-Type": "application/json", "Accept": "application/json"}


@dataclass(frozen=True)
class State:
    """What a world holds: family names by id, versions by id, numbers of instances, how many events."""

    families: dict[str, str] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    instances: frozenset[int] = frozenset()
    events: int = 0


def machine(template: Path) -> type[RuleBasedStateMachine]:
    """The state machine over servers whose seed is a copy of `template`."""

    class SeveralClients(RuleBasedStateMachine):
        @initialize()
        def begin(self) -> None:
            self.path = Path(tempfile.mkdtemp(prefix="fhantom-clients-"))
            folder = DataFolder(self.path)
            folder.create()
            shutil.copyfile(template, folder.seed)
            chosen = Settings(ephemeral=True, worlds="per-key", keys=PEOPLE)
            clock = Clock()
            self.site = Site(chosen, Worlds(folder, chosen, clock), clock)
            self.door = InProcess(create_app(self.site))
            self.model = {key: State() for key in PEOPLE}
            self.saved: dict[tuple[str, str], State] = {}

        def ask(self, key: str, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return self.door.request(method, path, {"apikey": key, "Host": "localhost", **named}, body)

        def control(self, key: str, method: str, path: str, body: bytes = b"") -> Answer:
            return self.ask(key, method, f"/_fhantom/{path}?key={key}", body)

        @rule(key=KEYS, id=IDS, family=FAMILIES)
        def put_a_patient(self, key: str, id: str, family: str) -> None:
            resource: dict[str, Any] = {"resourceType": "Patient", "id": id, "name": [{"family": family}]}
            body = json.dumps(resource).encode()
            assert self.ask(key, "PUT", f"/fhir/Patient/{id}", body, Content_Type="application/fhir+json").status < 300
            state = self.model[key]
            changed = state.families.get(id) != family
            versions = {**state.versions, id: state.versions.get(id, 0) + changed}
            self.model[key] = replace(state, families={**state.families, id: family}, versions=versions)

        @rule(key=KEYS, number=NUMBERS)
        def store_an_instance(self, key: str, number: int) -> None:
            body = multipart(instance(number=number))
            assert self.ask(key, "POST", "/dicomweb/studies", body, Content_Type=MULTIPART).status == 200
            self.model[key] = replace(self.model[key], instances=self.model[key].instances | {number})

        @rule(key=KEYS)
        def post_an_event(self, key: str) -> None:
            body = json.dumps({"Events": [EVENT]}).encode()
            answer = self.door.request("POST", "/sole/bulk-syslog-events", {"apikey": key, **SOLE}, body)
            assert answer.status == 204, answer.reason
            self.model[key] = replace(self.model[key], events=self.model[key].events + 1)

        @rule(key=KEYS)
        def reset(self, key: str) -> None:
            assert self.control(key, "POST", "reset").status == 200
            self.model[key] = State()

        @rule(key=KEYS, name=NAMES)
        def save(self, key: str, name: str) -> None:
            assert self.control(key, "PUT", f"snapshots/{name}").status == 201
            self.saved[key, name] = self.model[key]

        @rule(key=KEYS, name=NAMES)
        def restore(self, key: str, name: str) -> None:
            answer = self.control(key, "POST", f"snapshots/{name}/restore")
            if (key, name) in self.saved:
                assert answer.status == 200
                self.model[key] = self.saved[key, name]
            else:
                assert answer.status == 404

        @rule(source=KEYS, receiver=KEYS, name=NAMES)
        def carry_a_file(self, source: str, receiver: str, name: str) -> None:
            answer = self.control(source, "GET", f"snapshots/{name}/file")
            if (source, name) not in self.saved:
                assert answer.status == 404
                return
            assert self.control(receiver, "PUT", f"snapshots/{name}/file", answer.body).status == 201
            self.saved[receiver, name] = self.saved[source, name]

        @rule(key=KEYS)
        def drop(self, key: str) -> None:
            assert self.control(key, "DELETE", "worlds").status == 204
            self.model[key] = State()
            self.saved = {(owner, name): state for (owner, name), state in self.saved.items() if owner != key}

        @rule()
        def pass_a_night(self) -> None:
            assert self.ask("ada", "POST", "/_fhantom/nightly").status == 200
            self.model = {key: State() for key in PEOPLE}

        @rule()
        def collect_what_nobody_names(self) -> None:
            collect(self.site.worlds, age=0)

        @invariant()
        def every_world_equals_its_model(self) -> None:
            for key in PEOPLE:
                assert self.state(key) == self.model[key]

        def state(self, key: str) -> State:
            bundle = self.ask(key, "GET", "/fhir/Patient").json()
            patients = [entry["resource"] for entry in bundle.get("entry", ())]
            instances = self.ask(key, "GET", "/dicomweb/instances?includefield=InstanceNumber").json()
            for found in instances:  # what is listed is there, to its last byte
                address = found["00081190"]["Value"][0].removeprefix(self.door.origin)
                assert self.ask(key, "GET", address.replace("http://localhost", "")).status == 200
            return State(
                {patient["id"]: patient["name"][0]["family"] for patient in patients},
                {patient["id"]: int(patient["meta"]["versionId"]) for patient in patients},
                frozenset(int(found["00200013"]["Value"][0]) for found in instances),
                len(self.control(key, "GET", "sole/events").json()["events"]),
            )

        def teardown(self) -> None:
            if hasattr(self, "site"):
                self.site.worlds.close()
                shutil.rmtree(self.path)

    return SeveralClients


@pytest.mark.parametrize(
    "examples", [pytest.param(3, id="short"), pytest.param(100, id="long", marks=pytest.mark.long)]
)
def test_each_world_equals_its_model_after_any_sequence_of_requests(examples: int, _empty_world_file: Path) -> None:
    run_state_machine_as_test(
        machine(_empty_world_file),
        settings=settings(
            max_examples=examples,
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert _empty_world_file.exists()
