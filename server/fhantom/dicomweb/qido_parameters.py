"""A search's query string taken apart, before anything of it is understood (PS3.18 8.3.4)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import unquote_plus

from fhantom.dicom import dictionary

Path = tuple[str, ...]
"""Tags of eight upper-case hexadecimal digits; more than one leads into sequences."""

CONTROLS = frozenset(("limit", "offset", "fuzzymatching", "emptyvaluematching", "multiplevaluematching", "accept"))
_TAG_WITH_COMMA = re.compile(r"[0-9A-Fa-f]{4}[,-][0-9A-Fa-f]{4}")


@dataclass(slots=True)
class Parameters:
    """What was asked: of the same key the last one counts, but includes add up.

    Attributes:
        ignored: what has no effect, for a warning.
        nothing: the search is known to find nothing.
    """

    controls: dict[str, str] = field(default_factory=dict)
    keys: dict[Path, str] = field(default_factory=dict)
    includes: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    nothing: bool = False


def read(query_string: str) -> Parameters:
    """The parameters; percent-encoding that is wrong is taken literally."""
    found = Parameters()
    for pair in query_string.split("&"):
        raw_key, _, raw_value = pair.partition("=")
        key, value = unquote_plus(raw_key), unquote_plus(raw_value)
        if key in CONTROLS:
            found.controls[key] = value
        elif key == "includefield":
            found.includes += value.split(",")
        elif path := path_of(key):
            found.keys[path] = value
        elif key:
            found.ignored.append(key)
    return found


def path_of(key: str) -> Path | None:
    """Tags from a keyword, `00100020`, `0010,0020` or `0010-0020`, several joined by dots; None if it is no key."""
    if _TAG_WITH_COMMA.fullmatch(key):
        key = key[:4] + key[5:]
    tags = [_tag_of(part) for part in key.split(".")]
    return None if None in tags else tuple(tag for tag in tags if tag is not None)


def is_private(tag: str) -> bool:
    """Whether the tag's group is odd."""
    return int(tag[3], 16) % 2 == 1


def vr_of(tag: str) -> str:
    """The VR by the dictionary, `UN` when unknown."""
    return dictionary.vr_of(int(tag, 16))


def may_be_multiple(tag: str) -> bool:
    """Whether the attribute may have several values; unknown ones may."""
    entry = dictionary.lookup(int(tag, 16))
    return entry is None or entry.vm != "1"


def _tag_of(text: str) -> str | None:
    number = dictionary.parse_tag(text)
    if number is None:
        return None
    tag = dictionary.format_tag(number)
    return tag if is_private(tag) or dictionary.lookup(number) else None
