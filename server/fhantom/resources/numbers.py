"""The integers by which types, parameters, systems and resources are named in the tables.

They are digests of the names, so that any process can compute them without asking the database, and a world's
file fits every later release of fhantom. A test holds that no two names of the definitions share a number.
"""

from __future__ import annotations

import hashlib
import zlib
from functools import cache

from fhantom.definitions import Version, load

_HALF = 1 << 31
VERSIONS: tuple[Version, ...] = ("R4", "R5")
RELEASE: dict[Version, int] = {"R4": 4, "R5": 5}


def type_number(version: Version, resource_type: str) -> int:
    """A resource type of one FHIR version, in 32 bits."""
    return zlib.crc32(f"{version}/{resource_type}".encode()) - _HALF


def parameter_number(version: Version, resource_type: str, code: str) -> int:
    """A search parameter of one resource type, in 32 bits."""
    return zlib.crc32(f"{version}/{resource_type}/{code}".encode()) - _HALF


def contained(resource_type: str) -> str:
    """The name by which parameters of contained resources of a type are numbered."""
    return f"{resource_type}#contained"


def resource_key(version: Version, resource_type: str, id: str) -> int:
    """A resource, whether it is stored or only referred to, in 64 bits."""
    return text_number(f"{version}/{resource_type}/{id}")


def url_key(url: str) -> int:
    """The target of a reference by URL or canonical, in 64 bits."""
    return text_number(f"url {url}")


def text_number(text: str) -> int:
    """Any text, such as a code system's URL, in 64 bits; the empty text is 0."""
    if not text:
        return 0
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def is_type(version: Version, name: str) -> bool:
    """Whether parameters of that name are those of resources of a type, not of contained ones."""
    return load(version).is_resource(name)


@cache
def type_names() -> dict[int, tuple[Version, str]]:
    """Type number to FHIR version and name."""
    return {
        type_number(version, name): (version, name) for version in VERSIONS for name in load(version).resource_types
    }
