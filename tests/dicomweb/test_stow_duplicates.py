"""STOW where the setting refuses what is stored already."""

from __future__ import annotations

import pytest

from doors import Door
from fhantom.settings import Settings
from instances import MULTIPART, ROOT, instance, multipart


@pytest.fixture(scope="module")
def module_settings() -> Settings:
    return Settings(ephemeral=True, duplicates="refuse")


def test_a_refused_duplicate_is_a_conflict_with_its_reason(door: Door) -> None:
    study = 1 if door.origin.endswith("testserver") else 2
    header = {"Content-Type": MULTIPART}
    assert door.request("POST", "/dicomweb/studies", header, multipart(instance(study))).status == 200
    answer = door.request("POST", "/dicomweb/studies", header, multipart(instance(study)))
    (failed,) = answer.json()["00081198"]["Value"]
    assert answer.status == 409
    assert failed["00081155"]["Value"] == [f"{ROOT}.{study}.1.1"]
    assert failed["00081197"]["Value"] == [0x0111]
