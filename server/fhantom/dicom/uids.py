"""UIDs: their form, their names, new ones under a root."""

from __future__ import annotations

FHANTOM_ROOT = "2.25"  # UUID-derived, PS3.5 B.2


def is_uid(text: str) -> bool:
    """Whether it has a UID's form (PS3.5 9.1): digits and dots, at most 64; leading zeros are tolerated."""
    ...


def new_uid() -> str:
    """A UID that nobody else has."""
    ...


def derived_uid(*parts: str) -> str:
    """The UID that always belongs to these texts."""
    ...


def uid_name(uid: str) -> str:
    """The name PS3.6 gives it, or the UID itself."""
    ...
