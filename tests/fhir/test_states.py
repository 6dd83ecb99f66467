"""Any sequence of writes and deletes leaves reads, searches, histories and counts in agreement."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from doors import InProcess
from fhantom.app import create_app
from fhantom.site import Site
from fhir_client import FhirClient, entry, patient

IDS = st.sampled_from(["a", "b", "c"])
GENDERS = st.sampled_from(["male", "female", "other"])
JSON_PATCH = "application/json-patch+json"


def machine(server: FhirClient) -> type[RuleBasedStateMachine]:
    class Writes(RuleBasedStateMachine):
        """Three patients of one run, told apart from other runs by a family name."""

        def __init__(self) -> None:
            super().__init__()
            self.run = f"r{uuid.uuid4().hex}"
            self.present: dict[str, str] = {}
            self.versions: dict[str, int] = {}

        def named(self, id: str) -> str:
            return f"{self.run}-{id}"

        def resource(self, id: str, gender: str) -> dict[str, Any]:
            return patient(self.named(id), gender=gender, name=[{"family": self.run}])

        def wrote(self, id: str, gender: str) -> None:
            if self.present.get(id) != gender:
                self.versions[id] = self.versions.get(id, 0) + 1
            self.present[id] = gender

        @rule(id=IDS, gender=GENDERS)
        def put(self, id: str, gender: str) -> None:
            answer = server.put(self.resource(id, gender))
            assert answer.status == (200 if id in self.present else 201)
            self.wrote(id, gender)

        @rule(id=IDS)
        def delete(self, id: str) -> None:
            assert server.send("DELETE", f"Patient/{self.named(id)}").status == 200
            if id in self.present:
                self.versions[id] += 1
                del self.present[id]

        @rule(id=IDS, gender=GENDERS)
        def patch(self, id: str, gender: str) -> None:
            change = [{"op": "add", "path": "/gender", "value": gender}]
            answer = server.send("PATCH", f"Patient/{self.named(id)}", change, Content_Type=JSON_PATCH)
            if id in self.present:
                assert answer.status == 200
                self.wrote(id, gender)
            else:
                assert answer.status in (404, 410)

        @rule(first=IDS, second=IDS, gender=GENDERS, good=st.booleans())
        def transact(self, first: str, second: str, gender: str, good: bool) -> None:
            ids = list(dict.fromkeys((first, second)))
            entries = [entry("PUT", f"Patient/{self.named(id)}", self.resource(id, gender)) for id in ids]
            if not good:
                entries.append(entry("PUT", "Patient/1", patient("1")))
            answer = server.bundle("transaction", *entries)
            assert answer.status == (200 if good else 400)
            for id in ids if good else ():
                self.wrote(id, gender)

        @invariant()
        def all_views_agree(self) -> None:
            found = server.get(f"Patient?family={self.run}&_count=50").json()
            shown = {row["resource"]["id"]: row["resource"]["gender"] for row in found.get("entry", [])}
            assert shown == {self.named(id): gender for id, gender in self.present.items()}
            assert found["total"] == len(self.present)
            for gender in set(self.present.values()):
                some = server.found(f"Patient?family={self.run}&gender={gender}")
                wanted = [id for id, held in self.present.items() if held == gender]
                assert sorted(some) == sorted(f"Patient/{self.named(id)}" for id in wanted)
            for id, count in self.versions.items():
                assert server.get(f"Patient/{self.named(id)}/_history").json()["total"] == count
                read = server.get(f"Patient/{self.named(id)}")
                assert read.status == (200 if id in self.present else 410)

    return Writes


@pytest.mark.parametrize("root", ["/fhir", "/fhir-r4"], ids=["R5", "R4"])
def test_any_sequence_of_writes_leaves_all_views_in_agreement(site: Site, root: str) -> None:
    server = FhirClient(InProcess(create_app(site)), root)
    run_state_machine_as_test(
        machine(server),
        settings=settings(
            max_examples=12,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
