"""The browser's tutorial, followed step by step in Chromium."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from browser import Opener, browser, tab
from fenced import TUTORIALS, blocks
from fhantom.settings import BUILT_IN_KEY
from running import Server, serving

pytestmark = pytest.mark.long
__all__ = ["browser", "tab"]  # fixtures

PAGE = TUTORIALS / "browser.md"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server as the tutorial starts it, but for its port."""
    with serving(tmp_path, "--ephemeral") as server:
        yield server


class Reader:
    """Somebody who finds each thing by the words that the page prints in bold, one after the other."""

    def __init__(self, page: Any, text: str) -> None:
        self.page = page
        self.left = [words.replace("\n", " ") for words in re.findall(r"\*\*(.+?)\*\*", text, re.DOTALL)]

    def next(self, words: str) -> str:
        """The next words in bold, which are these."""
        assert self.left.pop(0) == words
        return words

    def field(self, words: str) -> Any:
        """An input by its label."""
        return self.page.get_by_label(self.next(words), exact=True)

    def press(self, words: str) -> None:
        """A button of the form by what stands on it."""
        self.page.locator("main").get_by_role("button", name=self.next(words), exact=True).click()

    def follow(self, words: str) -> None:
        """A link by what it says."""
        self.page.get_by_role("link", name=self.next(words)).first.click()


def test_the_steps_of_the_page_lead_where_it_says(server: Server, tab: Opener) -> None:
    page = tab()
    text = PAGE.read_text()
    reader = Reader(page, text)
    assert f"`{BUILT_IN_KEY}`" in text
    page.goto(f"{server.door.origin}/")
    reader.field("API key").fill(BUILT_IN_KEY)
    reader.press("Sign in")
    reader.field("Name").fill("joe")
    reader.press("Find")
    reader.follow("Joe SIIM")
    page.wait_for_url(re.compile("/patients/siimjoe"))
    assert page.get_by_role("link", name=f"{reader.next('R5')} ImagingStudy").count() == 10
    assert page.get_by_role("link", name=f"{reader.next('R4')} ImagingStudy").count() == 10

    row = page.get_by_role("row").filter(has_text="CT Chest Routine")
    row.get_by_role("link", name=reader.next("Open 45 images")).click()
    page.wait_for_selector("#canvas[data-address]")

    page.go_back()
    reader.follow("Search")
    page.get_by_label("Value").fill("joe")
    reader.press("Find")
    assert page.locator("details.snippet summary").all_inner_texts() == ["curl", "Python", "JavaScript"]
    page.wait_for_selector("#answer .outcome")

    store, reset = blocks(PAGE, "js")
    assert f"{in_console(page, store.code)}\n" == store.printed
    reader.follow("Patients")
    page.wait_for_selector("text=My Console")
    reader.follow("Journal")
    page.wait_for_selector("article.entry")
    assert "/fhir/Patient" in page.locator("article.entry .url").all_inner_texts()
    assert f"{in_console(page, reset.code)}\n" == reset.printed
    reader.follow("fhantom")
    page.wait_for_selector("text=Joe SIIM")
    assert page.get_by_text("My Console").count() == 0
    assert reader.left == []


def in_console(page: Any, code: str) -> Any:
    """What a console prints of lines the last of which is an expression."""
    *before, last = code.strip().splitlines()
    return page.evaluate(f"async () => {{ {' '.join(before)} return {last} }}")
