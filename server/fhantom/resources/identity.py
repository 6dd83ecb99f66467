"""What a resource keeps of itself when it is stored, and what the store adds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

OF_THE_STORE = ("versionId", "lastUpdated")
"""What of `meta` the store knows better than any client."""


def without_identity(resource: Mapping[str, Any], meta: Mapping[str, Any]) -> dict[str, Any]:
    """The resource as it is kept: no id, no version, no time; `meta` in place of its own."""
    kept: dict[str, Any] = {"resourceType": resource["resourceType"]}
    if rest := {name: value for name, value in meta.items() if name not in OF_THE_STORE}:
        kept["meta"] = rest
    for name, value in resource.items():
        if name not in ("resourceType", "id", "meta"):
            kept[name] = value
    return kept
