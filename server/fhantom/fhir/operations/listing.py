"""Value sets listed as the real server lists them, and the order in which it shows the codes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from fhantom.definitions.model import Coding
from fhantom.definitions.terminology import SHARED_TERMS, CodeSystem, NotExpandable, Terminology
from fhantom.fhir.operations import shared_systems
from fhantom.fhir.operations.target import Resource
from fhantom.fhir.operations.terms import Asked, Found, Known

# Systems that HL7's terminology package names without their codes, which HAPI loads for R5 (8.8.0, asked).
_WITHOUT_CODES = frozenset(
    {
        "http://dicom.nema.org/resources/ontology/DCM",
        "http://hl7.org/fhir/sid/icd-10",
        "http://hl7.org/fhir/sid/ndc",
        "http://loinc.org",
        "http://snomed.info/sct",
        "http://www.nlm.nih.gov/research/umls/rxnorm",
        "urn:ietf:bcp:47",
    }
)


class Listing(Terminology):
    """Lists value sets; only what can be one `wanted` code, if there is one, as a code is validated.

    A system that is known without its codes has nothing to list, and a code that a system defines elsewhere, such
    as a unit of UCUM, can be wanted but not listed.
    """

    def __init__(self, known: Known, wanted: Asked | None = None) -> None:
        super().__init__(self._resource)
        self._known = known
        self._wanted = wanted
        self.referenced: list[str] = []
        """The urls of the value sets that others refer to, as they were come by."""

    def _resource(self, kind: str, url: str) -> Resource | None:
        found = self._known.find(kind, url)
        return found.resource if found else None

    def code_system(self, url: str) -> CodeSystem | None:
        """The code system at a canonical URL; what a fragment holds is listed like the whole."""
        system = super().code_system(url)
        return replace(system, is_complete=bool(system.concepts)) if system else None

    def _referenced(self, url: str, within: tuple[str, ...]) -> dict[tuple[str, str], Coding]:
        found = super()._referenced(url, within)
        self.referenced.append(url)
        return found

    def _of_system(self, part: Resource) -> Iterator[Coding]:
        url, wanted = part["system"], self._wanted
        if wanted and wanted.system not in ("", url):
            return iter(())
        found = self._known.find("CodeSystem", url, part.get("version", ""))
        if "concept" in part:
            return self._enumerated(part, found)
        if found is None:
            return self._shared(part)
        if found.resource.get("concept"):
            return super()._of_system(part)
        is_asked_of = "filter" in part or wanted is not None
        if not found.is_stored and found.content != "complete" and is_asked_of:
            raise NotExpandable(url, is_filtered="filter" in part)
        return iter(())

    def _enumerated(self, part: Resource, found: Found | None) -> Iterator[Coding]:
        """The codes that a part names; of a system that is here, those that it holds, in its order and by its names.

        NotExpandable: a code is wanted without its system, and this system is not known.
        """
        system, wanted = self.code_system(part["system"]), self._wanted
        named: dict[str, Coding] = {}
        for coding in super()._of_system(part):
            named.setdefault(coding.code, coding)
        if system is None or found is None:
            if wanted and not wanted.system and not shared_systems.is_shared(part["system"]):
                raise NotExpandable(part["system"])
            for coding in named.values():
                yield (wanted and shared_systems.coding(coding.system, coding.code)) or coding
            return
        is_whole = self._is_whole(found)
        for concept in system.concepts.values():
            if known := named.pop(concept.code, None):
                yield replace(known, display=concept.display) if is_whole or found.is_stored else known
        if not is_whole:
            yield from named.values()

    def _is_whole(self, found: Found) -> bool:
        if found.is_stored:
            return found.content in ("complete", "not-present")
        stands_in = self._known.version != "R4" and found.url.startswith(SHARED_TERMS)
        return found.content == "complete" and not stands_in

    def _shared(self, part: Resource) -> Iterator[Coding]:
        """What is wanted of a system that no code system here defines. NotExpandable: that cannot be told."""
        url, wanted = part["system"], self._wanted
        if wanted and (coding := shared_systems.coding(url, wanted.code)):
            return iter((coding,))
        is_external = self._known.version != "R4" and url in _WITHOUT_CODES
        is_filtered = is_external and "filter" in part
        if wanted and url == shared_systems.UNITS:
            return iter(())
        if is_filtered or wanted or not (is_external or url == shared_systems.MEDIA_TYPES):
            raise NotExpandable(url, is_filtered=is_filtered)
        return iter(())


def _java_hash(text: str) -> int:
    number = 0
    for unit in text.encode("utf-16-be")[1::2]:  # codes and systems are ASCII: the high bytes are zero
        number = number * 31 + unit & 0xFFFFFFFF
    return number


def in_listing_order(codings: Sequence[Coding]) -> list[Coding]:
    """Codes in the order in which the real server lists an expansion: that of its hash set.

    It keeps codes by a hash of system and code in a table that doubles when it is three quarters full;
    clients have seen no other order.
    """
    size = 16
    while len(codings) > size * 3 // 4:
        size *= 2

    def bucket(coding: Coding) -> int:
        number = (17 * 37 + _java_hash(coding.system)) * 37 + _java_hash(coding.code) & 0xFFFFFFFF
        return (number ^ number >> 16) & (size - 1)

    return sorted(codings, key=bucket)
