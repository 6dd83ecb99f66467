"""A FHIR request and its answer, as the interactions see them: no Flask, no socket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache

from fhantom.definitions import Definitions, Version, load
from fhantom.fhir.parameters import Pairs, every, first
from fhantom.wire.notes import Notes
from fhantom.world import World


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request, with all that answers are made of.

    Attributes:
        path: below the base address, decoded, without slashes at its ends: `Patient/siimandy`.
        slash: the address ended with a slash all the same, as self links show.
        notes: what the log of understood requests is to say.
        query: what stands after the question mark, as it was sent.
        pairs: the parameters of query and form, in order, decoded.
        headers: by lower-case name.
        is_entry: it is an entry of a Bundle, of whose parameters HAPI heeds none that chooses elements.
        base: address of the FHIR server that was asked, without a trailing slash.
    """

    version: Version
    method: str
    path: str
    world: World
    base: str
    query: str = ""
    pairs: Pairs = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    slash: bool = False
    is_entry: bool = False
    notes: Notes = field(default_factory=Notes, compare=False)

    @property
    def url(self) -> str:
        """The address that was asked, without its query."""
        return f"{self.base}/{self.path}{'/' if self.slash else ''}"

    @property
    def definitions(self) -> Definitions:
        """The tables of the request's FHIR version."""
        return load(self.version)

    def header(self, name: str) -> str:
        """A header's value, empty if it is absent; `name` in lower case."""
        return self.headers.get(name, "")

    def first(self, name: str) -> str | None:
        """The first value of a parameter, None if it is absent."""
        return first(self.pairs, name)

    def every(self, name: str) -> list[str]:
        """All values of a parameter."""
        return every(self.pairs, name)

    def now(self) -> int:
        """Milliseconds since 1970 by the world's clock."""
        return self.world.clock.now_ms()

    def with_(self, **changes: object) -> Exchange:
        """A copy with some fields changed."""
        return replace(self, **changes)  # type: ignore[arg-type]  # the names are checked by the class


@dataclass(frozen=True, slots=True)
class Raw:
    """A body that is no resource: a Binary's bytes, a narrative."""

    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Ready:
    """A resource that many answers hold; each form of it is made once and kept.

    Attributes:
        key: names the content; the same key always means the same content.
        resource: indented JSON.
    """

    key: str
    resource: bytes = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What an interaction answers.

    Attributes:
        content: a resource as indented JSON, or `Ready`, or a `Raw` body, or None for none.
        lasts: the same request has the same answer until something is written.
    """

    status: int = 200
    headers: tuple[tuple[str, str], ...] = field(default=())
    content: bytes | Ready | Raw | None = None
    lasts: bool = False


@lru_cache(maxsize=4096)
def instant(milliseconds: int) -> str:
    """meta.lastUpdated as the real server writes it: `2026-11-22T13:31:22.722+00:00`."""
    seconds, rest = divmod(milliseconds, 1000)
    return f"{_second(seconds)}.{rest:03}+00:00"


@lru_cache(maxsize=4096)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat()


def http_date(milliseconds: int) -> str:
    """The value of Last-Modified (RFC 9110 8.8.2)."""
    return _http_second(milliseconds // 1000)


@lru_cache(maxsize=1024)
def _http_second(seconds: int) -> str:
    return format_datetime(datetime.fromtimestamp(seconds, UTC), usegmt=True)
