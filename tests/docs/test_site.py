"""The documentation as a site: it builds without a warning, leads everywhere, and needs no network."""

from __future__ import annotations

import runpy
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest

ROOT = Path(__file__).resolve().parents[2]
WRITTEN = sorted(path.relative_to(ROOT / "docs").with_suffix("") for path in (ROOT / "docs").rglob("*.md"))


@dataclass
class Page(HTMLParser):
    """What a page refers to, and what can be referred to in it."""

    links: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Sort a tag's attributes."""
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        self.links += [given["href"]] if tag == "a" and "href" in given else []
        self.loaded += [given[name] for name in ("src", "href") if tag in ("script", "link", "img") and name in given]


def read(path: Path) -> Page:
    """A built page."""
    page = Page()
    page.feed(path.read_text())
    return page


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The built site; a warning, such as of a page that the navigation lacks, fails it."""
    pytest.importorskip("mkdocs", reason="needs mkdocs")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "-f", str(ROOT / "mkdocs.yml")]
    done = subprocess.run([*command, "-d", str(folder)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    yield folder


def built(page: Path) -> Path:
    """Where a written page lies in the site."""
    return (page.parent / "index" if page.name == "README" else page).with_suffix(".html")


def test_every_written_page_is_built(site: Path) -> None:
    assert len(WRITTEN) > 20
    assert [str(page) for page in WRITTEN if not (site / built(page)).is_file()] == []


def test_every_relative_link_leads_to_a_page_and_to_what_it_names_there(site: Path) -> None:
    pages = {path.resolve(): read(path) for path in site.rglob("*.html") if path.name != "404.html"}
    dead, followed = [], 0
    for path, page in pages.items():
        for link in page.links:
            address, anchor = urldefrag(link)
            if "://" in address:
                continue
            followed += 1
            target = (path.parent / unquote(address)).resolve() if address else path
            known = pages.get(target)
            if not target.is_file() or (anchor and known is not None and anchor not in known.anchors):
                dead.append(f"{path.name}: {link}")
    assert followed > 500
    assert dead == []


def test_the_start_page_leads_to_every_page_by_a_link_of_its_text() -> None:
    text = (ROOT / "docs" / "index.md").read_text()
    reached = ("tutorials/index" if page.parent.name == "tutorials" else str(page) for page in WRITTEN)
    assert [page for page in reached if page != "index" and f"({page}.md)" not in text] == []


def test_no_page_loads_anything_from_another_host(site: Path) -> None:
    loaded = [address for path in site.rglob("*.html") for address in read(path).loaded]
    assert len(loaded) > 100
    assert {address for address in loaded if "//" in address} == set()


def test_the_readme_leads_to_the_site_and_its_tutorials() -> None:
    readme = (ROOT / "README.md").read_text()
    assert "(docs/index.md)" in readme and "(docs/tutorials/index.md)" in readme


def test_the_page_of_settings_is_made_from_the_code() -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "generate_docs.py"))
    assert (ROOT / "docs" / "settings.md").read_text() == script["settings_page"](), "run scripts/generate_docs.py"
