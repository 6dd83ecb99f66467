"""Who may come in."""

from __future__ import annotations

from fhantom.clock import Clock
from fhantom.gateway.refusals import Reason
from fhantom.settings import Settings


class KeyRing:
    """The keys that a server accepts, and until when."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._keys = frozenset(settings.keys)
        self._prefix = settings.key_prefix
        self._any = settings.any_key
        self._expiry = settings.key_expiry
        self._clock = clock

    def check(self, key: str | None) -> Reason | None:
        """Why a request with this `apikey` header is refused, or None if it may pass.

        A WSGI server joins repeated headers by a comma, which no key contains.
        """
        if key is not None and "," in key:
            return Reason.TWO_KEYS
        if not self._any:
            if not key:
                return Reason.NO_KEY
            if key not in self._keys and not (self._prefix and key.startswith(self._prefix)):
                return Reason.WRONG_KEY
        if self._expiry is not None and self._clock.now() >= self._expiry:
            return Reason.EXPIRED_KEY
        return None
