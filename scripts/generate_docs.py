"""Write the parts of the documentation that derive from code; `--check` tells whether they would change."""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path
from typing import Any

from fhantom.cli.options import describe
from fhantom.settings import SETTINGS, Setting

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
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
    return (
        f"| `{setting.flag}{value}` | `{setting.variable}` | {_default(setting.default)} | {setting.help} |"
    )


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


def main() -> int:
    """Bring the README up to date; with `--check`, 1 if it is not."""
    present = README.read_text()
    wanted = with_settings(present)
    if "--check" in sys.argv:
        return int(present != wanted)
    README.write_text(wanted)
    return 0


if __name__ == "__main__":
    sys.exit(main())
