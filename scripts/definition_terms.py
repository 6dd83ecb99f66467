"""Codes of value sets and code systems, for scripts/generate_definitions.py."""

from __future__ import annotations

import hashlib
from typing import Any

from fhantom.definitions.terminology import NotExpandable, Terminology

Definition = dict[str, Any]
Package = dict[str, list[Definition]]

KEPT = {
    "ValueSet": ("resourceType", "url", "version", "name", "title", "status", "compose"),
    "CodeSystem": ("resourceType", "url", "version", "name", "title", "content", "caseSensitive", "concept"),
    "ConceptMap": (
        *("resourceType", "url", "version", "name", "group", "sourceUri", "targetUri", "sourceCanonical"),
        *(
            "targetCanonical",
            "sourceScopeUri",
            "targetScopeUri",
            "sourceScopeCanonical",
            "targetScopeCanonical",
        ),
    ),
}
KEPT_OF_CONCEPT = ("code", "display", "definition", "property", "concept")


def code_lists(package: Package, value_sets: list[str]) -> dict[str, list[str]]:
    """URL to sorted codes of those of `value_sets` whose codes are all in the package."""
    by_url = {(kind, d["url"]): d for kind in KEPT for d in package[kind] if "url" in d}
    terminology = Terminology(lambda kind, url: by_url.get((kind, url)))
    found: dict[str, list[str]] = {}
    for url in value_sets:
        try:
            found[url] = sorted({coding.code for coding in terminology.expand(by_url["ValueSet", url])})
        except (KeyError, NotExpandable) as missing:
            print(f"  {url}: not enumerable ({missing})")
    return found


def concept_row(concept: Definition) -> Definition:
    """A concept without designations, extensions and texts about its use."""
    row = {name: concept[name] for name in KEPT_OF_CONCEPT if name in concept}
    if "concept" in row:
        row["concept"] = [concept_row(child) for child in row["concept"]]
    return row


def terminology_members(package: Package) -> dict[str, Any]:
    """The archive of value sets, code systems and concept maps: an index by URL, one member each."""
    members: dict[str, Any] = {}
    index: dict[str, dict[str, str]] = {kind: {} for kind in KEPT}
    for kind, names in KEPT.items():
        for definition in package[kind]:
            if "url" not in definition:
                continue
            row = {name: definition[name] for name in names if name in definition}
            if "concept" in row:
                row["concept"] = [concept_row(concept) for concept in row["concept"]]
            member = f"{kind}/{hashlib.sha256(definition['url'].encode()).hexdigest()[:12]}.json"
            index[kind][definition["url"]] = member
            members[member] = row
    return {"index.json": index, **members}
