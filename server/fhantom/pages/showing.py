"""One resource, or one of its versions, as a page shows it: indented, coloured, its references as links."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

from sqlalchemy import Connection

from fhantom.definitions import Version
from fhantom.definitions.jsontext import dump_json, load_json
from fhantom.errors import Gone, NotFound
from fhantom.resources import store
from fhantom.resources.records import Stored
from fhantom.wire.highlight import Token, tokens
from fhantom.world import World

VERSIONS: dict[str, Version] = {"r5": "R5", "r4": "R4"}
"""The first segment of a resource's page, and the FHIR version that it stands for."""

BASES: dict[Version, str] = {"R5": "/fhir", "R4": "/fhir-r4"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A resource ready for its template.

    Attributes:
        narrative: what its narrative says, without markup.
    """

    stored: Stored
    updated: str
    tokens: list[Token]
    narrative: str


def shown(
    world: World, connection: Connection, version: Version, resource_type: str, id: str, number: int = 0
) -> Shown:
    """A resource in its present version, or in one by number. Raises NotFound, Gone."""
    if number:
        stored = store.vread(connection, version, resource_type, id, number)
    else:
        stored = store.read(connection, version, resource_type, id)
    if stored is None:
        raise NotFound(f"there is no {resource_type}/{id} in {version}" + (f" of version {number}" if number else ""))
    if stored.digest is None:
        raise Gone(f"{stored.reference} was deleted with version {stored.version}")
    (body,) = store.bodies(world, [stored])
    resource = load_json(body)
    text = dump_json(_complete(stored, resource)).decode()
    narrative = resource.get("text") if isinstance(resource.get("text"), dict) else {}
    words = plain_text(str(narrative.get("div") or ""))
    return Shown(stored, moment(stored.updated), list(_linked(text, version)), words)


def moment(milliseconds: int) -> str:
    """`2026-11-22 13:31:22 UTC`."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def plain_text(markup: str) -> str:
    """What a narrative says: its text with a line for each block, nothing of scripts and styles."""
    reader = _Narrative()
    reader.feed(markup)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.pieces).split("\n"))
    return "\n".join(line for line in lines if line)


def _complete(stored: Stored, resource: dict[str, Any]) -> dict[str, Any]:
    """The resource with what the store keeps of it beside its text."""
    updated = datetime.fromtimestamp(stored.updated / 1000, UTC).isoformat(timespec="milliseconds")
    meta = {"versionId": str(stored.version), "lastUpdated": updated, **(resource.get("meta") or {})}
    return {"resourceType": stored.type, "id": stored.id, "meta": meta, **{
        name: value for name, value in resource.items() if name not in ("resourceType", "id", "meta")
    }}  # fmt: skip


def _linked(text: str, version: Version) -> Iterator[Token]:
    """Its tokens; references lead to pages of the same FHIR version."""
    for token in tokens(text, is_json=True):
        if token.link and not token.link.startswith("http"):
            token = token._replace(link=f"/{version.lower()}/{token.link.replace('/_history/', '/history/')}")
        yield token


class _Narrative(HTMLParser):
    """Collects the text of XHTML; block elements end a line."""

    _BLOCKS = frozenset(("p", "div", "br", "li", "tr", "table", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6"))
    _SILENT = frozenset(("script", "style"))

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in self._SILENT
        self.pieces.append("\n" if tag in self._BLOCKS else " ")

    def handle_endtag(self, tag: str) -> None:
        self._silent = max(self._silent - (tag in self._SILENT), 0)
        self.pieces.append("\n" if tag in self._BLOCKS else " ")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.pieces.append(data)
