"""Resources by id, for `_sort=_id`; the history of a whole release is read by its types instead of by an index."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_index("fhir_resource_id", "fhir_resource", ["type", "id"])
    op.drop_index("fhir_version_release", "fhir_version")
