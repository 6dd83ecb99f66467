"""FHIR resources under pseudonyms: what is not known to be harmless is left out, by the type of each element."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fhantom.definitions import Version, load
from fhantom.dicom.uids import is_uid
from fhantom.mirror.disguise import Disguise

Json = dict[str, Any]

# Types that are little but narrative or attachment, and those that tell of who looked at what.
DROPPED = frozenset(
    ("Binary", "DocumentReference", "Media", "Communication", "CommunicationRequest", "AuditEvent", "Provenance")
)

# Datatypes that name, describe or carry anything at all (FHIR datatypes); absent from what is written.
_LEFT_OUT = frozenset(
    (
        *("Narrative", "Annotation", "Attachment", "Signature", "Extension", "xhtml", "base64Binary"),
        *("HumanName", "Address", "ContactPoint", "ContactDetail", "ExtendedContactDetail", "Meta"),
        *("string", "markdown", "url"),
    )
)

# Texts that belong to a code or a unit, not to a person.
_KEPT_TEXTS = frozenset(
    (
        *(("Coding", "display"), ("Coding", "version"), ("CodeableConcept", "text")),
        *(("Quantity", "unit"), ("SimpleQuantity", "unit"), ("Age", "unit"), ("Duration", "unit")),
        *(("Dosage", "text"), ("SampledData", "data"), ("SampledData", "codeMap")),
    )
)

PSEUDED = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "PSEUDED",
    "display": "pseudonymized",
}
_STUDY_UID = "urn:dicom:uid"


class FhirDisguise:
    """Resources of one FHIR version under the pseudonyms of a pull."""

    def __init__(self, version: Version, disguise: Disguise) -> None:
        self._definitions = load(version)
        self._disguise = disguise
        self._treatments: dict[str, Callable[[Any], Any]] = {
            "date": disguise.moment,
            "dateTime": disguise.moment,
            "instant": disguise.moment,
            "id": self._id,
            "Identifier": self._identifier,
            "Reference": self._reference,
            "Resource": self._contained,
        }

    def resource(self, resource: Json) -> Json | None:
        """The resource; None for one of a type that is left out."""
        kind = resource["resourceType"]
        if kind in DROPPED or kind not in self._definitions.resource_types:
            return None
        made = {"resourceType": kind, "id": self._id_of(kind, resource.get("id", "")), "meta": {"security": [PSEUDED]}}
        made |= {name: value for name, value in self._complex(resource, kind).items() if name not in made}
        if kind == "Patient":
            made["name"] = [{"family": self._disguise.name(_patient_id(resource))}]
        return made

    def reference(self, reference: str) -> str:
        """`Type/id` as the disguised resources call it."""
        kind, _, id = reference.partition("/")
        return f"{kind}/{self._id_of(kind, id)}"

    def _id_of(self, kind: str, id: str) -> str:
        return self._disguise.token("resource", kind, id)

    def _complex(self, value: Json, path: str) -> Json:
        keys, made = self._definitions.type(path).keys, {}
        for name, one in value.items():
            key = keys.get(name)  # extensions of primitives stand under names with an underscore, and are left out
            if key is None or name == "resourceType":
                continue
            if key.type in _LEFT_OUT and (path, name) not in _KEPT_TEXTS:
                continue
            treated = self._each(one, key.type, key.is_primitive)
            if treated not in (None, "", [], {}):
                made[name] = treated
        return made

    def _each(self, value: Any, type: str, is_primitive: bool) -> Any:
        if isinstance(value, list):
            return [found for one in value if (found := self._each(one, type, is_primitive)) not in (None, "", {})]
        treatment = self._treatments.get(type)
        if treatment is not None:
            return treatment(value)
        return value if is_primitive or not isinstance(value, dict) else self._complex(value, type)

    def _id(self, value: str) -> str:
        """An element of type id: the UID of a series (FHIR ImagingStudy.series.uid), or a name within the resource."""
        return self._disguise.uid(value) if is_uid(value) else self._disguise.token("id", value)

    def _identifier(self, value: Json) -> Json:
        made: Json = {name: one for name, one in value.items() if name in ("use", "system")}
        if "type" in value:
            made["type"] = self._complex(value["type"], "CodeableConcept")
        text = str(value.get("value", ""))
        if value.get("system") == _STUDY_UID:
            made["value"] = f"urn:oid:{self._disguise.uid(text.removeprefix('urn:oid:'))}"
        elif text:
            made["value"] = self._disguise.patient_id(text)
        return made

    def _reference(self, value: Json) -> Json:
        made: Json = {}
        text = value.get("reference")
        if isinstance(text, str):
            if text.startswith("#"):
                made["reference"] = f"#{self._disguise.token('id', text[1:])}"
            elif (found := _local(text)) is not None:
                made["reference"] = self.reference(found)
        if isinstance(value.get("identifier"), dict):
            made["identifier"] = self._identifier(value["identifier"])
        if "type" in value:
            made["type"] = value["type"]
        return made

    def _contained(self, value: Json) -> Json | None:
        made = self.resource(value)
        if made is not None and "id" in value:
            made["id"] = self._disguise.token("id", value["id"])
        return made


def _patient_id(patient: Json) -> str:
    """What DICOM would have as Patient ID: the value of the first identifier."""
    values = [str(identifier["value"]) for identifier in patient.get("identifier") or () if "value" in identifier]
    return values[0] if values else str(patient.get("id", ""))


def _local(reference: str) -> str | None:
    """`Type/id` of a literal reference; None for others, which might lead outside."""
    parts = reference.partition("/_history/")[0].split("/")
    return "/".join(parts[-2:]) if len(parts) >= 2 and parts[-2][:1].isupper() else None
