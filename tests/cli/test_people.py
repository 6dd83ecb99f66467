"""Data that may tell of people who exist reaches a network only when that was confirmed."""

from __future__ import annotations

from pathlib import Path

import pytest

from fhantom.cli.failure import Failure
from fhantom.cli.people import is_loopback, keep_people_from_network
from fhantom.datasets.folder import manifest
from fhantom.datasets.making.making import make
from fhantom.datasets.making.plan import Plan
from fhantom.settings import Settings
from fhantom.site import Site
from fhantom.world import provenance
from running import start


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("example.org", False),
    ],
)
def test_loopback_is_this_machine_and_nothing_else(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


def test_a_world_of_people_is_kept_from_the_network_until_that_is_confirmed(site: Site) -> None:
    keep_people_from_network(site.worlds, Settings(host="0.0.0.0"))
    with site.worlds.open().writing() as connection:
        provenance.note_people(connection, "https://elsewhere.example")
    keep_people_from_network(site.worlds, Settings())
    keep_people_from_network(site.worlds, Settings(host="0.0.0.0", people_on_network=True))
    with pytest.raises(Failure, match=r"elsewhere\.example.*--people-on-network"):
        keep_people_from_network(site.worlds, Settings(host="0.0.0.0"))


def test_a_server_does_not_start_with_such_a_seed(tmp_path: Path) -> None:
    folder = tmp_path / "seed"
    told = make(Plan(patients=1, studies=0), folder)
    manifest.write(folder, manifest.Manifest(told.made_at, "https://elsewhere.example", told.files, has_people=True))
    network = ("--host", "0.0.0.0", "--port", "0", "--key", "secret")
    for _ in range(2):  # the second start finds the seed prepared
        server = start(tmp_path / "home", "--ephemeral", "--seed", str(folder), *network, stderr=-1)
        assert "may tell of people who exist" in server.communicate(timeout=60)[1]
        assert server.returncode == 1
