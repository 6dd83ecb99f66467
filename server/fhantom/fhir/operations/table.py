"""Which operations there are, on what they work, and by which methods; the capability statement shows them.

Names and levels are those of the real server (recordings `metadata.operations`).
"""

from __future__ import annotations

from dataclasses import dataclass

EVERY = "*"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation.

    Attributes:
        name: without the dollar sign.
        types: resource types that have it; `*` is all of them. Empty for one of the server alone.
        system: it works at the server's base address.
        on_type: it works at a resource type.
        on_instance: it works at one resource.
        methods: HTTP methods that it takes.
        module: the module of this package that answers it; empty where the real server's own maintenance
            has no meaning here.
    """

    name: str
    types: tuple[str, ...] = ()
    system: bool = False
    on_type: bool = False
    on_instance: bool = False
    methods: tuple[str, ...] = ("POST",)
    module: str = ""
    is_told: bool = True
    """The capability statement lists it; what a setting switches on is not listed, as on the real server."""
    setting: str = ""
    """The setting that switches it on; empty if it is on always."""

    @property
    def is_refused(self) -> bool:
        """No request has it done; it is listed, and refused."""
        return self.module in ("", "maintenance")


_BOTH = ("GET", "POST")

OPERATIONS: tuple[Operation, ...] = (
    Operation("diff", (EVERY,), system=True, on_instance=True, methods=_BOTH, module="diff"),
    Operation("expunge", (EVERY,), system=True, on_type=True, on_instance=True, module="expunge"),
    Operation("get-resource-counts", system=True, methods=_BOTH, module="counts"),
    Operation("hapi.fhir.merge", (EVERY,), on_type=True, module="maintenance"),
    Operation("hapi.fhir.undo-merge", (EVERY,), on_type=True, module="maintenance"),
    Operation("hapi.fhir.reindex-status", system=True, methods=_BOTH, module="reindex"),
    Operation("hapi.fhir.replace-references", system=True, module="maintenance"),
    Operation("hapi.fhir.undo-replace-references", system=True, module="maintenance"),
    Operation("mark-all-resources-for-reindexing", system=True, module="reindex"),
    Operation("perform-reindexing-pass", system=True, module="reindex"),
    Operation("reindex", system=True, module="reindex"),
    Operation("reindex-terminology", system=True, module="maintenance"),
    Operation("meta", (EVERY,), system=True, on_type=True, on_instance=True, methods=("GET", "POST"), module="meta"),
    Operation("meta-add", (EVERY,), on_instance=True, module="meta"),
    Operation("meta-delete", (EVERY,), on_instance=True, module="meta"),
    Operation("validate", (EVERY,), on_type=True, on_instance=True, methods=_BOTH, module="validate"),
    Operation(
        "everything",
        ("Patient", "Encounter"),
        on_type=True,
        on_instance=True,
        methods=_BOTH,
        module="everything",
    ),
    Operation(
        "export",
        ("Patient", "Group"),
        system=True,
        on_type=True,
        on_instance=True,
        methods=_BOTH,
        module="export",
        is_told=False,
        setting="bulk_export",
    ),
    Operation(
        "export-poll-status",
        system=True,
        methods=("GET", "DELETE"),
        module="export",
        is_told=False,
        setting="bulk_export",
    ),
    Operation("export-file", system=True, methods=("GET",), module="export", is_told=False, setting="bulk_export"),
    Operation("lastn", ("Observation",), on_type=True, methods=_BOTH, module="lastn"),
    Operation("document", ("Composition",), on_instance=True, methods=_BOTH, module="document"),
    Operation("expand", ("ValueSet",), on_type=True, on_instance=True, methods=_BOTH, module="value_sets"),
    Operation(
        "validate-code",
        ("CodeSystem", "ValueSet"),
        on_type=True,
        on_instance=True,
        methods=_BOTH,
        module="validate_code",
    ),
    Operation("invalidate-expansion", ("ValueSet",), on_instance=True, module="value_sets"),
    Operation("lookup", ("CodeSystem",), on_type=True, methods=_BOTH, module="code_systems"),
    Operation("subsumes", ("CodeSystem",), on_type=True, methods=_BOTH, module="code_systems"),
    Operation("apply-codesystem-delta-add", ("CodeSystem",), on_type=True, module="maintenance"),
    Operation("apply-codesystem-delta-remove", ("CodeSystem",), on_type=True, module="maintenance"),
    Operation("upload-external-code-system", ("CodeSystem",), on_type=True, module="maintenance"),
    Operation("translate", ("ConceptMap",), on_type=True, on_instance=True, methods=_BOTH, module="concept_maps"),
    Operation(
        "snapshot",
        ("StructureDefinition",),
        on_type=True,
        on_instance=True,
        methods=_BOTH,
        module="maintenance",
    ),
    Operation(
        "status",
        ("Subscription",),
        on_type=True,
        on_instance=True,
        methods=_BOTH,
        module="subscription_status",
        is_told=False,
    ),
    Operation("trigger-subscription", ("Subscription",), on_type=True, on_instance=True, module="maintenance"),
)


def of_system() -> list[Operation]:
    """The operations at the base address, sorted by name."""
    return sorted((row for row in OPERATIONS if row.system and row.is_told), key=lambda row: row.name)


def of_type(resource_type: str) -> list[Operation]:
    """The operations of a resource type and its instances, sorted by name."""
    rows = (row for row in OPERATIONS if row.is_told and (resource_type in row.types or EVERY in row.types))
    return sorted(rows, key=lambda row: row.name)


def named(name: str, resource_type: str, *, instance: bool) -> Operation | None:
    """The operation at that level, None if there is none; an empty `resource_type` means the base address."""
    for row in OPERATIONS:
        if row.name != name:
            continue
        if not resource_type:
            fits = row.system
        elif resource_type in row.types or EVERY in row.types:
            fits = row.on_instance if instance else row.on_type
        else:
            fits = False
        if fits:
            return row
    return None
