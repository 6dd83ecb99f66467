"""Events of IHE SOLE."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "sole_event",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("priority", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("timestamp_message", sa.Text, nullable=False),
        sa.Column("hostname", sa.Text, nullable=False),
        sa.Column("app_name", sa.Text, nullable=False),
        sa.Column("process_id", sa.Text, nullable=False),
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("comment", sa.Text),
        sa.Column("received_ms", sa.Integer, nullable=False),
        sa.Column("audit_source_id", sa.Text, unique=True),
        sa.Column("audit_enterprise_site_id", sa.Text),
        sa.Column("event_outcome", sa.Text),
        sa.Column("event_type_code", sa.Text),
        sa.Column("event_type_system", sa.Text),
        sa.Column("event_type_text", sa.Text),
    )
    op.create_table(
        "sole_participant",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("event_id", sa.Integer, sa.ForeignKey("sole_event.id"), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Text),
    )
    op.create_index("ix_sole_participant_event_id", "sole_participant", ["event_id"])
