"""What fhir.resources says of a resource: a validator by other hands, asked in strict validation only."""

from __future__ import annotations

from typing import Any

from fhantom.definitions import Version
from fhantom.fhir.validation import Finding

# Its models of R4 are those of R4B, the nearest that it has.
_PACKAGES: dict[Version, str] = {"R5": "fhir.resources", "R4": "fhir.resources.R4B"}


def second_opinion(version: Version, resource: dict[str, Any]) -> list[Finding]:
    """Its errors as findings; none for a type that it lacks."""
    import importlib

    from pydantic import ValidationError

    name = str(resource["resourceType"])
    try:
        model = importlib.import_module(_PACKAGES[version]).get_fhir_model_class(name)
    except ValueError:
        return []
    try:
        model.model_validate(resource)
    except ValidationError as error:
        return [
            Finding("error", f"fhir.resources: {row['msg']}", "", ".".join([name, *map(str, row["loc"])]))
            for row in error.errors()
        ]
    return []
