"""One real server with the embedded seed, as a hackathon client meets it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from doors import Socket
from running import serving


@pytest.fixture(scope="session")
def hackathon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Socket]:
    """The door of `fhantom serve` under gunicorn."""
    with serving(tmp_path_factory.mktemp("home"), "--ephemeral") as server:
        yield server.door
