"""`fhantom keys make`: keys for a room full of people, a sheet to print, and the settings that accept them."""

from __future__ import annotations

import html
import io
import json
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from fhantom.cli.failure import Failure

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is taken for something else on paper
_GROUPS, _GROUP = 4, 4  # 79 bits
_MOST = 1000

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Keys</title>
<style>
body {{ font: 11pt sans-serif; margin: 1cm; }}
main {{ display: grid; grid-template-columns: 1fr 1fr; gap: 0; }}
section {{ border: 1px dashed #999; padding: 5mm; display: flex; gap: 5mm; break-inside: avoid; }}
svg {{ width: 32mm; height: 32mm; flex: none; }}
code {{ font-size: 11pt; overflow-wrap: anywhere; }}
p {{ margin: 0 0 2mm; }}
</style>
</head>
<body>
<main>
{cards}
</main>
</body>
</html>
"""

_CARD = """<section>
{code}
<div>
<p><b>{number}</b></p>
<p>Server<br/><code>{url}</code></p>
<p>Header <code>apikey</code><br/><code>{key}</code></p>
</div>
</section>"""


def make(count: int, url: str, sheet: Path, config: Path, worlds: str) -> int:
    """Write a sheet with `count` new keys, and the file for `fhantom serve --config`; return the exit status."""
    if not 1 <= count <= _MOST:
        raise Failure(f"the number of keys must be from 1 to {_MOST}")
    keys = new_keys(count)
    try:
        _write(sheet, sheet_of(keys, url))
        _write(config, config_of(keys, worlds))
    except OSError as error:
        raise Failure(f"cannot write {error.filename}: {error.strerror}") from None
    print(f"{sheet}: {count} keys to print\nfhantom serve --config {config}")
    return 0


def new_keys(count: int) -> list[str]:
    """That many different keys, which can be read aloud and not be guessed."""
    keys: dict[str, None] = {}
    while len(keys) < count:
        groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))
        keys["-".join(groups)] = None
    return list(keys)


def sheet_of(keys: Sequence[str], url: str) -> str:
    """A page of HTML with a card a key; the QR code holds the address and the key as one JSON object."""
    cards = [
        _CARD.format(code=_code(url, key), number=number, url=html.escape(url), key=html.escape(key))
        for number, key in enumerate(keys, 1)
    ]
    return _PAGE.format(cards="\n".join(cards))


def config_of(keys: Sequence[str], worlds: str) -> str:
    """The settings of a server that accepts these keys, in TOML."""
    lines = "".join(f'    "{key}",\n' for key in keys)
    return f'worlds = "{worlds}"\nkey = [\n{lines}]\n'


def _code(url: str, key: str) -> str:
    import segno

    image = io.BytesIO()
    segno.make(json.dumps({"url": url, "apikey": key}), micro=False).save(
        image, kind="svg", xmldecl=False, svgns=True, nl=False, omitsize=True
    )
    return image.getvalue().decode()


def _write(path: Path, text: str) -> None:
    # Keys are secrets: nobody else reads the files.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
