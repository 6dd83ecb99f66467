"""The CapabilityStatement, built from the definitions and from the parameters that are stored."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from fhantom.definitions import SearchParameter
from fhantom.fhir.operations import definitions, table
from fhantom.resources.model import SearchModel

HAPI_VERSION = "8.8.0"
SERVER = f"HAPI FHIR {HAPI_VERSION}"
"""The server that fhantom stands in for, as its answers name it."""

_FORMATS = (
    "application/fhir+xml",
    "xml",
    "application/fhir+json",
    "json",
    "application/x-turtle",
    "ttl",
    "html/json",
    "html/xml",
    "html/turtle",
)
_PATCH_FORMATS = (
    "application/fhir+json",
    "application/fhir+xml",
    "application/json-patch+json",
    "application/xml-patch+xml",
)
_INTERACTIONS = (
    "read",
    "vread",
    "update",
    "patch",
    "delete",
    "history-instance",
    "history-type",
    "create",
    "search-type",
)
_SYSTEM_INTERACTIONS = ("transaction", "history-system")
# What the real server shows of every type besides the type's own parameters; those of full text are hidden.
_EVERYWHERE = (
    ("_filter", "string"),
    ("_has", "string"),
    ("_list", "string"),
)
_HIDDEN = frozenset({"_content", "_text", "_type", "_query", "_language", "_in", "_filter", "_has", "_list"})


def _shown(model: SearchModel, resource_type: str) -> list[SearchParameter]:
    """The parameters of a type that the statement lists, sorted by code."""
    return [row for code, row in model.parameters(resource_type).items() if code not in _HIDDEN]


def _reverse_includes(model: SearchModel) -> dict[str, list[str]]:
    """For each type, the `Type:parameter` that can refer to it."""
    found: dict[str, list[str]] = defaultdict(list)
    for source in model.definitions.resource_types:
        for row in model.parameters(source).values():
            if row.type == "reference" and row.code not in _HIDDEN:
                for target in row.targets or model.definitions.resource_types:
                    found[target].append(f"{source}:{row.code}")
    return {target: sorted(names) for target, names in found.items()}


def _resource(model: SearchModel, base: str, name: str, reverse: list[str]) -> dict[str, Any]:
    parameters = _shown(model, name)
    documentation = model.definitions.search_parameter_documentation(name)
    rows: list[dict[str, Any]] = [{"name": code, "type": kind} for code, kind in _EVERYWHERE]
    for parameter in parameters:
        row = {"name": parameter.code, "definition": parameter.url, "type": parameter.type}
        if text := documentation.get(parameter.code):
            row["documentation"] = text
        rows.append(row)
    rows.sort(key=lambda row: str(row["name"]))
    references = [f"{name}:{row.code}" for row in parameters if row.type == "reference"]
    statement: dict[str, Any] = {
        "type": name,
        "profile": f"http://hl7.org/fhir/StructureDefinition/{name}",
        "interaction": [{"code": code} for code in _INTERACTIONS],
        "versioning": "versioned-update",
        "conditionalCreate": True,
        "conditionalUpdate": True,
        "conditionalDelete": "multiple",
        "searchInclude": ["*", *references],
        "searchRevInclude": reverse,
        "searchParam": rows,
        "operation": [_operation(base, row, name) for row in table.of_type(name)],
    }
    if not reverse:
        del statement["searchRevInclude"]
    return statement


def _operation(base: str, row: table.Operation, resource_type: str = "") -> dict[str, str]:
    definition = f"{base}/OperationDefinition/{definitions.definition_id(row, resource_type)}"
    return {"name": row.name, "definition": definition}


def statement(model: SearchModel, base: str, date: str, id: str) -> dict[str, Any]:
    """The statement of the server at `base`, made at the instant `date`."""
    version, tables = model.version, model.definitions
    reverse = _reverse_includes(model)
    return {
        "resourceType": "CapabilityStatement",
        "id": id,
        "name": "RestServer",
        "status": "active",
        "date": date,
        "publisher": "Not provided",
        "kind": "instance",
        "software": {"name": "HAPI FHIR Server", "version": HAPI_VERSION},
        "implementation": {"description": f"HAPI FHIR {version} Server", "url": base},
        "fhirVersion": tables.fhir_version,
        "format": list(_FORMATS),
        "patchFormat": list(_PATCH_FORMATS),
        "rest": [
            {
                "mode": "server",
                "resource": [_resource(model, base, name, reverse.get(name, [])) for name in tables.resource_types],
                "interaction": [{"code": code} for code in _SYSTEM_INTERACTIONS],
                "operation": [_operation(base, row) for row in table.of_system()],
            }
        ],
    }
