"""UIDs: their form, their names, new ones under a root."""

from __future__ import annotations

import re
import uuid
from functools import cache
from typing import NamedTuple

from fhantom.dicom.dictionary import table

UUID_ROOT = "2.25"  # PS3.5 B.2: a UUID as one decimal component
IMPLEMENTATION_CLASS_UID = "2.25.190046339117310318432361417386170433829"
NAMESPACE = uuid.UUID("8ef9a0a7-1a5b-4b8f-9c06-4f1f6f3d7a25")


class Implementation(NamedTuple):
    """Who wrote a file (PS3.7 D.3.3.2)."""

    class_uid: str
    version_name: str


FHANTOM = Implementation(IMPLEMENTATION_CLASS_UID, "FHANTOM_1")
# What the real server writes into an answer that it transcodes, recorded: the toolkit that does it there.
REAL_SERVER = Implementation("1.2.276.0.7230010.3.0.3.6.7", "OFFIS_DCMTK_367")

_FORM = re.compile(r"[0-9]+(\.[0-9]+)*")


def is_uid(text: str) -> bool:
    """Whether it has a UID's form (PS3.5 9.1): digits and dots, at most 64; leading zeros are tolerated."""
    return len(text) <= 64 and _FORM.fullmatch(text) is not None


def new_uid() -> str:
    """A UID that nobody else has."""
    return f"{UUID_ROOT}.{uuid.uuid4().int}"


def derived_uid(*parts: str) -> str:
    """The UID that always belongs to these texts."""
    return f"{UUID_ROOT}.{uuid.uuid5(NAMESPACE, '|'.join(parts)).int}"


def uid_name(uid: str) -> str:
    """The name PS3.6 gives it, or the UID itself."""
    row = _registry().get(uid)
    return row[1] if row else uid


def sop_classes() -> dict[str, str]:
    """Name by UID of every SOP class that PS3.6 registers."""
    return {uid: name for uid, (kind, name) in _registry().items() if kind == "SOP Class"}


@cache
def _registry() -> dict[str, tuple[str, str]]:
    return {uid: (kind, name) for uid, kind, name in table("uids")}
