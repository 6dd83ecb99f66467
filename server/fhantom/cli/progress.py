"""How far a long job is: a bar on a terminal, some plain lines elsewhere."""

from __future__ import annotations

import sys
from typing import TextIO

_WIDTH = 30
_LINES = 10  # plain lines for a whole job


class Bar:
    """Shows one kind of thing after the other, each as `kind done/of`."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._kind = ""
        self._told = -1

    def __call__(self, kind: str, done: int, of: int) -> None:
        """Show that `done` of `of` things are done."""
        if kind != self._kind:
            self.close()
            self._kind, self._told = kind, -1
        if self._stream.isatty():
            filled = _WIDTH * done // max(of, 1)
            self._stream.write(f"\r{kind} [{'#' * filled}{'.' * (_WIDTH - filled)}] {done}/{of}")
        elif (step := _LINES * done // max(of, 1)) > self._told:
            self._told = step
            self._stream.write(f"{kind} {done}/{of}\n")
        self._stream.flush()

    def close(self) -> None:
        """End the line of a bar."""
        if self._kind and self._stream.isatty():
            self._stream.write("\n")
