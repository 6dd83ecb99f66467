"""Texts that hold FHIR resources, one, a Bundle of them or many as NDJSON, taken apart one resource at a time."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fhantom.definitions.jsontext import read_at
from fhantom.loading.files import ORDER

Json = dict[str, Any]

_SPACE = re.compile(r"[ \t\r\n]*")
PIECE = 1024 * 1024
"""Bytes of NDJSON that are one source."""

_UNPACKED = frozenset({"transaction", "batch", "collection", "searchset"})
"""Types of Bundle that only carry resources; the others (document, message, history) are kept as they are."""

_FIRST = (
    *("hospitalInformation", "organizations", "practitionerInformation", "practitioners"),  # Synthea's exporters
    *("Organization", "Location", "Practitioner", "PractitionerRole", "Device", "Medication", "Patient", "Encounter"),
)
"""How names of files begin whose content the others refer to; FHIR Bulk Data names a file by its resource type."""

_RANK = {name: rank for rank, name in enumerate([*_FIRST, *(name for name in ORDER if name not in _FIRST)])}


@dataclass(frozen=True, slots=True)
class Source:
    """A JSON text with one resource, a Bundle, or a resource on each line; `first` is the number of its first line."""

    name: str
    body: bytes
    first: int = 1


@dataclass(frozen=True, slots=True)
class Found:
    """A resource as a source has it, or the reason why there is none.

    Attributes:
        id: under which it is to be stored.
        names: what references of its Bundle call each other by, and `Type/id` instead.
    """

    name: str
    resource: Json | None = None
    id: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""


def below(folder: Path) -> Iterator[Source]:
    """What the `.json` and `.ndjson` files below a folder hold, what is referred to before what refers to it.

    Hidden files are passed over; NDJSON comes a megabyte at a time, so that no file is too large.
    """
    for path in sorted(_files(folder), key=_place):
        name = path.relative_to(folder).as_posix()
        if path.suffix == ".json":
            yield Source(name, path.read_bytes())
        else:
            yield from _pieces(path, name)


def count(folder: Path) -> int:
    """About how many sources `below` gives."""
    return sum(1 if path.suffix == ".json" else 1 + path.stat().st_size // PIECE for path in _files(folder))


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.suffix in (".json", ".ndjson") and not name.startswith(".") and "/." not in name and path.is_file():
            yield path


def _place(path: Path) -> tuple[int, str]:
    word = re.split(r"[^A-Za-z]", path.name, maxsplit=1)[0]
    return _RANK.get(word, len(_RANK)), path.as_posix()


def _pieces(path: Path, name: str) -> Iterator[Source]:
    first = 1
    with open(path, "rb") as file:
        while lines := file.readlines(PIECE):
            yield Source(name, b"".join(lines), first)
            first += len(lines)


def resources_of(source: Source) -> Iterator[Found]:
    """The resources of a source in order. A text that ends early gives nothing but the reason, a line spoils itself."""
    try:
        text = source.body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        yield Found(source.name, reason=f"it is not UTF-8 at byte {error.start}")
        return
    if not _is_ndjson(text):
        yield from _of_text(source.name, text)
        return
    for number, line in enumerate(text.split("\n"), start=source.first):
        if line.strip():
            yield from _of_text(f"{source.name} line {number}", line)


def _is_ndjson(text: str) -> bool:
    line, _, rest = text.lstrip().partition("\n")
    if not line.rstrip().endswith("}") or not rest.strip():
        return False
    try:
        read_at(line, 0)
    except (ValueError, RecursionError):
        return False
    return True


def _of_text(name: str, text: str) -> Iterator[Found]:
    try:
        members, entries = _outline(text)
    except (ValueError, IndexError) as error:
        yield Found(name, reason=f"it is not JSON: {error}")
        return
    except RecursionError:
        yield Found(name, reason="it is nested too deeply")
        return
    if members.get("resourceType") == "Bundle" and members.get("type", "transaction") in _UNPACKED:
        yield from _of_bundle(name, text, entries)
        return
    if entries:
        members["entry"] = [read_at(text, at)[0] for at in entries]
    if not isinstance(members.get("resourceType"), str):
        yield Found(name, reason="it is JSON, but not a FHIR resource")
        return
    yield Found(name, members, _id(members, "", text))


def _of_bundle(name: str, text: str, entries: list[int]) -> Iterator[Found]:
    names: dict[str, str] = {}
    for at in entries:
        entry, end = read_at(text, at)
        resource, url = _resource(entry)
        if resource is not None and url:
            names[url] = f"{resource['resourceType']}/{_id(resource, url, text[at:end])}"
    for number, at in enumerate(entries, start=1):
        entry, end = read_at(text, at)
        resource, url = _resource(entry)
        told = f"{name} entry {number}"
        if resource is None:
            yield Found(told, reason="it has no resource")
        else:
            yield Found(told, resource, _id(resource, url, text[at:end]), names)


def _resource(entry: Any) -> tuple[Json | None, str]:
    """The resource of an entry and its fullUrl."""
    if not isinstance(entry, dict):
        return None, ""
    resource, url = entry.get("resource"), entry.get("fullUrl")
    if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
        return None, ""
    return resource, url if isinstance(url, str) else ""


def _id(resource: Json, full_url: str, text: str) -> str:
    """Its own id, else that of its fullUrl, else a digest, which comes out the same when it is loaded again."""
    id = resource.get("id")
    if isinstance(id, str) and id and id != "random":
        return id
    if full_url.startswith("urn:uuid:"):
        return full_url.removeprefix("urn:uuid:")
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _outline(text: str) -> tuple[Json, list[int]]:
    """The members of an object but for `entry`, and where each entry begins: a Bundle need not be in memory as a whole.

    ValueError or IndexError if it is not the JSON of one object.
    """
    members: Json = {}
    entries: list[int] = []
    at = _after_space(text, 0)
    if text[at] != "{":
        raise ValueError("it does not begin with {")
    at = _after_space(text, at + 1)
    while text[at] != "}":
        if text[at] != '"':
            raise ValueError(f"a name is missing at character {at}")
        name, at = read_at(text, at)
        at = _after_space(text, at)
        if text[at] != ":":
            raise ValueError(f"a colon is missing at character {at}")
        at = _after_space(text, at + 1)
        if name == "entry" and text[at] == "[":
            at = _pass_entries(text, at, entries)
        else:
            members[name], at = read_at(text, at)
        at = _next(text, at, "}")
    return members, entries


def _pass_entries(text: str, at: int, entries: list[int]) -> int:
    at = _after_space(text, at + 1)
    while text[at] != "]":
        entries.append(at)
        _, at = read_at(text, at)
        at = _next(text, at, "]")
    return at + 1


def _next(text: str, at: int, end: str) -> int:
    at = _after_space(text, at)
    if text[at] == ",":
        return _after_space(text, at + 1)
    if text[at] != end:
        raise ValueError(f"a comma is missing at character {at}")
    return at


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
