"""The examples of the documentation run as they stand."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "docs" / "examples"
EXEC = [sys.executable, "-m", "fhantom", "exec", "--worlds", "per-key", "--key-prefix", "test-", "--"]


def pytest_on(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)


def test_the_sample_project_passes_its_tests() -> None:
    done = pytest_on(EXAMPLES / "triage")
    assert done.returncode == 0, done.stdout
    assert re.search(r"^9 passed", done.stdout, re.MULTILINE)


@pytest.mark.parametrize(("page", "tests"), [("README.md", 5), ("docs/testing.md", 2)], ids=["README", "testing"])
def test_the_tests_in_the_documentation_pass(page: str, tests: int, tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)
    (tmp_path / "test_page.py").write_text("\n\n".join(blocks))
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    done = pytest_on(tmp_path, "test_page.py")
    assert done.returncode == 0, done.stdout
    assert f"{tests} passed" in done.stdout


@pytest.mark.long
@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js")
def test_the_javascript_example_passes() -> None:
    done = subprocess.run([*EXEC, "node", "--test", str(EXAMPLES / "javascript")], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert re.search(r"^# pass 5", done.stdout, re.MULTILINE)


@pytest.mark.long
@pytest.mark.skipif(shutil.which("javac") is None, reason="needs a Java development kit")
def test_the_java_example_passes() -> None:
    done = subprocess.run([*EXEC, "java", str(EXAMPLES / "java" / "Worklist.java")], capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, "3 passed"), done.stderr
