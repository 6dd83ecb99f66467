"""What is kept of SOLE: one row an event, machines and persons of its audit message beside it."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, Table, Text

from fhantom.world.tables import metadata

event = Table(
    "sole_event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("priority", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("timestamp_message", Text, nullable=False),
    Column("hostname", Text, nullable=False),
    Column("app_name", Text, nullable=False),
    Column("process_id", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("comment", Text),
    Column("received_ms", Integer, nullable=False),
    # Of the audit message, where the message is one:
    Column("audit_source_id", Text, unique=True),  # the reference schema refuses a source's second message
    Column("audit_enterprise_site_id", Text),
    Column("event_outcome", Text),
    Column("event_type_code", Text),
    Column("event_type_system", Text),
    Column("event_type_text", Text),
    info={"counted_as": "events"},
)

participant = Table(
    "sole_participant",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("event_id", Integer, ForeignKey("sole_event.id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),  # machine or person
    Column("name", Text, nullable=False),  # NetworkAccessPointID of a machine, UserID of a person
    Column("role", Text),
)
