"""What a control request asks for: its world, its query and its JSON body, each checked by name."""

from __future__ import annotations

from typing import Any

from flask import request

from fhantom.control.access import Caller, caller_of
from fhantom.errors import BadRequest, Forbidden
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

    def everything(self) -> None:
        """Raise Forbidden unless the caller may do everything."""
        if self.caller().own is not None:
            raise Forbidden("an apikey reads and resets its own world; this needs the control token")

    def world(self) -> str:
        """The name of the world that the request is about: `?key=`, the caller's own, or the shared one."""
        caller, asked = self.caller(), request.args.get("key")
        if self._site.settings.worlds == "shared":
            if caller.own is not None and request.method != "GET":
                raise Forbidden("all keys share one world here; changing it needs the control token")
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

    def only(self, *known: str) -> None:
        """Raise BadRequest for a query parameter that is not known."""
        for name in request.args:
            if name not in known:
                raise BadRequest(f"{name}: is not known; this route takes {', '.join(known) or 'no parameters'}")

    def body(self, *known: str) -> dict[str, Any]:
        """The JSON object of the body. Raises BadRequest."""
        found = request.get_json(force=True, silent=True) if request.content_length else {}
        if not isinstance(found, dict):
            raise BadRequest("body: must be a JSON object")
        for name in found:
            if name not in known:
                raise BadRequest(f"{name}: is not known; this route takes {', '.join(known)}")
        return found

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        """A query parameter that is one of some words. Raises BadRequest."""
        value = request.args.get(name, default)
        if value not in choices:
            raise BadRequest(f"{name}: must be one of {', '.join(choices)}")
        return value
