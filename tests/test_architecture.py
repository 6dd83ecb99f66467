"""The shape of the code: who may import whom, and how long things get."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "server" / "fhantom"

# Everybody may import these.
GROUND = {"errors", "settings", "clock", "readiness", "profile", "bounded"}

# Room -> the rooms below it that it may import.
MAY_IMPORT: dict[str, set[str]] = {
    "wire": set(),
    "world": set(),
    "dicom": set(),
    "pixels": {"dicom"},
    "archive": {"world", "dicom"},
    "definitions": set(),
    "resources": {"world", "definitions"},
    "gateway": {"site", "wire", "world", "journal", "faults"},
    "dicomweb": {"site", "wire", "world", "archive", "dicom", "pixels"},
    "wadouri": {"site", "wire", "world", "archive", "dicom", "pixels"},
    "fhir": {"site", "wire", "world", "resources", "definitions"},
    "sole": {"site", "wire", "world"},
    "journal": {"wire"},
    "calibration": set(),
    "faults": {"wire"},
    "control": {"site", "wire", "world", "journal", "faults", "gateway", "sole", "bridge"},
    "vna": {"site", "wire", "world", "archive", "dicom", "pixels"},
    "pages": {"site", "wire", "world", "gateway", "archive", "resources", "definitions"},
    "bridge": {"world", "archive", "resources", "definitions"},
    "loading": {"world", "archive", "resources", "definitions", "dicom", "bridge"},
    "datasets": {"world", "archive", "resources", "definitions", "dicom", "bridge", "loading"},
    "mirror": {"wire", "world", "dicom", "definitions", "loading", "datasets"},
}
EVERYTHING = {"cli", "app", "testing", "__main__"}


def imports(path: Path) -> Iterator[str]:
    """The rooms of fhantom that a module imports when it runs, its own left out."""
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    tree = ast.parse(path.read_text())
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in for_types:
            continue
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports by a relative path"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            parts = name.split(".")
            if parts[0] == "fhantom" and len(parts) > 1 and parts[1] not in (own, "__version__"):
                yield parts[1]


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_imports_go_downhill_only(room: str) -> None:
    allowed = MAY_IMPORT[room] | GROUND
    wrong = {
        f"{path.relative_to(PACKAGE)} imports {name}"
        for path in sorted((PACKAGE / room).rglob("*.py"))
        for name in imports(path)
        if name not in allowed
    }
    assert wrong == set()


def test_every_room_has_its_row() -> None:
    rooms = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    assert rooms - EVERYTHING == set(MAY_IMPORT)


def test_the_ground_imports_only_the_ground() -> None:
    wrong = {(name, found) for name in GROUND for found in imports(PACKAGE / f"{name}.py") if found not in GROUND}
    assert wrong == set()


def test_only_the_world_room_opens_the_database() -> None:
    # Counters that workers share are no data, nor are tables in memory that a loader chooses among.
    allowed = {"world", "gateway", "faults", "datasets"}
    users = {
        path.relative_to(PACKAGE).parts[0]
        for path in PACKAGE.rglob("*.py")
        if "sqlite3.connect(" in path.read_text() or "create_engine(" in path.read_text()
    }
    assert users <= allowed


def committed(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", *patterns], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split()
    return [ROOT / name for name in listed if (ROOT / name).exists()]


@pytest.mark.parametrize(
    ("patterns", "limit"),
    [
        (("server/*.py", "seed/*.py", "migrations/*.py", "scripts/*.py", "benchmarks/*.py"), 300),
        (("tests/*.py",), 500),
    ],
    ids=["code", "tests"],
)
def test_modules_are_short(patterns: tuple[str, ...], limit: int) -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in committed(*patterns)
        if (lines := path.read_text().count("\n")) > limit
    }
    assert long == {}


def test_functions_are_short() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in committed("server/*.py", "seed/*.py", "migrations/*.py", "scripts/*.py", "benchmarks/*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno > 60
    ]
    assert long == []
