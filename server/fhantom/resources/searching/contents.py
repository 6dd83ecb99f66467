"""`_text` and `_content`: words anywhere in the narrative or the whole resource, looked up in the texts."""

from __future__ import annotations

import json
from collections.abc import Sequence

from fhantom.resources.criteria import ContentCondition
from fhantom.resources.folding import folded
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
    text = body.decode()
    if condition.narrative_only:
        text = (json.loads(body).get("text") or {}).get("div", "")
    lowered = "".join(folded(text[at : at + 512]) for at in range(0, len(text), 512))
    return all(word in lowered for word in condition.words)
