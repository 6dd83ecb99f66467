"""Identifiers that nothing determines, and how a seed makes them repeat."""

from __future__ import annotations

import os
import uuid
from dataclasses import replace
from pathlib import Path

import pytest

from doors import InProcess
from fhantom.app import create_app
from fhantom.clock import Clock
from fhantom.settings import Settings
from fhantom.site import Site
from fhantom.world import DataFolder, Worlds
from fhantom.world.chance import Chance


def drawn(chance: Chance, count: int = 5) -> list[str]:
    return [draw() for _ in range(count) for draw in (chance.uuid, chance.token)]


def test_the_same_seed_draws_the_same_and_another_draws_others(tmp_path: Path) -> None:
    first, again, other = (drawn(Chance(seed, tmp_path / str(at))) for at, seed in enumerate((7, 7, 8)))
    assert first == again
    assert not set(first) & set(other)
    assert len(set(first)) == len(first)


def test_without_a_seed_no_draw_repeats(tmp_path: Path) -> None:
    assert not set(drawn(Chance(0, tmp_path / "a"))) & set(drawn(Chance(0, tmp_path / "b")))


@pytest.mark.parametrize("seed", [0, 7])
def test_what_is_drawn_has_its_form(tmp_path: Path, seed: int) -> None:
    chance = Chance(seed, tmp_path / "lock")
    assert uuid.UUID(chance.uuid()).version == 4
    assert len(bytes.fromhex(chance.token())) == 8


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_two_workers_never_draw_the_same(tmp_path: Path) -> None:
    chance = Chance(7, tmp_path / "lock")
    read, write = os.pipe()
    for _ in range(2):
        if os.fork() == 0:
            os.write(write, "".join(chance.token() for _ in range(100)).encode())
            os._exit(0)
    for _ in range(2):
        os.wait()
    os.close(write)
    with open(read, "rb") as file:
        text = file.read().decode()
    tokens = {text[at : at + 16] for at in range(0, len(text), 16)}
    assert len(tokens) == 200
    assert Chance(7, tmp_path / "lock").token() in tokens


def test_the_answers_of_a_seeded_server_repeat_from_run_to_run(tmp_path: Path, _empty_world_file: Path) -> None:
    def run(name: str) -> list[object]:
        folder = DataFolder(tmp_path / name)
        folder.create()
        folder.seed.write_bytes(_empty_world_file.read_bytes())
        settings, clock = replace(Settings(), ephemeral=True, random_seed=7), Clock()
        site = Site(settings, Worlds(folder, settings, clock), clock)
        door = InProcess(create_app(site))
        patient = b'{"resourceType": "Patient"}'
        seen: list[object] = []
        for _ in range(2):
            created = door.request("POST", "/fhir/Patient", {"Content-Type": "application/fhir+json"}, patient)
            found = door.get("/fhir/Patient?_count=1")
            seen += [created.headers["Location"], found.json()["id"], found.headers["X-Request-ID"]]
        control = {"Host": "localhost"}
        assert door.request("POST", "/_fhantom/reset", control).status == 200
        seen.append(door.get("/fhir/Patient").json()["id"])
        site.worlds.close()
        return seen

    first = run("first")
    assert first == run("second")
    assert len(set(map(str, first[:-1]))) == len(first) - 1
