"""Studies, series and instances: what is kept of DICOM objects."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = "0000"

_STATEMENTS = (
    """
    CREATE TABLE study (
        id INTEGER NOT NULL PRIMARY KEY,
        study_instance_uid TEXT NOT NULL UNIQUE,
        patient_name TEXT,
        patient_id TEXT,
        patient_birth_date INTEGER,
        patient_sex TEXT,
        study_date INTEGER,
        study_time INTEGER,
        accession_number TEXT,
        referring_physician_name TEXT,
        study_description TEXT,
        study_id TEXT,
        modalities TEXT NOT NULL,
        number_of_series INTEGER NOT NULL,
        number_of_instances INTEGER NOT NULL,
        attributes TEXT NOT NULL,
        metadata BLOB NOT NULL
    )
    """,
    "CREATE INDEX study_patient_name ON study (patient_name)",
    "CREATE INDEX study_patient_id ON study (patient_id)",
    "CREATE INDEX study_date ON study (study_date)",
    "CREATE INDEX study_accession_number ON study (accession_number)",
    """
    CREATE TABLE series (
        id INTEGER NOT NULL PRIMARY KEY,
        study_id INTEGER NOT NULL REFERENCES study (id),
        series_instance_uid TEXT NOT NULL,
        modality TEXT,
        series_description TEXT,
        body_part_examined TEXT,
        series_number NUMERIC,
        performed_procedure_step_start_date INTEGER,
        performed_procedure_step_start_time INTEGER,
        number_of_instances INTEGER NOT NULL,
        attributes TEXT NOT NULL,
        metadata BLOB NOT NULL,
        UNIQUE (series_instance_uid, study_id)
    )
    """,
    "CREATE INDEX series_study ON series (study_id)",
    "CREATE INDEX series_modality ON series (modality)",
    "CREATE INDEX series_modality_study ON series (modality, study_id)",
    """
    CREATE TABLE instance (
        id INTEGER NOT NULL PRIMARY KEY,
        series_id INTEGER NOT NULL REFERENCES series (id),
        sop_instance_uid TEXT NOT NULL,
        sop_class_uid TEXT NOT NULL,
        instance_number NUMERIC,
        transfer_syntax_uid TEXT NOT NULL,
        size INTEGER NOT NULL,
        number_of_frames INTEGER NOT NULL,
        pixel_offset INTEGER,
        pixel_length INTEGER,
        metadata BLOB NOT NULL,
        blob BLOB,
        attributes TEXT NOT NULL,
        UNIQUE (sop_instance_uid, series_id)
    )
    """,
    "CREATE INDEX instance_series ON instance (series_id)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for table in ("instance", "series", "study"):
        op.execute(f"DROP TABLE {table}")
