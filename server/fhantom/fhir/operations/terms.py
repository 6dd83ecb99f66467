"""The codes that terminology operations are asked about, and the value sets and code systems that are known."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from fhantom.definitions.terminology import SHARED_TERMS, terminology
from fhantom.fhir import asking
from fhantom.fhir.exchange import Exchange
from fhantom.fhir.operations.target import Resource, Target, instance, loaded, text, value


@dataclass(frozen=True, slots=True)
class Asked:
    """A code that is asked about; what is empty was not given."""

    system: str
    code: str
    display: str = ""
    version: str = ""

    def __str__(self) -> str:
        version = f"|{self.version}" if self.version else ""
        return f"{self.system}{version}#{self.code}" if self.system else self.code


def asked_of(parameters: Resource, system_name: str = "system", version_name: str = "version") -> tuple[Asked, ...]:
    """The codes given as `code` with its system, as `coding` or as the codings of `codeableConcept`."""
    concept = value(parameters, "codeableConcept")
    if isinstance(concept, dict):
        return tuple(_of_coding(coding) for coding in concept.get("coding", ()))
    if coding := value(parameters, "coding"):
        return (_of_coding(of_token(coding) if isinstance(coding, str) else coding),)
    if code := text(parameters, "code"):
        system, version = canonical(text(parameters, system_name))
        return (Asked(system, code, text(parameters, "display"), text(parameters, version_name) or version),)
    return ()


def given(parameters: Resource) -> int:
    """In how many of the three ways a code is given."""
    return sum(bool(value(parameters, name)) for name in ("code", "coding", "codeableConcept"))


def of_token(token: str) -> Resource:
    """A Coding as a query gives it: `system|code`, or the code alone."""
    system, bar, code = token.rpartition("|")
    return {"system": system, "code": code} if bar else {"code": token}


def _of_coding(coding: Resource) -> Asked:
    return Asked(*(coding.get(name, "") for name in ("system", "code", "display", "version")))


def canonical(reference: str) -> tuple[str, str]:
    """The url and the version of a canonical reference, `url|version`."""
    url, _, version = reference.partition("|")
    return url, version


@dataclass(frozen=True, slots=True)
class Found:
    """A value set or code system: one that a client stored, or one of the definitions."""

    resource: Resource
    is_stored: bool

    @property
    def url(self) -> str:
        """Its canonical url, without a version."""
        url: str = self.resource.get("url", "")
        return url

    @property
    def content(self) -> str:
        """How much of a code system it holds (FHIR codesystem-content-mode)."""
        content: str = self.resource.get("content", "")
        return content


class Known:
    """What terminology is known to one request: what clients stored hides the definitions."""

    def __init__(self, exchange: Exchange, connection: Connection) -> None:
        self.version = exchange.version
        self._exchange = exchange
        self._stored = asking.stored_terms(exchange, connection)
        self._defined = terminology(exchange.version)

    def at(self, target: Target) -> Found:
        """The stored resource that an operation works on. Refusal: 2001 or gone."""
        return Found(loaded(self._exchange, instance(self._exchange, target)), True)

    def find(self, kind: str, reference: str, version: str = "") -> Found | None:
        """The one at a canonical url, None if there is none of that version.

        Of the definitions of R4 the real server compares no versions; those that stand in for a package of HL7's
        terminology that is not here have other versions than the real server's (R5) and are not compared either.
        """
        url, told = canonical(reference)
        version = version or told
        if (stored := self._stored(kind, url)) is not None:
            return Found(stored, True) if version in ("", stored.get("version")) else None
        defined = self._defined.resource(kind, url)
        if defined is None:
            return None
        is_compared = self.version != "R4" and not url.startswith(SHARED_TERMS)
        return None if is_compared and version not in ("", defined.get("version")) else Found(defined, False)
