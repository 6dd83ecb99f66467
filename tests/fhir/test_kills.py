"""A server that is killed while it writes: every transaction is there as a whole or not at all."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import pytest

from doors import InProcess
from fhantom.app import create_app
from fhantom.clock import Clock
from fhantom.fhir.exchange import Exchange
from fhantom.fhir.transaction import transact
from fhantom.settings import Settings
from fhantom.site import Site
from fhantom.world import DataFolder, Worlds
from fhir_client import JSON, FhirClient, entry, patient

SETTINGS = Settings()  # durable, as `fhantom serve` is


def opened(folder: DataFolder) -> Site:
    clock = Clock()
    return Site(settings=SETTINGS, worlds=Worlds(folder, SETTINGS, clock), clock=clock)


def pair(number: int) -> list[dict[str, object]]:
    """A transaction of two resources that refer to each other's number."""
    ids = (f"a{number}", f"b{number}")
    return [entry("PUT", f"Patient/{id}", patient(id, name=[{"family": f"N{number}"}])) for id in ids]


def write_until_killed(folder: DataFolder, first: int, told: int) -> None:
    """Run transactions and tell each number once it is acknowledged; never returns."""
    try:
        exchange = Exchange("R5", "POST", "", opened(folder).worlds.open(), "http://x/fhir")
        for number in range(first, first + 1_000_000):
            body = {"resourceType": "Bundle", "type": "transaction", "entry": pair(number)}
            sent = exchange.with_(headers={"content-type": JSON}, body=json.dumps(body).encode())
            if transact(sent).status == 200:
                os.write(told, number.to_bytes(4, "big"))
    finally:
        os._exit(1)


def killed_after(folder: DataFolder, first: int, answers: int) -> list[int]:
    """The numbers that a writer acknowledged before it was killed, a moment after its `answers`th answer."""
    told, telling = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(told)
        write_until_killed(folder, first, telling)
    os.close(telling)
    numbers = b""
    with os.fdopen(told, "rb", buffering=0) as stream:
        while len(numbers) < 4 * answers and (piece := stream.read(4)):
            numbers += piece
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        numbers += stream.read()
    return [int.from_bytes(numbers[at : at + 4], "big") for at in range(0, len(numbers) - 3, 4)]


@pytest.mark.skipif(sys.platform != "linux", reason="forks a process that has threads")
@pytest.mark.parametrize("rounds", [20, pytest.param(1000, marks=pytest.mark.long)])
def test_a_killed_writer_leaves_whole_transactions(tmp_path: Path, rounds: int) -> None:
    folder = DataFolder(tmp_path / "data")
    folder.create()
    opened(folder).worlds.open()
    first, acknowledged = 0, set[int]()
    for turn in range(rounds):
        numbers = killed_after(folder, first, 1 + turn % 5)
        acknowledged |= set(numbers)
        first = max(numbers) + 2
    site = opened(folder)
    fhir = FhirClient(InProcess(create_app(site)), "/fhir")
    bundle = fhir.get(f"Patient?_count={4 * len(acknowledged) + 100}").json()
    found = {row["resource"]["id"] for row in bundle["entry"]}
    whole = {int(id[1:]) for id in found if id.startswith("a")}
    assert whole == {int(id[1:]) for id in found if id.startswith("b")}
    assert acknowledged <= whole
    for number in whole:
        assert sorted(fhir.found(f"Patient?family:exact=N{number}")) == [f"Patient/a{number}", f"Patient/b{number}"]
    site.worlds.close()
