"""Any sequence of writes, snapshots, resets and restores leaves each world equal to a model of it, in every worker."""

from __future__ import annotations

import gc
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from fhantom.clock import Clock
from fhantom.errors import NotFound
from fhantom.settings import Settings
from fhantom.world import DataFolder, Worlds, facts, snapshots

KEYS = st.sampled_from(["ada", "ben", "cleo"])
NAMES = st.sampled_from(["one", "two"])
FACTS = st.sampled_from(["red", "green", "blue"])
VALUES = st.integers(0, 9).map(str)
State = dict[str, str]


def machine(template: Path) -> type[RuleBasedStateMachine]:
    """The state machine over data folders whose seed is a copy of `template`."""

    class SeveralWorlds(RuleBasedStateMachine):
        @initialize()
        def begin(self) -> None:
            self.path = Path(tempfile.mkdtemp(prefix="fhantom-worlds-"))
            folder = DataFolder(self.path)
            folder.create()
            shutil.copyfile(template, folder.seed)
            self.worlds, self.other = (Worlds(folder, Settings(ephemeral=True), Clock()) for _ in range(2))
            self.model: dict[str, State] = {}
            self.saved: dict[tuple[str, str], State] = {}

        def state(self, key: str) -> State:
            with self.worlds.open(key).reading() as connection:
                found = {name: facts.get(connection, name) for name in ("red", "green", "blue")}
            return {name: value for name, value in found.items() if value is not None}

        @rule(key=KEYS, name=FACTS, value=VALUES)
        def write(self, key: str, name: str, value: str) -> None:
            with self.worlds.open(key).writing() as connection:
                facts.put(connection, name, value)
            self.model.setdefault(key, {})[name] = value

        @rule(key=KEYS, name=FACTS)
        def write_and_fail(self, key: str, name: str) -> None:
            with pytest.raises(ZeroDivisionError), self.worlds.open(key).writing() as connection:
                facts.put(connection, name, "never")
                raise ZeroDivisionError

        @rule(key=KEYS)
        def reset(self, key: str) -> None:
            self.worlds.reset(key)
            self.model[key] = {}

        @rule(key=KEYS)
        def empty(self, key: str) -> None:
            snapshots.empty(self.worlds, key)
            self.model[key] = {}

        @rule(key=KEYS, name=NAMES)
        def save(self, key: str, name: str) -> None:
            snapshots.save(self.worlds, key, name)
            self.saved[key, name] = dict(self.model.get(key, {}))

        @rule(key=KEYS, name=NAMES)
        def restore(self, key: str, name: str) -> None:
            if (key, name) in self.saved:
                snapshots.restore(self.worlds, key, name)
                self.model[key] = dict(self.saved[key, name])
            else:
                with pytest.raises(NotFound):
                    snapshots.restore(self.worlds, key, name)

        @rule(key=KEYS, name=NAMES)
        def remove(self, key: str, name: str) -> None:
            if self.saved.pop((key, name), None) is None:
                with pytest.raises(NotFound):
                    snapshots.remove(self.worlds, key, name)
            else:
                snapshots.remove(self.worlds, key, name)

        @rule(key=KEYS)
        def drop(self, key: str) -> None:
            self.worlds.drop(key)
            self.model.pop(key, None)

        @rule()
        def the_other_worker_takes_the_next_requests(self) -> None:
            self.worlds, self.other = self.other, self.worlds

        @rule()
        def begin_again_as_a_new_process(self) -> None:
            self.worlds.close()
            self.worlds = Worlds(self.worlds.folder, Settings(ephemeral=True), Clock())

        @rule(key=KEYS, value=VALUES)
        def finish_on_the_state_begun_with(self, key: str, value: str) -> None:
            before = self.model.get(key, {}).get("red")
            with self.worlds.open(key).reading() as connection:
                assert facts.get(connection, "red") == before
                self.worlds.reset(key)
                assert facts.get(connection, "red") == before
            self.model[key] = {}

        @rule(key=KEYS, value=VALUES)
        def finish_on_a_world_that_is_dropped(self, key: str, value: str) -> None:
            world = self.worlds.open(key)
            with world.writing() as connection:
                facts.put(connection, "green", value)
            self.other.drop(key)
            with world.reading() as connection:
                assert facts.get(connection, "green") == value
            self.model.pop(key, None)

        @rule(key=KEYS)
        def the_other_worker_sees_the_same(self, key: str) -> None:
            with self.other.open(key).reading() as connection:
                assert facts.get(connection, "red") == self.model.get(key, {}).get("red")

        @invariant()
        def every_world_equals_its_model(self) -> None:
            for key in ("ada", "ben", "cleo"):
                assert self.state(key) == self.model.get(key, {})
                kept = sorted(name for owner, name in self.saved if owner == key)
                assert sorted(snapshots.names(self.worlds, key)) == kept

                # That was its next request, so at most the other worker holds the file of a state before a reset.
                assert len(list(self.worlds.folder.world(key).glob("*.sqlite"))) <= 2

        def teardown(self) -> None:
            if hasattr(self, "worlds"):
                for worlds in (self.worlds, self.other):
                    worlds.close()
                for key in ("ada", "ben", "cleo"):
                    snapshots.drop(self.worlds, key)
                gc.collect()
                assert list(self.worlds.folder.worlds.iterdir()) == []
                shutil.rmtree(self.path)

    return SeveralWorlds


@pytest.mark.parametrize(
    "examples", [pytest.param(12, id="short"), pytest.param(200, id="long", marks=pytest.mark.long)]
)
def test_each_world_equals_its_model_after_any_sequence(examples: int, _empty_world_file: Path) -> None:
    run_state_machine_as_test(
        machine(_empty_world_file),
        settings=settings(
            max_examples=examples,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert _empty_world_file.exists()
