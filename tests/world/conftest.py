"""What the tests of worlds share."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

import fhantom


@pytest.fixture(scope="session", autouse=True)
def every_room_has_added_its_tables() -> None:
    """As in a server, where every room is there; what a file names is known only by its tables."""
    package = Path(fhantom.__file__).parent
    for path in sorted(package.rglob("tables.py")):
        importlib.import_module(".".join(("fhantom", *path.relative_to(package).with_suffix("").parts)))
