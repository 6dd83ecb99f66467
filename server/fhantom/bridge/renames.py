"""Elements that R5 names otherwise than R4 (each type's page "R4 to R5" of the FHIR specification).

An element that has the same name in both versions needs no row, whatever its types: `converting` adapts those. Types
are those of the SIIM and Coherent data.
"""

from __future__ import annotations

# (type, element in R5) -> elements in R4, the first that takes the value.
R5_TO_R4: dict[tuple[str, str], tuple[str, ...]] = {
    ("Device", "name"): ("deviceName",),
    ("Device", "biologicalSourceEvent"): ("distinctIdentifier",),
    ("DiagnosticReport", "study"): ("imagingStudy",),
    ("Encounter", "actualPeriod"): ("period",),
    ("Encounter", "admission"): ("hospitalization",),
    ("Encounter.participant", "actor"): ("individual",),
    ("Encounter.location", "form"): ("physicalType",),
    ("ImagingStudy", "procedure"): ("procedureReference", "procedureCode"),
    ("ImagingStudy", "reason"): ("reasonReference", "reasonCode"),
    ("Immunization", "reason"): ("reasonReference", "reasonCode"),
    ("Immunization.reaction", "manifestation"): ("detail",),
    ("Medication", "doseForm"): ("form",),
    ("Medication", "marketingAuthorizationHolder"): ("manufacturer",),
    ("MedicationRequest", "reason"): ("reasonReference", "reasonCode"),
    ("MedicationRequest", "informationSource"): ("reported",),
    ("Procedure", "occurrence"): ("performed",),
    ("Procedure", "reason"): ("reasonReference", "reasonCode"),
    ("ServiceRequest", "reason"): ("reasonReference", "reasonCode"),
}

# The same rows the other way; several R4 elements may end in one of R5.
R4_TO_R5: dict[tuple[str, str], tuple[str, ...]] = {
    (kind, old): (new,) for (kind, new), olds in R5_TO_R4.items() for old in olds
}

# code (R4) <-> CodeableConcept (R5): the system that the codes come from.
CODE_SYSTEMS: dict[tuple[str, str], str] = {
    ("AllergyIntolerance", "type"): "http://hl7.org/fhir/allergy-intolerance-type",
}

# Codes of required bindings that R5 calls otherwise (ValueSet encounter-status): R4 -> R5.
R4_TO_R5_CODES: dict[tuple[str, str], dict[str, str]] = {
    ("Encounter", "status"): {
        "arrived": "in-progress",
        "triaged": "in-progress",
        "onleave": "on-hold",
        "finished": "completed",
    },
}
# Not the same rows the other way: several codes of one version may be one of the other.
R5_TO_R4_CODES: dict[tuple[str, str], dict[str, str]] = {
    ("Encounter", "status"): {
        "on-hold": "onleave",
        "discharged": "finished",
        "completed": "finished",
        "discontinued": "cancelled",
    },
}
