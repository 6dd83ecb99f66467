"""Near misses of empty searches: found out when somebody reads the journal, and kept for the next who does."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask import current_app, request

from fhantom.gateway.paths import canonical, resolve_alias
from fhantom.site import Site
from fhantom.wire.context import origin_of
from fhantom.wire.near_misses import NEAR_MISSES, Asked
from fhantom.world import SHARED, World

_PATIENCE = 1.0  # seconds for all entries that one answer shows
_KEPT = 2000

Teller = Callable[[World, Asked], list[str]]
Entry = dict[str, Any]


class NearMisses:
    """Adds to journal entries what their searches nearly found, and what unknown names may have been meant to be.

    It is asked of the world as it is now. What was found out is kept, so that whoever follows the journal does not
    ask again and again.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._known: OrderedDict[str, list[str]] = OrderedDict()

    def add(self, entries: Iterable[Entry]) -> None:
        """Put `nearMisses` into the entries of empty searches, the newest first, as long as patience lasts."""
        tellers: Mapping[str, Teller] = current_app.extensions.get(NEAR_MISSES, {})
        end = time.monotonic() + _PATIENCE
        for entry in reversed(list(entries)):
            found = self._known.get(entry["id"])
            if found is None and _is_of_use(entry) and time.monotonic() < end:
                found = self._found(entry, tellers.get(entry["room"]))
            if found:
                entry["nearMisses"] = found

    def _found(self, entry: Entry, teller: Teller | None) -> list[str]:
        if teller is None:
            return []
        path, _, query = entry["request"]["url"].partition("?")
        asked = Asked(
            resolve_alias(canonical(path)),
            query,
            entry["request"].get("form", ""),
            origin_of(request.environ),
            is_empty=entry.get("matches") == 0,
        )
        self._known[entry["id"]] = found = [told for world in self._worlds(entry) for told in teller(world, asked)]
        if len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return found

    def _worlds(self, entry: Entry) -> Iterable[World]:
        """The world of an entry, if it is still there; its key is masked but for the beginning of its digest."""
        worlds, shown = self._site.worlds, entry["world"]
        return [worlds.open()] if shown == SHARED else worlds.each(shown.rpartition(".")[2])


def _is_of_use(entry: Entry) -> bool:
    """Whether there may be something to say: nothing was found, or a name of the query meant nothing."""
    return entry.get("matches") == 0 or bool(entry.get("ignored")) or entry["response"]["status"] in (400, 404)
