"""Sources made ready to be stored: parsed, put into canonical form and indexed, in processes of their own."""

from __future__ import annotations

import pickle
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl

from fhantom.clock import Clock
from fhantom.definitions import ParseRefusal, Version
from fhantom.definitions.canonical import canonical
from fhantom.loading import processes
from fhantom.loading.fhir import draft_of, search_model
from fhantom.loading.sources import Found, Json, Source, resources_of
from fhantom.resources import store
from fhantom.resources.numbers import resource_key
from fhantom.resources.records import Draft
from fhantom.resources.refusal import SearchRefusal
from fhantom.resources.understanding import understand
from fhantom.settings import Settings
from fhantom.world import DataFolder, Worlds

_AT_ONCE = 500  # drafts in one pickle
_IN_FLIGHT = 16 * 1024 * 1024  # bytes of sources that are being prepared at a time
_CONDITIONAL = re.compile(r"([A-Z][A-Za-z]+)\?(.+)", re.DOTALL)
_VERSIONED = re.compile(r"([A-Z][A-Za-z]+/[A-Za-z0-9.\-]{1,64})/_history/[A-Za-z0-9.\-]+")
_ID = re.compile(r"[A-Za-z0-9.\-]{1,64}")  # FHIR datatypes 2.24.0.1, id
_LINKS = ("reference", "url")  # of Reference and Attachment: where an entry of a Bundle may name another

Mend = Callable[[Json], Iterable[Json]]
"""From a resource as its source has it to what is to be stored instead: itself, mended, several or none.

It runs in other processes, so it is a plain function of a module; what it adds brings an id.
"""

Named = tuple[str, Draft]
"""A draft without its references, and the name by which the report knows it."""

Item = tuple[int, dict[int, str]]
"""The key of a draft, and the keys of what it refers to with the references as they stand there."""


def as_it_is(resource: Json) -> Iterable[Json]:
    """The `Mend` that changes nothing."""
    return (resource,)


@dataclass(slots=True)
class Prepared:
    """A source as the process that stores it gets it: small, and opened a part at a time.

    Attributes:
        drafts: lists of `Named`, pickled; `items` has one item for each, in order.
        refused: names and reasons.
        skipped: how many resources `Mend` left out.
        unsettled: resources, pickled, that refer by a search to what is not stored yet.
    """

    drafts: list[bytes] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    skipped: int = 0
    unsettled: list[bytes] = field(default_factory=list)


class _Unsettled(Exception):
    """A reference by a search that nothing fulfils yet."""


class _Refused(Exception):
    """A resource that cannot be stored, with the reason."""


class Preparer:
    """Prepares resources of one FHIR version for a world, which it only reads."""

    def __init__(self, worlds: Worlds, key: str, release: Version, mend: Mend) -> None:
        self._worlds = worlds
        self._key = key
        self._release: Version = release
        self._mend = mend
        self._model = search_model(worlds.open(key), release)
        self._found: dict[str, str] = {}

    def prepare(self, source: Source) -> Prepared:
        """The drafts of a source."""
        return self._prepare(resources_of(source), last=False)

    def prepare_again(self, unsettled: list[bytes]) -> Prepared:
        """The drafts of what was unsettled; what still is, is refused."""
        return self._prepare((pickle.loads(found) for found in unsettled), last=True)

    def _prepare(self, resources: Iterable[Found], last: bool) -> Prepared:
        prepared = Prepared()
        drafts: list[Named] = []
        for found in resources:
            try:
                made = self._drafts(found)
            except _Unsettled as unsettled:
                if last:
                    prepared.refused.append((found.name, f"it refers to {unsettled}, which is not there"))
                else:
                    prepared.unsettled.append(pickle.dumps(Found(found.name, found.resource, found.id)))
                continue
            except _Refused as refused:
                prepared.refused.append((found.name, str(refused)))
                continue
            # Without references, whose many small objects would be most of what the processes hand over.
            drafts += [(found.name, replace(draft, references=())) for draft in made]
            prepared.items += [self._item(draft) for draft in made]
            prepared.skipped += not made
            if len(drafts) >= _AT_ONCE:
                prepared.drafts.append(pickle.dumps(drafts))
                drafts = []
        prepared.drafts.append(pickle.dumps(drafts))
        return prepared

    def _item(self, draft: Draft) -> Item:
        assert draft.id is not None, "every resource of a source has an id"
        targets = {resource_key(self._release, to.type, to.id): to.text for to in draft.references if to.type}
        return resource_key(self._release, draft.type, draft.id), targets

    def _drafts(self, found: Found) -> list[Draft]:
        if found.resource is None:
            raise _Refused(found.reason)
        by_search: list[Json] = []
        _name_each_other(found.resource, found, by_search)
        for holder in by_search:
            holder["reference"] = self._settled(holder["reference"])
        return [self._draft(found, resource) for resource in self._mend(found.resource)]

    def _draft(self, found: Found, resource: Json) -> Draft:
        id = found.id if resource is found.resource else resource.get("id", found.id)
        if not _ID.fullmatch(id):
            raise _Refused(f"{id!r} is no id")
        try:
            return draft_of(self._model, canonical(self._release, resource), id)
        except ParseRefusal as refusal:
            where = f"{refusal.element}: " if refusal.element else ""
            raise _Refused(f"{where}{refusal.detail}") from None

    def _settled(self, url: str) -> str:
        """`Type/id` of the one resource that a conditional reference stands for (FHIR http 3.2.0.7.1)."""
        if url not in self._found:
            resource_type, _, query = url.partition("?")
            world = self._worlds.open(self._key)  # anew, as its first write has put it elsewhere
            try:
                search = understand(self._model, resource_type, parse_qsl(query.replace("+", "%2B")))
            except SearchRefusal:
                raise _Refused(f"it refers to {url}, which is no search") from None
            with world.reading() as connection:
                matches = store.search(world, connection, search).matches
            if len(matches) > 1:
                raise _Refused(f"it refers to {url}, which is more than one")
            if not matches:
                raise _Unsettled(url)
            self._found[url] = matches[0].reference
        return self._found[url]


