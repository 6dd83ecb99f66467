"""A tutorial as its tests read it: fenced blocks, and what each prints."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

TUTORIALS = Path(__file__).resolve().parents[1] / "docs" / "tutorials"
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_VARIES = "..."


@dataclass(frozen=True, slots=True)
class Block:
    """Code of a page, and what the page says that it prints; None where it says nothing."""

    code: str
    printed: str | None


def fences(page: Path) -> list[tuple[str, str]]:
    """Language and text of every fenced block."""
    return _FENCE.findall(page.read_text())


def blocks(page: Path, language: str) -> list[Block]:
    """The blocks in one language, each with the `text` that stands after it."""
    found = fences(page)
    after = [*found[1:], ("", "")]
    return [
        Block(code, text if kind == "text" else None)
        for (written, code), (kind, text) in zip(found, after, strict=True)
        if written == language
    ]


def fits(told: str, printed: str) -> bool:
    """Whether `printed` is what a page tells, where `...` stands for anything."""
    pattern = ".*".join(re.escape(piece) for piece in told.rstrip("\n").split(_VARIES))
    return re.fullmatch(pattern, printed.rstrip("\n"), re.DOTALL) is not None
