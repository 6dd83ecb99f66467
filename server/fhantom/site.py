"""What every protocol room is given when it is mounted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from fhantom.clock import Clock
from fhantom.faults.store import FaultStore
from fhantom.journal.ring import Ring
from fhantom.profile import Profile, load
from fhantom.readiness import Readiness, ready
from fhantom.settings import Settings
from fhantom.world import Worlds
from fhantom.world.nights import Nights
from fhantom.world.upkeep import Upkeep


@dataclass(frozen=True, slots=True)
class Site:
    """One running server.

    Attributes:
        settings: what the user chose, complete with defaults.
        worlds: every data state that this server holds.
        clock: the time that all rooms go by.
        readiness: whether its data is complete yet.
        ring: the journal of what clients sent.
        faults: what is to go wrong.
        nights: when all worlds go back to the seed, and whether the server is away.
        upkeep: what happens to worlds that nobody uses.
        profile: what was learned of a live server.
        beginnings: what each process that answers begins besides; rooms add to it.
        endings: what ends that again.
    """

    settings: Settings
    worlds: Worlds
    clock: Clock
    readiness: Readiness = field(default_factory=ready)
    ring: Ring = field(init=False)
    faults: FaultStore = field(init=False)
    nights: Nights = field(init=False)
    upkeep: Upkeep = field(init=False)
    profile: Profile = field(init=False)
    beginnings: list[Callable[[], None]] = field(default_factory=list)
    endings: list[Callable[[], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        # What workers share is made before they are forked.
        object.__setattr__(self, "ring", Ring(self.settings.workers))
        store = FaultStore(self.worlds.folder.path / "faults.sqlite", self.settings.random_seed)
        object.__setattr__(self, "faults", store)
        learned = load(self.settings.profile) if self.settings.profile else Profile()
        object.__setattr__(self, "profile", learned)
        object.__setattr__(self, "nights", Nights(self.worlds, self.clock, self.settings))
        object.__setattr__(self, "upkeep", Upkeep(self.worlds, self.nights, self.settings.world_idle))
        self.beginnings.append(self.upkeep.start)

    def begin(self) -> None:
        """Begin what this process does besides answering."""
        for begin in self.beginnings:
            begin()

    def close(self) -> None:
        """End that, and close every file."""
        for end in self.endings:
            end()
        self.worlds.close()
