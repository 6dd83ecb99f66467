"""The shipped tables are what the generator makes of the official packages."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "server" / "fhantom" / "definitions" / "data"
GENERATE = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import generate_definitions
generate_definitions.DATA = Path(sys.argv[2])
generate_definitions.main(Path.home() / ".cache" / "fhantom-packages")
"""


def test_the_generator_makes_the_shipped_tables(tmp_path: Path) -> None:
    """Members are compared, not bytes: another zlib compresses otherwise."""
    command = [sys.executable, "-c", GENERATE, str(ROOT / "scripts"), str(tmp_path)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if "npm" in made.stderr or "pip" in made.stderr:
        pytest.skip("the packages are not in the cache and cannot be fetched")
    assert made.returncode == 0, made.stderr
    for shipped in sorted(DATA.glob("*.zip")):
        with zipfile.ZipFile(shipped) as old, zipfile.ZipFile(tmp_path / shipped.name) as new:
            assert old.namelist() == new.namelist()
            for name in old.namelist():
                assert json.loads(old.read(name)) == json.loads(new.read(name)), f"{shipped.name}/{name}"
