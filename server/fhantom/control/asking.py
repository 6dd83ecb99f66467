"""Who asks a control route, and about which world."""

from __future__ import annotations

from flask import request

from fhantom.control.access import Caller, Who, caller_of
from fhantom.errors import Forbidden
from fhantom.gateway.keys import KeyRing
from fhantom.journal.entry import masked
from fhantom.site import Site
from fhantom.world import SHARED


class Asking:
    """Reads the present request on behalf of the control routes."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._keys = KeyRing(site.settings, site.clock)

    def caller(self) -> Caller:
        """Who asks. Raises Forbidden for strangers."""
        good = self._keys.check(request.headers.get("apikey")) is None
        return caller_of(request.environ, self._site.settings, key_is_good=good)

    def admit(self, who: Who) -> None:
        """Raise Forbidden unless the caller is one of those."""
        if who is not Who.EVERYBODY and self.caller().own is not None and who is Who.ALL:
            raise Forbidden("an apikey reads and resets its own world; this needs the control token as X-Fhantom-Token")

    def world(self, *, reading: bool = False) -> str:
        """The name of the world that the request is about: `?key=`, the caller's own, or the shared one.

        Args:
            reading: the request changes nothing, though it is no GET.
        """
        caller, asked = self.caller(), request.args.get("key")
        if self._site.settings.worlds == "shared":
            if caller.own is not None and not (reading or request.method == "GET"):
                raise Forbidden("all keys share one world here; changing it needs the control token as X-Fhantom-Token")
            return SHARED
        if caller.own is not None:
            if asked not in (None, caller.own):
                raise Forbidden("key: is not the caller's own")
            return caller.own
        return asked or request.headers.get("apikey") or SHARED

    def may_everything(self) -> bool:
        """Whether the caller may touch what all worlds share."""
        return self.caller().own is None

    def shown(self, key: str) -> str:
        """A world's name as answers show it: keys are secrets."""
        return key if key == SHARED else masked(key) or ""
