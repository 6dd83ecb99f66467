"""Which keys have a world of their own, and which have none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from doors import Door
from fhantom.settings import Settings
from fhantom.site import Site

PATIENT = json.dumps({"resourceType": "Patient"}).encode()
JSON = {"Content-Type": "application/fhir+json"}


@pytest.fixture(scope="module")
def module_settings() -> Settings:
    return Settings(ephemeral=True, worlds="per-key", keys=("alpha",), key_prefix="test-")


def total(door: Door, key: str) -> int:
    return int(door.get("/fhir/Patient?_summary=count", {"apikey": key}).json()["total"])


@pytest.mark.parametrize("key", ["alpha", "test-1", "test-2"])
def test_an_accepted_key_has_a_world_of_its_own_from_its_first_request(door: Door, key: str) -> None:
    before = total(door, key)
    assert door.request("POST", "/fhir/Patient", {"apikey": key, **JSON}, PATIENT).status == 201
    assert total(door, key) == before + 1
    assert total(door, f"test-other-than-{key}") == 0


@pytest.mark.parametrize("key", ["alhpa", "Test-1", "tes", "", "shared"])
def test_an_unknown_key_is_refused_with_403_and_makes_no_world(door: Door, module_site: Site, key: str) -> None:
    before = worlds(module_site)
    for path in ("/fhir/Patient", "/dicomweb/studies", "/wadouri?requestType=WADO", "/sole/bulk-syslog-events"):
        assert door.get(path, {"apikey": key}).status == 403
    assert worlds(module_site) == before


def test_a_world_that_only_reads_takes_no_room_on_the_disk(door: Door, module_site: Site) -> None:
    before = worlds(module_site)
    assert total(door, "test-reader") == 0
    [made] = worlds(module_site) - before or [module_site.worlds.folder.world("test-reader")]
    assert not list(made.glob("*.sqlite"))


def worlds(site: Site) -> set[Path]:
    return set(site.worlds.folder.worlds.iterdir())
