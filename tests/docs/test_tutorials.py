"""Every snippet of the tutorials runs against a real server and prints what its page says."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fenced import TUTORIALS, Block, blocks, fences, fits
from fhantom.settings import BUILT_IN_KEY, Settings
from running import Server, serving

MARK = "\x1e"  # is printed after each block, to tell whose output is whose


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the embedded seed, where each page has a world of its own."""
    home = tmp_path_factory.mktemp("home")
    with serving(home, "--ephemeral", "--worlds", "per-key", "--key-prefix", "page-") as server:
        yield server


def run(server: Server, folder: Path, name: str, command: list[str], source: str) -> list[str]:
    """What each block of a page prints when they run one after the other."""
    file = folder / name
    file.write_text(source)
    own = {"SIIM_BASE_URL": server.door.origin, "SIIM_API_KEY": f"page-{file.suffix[1:]}"}
    done = subprocess.run(
        [*command, str(file)], cwd=folder, env={**os.environ, **own}, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split(MARK)[:-1]


def assert_printed(page: list[Block], printed: list[str]) -> None:
    """Each block printed what the page tells, and nothing where it tells nothing."""
    assert len(printed) == len(page) > 3
    for block, output in zip(page, printed, strict=True):
        assert fits(block.printed or "", output.lstrip("\n")), f"{block.code}\nprinted\n{output}\nnot\n{block.printed}"


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_the_commands_of_the_curl_page_print_what_it_says(server: Server, tmp_path: Path) -> None:
    page = blocks(TUTORIALS / "curl.md", "sh")
    source = "set -eu\n" + "".join(f"{block.code}printf '\\036'\n" for block in page)
    assert_printed(page, run(server, tmp_path, "page.sh", ["bash"], source))


def test_the_program_of_the_python_page_prints_what_it_says(server: Server, tmp_path: Path) -> None:
    page = blocks(TUTORIALS / "python.md", "python")
    source = "".join(f"{block.code}print(end='\\x1e', flush=True)\n" for block in page)
    assert_printed(page, run(server, tmp_path, "page.py", [sys.executable], source))


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js")
def test_the_program_of_the_javascript_page_prints_what_it_says(server: Server, tmp_path: Path) -> None:
    page = blocks(TUTORIALS / "javascript.md", "js")
    source = "".join(f'{block.code}process.stdout.write("\\x1e");\n' for block in page)
    assert_printed(page, run(server, tmp_path, "page.mjs", ["node"], source))


@pytest.mark.parametrize(("name", "language"), [("curl", "sh"), ("python", "python"), ("javascript", "js")])
def test_a_page_has_no_snippet_that_nothing_runs(name: str, language: str) -> None:
    written = {kind for kind, _ in fences(TUTORIALS / f"{name}.md")}
    assert written <= {language, "text", "sh"}
    installed = [code for kind, code in fences(TUTORIALS / f"{name}.md") if kind == "sh" != language]
    assert all(code.startswith("pip install ") for code in installed)


def test_what_the_first_page_exports_is_what_the_server_starts_with() -> None:
    start, exports = (block.code for block in blocks(TUTORIALS / "index.md", "sh"))
    defaults = Settings()
    assert start == "fhantom serve\n"
    assert exports.splitlines() == [
        f"export SIIM_BASE_URL=http://{defaults.host}:{defaults.port}",
        f"export SIIM_API_KEY={BUILT_IN_KEY}",
    ]


@pytest.mark.parametrize(
    ("told", "printed", "expected"),
    [
        ("a\n", "a\n", True),
        ("a ... c", "a b\nb c\n", True),
        ("a ... c", "a b", False),
        ("a.c", "abc", False),
        ("", "unexpected", False),
    ],
    ids=["the same", "with something between", "without the end", "no pattern", "nothing told"],
)
def test_dots_stand_for_what_varies_and_nothing_else_does(told: str, printed: str, expected: bool) -> None:
    assert fits(told, printed) is expected
