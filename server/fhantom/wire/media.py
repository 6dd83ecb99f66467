"""Media types and Accept headers (RFC 9110 5.6.6 and 12.5.1, PS3.18 8.7).

Clients write these headers in many ways: with quotes and without, with several values in one header, with
stray commas, with `type="image/jpeg; transfer-syntax=..."` in one pair of quotes. Everything that has one
meaning is understood; an entry that has none is skipped, as RFC 9110 asks of unknown media ranges.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

MAX_ENTRIES = 200
_KNOWN_BYTES = 1024
MULTIPART = "multipart/related"

_SEPARATED = {
    ",": re.compile(r'(?:[^",]|"(?:[^"\\]|\\.)*"?)+'),
    ";": re.compile(r'(?:[^";]|"(?:[^"\\]|\\.)*"?)+'),
}
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


@dataclass(frozen=True, slots=True)
class MediaType:
    """A media type or range in lower case, and its parameters: names in lower case, values without quotes."""

    name: str
    parameters: tuple[tuple[str, str], ...] = ()

    def get(self, name: str, default: str = "") -> str:
        """The value of the first parameter of that name."""
        return next((value for key, value in self.parameters if key == name), default)

    @property
    def is_multipart(self) -> bool:
        """Whether it wraps others."""
        return self.name == MULTIPART

    def includes(self, name: str) -> bool:
        """Whether this range, such as `image/*`, includes the type of that name."""
        if self.name in ("*/*", name):
            return True
        return self.name.endswith("/*") and name.startswith(self.name[:-1])


@dataclass(frozen=True, slots=True)
class Accepted:
    """One way in which a client takes an answer.

    Attributes:
        media: range of the content; of each part's, when it is to come as multipart.
        multipart: whether it is to come as multipart/related; None if the client takes either (`*/*`).
        transfer_syntax_uid: the syntax asked for, `*` for whatever is stored, empty for the default.
        quality: its weight, above 0.
    """

    media: MediaType
    multipart: bool | None
    transfer_syntax_uid: str
    quality: float


def split(text: str, separator: str) -> list[str]:
    """The non-empty fields of a header between separators that stand outside of quotes, stripped."""
    fields = (found.group().strip() for found in _SEPARATED[separator].finditer(text))
    return [text for text in fields if text]


def parse_media_type(text: str) -> MediaType | None:
    """Read one media type with its parameters; None if it is not one."""
    return _known_media_type(text) if len(text) < _KNOWN_BYTES else _parse_media_type(text)


def _parse_media_type(text: str) -> MediaType | None:
    name, *fields = split(text, ";") or [""]
    main, slash, sub = name.strip().lower().partition("/")
    if not slash or not _TOKEN.fullmatch(main) or not _TOKEN.fullmatch(sub):
        return None
    parameters = []
    for field in fields:
        key, equals, value = field.partition("=")
        if equals:
            parameters.append((key.strip().lower(), _unquoted(value.strip())))
    return MediaType(f"{main}/{sub}", tuple(parameters))


_known_media_type = lru_cache(maxsize=256)(_parse_media_type)


def _unquoted(value: str) -> str:
    if not value.startswith('"'):
        return value
    inside = value[1:-1] if len(value) >= 2 and value.endswith('"') else value[1:]  # the last quote may be forgotten
    return re.sub(r"\\(.)", r"\1", inside)


def parse_accept(header: str) -> tuple[Accepted, ...]:
    """What a client takes, best first; entries with q=0 and those that are no media type are left out."""
    return _known_accept(header) if len(header) < _KNOWN_BYTES else _parse_accept(header)


def _parse_accept(header: str) -> tuple[Accepted, ...]:
    found = []
    for text in split(header, ",")[:MAX_ENTRIES]:
        media = parse_media_type(text)
        accepted = _accepted(media) if media else None
        if accepted and accepted.quality > 0:
            found.append(accepted)
    return tuple(sorted(found, key=lambda accepted: -accepted.quality))


_known_accept = lru_cache(maxsize=256)(_parse_accept)  # a client sends the same few over and over


def _accepted(media: MediaType) -> Accepted | None:
    transfer_syntax_uid = media.get("transfer-syntax")
    quality = _quality(media.get("q", "1"))
    if not media.is_multipart:
        multipart = None if media.name == "*/*" else False
        return Accepted(media, multipart, transfer_syntax_uid, quality)
    part = parse_media_type(media.get("type") or "*/*")
    if part is None:
        return None
    return Accepted(part, True, transfer_syntax_uid or part.get("transfer-syntax"), quality)


def _quality(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 1.0


@dataclass(frozen=True, slots=True)
class Offer:
    """One form in which a resource can be had; those of a resource stand in the server's order of preference.

    Attributes:
        name: the media type, of each part if `multipart`.
        multipart: whether it comes as multipart/related.
        transfer_syntax_uids: those that it can be made in, the default first; empty if it knows none.
    """

    name: str
    multipart: bool
    transfer_syntax_uids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """The offer that suits a client best, and the transfer syntax that it asked for (`*`, a UID or empty)."""

    offer: Offer
    transfer_syntax_uid: str


def negotiate(accepts: Iterable[Accepted], offers: Sequence[Offer]) -> Choice | None:
    """The first offer that the client's best entry takes; None if no entry takes any."""
    for accepted in accepts:
        for offer in offers:
            if _suits(accepted, offer):
                return Choice(offer, accepted.transfer_syntax_uid)
    return None


def _suits(accepted: Accepted, offer: Offer) -> bool:
    if accepted.multipart is not None and accepted.multipart != offer.multipart:
        return False
    if not accepted.media.includes(offer.name):
        return False
    asked = accepted.transfer_syntax_uid
    return asked in ("", "*") or not offer.transfer_syntax_uids or asked in offer.transfer_syntax_uids
