"""Tables of what is kept of DICOM objects; a study is known by its StudyInstanceUID alone.

`attributes` holds the default attributes of a row as DICOM JSON members, one a line, so that a search answers
without parsing anything. Columns that searches compare hold comparable forms (`fhantom.archive.values`): NULL is an
absent attribute and '' an empty text.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Numeric, Table, Text, UniqueConstraint

from fhantom.world.tables import metadata

TEXT = {"names": "text"}  # see `fhantom.world.naming`

study = Table(
    "study",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # see `fhantom.archive.storing.identifier`
    Column("study_instance_uid", Text, nullable=False, unique=True),
    Column("patient_name", Text),
    Column("patient_id", Text),
    Column("patient_birth_date", Integer),
    Column("patient_sex", Text),
    Column("study_date", Integer),
    Column("study_time", Integer),
    Column("accession_number", Text),
    Column("referring_physician_name", Text),
    Column("study_description", Text),
    Column("study_id", Text),
    Column("modalities", Text, nullable=False),  # as the members of a JSON array, sorted
    Column("number_of_series", Integer, nullable=False),
    Column("number_of_instances", Integer, nullable=False),
    Column("attributes", Text, nullable=False),
    Column("metadata", LargeBinary, nullable=False, info=TEXT),  # digest of the DICOM JSON of its first instance
    Index("study_patient_name", "patient_name"),
    Index("study_patient_id", "patient_id"),
    Index("study_date", "study_date"),
    Index("study_accession_number", "accession_number"),
    info={"counted_as": "studies", "loaded_last": True},
)

series = Table(
    "series",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("study_id", Integer, ForeignKey("study.id"), nullable=False),
    Column("series_instance_uid", Text, nullable=False),
    Column("modality", Text),
    Column("series_description", Text),
    Column("body_part_examined", Text),
    Column("series_number", Numeric),
    Column("performed_procedure_step_start_date", Integer),
    Column("performed_procedure_step_start_time", Integer),
    Column("number_of_instances", Integer, nullable=False),
    Column("attributes", Text, nullable=False),
    Column("metadata", LargeBinary, nullable=False, info=TEXT),  # digest of the DICOM JSON of its first instance
    UniqueConstraint("series_instance_uid", "study_id"),
    Index("series_study", "study_id"),
    Index("series_modality", "modality"),
    Index("series_modality_study", "modality", "study_id"),
    info={"loaded_last": True},
)

instance = Table(
    "instance",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("series_id", Integer, ForeignKey("series.id"), nullable=False),
    Column("sop_instance_uid", Text, nullable=False),
    Column("sop_class_uid", Text, nullable=False),
    Column("instance_number", Numeric),
    Column("transfer_syntax_uid", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("number_of_frames", Integer, nullable=False),
    Column("pixel_offset", Integer),
    Column("pixel_length", Integer),
    Column("metadata", LargeBinary, nullable=False, info=TEXT),  # digest of its DICOM JSON
    Column("blob", LargeBinary, info={"names": "blob"}),  # digest of its bytes; NULL when only the metadata is known
    Column("attributes", Text, nullable=False),
    UniqueConstraint("sop_instance_uid", "series_id"),
    Index("instance_series", "series_id"),
    info={"counted_as": "instances", "loaded_last": True},
)

# Studies to which something was added since FHIR was last told of them (`fhantom.archive.changes`).
changed_study = Table(
    "changed_study",
    metadata,
    Column("study_instance_uid", Text, primary_key=True),
    Column("moment", Integer, nullable=False),
    info={"loaded_last": True},
)
