"""HL7's own examples of R4 and R5, all of them: to JSON, to XML and back without loss.

They come from the npm packages of HL7, some 20 MB each, kept in the user's cache.
"""

from __future__ import annotations

import json
import os
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


def meaning(value: Any) -> Any:
    """What must not be lost: all but comments, empty strings, and white space within a string."""
    if isinstance(value, dict):
        kept = {key: meaning(item) for key, item in value.items() if key != "fhir_comments"}
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
        assert meaning(kept) == meaning(json.loads(body, parse_float=DecimalText)), name
        assert load_json(dump_json(kept)) == kept, name
        assert parse_xml(version, dump_xml(version, kept, pretty=False)) == kept, name
        assert dump_turtle(version, kept).endswith(b" .\n"), name
        count += 1
    assert count > 1000
