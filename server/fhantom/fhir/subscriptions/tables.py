"""The tables of subscribers and of what they are still to be told."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text

from fhantom.world.tables import metadata

# Every Subscription that is requested or active, as it stood when it was last looked at.
subscriber = Table(
    "fhir_subscriber",
    metadata,
    Column("key", BigInteger, primary_key=True, autoincrement=False),  # of the Subscription
    Column("release", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False, info={"names": "text"}),  # of the Subscription's text
    Column("active", Integer, nullable=False),  # 0 until the handshake is answered
    Column("events", Integer, nullable=False),  # how many there were since it began
    Column("failures", Integer, nullable=False),  # in a row
    Column("due", BigInteger, nullable=False),  # not to be tried before; milliseconds since 1970
    Column("told", BigInteger, nullable=False),  # when it last was
)

# What is to be told, oldest first.
notice = Table(
    "fhir_notice",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("subscriber", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),  # handshake, heartbeat, event-notification
    Column("event", Integer, nullable=False),  # its number for this subscriber; 0 for what is no event
    Column("moment", BigInteger, nullable=False),  # when it happened; milliseconds since 1970
    Column("type", Text, nullable=False),  # of the resource that changed, empty for what is no event
    Column("id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Index("fhir_notice_subscriber", "subscriber", "number"),
)
