"""Very many FHIR resources into a world: prepared by several processes, stored by this one, in bounded memory.

    report = Report()
    bulk.load(worlds, settings, "R4", sources.below(folder), report.note, jobs=2)

A source is a name and the bytes of a Bundle, of NDJSON or of one resource (`sources.Source`); any iterable of them
will do, such as the members of a zip. Each is stored whole in one transaction, together with the fact that it was,
so that a load that was interrupted goes on where it was and one that is repeated changes nothing. What refers to
something that is not there waits on disk for the end of the load and is refused then.
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from tempfile import TemporaryFile
from typing import IO

from sqlalchemy import Connection

from fhantom.definitions import Version
from fhantom.loading.fhir import KIND
from fhantom.loading.preparing import Item, Mend, Named, Prepared, as_it_is, preparing
from fhantom.loading.report import Fate, Progress
from fhantom.loading.sources import Source
from fhantom.resources import store
from fhantom.settings import Settings
from fhantom.world import SHARED, World, Worlds, facts

Note = Callable[[str, Fate, str, str], None]
"""Told of each resource its kind, fate, name and reason, as `Report.note` is."""

_AT_ONCE = 1000  # resources that a transaction has at least
_LONGEST_NUMBER = 18  # digits of an id that could be a number that the server assigns


def load(
    worlds: Worlds,
    settings: Settings,
    release: Version,
    sources: Iterable[Source],
    note: Note,
    *,
    jobs: int = 1,
    expected: int = 0,
    progress: Progress = lambda kind, done, of: None,
    mend: Mend = as_it_is,
    key: str = SHARED,
    kind: str = KIND,
) -> None:
    """Store what the sources hold as resources of one FHIR version in the world of `key`.

    Args:
        note: told what became of each resource, after it is durable; what it raises ends the load.
        jobs: processes that prepare.
        expected: the number of sources, for `progress`.
        mend: what to store in place of each resource.
        kind: what `note` and `progress` call the resources.
    """
    world = worlds.open(key)
    with TemporaryFile() as waiting, TemporaryFile() as unsettled:
        writer = _Writer(world, release, note, kind, mend, _Spool(waiting), _Spool(unsettled))
        with preparing(worlds, settings, key, release, mend, jobs) as pool:
            for done, (source, prepared) in enumerate(pool.sources(writer.unfinished(sources)), start=1):
                writer.take(prepared, source)
                progress(kind, done + writer.passed_over, expected)
            writer.store()
            for prepared in pool.again(writer.unsettled.batches(_AT_ONCE)):
                writer.take(prepared)
            writer.store()
        writer.end()


class _Spool:
    """Pickles on disk, to be read once all are there."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._ends: list[int] = []

    def add(self, content: bytes) -> None:
        self._file.write(content)
        self._ends.append(self._file.tell())

    def batches(self, count: int) -> Iterator[list[bytes]]:
        """All of them in order, so many at a time."""
        self._file.seek(0)
        begins = [0, *self._ends]
        sizes = [end - begin for begin, end in zip(begins, self._ends, strict=False)]
        for at in range(0, len(sizes), count):
            yield [self._file.read(size) for size in sizes[at : at + count]]


