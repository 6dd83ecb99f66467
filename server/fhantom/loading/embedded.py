"""The embedded seed: the ten SIIM patients in R5 and R4, and synthetic images of their studies."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import fhantom_seed.reading
from fhantom.definitions import Version
from fhantom.loading import dicom, fhir, processes
from fhantom.loading.report import Report
from fhantom.loading.seeds import Told
from fhantom.settings import Settings
from fhantom.world import World, Worlds, facts

_RELEASES: tuple[Version, ...] = ("R5", "R4")


class BrokenSeed(Exception):
    """The embedded seed does not load, which is a fault of this program."""


class Embedded:
    """The seed `embedded`."""

    name = "embedded"

    @cached_property
    def _seed(self) -> fhantom_seed.reading.Seed:
        return fhantom_seed.reading.open_seed()

    def digest(self) -> str:
        """The digest of the seed's manifest."""
        return self._seed.digest

    def load(self, worlds: Worlds, report: Told) -> None:
        """Store everything in the shared world; `report` counts packs of objects and versions of FHIR."""
        world = worlds.open()
        packs = self._seed.packs
        of = len(packs) + len(_RELEASES)
        found = Report()
        results = dicom.in_processes(worlds, Settings(ephemeral=True), _store_pack, packs, processes.processors())
        for done, (_, outcomes) in enumerate(results, start=1):
            for name, fate, reason, _ in outcomes:
                found.note(dicom.KIND, fate, name, reason)
            report(done, of)
        for done, release in enumerate(_RELEASES, start=len(packs) + 1):
            self._store_resources(world, release, found)
            report(done, of)
        if found.remarks:
            raise BrokenSeed("; ".join(f"{name}: {reason}" for name, reason in found.remarks))
        with world.writing() as connection:
            facts.put(connection, "seed", self.name)

    def _store_resources(self, world: World, release: Version, found: Report) -> None:
        model = fhir.search_model(world, release)
        texts = enumerate(self._seed.resources(release))
        read = [fhir.read(model, f"{release} resource {number}", text, found) for number, text in texts]
        drafts = [named for named in read if named is not None]
        fhir.refuse_dangling(world, release, fhir.store_all(world, release, drafts, found), found)


def _store_pack(world: World, pack: str) -> list[dicom.Outcome]:
    return list(dicom.store_objects(world, _objects(pack)))


def _objects(pack: str) -> Iterator[tuple[str, bytes]]:
    seed = fhantom_seed.reading.open_seed()
    for number, content in enumerate(seed.instances(pack)):
        yield f"{pack} object {number}", content
