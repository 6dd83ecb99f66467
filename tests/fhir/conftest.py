"""The FHIR servers of both versions, each through both doors."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from doors import Door
from fhir_client import FhirClient
from listener import Listener, listening_for_calls


@pytest.fixture(scope="module", params=["/fhir", "/fhir-r4"], ids=["R5", "R4"])
def fhir(request: pytest.FixtureRequest, door: Door) -> FhirClient:
    """One of the two FHIR servers over the module's world, which keeps what a module's tests write."""
    return FhirClient(door, request.param)


@pytest.fixture
def r4(door: Door) -> FhirClient:
    """The server of R4."""
    return FhirClient(door, "/fhir-r4")


@pytest.fixture
def r5(door: Door) -> FhirClient:
    """The server of R5."""
    return FhirClient(door, "/fhir")


@pytest.fixture
def listener() -> Iterator[Listener]:
    """Where notifications go."""
    with listening_for_calls() as listener:
        yield listener


@pytest.fixture
def fresh() -> str:
    """An id that no resource has."""
    return f"t{uuid.uuid4()}"
