"""FHIR resources: the present ones, every version, counts, ids, and an index table for each kind of value."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    _create_resources()
    _create_versions()
    _create_small_tables()
    _create_index("fhir_string", _parameter(), _text("folded"), _resource(), _text("exact"))
    _create_index("fhir_token", _parameter(), _text("code"), _resource(), _big("system"))
    _create_index(
        "fhir_date",
        _parameter(),
        _big("low"),
        _resource(),
        _big("high"),
        _integer("low_day"),
        _integer("high_day"),
    )
    op.create_index("fhir_date_high", "fhir_date", ["parameter", "high"])
    _create_index("fhir_number", _parameter(), _float("value"), _resource())
    _create_index("fhir_quantity", _parameter(), _float("value"), _resource(), _big("system"), _text("code"))
    _create_index("fhir_uri", _parameter(), _text("uri"), _resource())
    _create_index("fhir_reference", _big("target"), _parameter(), _resource())


def _create_resources() -> None:
    op.create_table(
        "fhir_resource",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("key", sa.BigInteger, nullable=False, unique=True),
        sa.Column("type", sa.Integer, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("updated", sa.BigInteger, nullable=False),
        sa.Column("change", sa.Integer, nullable=False),
        sa.Column("digest", sa.LargeBinary),
    )
    present = sa.text("digest IS NOT NULL")
    op.create_index("fhir_resource_present", "fhir_resource", ["type", "number"], sqlite_where=present)
    op.create_index("fhir_resource_updated", "fhir_resource", ["type", "updated", "number"], sqlite_where=present)


def _create_versions() -> None:
    op.create_table(
        "fhir_version",
        sa.Column("sequence", sa.Integer, primary_key=True),
        sa.Column("resource", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("release", sa.Integer, nullable=False),
        sa.Column("type", sa.Integer, nullable=False),
        sa.Column("updated", sa.BigInteger, nullable=False),
        sa.Column("change", sa.Integer, nullable=False),
        sa.Column("digest", sa.LargeBinary),
    )
    op.create_index("fhir_version_resource", "fhir_version", ["resource", "version"], unique=True)
    op.create_index("fhir_version_type", "fhir_version", ["type", "sequence"])
    op.create_index("fhir_version_release", "fhir_version", ["release", "sequence"])


def _create_small_tables() -> None:
    op.create_table(
        "fhir_count",
        sa.Column("type", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("present", sa.Integer, nullable=False),
        sa.Column("versions", sa.Integer, nullable=False),
    )
    op.create_table(
        "fhir_sequence",
        sa.Column("release", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("next", sa.Integer, nullable=False),
    )
    op.create_table(
        "fhir_system",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_table(
        "fhir_session",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("opened", sa.BigInteger, nullable=False),
        sa.Column("request", sa.Text, nullable=False),
    )


def _create_index(name: str, *columns: sa.Column[object]) -> None:
    op.create_table(name, *columns, sqlite_with_rowid=False)
    op.create_index(f"{name}_resource", name, ["resource", "parameter"])


def _parameter() -> sa.Column[object]:
    return _integer("parameter")


def _resource() -> sa.Column[object]:
    return _integer("resource")


def _integer(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Integer, primary_key=True, autoincrement=False)


def _text(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Text, primary_key=True)


def _big(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.BigInteger, primary_key=True, autoincrement=False)


def _float(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Float, primary_key=True, autoincrement=False)
