"""`_text` and `_content`: words anywhere in the narrative or the whole resource, looked up in the texts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from fhantom.resources.criteria import ContentCondition
from fhantom.resources.folding import LONGEST, folded
from fhantom.resources.query import Search
from fhantom.resources.reading import bodies
from fhantom.resources.records import Stored
from fhantom.world import World

_CHUNK = 200


def asked(search: Search) -> list[ContentCondition]:
    """The search's conditions that only the texts can answer."""
    return [condition for condition in search.conditions if isinstance(condition, ContentCondition)]


def having(world: World, conditions: Sequence[ContentCondition], records: Sequence[Stored]) -> list[Stored]:
    """The records whose texts fulfil every condition, in order."""
    found: list[Stored] = []
    for start in range(0, len(records), _CHUNK):
        chunk = records[start : start + _CHUNK]
        for record, body in zip(chunk, bodies(world, chunk), strict=True):
            if all(_has(condition, body) for condition in conditions):
                found.append(record)
    return found


def _has(condition: ContentCondition, body: bytes) -> bool:
    resource = json.loads(body)
    values = [(resource.get("text") or {}).get("div", "")] if condition.narrative_only else _strings(resource)
    texts = [folded(text[at : at + LONGEST]) for text in values for at in range(0, len(text), LONGEST)]
    return all(any(word in text for text in texts) for word in condition.words)


def _strings(value: Any) -> Iterator[str]:
    """Every string in a resource, without the names of elements."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _strings(item)
