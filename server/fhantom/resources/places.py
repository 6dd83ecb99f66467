"""Where a literal reference points: into this server's own store, and there to which resource."""

from __future__ import annotations

import re
from dataclasses import dataclass

_RELATIVE = re.compile(
    r"(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9.-]{1,64})(?:/_history/(?P<version>[A-Za-z0-9.-]{1,64}))?"
)


@dataclass(frozen=True, slots=True)
class Place:
    """`type/id`, with `/_history/version` if the version is not empty."""

    type: str
    id: str
    version: str = ""


def parse_reference(text: str) -> Place | None:
    """The resource that a relative reference names; None for fragments, URNs and URLs."""
    match = _RELATIVE.fullmatch(text)
    if match is None:
        return None
    return Place(match["type"], match["id"], match["version"] or "")
