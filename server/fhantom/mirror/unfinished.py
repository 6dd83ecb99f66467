"""What a pull has so far, in the folder that it fills: `.pull` is there until the manifest is.

What it keeps for later is disguised already where that was asked for, but for the ids by which the server knows
things; those and the secret of the pseudonyms go with `.pull`.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from fhantom.datasets.job import Unusable

Json = dict[str, Any]

_NAME = ".pull"
_ORDER = "order.json"
_SECRET_BYTES = 32


class Unfinished:
    """The notes of one pull.

    Raises:
        Unusable: the folder holds something else, or what another order began.
        OSError: it cannot be written to.
    """

    def __init__(self, folder: Path, order: Mapping[str, Any]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / _NAME
        if not self._path.exists():
            if any(folder.iterdir()):
                raise Unusable(f"{folder} is not empty, and no pull that could go on")
            self._path.mkdir()
            self._write(_ORDER, {"order": dict(order), "secret": secrets.token_hex(_SECRET_BYTES)})
        told = self._read(_ORDER)
        if told is None or told["order"] != json.loads(json.dumps(dict(order))):
            raise Unusable(f"{folder} was begun with other options; give those, or another folder")
        self.secret = bytes.fromhex(told["secret"])

    def get(self, kind: str, name: str) -> Json | None:
        """What was put, None if nothing was."""
        return self._read(self._place(kind, name))

    def put(self, kind: str, name: str, content: Json) -> None:
        """Keep something, whole or not at all."""
        self._write(self._place(kind, name), content)

    def all(self, kind: str) -> Iterator[Json]:
        """Everything of a kind, in the same order each time."""
        for path in sorted((self._path / kind).glob("*.json")):
            yield json.loads(path.read_bytes())

    def end(self) -> None:
        """Forget all of it."""
        shutil.rmtree(self._path)

    def _place(self, kind: str, name: str) -> str:
        return f"{kind}/{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}.json"

    def _read(self, place: str) -> Json | None:
        try:
            found: Json = json.loads((self._path / place).read_bytes())
        except FileNotFoundError:
            return None
        return found

    def _write(self, place: str, content: Json) -> None:
        path = self._path / place
        path.parent.mkdir(exist_ok=True)
        part = path.with_suffix(".part")
        part.write_text(json.dumps(content), encoding="utf-8")
        part.replace(path)
