"""Which maker makes which recipe of facts/series.tsv."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fhantom_seed.making import planes
from fhantom_seed.plan import PlannedSeries, PlannedStudy

Maker = Callable[[PlannedStudy, PlannedSeries], Iterator[bytes]]

MAKERS: dict[str, Maker] = dict.fromkeys(planes.STACKS, planes.make_stack)
