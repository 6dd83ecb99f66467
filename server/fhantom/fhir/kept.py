"""From kept texts to what answers hold, without parsing them.

A kept text is indented JSON that begins with `resourceType` and, if the client gave one, `meta`; id,
version and time are not in it. They are spliced in here: rendering a resource costs a few slices.
"""

from __future__ import annotations

from fhantom.fhir.exchange import instant
from fhantom.resources.records import Stored

META = b',\n  "meta": {\n'
"""How a kept text goes on after its type if it has a meta."""


def rendered(stored: Stored, body: bytes) -> bytes:
    """The resource as indented JSON, with its id and meta."""
    head = f'{{\n  "resourceType": "{stored.type}"'
    rest = body[len(head) :]
    meta = (
        f'{head},\n  "id": "{stored.id}",\n  "meta": {{\n    "versionId": "{stored.version}",\n'
        f'    "lastUpdated": "{instant(stored.updated)}"'
    ).encode()
    if rest.startswith(META):
        return meta + b",\n" + rest[len(META) :]
    return meta + b"\n  }" + rest
