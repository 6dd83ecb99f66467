"""What every protocol room is given when it is mounted."""

from __future__ import annotations

from dataclasses import dataclass, field

from fhantom.clock import Clock
from fhantom.readiness import Readiness, ready
from fhantom.settings import Settings
from fhantom.world import Worlds


@dataclass(frozen=True, slots=True)
class Site:
    """One running server.

    Attributes:
        settings: what the user chose, complete with defaults.
        worlds: every data state that this server holds.
        clock: the time that all rooms go by.
        readiness: whether its data is complete yet.
    """

    settings: Settings
    worlds: Worlds
    clock: Clock
    readiness: Readiness = field(default_factory=ready)
