"""The embedded seed, loaded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import fhantom_seed.reading
from fhantom.clock import Clock
from fhantom.loading.embedded import BrokenSeed, Embedded
from fhantom.resources import store
from fhantom.settings import Settings
from fhantom.world import DataFolder, Worlds, facts

PERSONAS = {
    f"siim{name}" for name in ("andy", "bibata", "james", "jean", "jessica", "joe", "neela", "ravi", "sally", "thierry")
}


@pytest.fixture(scope="module")
def told() -> list[tuple[int, int]]:
    """What the seed reported while it was loaded."""
    return []


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory, told: list[tuple[int, int]]) -> Iterator[Worlds]:
    folder = DataFolder(tmp_path_factory.mktemp("data"))
    folder.create()
    worlds = Worlds(folder, Settings(ephemeral=True), Clock())
    Embedded().load(worlds, lambda done, of: told.append((done, of)))
    yield worlds
    worlds.close()


def test_progress_is_told_up_to_the_end(worlds: Worlds, told: list[tuple[int, int]]) -> None:
    of = told[0][1]
    assert told == [(done, of) for done in range(1, of + 1)]


@pytest.mark.parametrize("release", ["R5", "R4"])
def test_the_ten_personas_are_there_in_both_versions(worlds: Worlds, release) -> None:  # type: ignore[no-untyped-def]
    with worlds.open().reading() as connection:
        assert store.counts(connection, release)["Patient"] == 10
        for id in PERSONAS:
            assert store.read(connection, release, "Patient", id) is not None


def test_every_object_of_the_seed_is_there(worlds: Worlds) -> None:
    expected = sum(1 for _ in fhantom_seed.reading.open_seed().instances())
    with worlds.open().reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM instance").scalar() == expected


def test_the_world_knows_what_it_was_made_from(worlds: Worlds) -> None:
    with worlds.open().reading() as connection:
        assert facts.get(connection, "seed") == "embedded"


def test_its_digest_is_that_of_the_seed() -> None:
    assert Embedded().digest() == fhantom_seed.reading.open_seed().digest


def test_a_seed_that_is_refused_in_part_does_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seed = fhantom_seed.reading.open_seed()
    monkeypatch.setattr(type(seed), "packs", property(lambda self: ()))
    lost = b'{"resourceType": "Condition", "id": "1", "subject": {"reference": "Patient/nobody"}}'
    monkeypatch.setattr(type(seed), "resources", lambda self, release: iter([lost]))
    folder = DataFolder(tmp_path)
    folder.create()
    worlds = Worlds(folder, Settings(ephemeral=True), Clock())
    with pytest.raises(BrokenSeed, match="Patient/nobody"):
        Embedded().load(worlds, lambda done, of: None)
    worlds.close()
