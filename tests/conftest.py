"""Fixtures that every room's tests use."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from doors import Door, InProcess, listening
from fhantom.clock import Clock
from fhantom.settings import Settings
from fhantom.site import Site
from fhantom.world import DataFolder, World, Worlds

# A machine that is busy with something else makes no test fail.
settings.register_profile("fhantom", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("fhantom")

_SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference material beside the checkout; without it the test is skipped."""
    if not _SHARED.is_dir():
        pytest.skip("needs ../shared beside the checkout")
    return _SHARED


@pytest.fixture(scope="session")
def _empty_world_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated world without a row; tests copy it instead of running the migrations each."""
    folder = DataFolder(tmp_path_factory.mktemp("template"))
    folder.create()
    worlds = Worlds(folder, Settings(ephemeral=True), Clock())
    worlds.open()
    worlds.close()
    return folder.seed


def _empty_site(path: Path, template: Path, settings: Settings) -> Site:
    folder = DataFolder(path)
    folder.create()
    shutil.copyfile(template, folder.seed)
    clock = Clock()
    return Site(settings=settings, worlds=Worlds(folder, settings, clock), clock=clock)


@pytest.fixture
def site(tmp_path: Path, _empty_world_file: Path) -> Iterator[Site]:
    """A server's parts over an empty data folder, for one test."""
    site = _empty_site(tmp_path / "data", _empty_world_file, Settings(ephemeral=True))
    yield site
    site.close()


@pytest.fixture
def world(site: Site) -> World:
    """An empty world, for one test."""
    return site.worlds.open()


@pytest.fixture(scope="module")
def module_settings() -> Settings:
    """The settings of `door`'s server; a module overrides this fixture to change them."""
    return Settings(ephemeral=True)


@pytest.fixture(scope="module")
def module_site(
    tmp_path_factory: pytest.TempPathFactory, _empty_world_file: Path, module_settings: Settings
) -> Iterator[Site]:
    """The parts of the server behind `door`: one empty data folder a test module."""
    site = _empty_site(tmp_path_factory.mktemp("data"), _empty_world_file, module_settings)
    yield site
    site.close()


@pytest.fixture(scope="module", params=["in process", "socket"])
def door(request: pytest.FixtureRequest, module_site: Site) -> Iterator[Door]:
    """A server over the module's data folder, entered in process and through a socket."""
    from fhantom.app import create_app

    app = create_app(module_site)
    if request.param == "in process":
        yield InProcess(app)
    else:
        with listening(app) as socket:
            yield socket
