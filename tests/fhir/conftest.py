"""The FHIR servers of both versions, each through both doors."""

from __future__ import annotations

import uuid

import pytest

from doors import Door
from fhir_client import FhirClient


@pytest.fixture(scope="module", params=["/fhir", "/fhir-r4"], ids=["R5", "R4"])
def fhir(request: pytest.FixtureRequest, door: Door) -> FhirClient:
    """One of the two FHIR servers over the module's world, which keeps what a module's tests write."""
    return FhirClient(door, request.param)


@pytest.fixture
def fresh() -> str:
    """An id that no resource has."""
    return f"t{uuid.uuid4()}"
