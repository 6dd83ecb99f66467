"""Codes of value sets and code systems, for scripts/generate_definitions.py."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

Definition = dict[str, Any]
Package = dict[str, list[Definition]]


class NotEnumerable(Exception):
    """The codes are not in the package: an external code system, or a filter over one."""


def concepts(rows: list[Definition]) -> Iterator[Definition]:
    """Each concept of a hierarchy, parents first."""
    for row in rows:
        yield row
        yield from concepts(row.get("concept", []))


def code_lists(package: Package, value_sets: list[str]) -> dict[str, list[str]]:
    """URL to sorted codes of those of `value_sets` whose codes are all in the package."""
    by_url = {d["url"]: d for kind in ("ValueSet", "CodeSystem") for d in package[kind]}
    found: dict[str, list[str]] = {}
    for url in value_sets:
        try:
            found[url] = sorted(value_set_codes(url, by_url))
        except NotEnumerable as missing:
            print(f"  {url}: not enumerable ({missing})")
    return found


def value_set_codes(url: str, by_url: dict[str, Definition]) -> set[str]:
    """The codes of one value set, of whatever system; raises NotEnumerable."""
    value_set = by_url.get(url.partition("|")[0])
    if value_set is None or value_set["resourceType"] != "ValueSet":
        raise NotEnumerable(url)
    compose = value_set.get("compose", {})
    codes = set[str]().union(*(included(part, by_url) for part in compose.get("include", [])))
    for part in compose.get("exclude", []):
        codes -= included(part, by_url)
    if not codes:
        raise NotEnumerable(url)
    return codes


def included(part: Definition, by_url: dict[str, Definition]) -> set[str]:
    """The codes of one include or exclude of a value set's compose."""
    sets = [value_set_codes(url, by_url) for url in part.get("valueSet", [])]
    if "concept" in part:
        sets.append({concept["code"] for concept in part["concept"]})
    elif "system" in part:
        sets.append(system_codes(part, by_url))
    return set.intersection(*sets)


def system_codes(part: Definition, by_url: dict[str, Definition]) -> set[str]:
    """The codes of an include that names a system, after its filters."""
    system = by_url.get(part["system"].partition("|")[0])
    if system is None or system.get("content") != "complete" or "concept" not in system:
        raise NotEnumerable(part["system"])
    codes = {concept["code"] for concept in concepts(system["concept"])}
    for condition in part.get("filter", []):
        codes &= filtered(system, condition)
    return codes


def filtered(system: Definition, condition: Definition) -> set[str]:
    """The codes of a code system that one filter of a value set lets through."""
    operation, value = condition["op"], condition["value"]
    rows = list(concepts(system["concept"]))
    if operation in ("is-a", "descendent-of", "is-not-a"):
        below = descendants(rows, value)
        if operation == "is-not-a":
            return {row["code"] for row in rows} - below - {value}
        return below | {value} if operation == "is-a" else below
    if operation in ("=", "in"):
        wanted = value.split(",")
        return {
            row["code"]
            for row in rows
            for held in row.get("property", [])
            if held["code"] == condition["property"] and str(next(iter(rest(held)))) in wanted
        }
    raise NotEnumerable(f"filter {operation}")


def rest(held: Definition) -> list[Any]:
    """The value of a concept's property as a list of one."""
    return [value for key, value in held.items() if key.startswith("value")] or [""]


def parents(row: Definition) -> Iterator[str]:
    """Codes that subsume a concept by property, as the flat code systems say it."""
    for held in row.get("property", []):
        if held["code"] in ("subsumedBy", "parent"):
            yield str(rest(held)[0])


def descendants(rows: list[Definition], ancestor: str) -> set[str]:
    """Codes below `ancestor`, by nesting and by parent properties."""
    children: dict[str, set[str]] = {}
    for row in rows:
        children.setdefault(row["code"], set()).update(child["code"] for child in row.get("concept", []))
        for parent in parents(row):
            children.setdefault(parent, set()).add(row["code"])
    below, waiting = set[str](), [ancestor]
    while waiting:
        for child in children.get(waiting.pop(), ()):
            if child not in below:
                below.add(child)
                waiting.append(child)
    return below


def concept_row(concept: Definition) -> list[Any]:
    """Code, display, definition, children and parents by property; empty values at the end are left out."""
    row = [
        concept["code"], concept.get("display", ""), concept.get("definition", ""),
        [concept_row(child) for child in concept.get("concept", [])], list(parents(concept)),
    ]  # fmt: skip
    while not row[-1]:
        row.pop()
    return row


def terminology_members(package: Package) -> dict[str, Any]:
    """The archive of value sets, code systems and concept maps: an index by URL, one member each."""
    members: dict[str, Any] = {}
    index: dict[str, dict[str, str]] = {"ValueSet": {}, "CodeSystem": {}, "ConceptMap": {}}
    kept = {
        "ValueSet": ("url", "version", "name", "title", "status", "compose"),
        "CodeSystem": ("url", "version", "name", "title", "content", "caseSensitive", "valueSet"),
        "ConceptMap": (
            "url", "version", "name", "group", "sourceUri", "targetUri", "sourceCanonical", "targetCanonical",
            "sourceScopeUri", "targetScopeUri", "sourceScopeCanonical", "targetScopeCanonical",
        ),
    }  # fmt: skip
    for kind, names in kept.items():
        for definition in package[kind]:
            if "url" not in definition:
                continue
            row = {name: definition[name] for name in names if name in definition}
            if kind == "CodeSystem":
                row["concept"] = [concept_row(concept) for concept in definition.get("concept", [])]
            member = f"{kind}/{hashlib.sha256(definition['url'].encode()).hexdigest()[:12]}.json"
            index[kind][definition["url"]] = member
            members[member] = row
    return {"index.json": index, **members}
