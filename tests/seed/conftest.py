"""The seed read once for all tests of this folder."""

from __future__ import annotations

import io
import json
from typing import Any

import pydicom
import pytest

from fhantom_seed import open_seed

Resources = dict[tuple[str, str], dict[str, Any]]


def _resources(version: str) -> Resources:
    read = [json.loads(text) for text in open_seed().resources(version)]
    return {(resource["resourceType"], resource["id"]): resource for resource in read}


@pytest.fixture(scope="session")
def r5() -> Resources:
    return _resources("R5")


@pytest.fixture(scope="session")
def r4() -> Resources:
    return _resources("R4")


@pytest.fixture(scope="session")
def resources(r5: Resources, r4: Resources) -> dict[str, Resources]:
    return {"R5": r5, "R4": r4}


@pytest.fixture(scope="session")
def headers() -> list[pydicom.Dataset]:
    """Every object without its pixels."""
    return [
        pydicom.dcmread(io.BytesIO(data), stop_before_pixels=True, defer_size=None) for data in open_seed().instances()
    ]
