"""Entries of a batch or transaction: parsed, and refused where they cannot be meant (FHIR http 3.2.0.11)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from fhantom.definitions import Definitions
from fhantom.fhir.outcomes import Refusal

Resource = dict[str, Any]

_PLACEHOLDERS = ("urn:uuid:", "urn:oid:")
_RELATIVE = re.compile(r"[A-Za-z]+/[^/:]+")
_SCHEME = re.compile(r"[a-zA-Z]+:[^/]*")  # of a name that is no address


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry.

    Attributes:
        index: position in the Bundle.
        url: as it was sent, without a slash at its front.
        type: the resource type that it is about; for a POST that of the resource, whatever the url says.
        id: of the url; empty if it has none.
        query: the url's condition, after the question mark.
        condition: ifNoneExist.
        match: ifMatch.
        none_match: ifNoneMatch of a GET, whose ifModifiedSince HAPI does not heed.
        aliases: fullUrls of entries that this one stands for, as they ask for the same on the same condition.
    """

    index: int
    method: str
    url: str
    type: str = ""
    id: str = ""
    query: str = ""
    full_url: str = ""
    condition: str = ""
    match: str = ""
    resource: Resource | None = None
    aliases: tuple[str, ...] = ()
    none_match: str = ""

    @property
    def match_url(self) -> str:
        """The condition in full."""
        return f"{self.type}?{self.query}"

    @property
    def names(self) -> tuple[str, ...]:
        """What references of other entries may call this one by."""
        if self.method not in ("POST", "PUT", "PATCH"):
            return ()
        found = [name for name in (self.full_url, *self.aliases) if name.startswith(_PLACEHOLDERS)]
        if self.method == "POST" and self.resource is not None and "id" in self.resource:
            id = self.resource["id"]
            found.append(f"{self.type}/{id}")
            if _RELATIVE.fullmatch(self.full_url) and self.full_url.endswith(f"/{id}"):
                found.append(self.full_url)  # be it of another type
        return tuple(found)


def entry_of(definitions: Definitions, index: int, raw: Resource) -> Entry:
    """One entry of a Bundle. Refusal: 0518, 0529, 0537, 0543, 2006."""
    request = raw.get("request", {})
    method = request.get("method")
    if method is None:
        raise Refusal("0529", index=index, method="null")
    url = request.get("url", "").lstrip("/")
    resource = raw.get("resource")
    path, _, query = url.partition("?")
    segments = path.split("/")
    if method == "GET":
        if not url.strip():
            raise Refusal("0545", method=method)
        return Entry(index, method, url, none_match=request.get("ifNoneMatch", ""))
    if method == "HEAD":
        raise Refusal("0538", method=method)
    if method in ("POST", "PUT", "PATCH") and resource is None:
        raise Refusal("0543", index=index, method=method)
    if method != "POST" and not url.strip():
        raise Refusal("1101" if method == "PUT" else "0545", method=method)
    if path and not definitions.is_resource(segments[0]):
        raise Refusal("2006", method=method, url=url)
    id = segments[1] if len(segments) > 1 else ""
    if method in ("PUT", "PATCH") and not id and not query:
        raise Refusal("0518", url=f"{segments[0]}?{url}")
    if method != "POST" and len(segments) > 2 and not (len(segments) == 4 and segments[2] == "_history"):
        raise Refusal("1742", url=url)
    if method == "PATCH" and (resource or {}).get("resourceType") not in ("Binary", "Parameters"):
        raise Refusal("0537")
    return Entry(
        index,
        method,
        url,
        type=resource["resourceType"] if method == "POST" and resource else segments[0],
        id="" if method == "POST" else id,
        query=query,
        full_url=raw.get("fullUrl", ""),
        condition=request.get("ifNoneExist", ""),
        match=request.get("ifMatch", ""),
        resource=resource,
    )


def check_placeholders(entries: Sequence[Entry]) -> None:
    """Refuse (0533) a fullUrl that is neither an address nor a placeholder, where it would be the entry's name."""
    for entry in entries:
        named = entry.resource is not None and entry.resource.get("id", entry.full_url) != entry.full_url
        if not named and not entry.full_url.startswith(_PLACEHOLDERS) and _SCHEME.fullmatch(entry.full_url):
            raise Refusal("0533", id=entry.full_url)


def consolidated(entries: Sequence[Entry]) -> list[Entry]:
    """The entries without those that repeat a conditional create or update, as the real server drops them.

    Who refers to a dropped one means the first. Refusal 2008 for repeats that have no fullUrl.
    """
    kept: list[Entry] = []
    places: dict[tuple[str, str], int] = {}
    anonymous: set[tuple[str, str]] = set()
    for entry in entries:
        url = entry.condition if entry.method == "POST" else entry.query if entry.method == "PUT" else ""
        key = (entry.method, f"{entry.type}?{url.rpartition('?')[2]}")
        if url and not entry.full_url:
            if key in anonymous:
                raise Refusal("2008", url=key[1])
            anonymous.add(key)
        elif url and key in places:
            first = kept[places[key]]
            kept[places[key]] = replace(first, aliases=(*first.aliases, entry.full_url))
            continue
        elif url:
            places[key] = len(kept)
        kept.append(entry)
    return kept


def check_repeats(entries: Sequence[Entry]) -> None:
    """Refuse two entries with resources of one name: 0534 for a placeholder, 0535 for an address."""
    placeholders: set[str] = set()
    addresses: set[str] = set()
    for entry in entries:
        if entry.resource is None:
            continue
        if entry.full_url.startswith(_PLACEHOLDERS):
            if entry.full_url in placeholders:
                raise Refusal("0534", id=entry.full_url)
            placeholders.add(entry.full_url)
        elif address := _address(entry, entry.resource):
            if address in addresses:
                raise Refusal("0535", id=address)
            addresses.add(address)


def _address(entry: Entry, resource: Resource) -> str:
    """The name of a resource by its own id, else by its fullUrl; empty without either, and for new ones with one."""
    if entry.method == "POST" and entry.full_url:
        return ""
    if "id" in resource:
        return f"{resource['resourceType']}/{resource['id']}"
    type_name, slash, id = entry.full_url.rpartition("/")
    if not slash:
        return f"{resource['resourceType']}/{id}" if id else ""
    return f"{type_name.rpartition('/')[2]}/{id}"
