"""Whether one version of a resource fulfils the parameters of a search, as if it alone were stored."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from fhantom.definitions.jsontext import load_json
from fhantom.fhir import asking
from fhantom.fhir.exchange import Exchange
from fhantom.fhir.parameters import Pairs
from fhantom.fhir.subscriptions.subscriber import Trigger
from fhantom.resources import store
from fhantom.resources.records import Draft, Stored
from fhantom.resources.refusal import SearchRefusal
from fhantom.world import World
from fhantom.world.scratch import Scratch


class Matcher:
    """Tries searches on versions of one world's resources.

    A version is put into a database of its own, so that what has been written since does not count. Only searches
    that look beyond the resource (chains, `_has`, `_list`) are asked of the world as it is now.
    """

    def __init__(self, world: World, connection: Connection, scratch: Scratch) -> None:
        self._world = world
        self._connection = connection
        self._scratch = scratch
        self._drafts: dict[tuple[int, bytes], Draft] = {}

    def before(self, changed: Stored) -> Stored | None:
        """The version that a change replaced; None if there was none, or a deletion."""
        version = store.vread(self._connection, changed.release, changed.type, changed.id, changed.version - 1)
        return version if version is not None and version.digest is not None else None

    def triggers(self, trigger: Trigger, changed: Stored, filters: Pairs = ()) -> bool:
        """Whether a change is of the kind that a trigger names and passes the filters."""
        if changed.change not in trigger.changes or trigger.resource_type not in ("", changed.type):
            return False
        now = changed if changed.digest is not None else None
        earlier = self.before(changed) if trigger.previous is not None or now is None else None
        results = []
        if trigger.previous is not None:
            results.append(self.fits(earlier, trigger.previous) if earlier else trigger.on_create)
        if trigger.current is not None:
            results.append(self.fits(now, trigger.current) if now else trigger.on_delete)
        if results and not (all(results) if trigger.require_both else any(results)):
            return False
        subject = now or earlier
        return subject is None or self.fits(subject, filters)

    def fits(self, version: Stored, pairs: Pairs) -> bool:
        """Whether a version fulfils search parameters; without any it does."""
        if not any(value for _, value in pairs):
            return True
        asked = Exchange(version.release, "GET", version.type, self._world, "")
        looks_beyond = any("." in name or name.startswith(("_has", "_list")) for name, _ in pairs)
        own = (("_id", version.id), ("_count", "1"))
        try:
            search = asking.understood(asked, self._connection, version.type, (*pairs, *own))
        except SearchRefusal:  # a parameter that was there when the Subscription was written
            return False
        if looks_beyond:
            return bool(store.search(self._world, self._connection, search).matches)
        with self._scratch.writing() as alone:
            store.put(alone, self._draft(version), version.updated)
            return bool(store.search(self._world, alone, search).matches)

    def _draft(self, version: Stored) -> Draft:
        assert version.digest is not None, "a deletion fulfils nothing"
        name = (version.key, version.digest)  # equal texts may be of different resources
        found = self._drafts.get(name)
        if found is None:
            body = self._world.texts.get(version.digest)
            resource: dict[str, Any] = load_json(body)
            model = store.model_of(self._world, self._connection, version.release)
            found = self._drafts[name] = model.prepare(resource, body, version.id)
        return found
