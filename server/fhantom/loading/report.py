"""What became of everything that was to be loaded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

Progress = Callable[[str, int, int], None]
"""Told the kind of thing (`FHIR`, `DICOM`), how many are done, and of how many."""


class Fate(StrEnum):
    """What became of one thing."""

    STORED = "stored"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    REFUSED = "refused"


@dataclass(slots=True)
class Report:
    """Counts by kind of thing and fate, and the reason of each refusal in order."""

    counts: Counter[tuple[str, Fate]] = field(default_factory=Counter)
    remarks: list[tuple[str, str]] = field(default_factory=list)

    def note(self, kind: str, fate: Fate, name: str = "", reason: str = "") -> None:
        """Count one thing; with a reason it is listed by name."""
        self.counts[kind, fate] += 1
        if reason:
            self.remark(name, reason)

    def remark(self, name: str, text: str) -> None:
        """List something that people should know about a thing that is counted elsewhere."""
        self.remarks.append((name, text))

    def total(self, kind: str) -> int:
        """How many things of that kind there were."""
        return sum(count for (found, _), count in self.counts.items() if found == kind)

    @property
    def has_loaded(self) -> bool:
        """Whether anything is there now that was to be loaded."""
        return any(self.counts[kind, fate] for kind, fate in self.counts if fate in (Fate.STORED, Fate.UNCHANGED))

    def totals(self) -> list[str]:
        """One line a kind."""
        lines = []
        for kind in sorted({kind for kind, _ in self.counts}, reverse=True):
            fates = [f"{self.counts[kind, fate]} {fate}" for fate in Fate if self.counts[kind, fate]]
            lines.append(f"{kind}: {', '.join(fates)}")
        return lines

    def lines(self) -> list[str]:
        """The report for people: one line a kind, then one a remark."""
        return self.totals() + [f"  {name}: {reason}" for name, reason in self.remarks]
