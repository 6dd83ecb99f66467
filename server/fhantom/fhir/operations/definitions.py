"""OperationDefinitions of the operations in `table`, made when they are asked for."""

from __future__ import annotations

from typing import Any

from fhantom.fhir.operations.table import Operation, named, of_system, of_type


def definition_id(row: Operation, resource_type: str = "") -> str:
    """The id of an operation's definition, at the server or at a type: `Patient-it-everything`."""
    if not resource_type:
        return f"Server-s-{row.name}"
    levels = ("i" if row.on_instance else "") + ("t" if row.on_type else "")
    return f"{resource_type}-{levels}-{row.name}"


def definition(base: str, id: str) -> dict[str, Any] | None:
    """The OperationDefinition of that id on the server at `base`, None if there is none."""
    owner, _, rest = id.partition("-")
    name = rest.partition("-")[2]
    resource_type = "" if owner == "Server" else owner
    rows = of_type(resource_type) if resource_type else of_system()
    row = next((row for row in rows if row.name == name), None)
    if row is None or definition_id(row, resource_type) != id:
        return None
    made: dict[str, Any] = {
        "resourceType": "OperationDefinition",
        "id": id,
        "url": f"{base}/OperationDefinition/{id}",
        "name": row.name,
        "status": "active",
        "kind": "operation",
        "affectsState": "GET" not in row.methods,
        "code": row.name,
    }
    if resource_type:
        made["resource"] = [resource_type]
    made |= {
        "system": not resource_type,
        "type": bool(resource_type) and named(name, resource_type, instance=False) is not None,
        "instance": bool(resource_type) and named(name, resource_type, instance=True) is not None,
    }
    return made
