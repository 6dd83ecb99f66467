"""The viewer's pages: open to everybody, and empty."""

from __future__ import annotations

import re

import pytest

from doors import Door
from fhantom.gateway.browsers import OPEN_PATHS
from fhantom.vna.shells import SHELLS

HTML = {"apikey": None, "Accept": "text/html"}


@pytest.mark.parametrize("path", [shell.path for shell in SHELLS])
def test_a_shell_opens_without_a_key_in_any_frame(door: Door, path: str) -> None:
    answer = door.get(f"{path}?study=1.2.3", HTML)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors *" in policy
    assert "unsafe" not in policy
    assert "X-Frame-Options" not in answer.headers


@pytest.mark.parametrize("path", [shell.path for shell in SHELLS])
def test_a_shell_says_nothing_of_what_it_was_asked_for(door: Door, path: str) -> None:
    plain = door.get(path, HTML).text
    assert door.get(f"{path}?study=%3Cscript%3E&series=x", HTML).text == plain
    assert not re.search(r"<script>|\son\w+=|style=", plain)


def test_all_files_of_a_shell_are_there_without_a_key(door: Door) -> None:
    text = door.get("/vna/", HTML).text
    files = re.findall(r'(?:src|href)="(/vna/assets/[^"]+)"', text)
    assert len(files) >= 3
    assert [door.get(path, {"apikey": None}).status for path in files] == [200] * len(files)


def test_every_shell_has_its_row_in_the_gateway() -> None:
    assert {shell.path for shell in SHELLS} <= {row.path for row in OPEN_PATHS}


def test_a_script_gets_no_shell_instead_of_data(door: Door) -> None:
    assert door.get("/vna/", {"apikey": None}).status == 403
