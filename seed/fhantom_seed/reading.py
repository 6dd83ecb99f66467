"""Read the embedded seed; the standard library is enough."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

DATA = "data"
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Seed:
    """The embedded seed: FHIR resources in R5 and R4, and the DICOM objects that they speak of.

    `digest` names the whole content: it is the SHA-256 (hex) of the manifest, and the manifest holds the
    SHA-256 of every member.
    """

    folder: Traversable
    digest: str
    manifest: Mapping[str, Any]

    @property
    def packs(self) -> tuple[str, ...]:
        """The names of the packs of DICOM objects, one a patient: what several processes can share out."""
        return tuple(self.manifest["dicom"]["packs"])

    def resources(self, fhir_version: str) -> Iterator[bytes]:
        """JSON texts of all resources of `R5` or `R4`, in an order in which references point backwards."""
        member = self.manifest["fhir"][fhir_version]["file"]
        yield from (self.folder / member).read_bytes().splitlines()

    def instances(self, *packs: str) -> Iterator[bytes]:
        """The bytes (PS3.10) of all DICOM objects, or of those in `packs`, study by study."""
        for name in packs or self.packs:
            with zipfile.ZipFile(io.BytesIO((self.folder / "dicom" / name).read_bytes())) as pack:
                for member in pack.infolist():
                    yield pack.read(member)


def open_seed(folder: Traversable | None = None) -> Seed:
    """The seed that ships with the package, or the one that the generator wrote to `folder`."""
    root = folder or files("fhantom_seed") / DATA
    text = (root / MANIFEST).read_bytes()
    return Seed(root, hashlib.sha256(text).hexdigest(), json.loads(text))
