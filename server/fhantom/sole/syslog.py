"""A SOLE upload as records: RFC 5424 fields as JSON, which may hold a DICOM audit message (PS3.15 A.5)."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fhantom.errors import BadRequest, FhantomError


class StoreFailure(FhantomError):
    """The repository could not store an event; it gives no details."""

    status = 500


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody or something that took part: `kind` is machine or person."""

    kind: str
    name: str
    role: str | None


@dataclass(frozen=True, slots=True)
class Audit:
    """What the repository keeps of an audit message."""

    columns: dict[str, str | None]
    participants: tuple[Participant, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """One event, checked: `columns` are those of the table."""

    columns: dict[str, Any]
    participants: tuple[Participant, ...]


# Field of the event -> column; all but Comment must be there (reference repository, database schema).
FIELDS = {
    "Pri": "priority",
    "Version": "version",
    "Timestamp": "timestamp_message",
    "Hostname": "hostname",
    "App-name": "app_name",
    "Procid": "process_id",
    "Msg-id": "message_id",
    "Msg": "message",
    "Comment": "comment",
}
_OPTIONAL = {"Comment"}
# What PostgreSQL takes for a timestamp, as far as clients have sent it.
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?)?\s*(Z|[+-]\d\d(:?\d\d)?)?")


def upload(body: bytes) -> list[Any]:
    """The raw events of a body. Raises BadRequest with the repository's reason."""
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        parsed = None
    if not parsed:  # PHP compares with null loosely: {}, [], 0, "" and false count as unreadable
        raise BadRequest("Submitted JSON data was NOT properly formatted")
    events = parsed.get("Events") if isinstance(parsed, dict) else None
    if not isinstance(events, list) or not events:
        raise BadRequest("No events in the submitted data")
    return events


def events(raw: list[Any]) -> Iterator[Event]:
    """Each event in turn, so that those before a bad one can be stored before it is refused."""
    for one in raw:
        yield _event(one)


def _event(raw: Any) -> Event:
    if not isinstance(raw, dict):
        raise StoreFailure("an event is not an object")
    columns: dict[str, Any] = {}
    for field, column in FIELDS.items():
        value = raw.get(field)
        if value is None and field not in _OPTIONAL:
            raise StoreFailure(f"{field} is missing")
        if isinstance(value, dict | list):
            raise StoreFailure(f"{field} is not a text")
        columns[column] = None if value is None else str(value)
    if not re.fullmatch(r"[+-]?\d{1,9}", columns["version"]):
        raise StoreFailure("Version is not an integer")
    columns["version"] = int(columns["version"])
    if not _TIMESTAMP.fullmatch(columns["timestamp_message"].strip()):
        raise StoreFailure("Timestamp is not a timestamp")
    if "<?xml" not in columns["message"]:
        return Event(columns, ())
    audit = _audit(columns["message"])
    return Event(columns | audit.columns, audit.participants)


def _audit(message: str) -> Audit:
    text = message[message.index("<?xml") :]
    if "<!DOCTYPE" in text or "<!ENTITY" in text:  # no audit message has one, and entities can explode
        raise BadRequest("XML message not properly formatted")
    try:
        root = ElementTree.fromstring(text.encode())
    except (ElementTree.ParseError, ValueError):
        raise BadRequest("XML message not properly formatted") from None
    source = _first(root, "AuditSourceIdentification")
    identification = _first(root, "EventIdentification")
    kind = _first(identification, "EventTypeCode")
    return Audit(
        columns={
            "audit_source_id": source.get("AuditSourceID"),
            "audit_enterprise_site_id": source.get("AuditEnterpriseSiteID"),
            "event_outcome": identification.get("EventOutcomeIndicator"),
            "event_type_code": kind.get("csd-code"),
            "event_type_system": kind.get("codeSystemName"),
            "event_type_text": kind.get("originalText"),
        },
        participants=tuple(_participant(node) for node in root.iter("ActiveParticipant")),
    )


def _first(node: ElementTree.Element, tag: str) -> ElementTree.Element:
    found = node.find(tag)
    return ElementTree.Element(tag) if found is None else found


def _participant(node: ElementTree.Element) -> Participant:
    codes = [code for code in node.findall("RoleIDCode") if code.get("codeSystemName") == "IHE-SOLE"]
    role = codes[0].get("csd-code") if codes else None
    machine = node.get("NetworkAccessPointID")
    name = machine if machine is not None else node.get("UserID")
    if name is None:
        raise StoreFailure("a participant has neither NetworkAccessPointID nor UserID")
    return Participant("person" if machine is None else "machine", name, role)
