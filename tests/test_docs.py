"""The documentation agrees with the code."""

from __future__ import annotations

import argparse
import re
import runpy
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from fhantom.cli.main import _parser
from fhantom.settings import SETTINGS

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
README = (ROOT / "README.md").read_text()


def requirements() -> dict[str, list[str]]:
    """Names of required packages by extra; the base install's stand under the empty name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    by_extra = {"": project["dependencies"], **project["optional-dependencies"]}
    return {extra: [re.split(r"[\[<>=~! ;]", line)[0] for line in lines] for extra, lines in by_extra.items()}


def test_the_readme_has_the_settings_as_the_code_has_them() -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "generate_docs.py"))
    assert script["with_settings"](README) == README, "run scripts/generate_docs.py"


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_is_explained_in_one_line(setting) -> None:  # type: ignore[no-untyped-def]
    assert 10 < len(setting.help) < 110
    assert "\n" not in setting.help and not setting.help.endswith(".")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text())
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("extra", requirements())
def test_every_dependency_has_its_reason(extra: str) -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line[:1] == "|"]
    explained = {(row[0], row[1]) if len(row) == 3 else ("", row[0]) for row in rows if row[-1]}
    missing = [name for name in requirements()[extra] if (extra, name) not in explained]
    assert missing == []


def test_the_readme_opens_with_the_two_command_lines_that_ci_runs() -> None:
    commands = re.search(r"```sh\n(.*)\n(.*)\n```", README)
    assert commands is not None
    ci = (ROOT / ".ci" / "run").read_text()
    assert commands[1].endswith("&& .venv/bin/fhantom serve")
    assert "pip install -e '.[test]' && .venv/bin/pytest" in commands[2]
    assert "install --quiet -e '.[test]'" in ci


def commands(parser: argparse.ArgumentParser, before: str = "fhantom") -> Iterator[str]:
    """Every command that does something, as it is typed."""
    nested = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not nested:
        yield before
    for action in nested:
        for name, command in action.choices.items():
            yield from commands(command, f"{before} {name}")


@pytest.mark.parametrize("command", list(commands(_parser())))
def test_every_command_is_in_the_readme(command: str) -> None:
    assert f"`{command}" in README
