"""Seeds that are loaded once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fhantom.clock import Clock
from fhantom.loading.prepared import PreparedSeeds
from fhantom.loading.seeds import Nothing, Told, UnknownSeed, seed_named
from fhantom.settings import Settings
from fhantom.world import DataFolder, Worlds, facts, prepare


class Counting(Nothing):
    """A seed that counts how often it was loaded."""

    def __init__(self, digest: str = "one") -> None:
        self._digest = digest
        self.loaded = 0

    def digest(self) -> str:
        return self._digest

    def load(self, worlds: Worlds, report: Told) -> None:
        self.loaded += 1
        super().load(worlds, report)
        worlds.open().blobs.put(self._digest.encode())


class Failing(Nothing):
    """A seed that stops half way."""

    def load(self, worlds: Worlds, report: Told) -> None:
        super().load(worlds, report)
        raise RuntimeError("half way")


def silent(done: int, of: int) -> None:
    """Progress that nobody looks at."""


@pytest.fixture
def prepared(tmp_path: Path) -> PreparedSeeds:
    return PreparedSeeds(tmp_path / "cache", Clock())


def test_a_prepared_seed_is_found_again(prepared: PreparedSeeds) -> None:
    seed = Counting()
    assert prepared.find(seed) is None
    made = prepared.make(seed, silent)
    assert prepared.find(seed) == made
    assert prepared.find(Counting()) == made
    assert seed.loaded == 1


def test_another_digest_is_another_prepared_seed(prepared: PreparedSeeds) -> None:
    prepared.make(Counting("one"), silent)
    assert prepared.find(Counting("two")) is None


def test_another_version_of_the_program_is_another_prepared_seed(
    prepared: PreparedSeeds, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared.make(Counting(), silent)
    monkeypatch.setattr("fhantom.__version__", "0.0.0")
    assert prepared.find(Counting()) is None


def test_an_empty_folder_is_filled_from_it(prepared: PreparedSeeds, tmp_path: Path) -> None:
    made = prepared.make(Counting(), silent)
    folder = DataFolder(tmp_path / "data")
    folder.create()
    assert folder.is_empty
    prepare.restore(made, folder)
    worlds = Worlds(folder, Settings(), Clock())
    with worlds.open().reading() as connection:
        assert facts.get(connection, "seed") == "none"
    assert not folder.is_empty
    worlds.close()


def test_a_seed_that_fails_leaves_nothing_behind(prepared: PreparedSeeds, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="half way"):
        prepared.make(Failing(), silent)
    assert prepared.find(Failing()) is None
    assert list((tmp_path / "cache" / "seeds").iterdir()) == []


def test_only_the_newest_prepared_seeds_are_kept(prepared: PreparedSeeds) -> None:
    seeds = [Counting(str(number)) for number in range(6)]
    for age, seed in enumerate(seeds):
        os.utime(prepared.make(seed, silent), (age, age))
    assert [prepared.find(seed) is not None for seed in seeds] == [False, False, True, True, True, True]


def test_seeds_have_names(tmp_path: Path) -> None:
    assert seed_named("none").name == "none"
    assert seed_named("embedded").name == "embedded"
    assert seed_named(str(tmp_path)).name == str(tmp_path)
    with pytest.raises(UnknownSeed, match="no-such"):
        seed_named("no-such")
