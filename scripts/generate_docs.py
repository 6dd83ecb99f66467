"""Write the parts of the documentation that derive from code; `--check` tells whether they would change."""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path
from typing import Any

from route_page import routes_page

from fhantom.cli.options import describe
from fhantom.dicomweb import wado_portability
from fhantom.dicomweb.portability import DEPARTURES
from fhantom.fhir.quirks import QUIRKS
from fhantom.settings import SETTINGS, Setting
from fhantom.wadouri import portability as wadouri_portability

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
PORTABILITY = ROOT / "docs" / "portability.md"
QUIRKS_PAGE = ROOT / "docs" / "fhir-quirks.md"
ROUTES = ROOT / "docs" / "routes.md"
SETTINGS_PAGE = ROOT / "docs" / "settings.md"
BEGIN, END = "<!-- begin settings -->", "<!-- end settings -->"


def settings_table() -> str:
    """The settings as Markdown, one table a group."""
    tables = []
    for group, rows in groupby(SETTINGS, key=lambda setting: setting.group):
        lines = [
            f"### {group[0].upper()}{group[1:]}",
            "",
            "| option | variable | default | |",
            "| --- | --- | --- | --- |",
        ]
        lines += [_row(setting) for setting in rows]
        tables.append("\n".join(lines))
    return "\n\n".join(tables)


def _row(setting: Setting) -> str:
    value = "" if setting.type is bool else f" {describe(setting)}".replace("|", "\\|")
    return f"| `{setting.flag}{value}` | `{setting.variable}` | {_default(setting.default)} | {setting.help} |"


def _default(value: Any) -> str:
    if value is None or value == "" or isinstance(value, tuple):
        return ""
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"`{value}`"


def with_settings(text: str) -> str:
    """`text` with the table between its marks brought up to date."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{settings_table()}\n\n{END}{after}"


def settings_page() -> str:
    """The settings as a page of their own, for the site; the README has the same tables."""
    lines = [
        "# Settings",
        "",
        "Each is an option of `fhantom serve`, an environment variable and a line of a TOML file given by",
        "`--config FILE` (`rate_limit = 60`), in this order of precedence. Made from `fhantom.settings` by",
        "`scripts/generate_docs.py`.",
        "",
        settings_table().replace("### ", "## "),
    ]
    return "\n".join(lines) + "\n"


def portability_page() -> str:
    """Where DICOMweb does better than the real server, as a page of Markdown."""
    lines = [
        "# Where fhantom does better than the real server",
        "",
        'An answer that the real server would not have given carries `Warning: 299 fhantom "..."` and stands in the',
        "journal with the row's name. `--strict` makes DICOMweb and WADO-URI answer as the real server was recorded.",
        "Made from the tables of `fhantom.dicomweb` and `fhantom.wadouri` by `scripts/generate_docs.py`.",
        "",
        "| row | here | the real server | `--strict` | evidence | standard |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    rows = (*DEPARTURES.values(), *wado_portability.DEPARTURES, *wadouri_portability.DEPARTURES[1:])  # HEAD only once
    for row in rows:
        cells = (f"`{row.name}`", row.here, row.there, row.strictly, row.evidence, row.clause)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def quirks_page() -> str:
    """Where the real server's FHIR is not the specification's, as a page of Markdown."""
    lines = [
        "# Where the real server's FHIR departs from the specification",
        "",
        "fhantom answers as the real server does. A request that meets one of these has its row's name in the journal.",
        "What the real server has off, the settings `search_*` and `subscriptions` switch on; an answer that used one",
        'carries `Warning: 299 fhantom "..."`.',
        "Made from the tables of `fhantom.fhir` by `scripts/generate_docs.py`.",
        "",
        "| row | specification | a server that follows it would |",
        "| --- | --- | --- |",
        *(f"| `{quirk.name}` | {quirk.clause} | {_cell(quirk.words)} |" for quirk in QUIRKS),
    ]
    return "\n".join(lines) + "\n"


def _cell(words: str) -> str:
    return words.replace("|", "\\|")


def main() -> int:
    """Bring the pages up to date; with `--check`, 1 if they are not."""
    wanted = {
        README: with_settings(README.read_text()),
        PORTABILITY: portability_page(),
        QUIRKS_PAGE: quirks_page(),
        ROUTES: routes_page(),
        SETTINGS_PAGE: settings_page(),
    }
    changed = {page: text for page, text in wanted.items() if not page.exists() or page.read_text() != text}
    if "--check" in sys.argv:
        return int(bool(changed))
    for page, text in changed.items():
        page.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
