"""HL7's own examples of R4 and R5, all of them: to JSON, to XML and back without loss.

They come from the npm packages of HL7, some 20 MB each, kept in the user's cache.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from fhantom.definitions import (
    DecimalText,
    Version,
    dump_json,
    dump_turtle,
    dump_xml,
    load,
    load_json,
    parse_json,
    parse_xml,
)

pytestmark = pytest.mark.long

PACKAGES: dict[Version, str] = {
    "R4": "hl7.fhir.r4.examples-4.0.1.tgz",
    "R5": "hl7.fhir.r5.examples-5.0.0.tgz",
}
CACHE = Path(os.environ.get("FHANTOM_PACKAGES", Path.home() / ".cache" / "fhantom-packages"))


def package(name: str) -> Path:
    """The package's archive in the cache, fetched if it is not there."""
    path = CACHE / name
    if not path.exists():
        npm = shutil.which("npm")
        if npm is None:
            pytest.skip(f"needs npm, or {name} in {CACHE}")
        CACHE.mkdir(parents=True, exist_ok=True)
        wanted = name.removesuffix(".tgz").replace("-", "@")
        if subprocess.run([npm, "pack", "--silent", wanted], cwd=CACHE, check=False).returncode:
            pytest.skip(f"npm cannot fetch {wanted}")
    return path


def examples(version: Version) -> Iterator[tuple[str, bytes]]:
    known = load(version)
    with tarfile.open(package(PACKAGES[version])) as archive:
        for member in archive:
            name = member.name.removeprefix("package/")
            if name.endswith(".json") and "/" not in name and known.is_resource(name.partition("-")[0]):
                file = archive.extractfile(member)
                assert file is not None
                yield name, file.read()


def kept_of(sent: Any) -> Any:
    """As much of an example as the real server keeps.

    It drops comments, `_name` without an extension, a list of `_name` without `name`, and the id of an entry that
    its urn repeats; and it takes 64-bit integers, which are strings in JSON, for numbers.
    """
    if isinstance(sent, list):
        return [kept_of(item) for item in sent]
    if not isinstance(sent, dict):
        return sent
    kept = {key: kept_of(item) for key, item in sent.items() if key != "fhir_comments"}
    for key in [key for key in kept if key.startswith("_")]:
        beside = kept[key] if isinstance(kept[key], list) else [kept[key]]
        lonely = isinstance(kept[key], list) and key[1:] not in kept
        if lonely or not any("extension" in one for one in beside if one):
            del kept[key]
    for key in INTEGERS_64 & kept.keys():
        kept[key] = int(kept[key])
    if "fullUrl" in kept and kept["fullUrl"] == f"urn:uuid:{kept.get('resource', {}).get('id')}":
        del kept["resource"]["id"]
    return {key: item for key, item in kept.items() if item != {}}


INTEGERS_64 = {"eventsSinceSubscriptionStart", "eventNumber", "maxValueInteger64", "minValueInteger64", "size"}
EMPTY_PAIR = re.compile(r"<(\w+)([^<>]*)></\1>")


def meaning(value: Any) -> Any:
    """What must not be lost: all but empty strings, white space within a string, and how XHTML closes what is empty."""
    if isinstance(value, dict):
        kept = {key: meaning(item) for key, item in value.items()}
        if "div" in kept:
            kept["div"] = "".join(EMPTY_PAIR.sub(r"<\1\2/>", value["div"]).split())
        return {key: item for key, item in kept.items() if item != ""}
    if isinstance(value, list):
        return [meaning(item) for item in value]
    if isinstance(value, DecimalText) or (isinstance(value, int) and not isinstance(value, bool)):
        return Decimal(str(value)).as_tuple() if abs(Decimal(str(value))) < 10**30 else Decimal(str(value))
    return "".join(value.split()) if isinstance(value, str) else value


@pytest.mark.parametrize("version", ["R4", "R5"])
def test_an_official_example_loses_nothing(version: Version) -> None:
    count = 0
    for name, body in examples(version):
        kept = parse_json(version, body)
        assert meaning(kept) == meaning(kept_of(json.loads(body, parse_float=DecimalText))), name
        assert load_json(dump_json(kept)) == kept, name
        again = parse_xml(version, dump_xml(version, kept, pretty=False))
        assert again == kept or ("<!--" in kept["text"]["div"] and meaning(again) == meaning(kept)), name
        assert dump_turtle(version, kept).endswith(b" .\n"), name
        count += 1
    assert count > 1000
