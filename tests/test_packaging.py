"""What `pip install .` puts into site-packages."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = {"fhantom", "fhantom_seed", "fhantom_migrations"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    [built] = folder.glob("*.whl")
    return built


def test_the_wheel_is_smaller_than_20_mb(wheel: Path) -> None:
    assert wheel.stat().st_size < 20_000_000


def test_the_wheel_has_one_properly_named_package_per_source_root(wheel: Path) -> None:
    top = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {name for name in top if not name.endswith(".dist-info")} == PACKAGES


def test_everything_in_the_packages_is_in_the_wheel(wheel: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "server/fhantom", "seed/fhantom_seed", "migrations/fhantom_migrations"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    present = set(zipfile.ZipFile(wheel).namelist())
    missing = [name for name in listed if name.split("/", 1)[1] not in present and (ROOT / name).exists()]
    assert missing == []


def test_the_wheel_carries_licence_and_notice(wheel: Path) -> None:
    names = {Path(name).name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/licenses/" in name}
    assert names == {"LICENSE", "NOTICE"}


def test_the_wheel_installs_the_command(wheel: Path) -> None:
    [entry_points] = [name for name in zipfile.ZipFile(wheel).namelist() if name.endswith("entry_points.txt")]
    assert "fhantom = fhantom.cli:main" in zipfile.ZipFile(wheel).read(entry_points).decode()
