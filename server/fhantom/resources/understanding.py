"""From the parameters of a URL to a `Search`: names resolved, modifiers checked, values parsed."""

from __future__ import annotations

from collections.abc import Sequence

from fhantom.resources.model import SearchModel
from fhantom.resources.query import Search


def understand(model: SearchModel, resource_type: str, pairs: Sequence[tuple[str, str]]) -> Search:
    """The search that decoded `pairs` ask for among `resource_type` (empty: the whole system).

    Takes every search parameter, chain and `_has`, and of the others `_count`, `_offset`, `_sort`, `_include`,
    `_revinclude`, `_total`, `_summary=count`; those that only shape the answer (`_format`, `_pretty`, `_elements`,
    `_summary`, `_bundletype`) are passed over. SearchRefusal says what cannot be understood, as HAPI numbers it.
    """
    ...
