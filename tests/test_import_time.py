"""A start imports only what every start needs."""

from __future__ import annotations

import subprocess
import sys

import pytest

# Heavy, and needed only for a pixel, a certificate, a migration or a second opinion.
HEAVY = (
    "numpy",
    "PIL",
    "pydicom",
    "fhir",
    "pydantic",
    "alembic",
    "cryptography",
    "sqlalchemy.orm",
    "hypothesis",
)

STARTS = {
    "fhantom --help": "import fhantom.cli.main",
    "fhantom healthcheck": "import fhantom.cli.healthcheck",
    "a test run": "import fhantom.testing.plugin, fhantom.testing.clients",
    "fhantom serve": "import fhantom.app, fhantom.cli.serve, fhantom.cli.opening",
    "an application": """
from fhantom.app import create_app
from fhantom.clock import Clock
from fhantom.settings import Settings
from fhantom.site import Site
from fhantom.world.worlds import open_worlds
import tempfile, pathlib
settings = Settings(ephemeral=True)
worlds = open_worlds(pathlib.Path(tempfile.mkdtemp()), settings, Clock())
create_app(Site(settings, worlds, Clock()))
""",
}


@pytest.mark.parametrize("start", STARTS)
def test_heavy_libraries_are_left_for_later(start: str) -> None:
    program = f"{STARTS[start]}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    loaded = set(done.stdout.split())
    assert sorted(loaded & set(HEAVY)) == []


def test_help_needs_no_web_framework_and_no_database() -> None:
    program = "import fhantom.cli.main, sys\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert not {"flask", "sqlalchemy", "gunicorn", "sqlite3"} & set(done.stdout.split())