class _Writer:
    """Stores what was prepared, some sources in one transaction."""

    def __init__(
        self,
        world: World,
        release: Version,
        note: Note,
        kind: str,
        mend: Mend,
        waiting: _Spool,
        unsettled: _Spool,
    ) -> None:
        self._world = world
        self._release: Version = release
        self._note = note
        self._kind = kind
        self._mended_by = f"{mend.__module__}.{mend.__qualname__}"
        self._batch: list[tuple[Prepared, str]] = []
        self._waiting = waiting
        self._waiting_items: list[Item] = []
        self._highest = 0  # number that a resource has as its id
        self._has_parameters = False
        self.unsettled = unsettled
        self.passed_over = 0
        with world.reading() as connection:
            self._began = store.latest(connection)  # place in the order of writing

    def unfinished(self, sources: Iterable[Source]) -> Iterator[Source]:
        """The sources that no earlier load has finished; the resources of the others are unchanged."""
        for source in sources:
            with self._world.reading() as connection:
                count = facts.get(connection, self._mark(source))
            if count is None:
                yield source
                continue
            self.passed_over += 1
            for _ in range(int(count)):
                self._note(self._kind, Fate.UNCHANGED, "", "")

    def take(self, prepared: Prepared, source: Source | None = None) -> None:
        """Store a source, now or with the next ones."""
        for name, reason in prepared.refused:
            self._note(self._kind, Fate.REFUSED, name, reason)
        for _ in range(prepared.skipped):
            self._note(self._kind, Fate.SKIPPED, "", "")
        for unsettled in prepared.unsettled:
            self.unsettled.add(unsettled)
        is_whole = source is not None and not prepared.refused and not prepared.unsettled
        self._batch.append((prepared, self._mark(source) if source and is_whole else ""))
        if sum(len(prepared.items) for prepared, _ in self._batch) >= _AT_ONCE:
            self.store()

    def store(self) -> None:
        """Store what was taken in one transaction; what refers to something that is not there waits."""
        items = [item for prepared, _ in self._batch for item in prepared.items]
        fates: list[Fate] = []
        with self._world.writing() as connection:
            waiting = _lacking(connection, items)
            at = 0
            for prepared, mark in self._batch:
                fates += self._store_source(connection, prepared, at, waiting)
                end = at + len(prepared.items)
                if mark and waiting.keys().isdisjoint(range(at, end)):
                    facts.put(connection, mark, str(end - at))
                at = end
            if self._highest:
                store.reserve_ids(connection, self._release, self._highest)
        self._batch.clear()
        self._tell(fates)

    def _store_source(
        self, connection: Connection, prepared: Prepared, at: int, waiting: Collection[int]
    ) -> Iterator[Fate]:
        """Store the drafts of a source, the first of which is at place `at` of its batch."""
        items = iter(prepared.items)
        for pickled in prepared.drafts:
            kept = []
            for place, named in enumerate(pickle.loads(pickled), start=at):
                item = next(items)
                if place in waiting:
                    self._waiting.add(pickle.dumps(named))
                    self._waiting_items.append(item)
                else:
                    kept.append(named)
                at = place + 1
            yield from self._put(connection, kept)

    def _put(self, connection: Connection, drafts: Sequence[Named]) -> Iterator[Fate]:
        # A source with something to refuse is read at each load. What an earlier one stored of it and something has
        # gone on from since, as a study whose images came, is only history.
        all_drafts = [draft for _, draft in drafts]
        past = store.superseded(connection, all_drafts, self._began) if self._began else set()
        yield from (Fate.UNCHANGED for _ in past)
        left = [draft for place, draft in enumerate(all_drafts) if place not in past]
        # Texts are durable before the rows that name them, which this transaction has yet to commit.
        self._world.texts.put_many([draft.body for draft in left])
        written = store.put_many(connection, left, self._world.clock.now_ms())
        for one in written:
            id, self._has_parameters = one.stored.id, self._has_parameters or one.stored.type == "SearchParameter"
            if id.isdecimal() and len(id) <= _LONGEST_NUMBER:
                self._highest = max(self._highest, int(id))
            yield Fate.UNCHANGED if one.change is None else Fate.STORED

    def end(self) -> None:
        """Store what waited and refers to what is there by now; refuse the rest."""
        with self._world.reading() as connection:
            lacking = _lacking(connection, self._waiting_items)
        items = enumerate(self._waiting_items)
        for batch in self._waiting.batches(_AT_ONCE):
            kept = []
            for pickled in batch:
                place, (_, targets) = next(items)
                name, draft = pickle.loads(pickled)
                if place not in lacking:
                    kept.append((name, draft))
                    continue
                missing = ", ".join(sorted(targets[key] for key in lacking[place]))
                self._note(self._kind, Fate.REFUSED, name, f"it refers to {missing}, which is not there")
            with self._world.writing() as connection:
                fates = list(self._put(connection, kept))
            self._tell(fates)
        if self._has_parameters:
            store.catch_up(self._world, self._release)

    def _tell(self, fates: Iterable[Fate]) -> None:
        for fate in fates:
            self._note(self._kind, fate, "", "")

    def _mark(self, source: Source) -> str:
        """The fact that says that a source is stored: another name once anything of it is another."""
        told = f"{self._release}\0{self._mended_by}\0".encode()
        return f"source:{hashlib.sha256(told + hashlib.sha256(source.body).digest()).hexdigest()[:32]}"


def _lacking(connection: Connection, items: Sequence[Item]) -> dict[int, set[int]]:
    """Places of items that refer, directly or by way of others among them, to what is not there, and to what."""
    own = {key for key, _ in items}
    foreign = {target for _, targets in items for target in targets} - own
    missing = foreign - store.present(connection, foreign)
    lacking: dict[int, set[int]] = {}
    while missing:
        found = {
            place: missing & targets.keys()
            for place, (_, targets) in enumerate(items)
            if place not in lacking and not missing.isdisjoint(targets)
        }
        lacking |= found
        keys = {items[place][0] for place in found}
        kept = {key for place, (key, _) in enumerate(items) if place not in lacking and key in keys}
        missing = keys - kept - store.present(connection, keys)
    return lacking
