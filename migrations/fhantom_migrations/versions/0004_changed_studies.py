"""Studies to which something was added since FHIR was last told of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "changed_study",
        sa.Column("study_instance_uid", sa.Text, primary_key=True),
        sa.Column("moment", sa.Integer, nullable=False),
    )
