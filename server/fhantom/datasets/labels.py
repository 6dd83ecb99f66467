"""Where a resource came from and under which licence, kept in its `meta`."""

from __future__ import annotations

import re
from typing import Any

from fhantom.datasets.catalogue import Dataset
from fhantom.world.provenance import Licence

DATASET = "urn:fhantom:dataset"
LICENCE = "urn:fhantom:licence"


def labelled(resource: dict[str, Any], dataset: Dataset, licence: Licence, source: str = "") -> dict[str, Any]:
    """The resource with its data set and licence as `meta.tag`, and where it is from as `meta.source` unless it says.

    A tag's display names who is to be named; other tags stay.
    """
    meta = dict(resource.get("meta") or {})
    others = [tag for tag in meta.get("tag") or [] if tag.get("system") not in (DATASET, LICENCE)]
    meta["tag"] = [
        *others,
        {"system": DATASET, "code": dataset.name, "display": dataset.title},
        {"system": LICENCE, "code": code_of(licence), "display": f"{licence.name}; {licence.attribution}"},
    ]
    meta.setdefault("source", source or dataset.page)
    return {**resource, "meta": meta}


def code_of(licence: Licence) -> str:
    """A licence's name as a code: `CC-BY-4.0` of `CC BY 4.0`, as SPDX has it."""
    return re.sub(r"[^0-9A-Za-z.]+", "-", licence.name).strip("-") or "unknown"
