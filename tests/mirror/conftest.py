"""A live server to pull from."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from doors import Socket, listening
from fhantom.app import create_app
from fhantom.datasets.catalogue import FOLDER
from fhantom.datasets.job import Job, run
from fhantom.datasets.making.making import make
from fhantom.settings import Settings
from fhantom.site import Site
from mirror.pulling import PLAN


@pytest.fixture(scope="module")
def live(module_site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Socket]:
    """A server that holds a synthetic world."""
    made = tmp_path_factory.mktemp("made")
    make(PLAN, made)
    run(Job(FOLDER, module_site.worlds, Settings(ephemeral=True), made))
    with listening(create_app(module_site)) as socket:
        yield socket


@pytest.fixture(autouse=True)
def without_faults(live: Socket) -> None:
    live.request("DELETE", "/_fhantom/faults")
