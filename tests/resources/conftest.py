"""A shelf of resources for each FHIR version, empty for each test."""

from __future__ import annotations

import pytest

from fhantom.world import World
from shelves import Shelf


@pytest.fixture
def r4(world: World) -> Shelf:
    return Shelf(world, "R4")


@pytest.fixture
def r5(world: World) -> Shelf:
    return Shelf(world, "R5")
