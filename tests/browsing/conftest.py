"""One server with the embedded seed for all tests of pages in a browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from running import Server, serving


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`fhantom serve` under gunicorn."""
    with serving(tmp_path_factory.mktemp("home"), "--ephemeral") as server:
        yield server