def _name_each_other(value: Any, found: Found, by_search: list[Json]) -> None:
    """Let references name what is stored, in place; those by a search are only listed."""
    if isinstance(value, list):
        for item in value:
            if item.__class__ is dict:
                _name_each_other(item, found, by_search)
        return
    for name, item in value.items():
        if item.__class__ is str:
            if name in _LINKS:
                value[name] = found.names.get(item, item)
            if name == "reference":
                _settle_form(value, by_search)
        elif item.__class__ is dict or item.__class__ is list:
            _name_each_other(item, found, by_search)


def _settle_form(holder: Json, by_search: list[Json]) -> None:
    text = holder["reference"]
    if text.startswith("urn:uuid:"):
        raise _Refused(f"it refers to {text}, which is no entry of its Bundle")
    if versioned := _VERSIONED.fullmatch(text):
        holder["reference"] = versioned[1]
    elif _CONDITIONAL.fullmatch(text):
        by_search.append(holder)


_preparer: Preparer  # of a process of the pool


def _begin(folder: DataFolder, settings: Settings, key: str, release: Version, mend: Mend) -> None:
    global _preparer
    processes.end_with_parent()
    _preparer = Preparer(Worlds(folder, settings, Clock()), key, release, mend)


def _prepare(source: Source) -> Prepared:
    return _preparer.prepare(source)


def _prepare_again(unsettled: list[bytes]) -> Prepared:
    return _preparer.prepare_again(unsettled)


class Pool:
    """Prepares in several processes, with few sources in memory; results in order, each with its source."""

    def __init__(self, executor: ProcessPoolExecutor, jobs: int) -> None:
        self._executor = executor
        self._jobs = jobs

    def sources(self, sources: Iterable[Source]) -> Iterator[tuple[Source, Prepared]]:
        """Each source with its drafts."""
        pending: deque[tuple[Source, Future[Prepared]]] = deque()
        size = 0
        for source in sources:
            while pending and (len(pending) > 2 * self._jobs or size + len(source.body) > _IN_FLIGHT):
                done, future = pending.popleft()
                size -= len(done.body)
                yield done, future.result()
            pending.append((source, self._executor.submit(_prepare, source)))
            size += len(source.body)
        for done, future in pending:
            yield done, future.result()

    def again(self, unsettled: Iterable[list[bytes]]) -> Iterator[Prepared]:
        """What was unsettled, some at a time."""
        for some in unsettled:
            yield self._executor.submit(_prepare_again, some).result()


class Alone:
    """The same in this process."""

    def __init__(self, preparer: Preparer) -> None:
        self._preparer = preparer

    def sources(self, sources: Iterable[Source]) -> Iterator[tuple[Source, Prepared]]:
        """Each source with its drafts."""
        for source in sources:
            yield source, self._preparer.prepare(source)

    def again(self, unsettled: Iterable[list[bytes]]) -> Iterator[Prepared]:
        """What was unsettled, some at a time."""
        for some in unsettled:
            yield self._preparer.prepare_again(some)


@contextmanager
def preparing(
    worlds: Worlds, settings: Settings, key: str, release: Version, mend: Mend, jobs: int
) -> Iterator[Pool | Alone]:
    """What prepares sources for the world of `key`, with `jobs` processes; none but this one if that is 1."""
    if jobs <= 1:
        yield Alone(Preparer(worlds, key, release, mend))
        return
    search_model(worlds.open(key), release)  # forked processes have its tables from here
    arguments = (worlds.folder, settings, key, release, mend)
    with processes.pool(jobs, _begin, arguments) as executor:
        yield Pool(executor, jobs)
