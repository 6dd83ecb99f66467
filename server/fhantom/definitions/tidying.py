"""Rules of single structures that HAPI's parser keeps: extensions, contained resources, entries of Bundles."""

from __future__ import annotations

import re
from typing import Any

from fhantom.definitions.primitives import text_of
from fhantom.definitions.refusal import ParseRefusal

Json = dict[str, Any]

ID_IN_URL = re.compile(r"(?:(?:\w+://[^/]+/(?:.*/)?)?[^/]+/)?([^/]+)", re.DOTALL)
"""The last part of a fullUrl that has a type before it: `1` in `http://server/fhir/Patient/1`."""


def flat(raw: Any) -> list[Any]:
    """The items of a list, and of the lists within it; anything else is a list of one."""
    if raw.__class__ is not list:
        return [raw]
    for item in raw:
        if item.__class__ is list:
            break
    else:
        return raw
    items: list[Any] = []
    waiting = raw[::-1]
    while waiting:
        item = waiting.pop()
        if item.__class__ is list:
            waiting.extend(item[::-1])
        else:
            items.append(item)
    return items


def with_one_value(extension: Json) -> Json:
    """An extension with the last of its values, where any other object keeps the first of a choice."""
    values = [name for name in extension if name[:5] == "value"]
    if not values or (len(values) == 1 and extension[values[0]].__class__ is not list):
        return extension
    kept = {name: value for name, value in extension.items() if name not in values[:-1]}
    last = flat(extension[values[-1]])
    kept[values[-1]] = last[-1] if last else None
    return kept


def extension_of(sent: Json, kept: Json) -> Json | None:
    """The extension as it is kept: None without value and extensions, a null url where there is none.

    Raises ParseRefusal 1811 for one with both a value and extensions (FHIR ele-1, ext-1).
    """
    has_value = False
    for name in kept:
        if name[:5] == "value" or name[:6] == "_value":
            has_value = True
    within = sent.get("extension") or ()
    if has_value and within:
        raise ParseRefusal(1811, detail="both a value and extensions", element="extension", value=kept.get("url"))
    if within:  # what is empty within an extension stays, unlike what is empty elsewhere
        kept["extension"] = kept.get("extension") or [bare for item in within if (bare := bare_extension(item))]
    if not has_value and not kept.get("extension"):
        return None
    if next(iter(kept)) == "url" and kept["url"] == sent.get("url") and "_url" not in kept:
        return kept  # in order already, as most are
    identity = {"id": kept["id"]} if "id" in kept else {}
    return {**identity, "url": url_of(sent), **{name: kept[name] for name in kept if name not in ("id", "url", "_url")}}


def bare_extension(sent: Json) -> Json | None:
    """An extension that says nothing but its url; None without one."""
    url = url_of(sent)
    return None if url is None else {"url": url}


def url_of(extension: Json) -> str | None:
    """The url of an extension as it stands, be it empty."""
    return text_of(extension.get("url"))


def tidied(contained: list[Json]) -> list[Json]:
    """Contained resources side by side, those within them first; of two with one id the first stays.

    They have no version and no time, and their ids no `#`.
    """
    kept: list[Json] = []
    for resource in contained:
        kept += resource.pop("contained", [])
        if "id" in resource:
            resource["id"] = resource["id"].removeprefix("#")
        if meta := resource.pop("meta", None):
            labels = {name: meta[name] for name in meta if name not in ("versionId", "lastUpdated")}
            if labels:
                resource["meta"] = labels
        kept.append(resource)
    ids = [resource.get("id") for resource in kept]
    return [resource for at, resource in enumerate(kept) if ids[at] is None or ids[at] not in ids[:at]]


def identify(entry: Json) -> None:
    """Give the resource of a Bundle's entry the id that its fullUrl ends in, unless it has one of its own.

    A resource whose id only repeats the urn in its fullUrl has none.
    """
    full_url, resource = entry.get("fullUrl"), entry.get("resource")
    if full_url is None or resource is None:
        return
    place, _, version = full_url.partition("/_history/")
    if full_url.startswith("urn:"):
        if resource.get("id") == full_url.rpartition(":")[2]:
            del resource["id"]
    elif "id" not in resource and (found := ID_IN_URL.fullmatch(place)):
        first = {"resourceType": resource["resourceType"], "id": found[1]}
        if version:
            first["meta"] = {"versionId": version, **resource.get("meta", {})}
        entry["resource"] = {**first, **{name: resource[name] for name in resource if name not in first}}
