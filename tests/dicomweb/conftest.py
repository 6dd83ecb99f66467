from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from doors import Door, InProcess
from fhantom.app import create_app
from fhantom.site import Site


@pytest.fixture(scope="module")
def strict(module_site: Site) -> Iterator[Door]:
    """The same data behind a server that answers as the real one was recorded."""
    world = module_site.worlds
    settings = replace(module_site.settings, strict=True)
    other = type(world)(world.folder, settings, module_site.clock)
    yield InProcess(create_app(replace(module_site, settings=settings, worlds=other)))
    other.close()
