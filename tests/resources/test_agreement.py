"""Whatever is written and deleted, in whatever order: search, history and a plain scan agree."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fhantom.resources import store
from fhantom.world import World
from shelves import Json, Shelf, coded

IDS = st.sampled_from(["a", "b", "c", "d"])
FAMILIES = st.sampled_from(["Zulu", "zürich", "Alpha", "Al"])
CODES = st.sampled_from(["x", "y"])


@dataclass
class Plain:
    """The simplest store there is: a dictionary and a list."""

    present: dict[str, Json] = field(default_factory=dict)
    versions: list[tuple[str, str]] = field(default_factory=list)
    ever: list[str] = field(default_factory=list)

    def put(self, name: str, resource: Json) -> None:
        if self.present.get(name) == resource:
            return
        self.versions.append((name, "update" if name in self.present else "create"))
        self.present[name] = resource
        if name not in self.ever:
            self.ever.append(name)

    def delete(self, name: str) -> None:
        if self.present.pop(name, None) is not None:
            self.versions.append((name, "delete"))

    def scan(self, resource_type: str, fits: Callable[[Json], bool]) -> list[str]:
        names = [name for name in self.ever if name.startswith(f"{resource_type}/") and name in self.present]
        return [name.partition("/")[2] for name in names if fits(self.present[name])]


patients = st.builds(
    lambda id, family, active: {
        "resourceType": "Patient",
        "id": id,
        "active": active,
        "name": [{"family": each} for each in family],
    },
    IDS,
    st.lists(FAMILIES, max_size=2),
    st.booleans(),
)
observations = st.builds(
    lambda id, subject, code, value: {
        "resourceType": "Observation",
        "id": id,
        "subject": {"reference": f"Patient/{subject}"},
        "code": coded(code),
        "valueQuantity": {"value": value},
    },
    IDS,
    IDS,
    CODES,
    st.integers(0, 3),
)
deletions = st.tuples(st.sampled_from(["Patient", "Observation"]), IDS)
steps = st.lists(st.one_of(st.lists(st.one_of(patients, observations), min_size=1, max_size=4), deletions), max_size=12)


def _families(resource: Json) -> list[str]:
    return [name["family"].lower().replace("ü", "u") for name in resource["name"]]


def _agree_on_search(shelf: Shelf, plain: Plain) -> None:
    people = plain.present

    def subject(observation: Json) -> Json | None:
        return people.get(observation["subject"]["reference"])

    def seen(code: str) -> Callable[[Json], bool]:
        return lambda patient: any(
            other["resourceType"] == "Observation"
            and other["subject"]["reference"] == f"Patient/{patient['id']}"
            and other["code"]["coding"][0]["code"] == code
            for other in people.values()
        )

    expected: dict[str, tuple[str, Callable[[Json], bool]]] = {
        "Patient?": ("Patient", lambda patient: True),
        "Patient?active=true": ("Patient", lambda patient: patient["active"]),
        "Patient?family=z": ("Patient", lambda patient: any(f.startswith("z") for f in _families(patient))),
        "Patient?family:missing=true": ("Patient", lambda patient: not patient["name"]),
        "Patient?active:not=true": ("Patient", lambda patient: not patient["active"]),
        "Patient?_has:Observation:patient:code=x": ("Patient", seen("x")),
        "Observation?code=x&value-quantity=ge2": (
            "Observation",
            lambda o: o["code"]["coding"][0]["code"] == "x" and o["valueQuantity"]["value"] >= 2,
        ),
        "Observation?patient=a": ("Observation", lambda o: o["subject"]["reference"] == "Patient/a"),
        "Observation?patient.family=al": (
            "Observation",
            lambda o: any(f.startswith("al") for f in _families(subject(o) or {"name": []})),
        ),
    }
    for query, (resource_type, fits) in expected.items():
        assert shelf.ids(query) == plain.scan(resource_type, fits), query
        counted = shelf.page(f"{query}&_summary=count").total
        assert counted == len(plain.scan(resource_type, fits)), query


def _agree_on_history(shelf: Shelf, plain: Plain) -> None:
    with shelf.world.reading() as connection:
        whole = store.history(connection, shelf.version, count=200)
        told = [(entry.reference, entry.change) for entry in reversed(whole.entries)]
        assert told == plain.versions
        assert whole.total == len(plain.versions)
        for name in plain.ever:
            record = store.read(connection, shelf.version, *name.split("/"))
            assert record is not None
            versions = [change for of, change in plain.versions if of == name]
            assert (record.version, record.change) == (len(versions), versions[-1])
            if name in plain.present:
                kept: Any = json.loads(store.bodies(shelf.world, [record])[0])
                assert kept == {key: value for key, value in plain.present[name].items() if key != "id"}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_search_history_and_a_plain_scan_agree(world: World, steps: list[list[Json] | tuple[str, str]]) -> None:
    shelf, plain = Shelf(world, "R4"), Plain()
    with world.writing() as connection:
        store.expunge(connection, "R4")
    for step in steps:
        if isinstance(step, tuple):
            shelf.delete(*step)
            plain.delete("/".join(step))
        else:
            shelf.put(*step)
            for resource in step:
                plain.put(f"{resource['resourceType']}/{resource['id']}", resource)
        _agree_on_search(shelf, plain)
    _agree_on_history(shelf, plain)
