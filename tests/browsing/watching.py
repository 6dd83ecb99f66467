"""A page in Chromium, everything that went wrong in it, and what a checker of accessibility says of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from re import Pattern
from typing import Any

import pytest

from browser import LAPTOP, PHONE
from fhantom.settings import BUILT_IN_KEY
from running import Server

SIZES = {"desktop": LAPTOP, "phone": PHONE}
PATIENCE = 30_000  # milliseconds; machines that run tests are busy

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


@dataclass
class Watched:
    """A page.

    Attributes:
        page: Playwright's.
        complaints: errors and warnings of its console, exceptions, and requests that failed.
    """

    page: Any
    complaints: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Begin to listen."""
        self.page.on("console", self._told)
        self.page.on("pageerror", lambda error: self.complaints.append(f"exception: {error}"))

    def _told(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")

    def accessibility(self) -> list[str]:
        """What axe-core finds wrong with the page as it is now, in words; the rules are those of WCAG 2.2 AA."""
        axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python")
        found = axe.Axe().run(self.page, options={"runOnly": {"type": "tag", "values": list(RULES)}})
        return [
            f"{violation['id']}: {violation['help']} at {[str(node['target']) for node in violation['nodes']]}"
            for violation in found.response["violations"]
        ]

    def expect_text(self, selector: str, text: str | Pattern[str]) -> None:
        """Wait until an element says so; a policy without eval leaves no other way to wait for it."""
        self._expecting(selector).to_have_text(text, timeout=PATIENCE)

    def expect_count(self, selector: str, count: int) -> None:
        """Wait until there are so many."""
        self._expecting(selector).to_have_count(count, timeout=PATIENCE)

    def _expecting(self, selector: str) -> Any:
        from playwright.sync_api import expect

        return expect(self.page.locator(selector))

    def picture(self, name: str) -> None:
        """Keep a screenshot below the folder that FHANTOM_SCREENSHOTS names, if it names one."""
        folder = os.environ.get("FHANTOM_SCREENSHOTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(folder) / f"{name}.png")

    def sign_in(self, server: Server) -> None:
        """By the form, as a person does."""
        self.page.goto(f"{server.door.origin}/sign-in")
        self.page.fill("#key", BUILT_IN_KEY)
        self.page.click("form.stacked button")
        self.page.wait_for_url(f"{server.door.origin}/")


@contextmanager
def opened(browser: Any, size: str = "desktop", scheme: str = "light") -> Iterator[Watched]:
    """A page with cookies of its own, in a window of that size and colour scheme."""
    context = browser.new_context(viewport=SIZES[size], color_scheme=scheme)
    context.set_default_timeout(PATIENCE)
    watched = Watched(context.new_page())
    watched.watch()
    try:
        yield watched
    finally:
        context.close()
